/* The end of a tree: one sweep over all rows brings their scores up to date,
 * finds their leaves in the new tree, and collects the rows of every leaf as
 * weighted points on the score axis: all that the estimation of leaf values
 * needs, and far fewer than rows.
 *
 * Scores are cut into cells of width 1/8.  A cell's rows enter by their weight
 * and the weighted sums of x, x^2, x^3 (x: distance from the cell's middle),
 * integers all, and are then replaced by four weighted points (the Chebyshev
 * nodes) with the same four sums: integrals of cubics stay exact, those of the
 * logistic function and of its logarithm to 1e-9 a row.  Where
 * there are few rows to a cell every row is a point of its own. */
#ifndef CM_BOOST_POINTS_H
#define CM_BOOST_POINTS_H

#include "boost/sweep.h"

typedef struct cm_points {
    const cm_train_set *set;
    cm_rows *rows;
    uint32_t *weights;   /* (n) in units, or NULL: all 1 */
    double weight_unit;  /* a power of 2 */
    uint32_t n_leaves;   /* of the tree at hand */
    uint32_t n_steps;    /* leaves of the last one */
    size_t *start;       /* (max_leaves + 1): points of a leaf */
    double *leaf_weight; /* (max_leaves): of its rows */
    double *leaf_clicks; /* (max_leaves): of its rows with label 1 */
    double *odds;        /* (n_points): e^score */
    double *weight;      /* (n_points) */
    size_t capacity;
    int64_t *cells; /* (n_threads, n_leaves, n_cells, 4) */
    size_t cells_capacity;
    int32_t (*extremes)[2]; /* (n_spans): least and greatest score */
} cm_points;

CM_MUST_USE cm_status cm_points_init(cm_points *points, const cm_train_set *set,
                                     cm_rows *rows, uint32_t depth,
                                     cm_error *err);
void cm_points_release(cm_points *points);

/* Adds steps[leaf] to the scores, writes the leaves of a tree of these splits,
 * and fills leaf_weight, leaf_clicks, start, odds and weight. */
CM_MUST_USE cm_status cm_points_collect(cm_points *points, const int32_t *steps,
                                        const cm_split_condition *splits,
                                        uint32_t depth, cm_error *err);

#endif
