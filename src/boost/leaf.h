/* Leaf values of a tree: CatBoost's iterations of Newton or gradient steps over
 * all rows, with its backtracking. */
#ifndef CM_BOOST_LEAF_H
#define CM_BOOST_LEAF_H

#include "boost/points.h"
#include "boost/train.h"

typedef struct cm_leaf_solver {
    const cm_train_options *options;
    double l2; /* l2_leaf_reg for a mean weight of 1, times the mean weight */
    const cm_points *points;
    double *value; /* (max_leaves): result, not yet times learning_rate */
    double *step;  /* (max_leaves): scratch */
    double *part;  /* (max_leaves): scratch */
    double scale;  /* scratch: of the steps */
} cm_leaf_solver;

CM_MUST_USE cm_status cm_leaf_solver_init(cm_leaf_solver *solver,
                                          const cm_train_options *options,
                                          const cm_points *points,
                                          cm_error *err);
void cm_leaf_solver_release(cm_leaf_solver *solver);

/* Fills value[leaf] for all leaves of the points. */
void cm_leaf_solve(cm_leaf_solver *solver);

/* Sum over all rows of ln(1 + e^score), each leaf's scores moved by
 * steps[leaf] (fixed point). */
double cm_leaf_softplus(cm_leaf_solver *solver, const int32_t *steps);

#endif
