/* The best split of one level: scores of every border of every feature over
 * all leaves of the tree so far. */
#ifndef CM_BOOST_SCORE_H
#define CM_BOOST_SCORE_H

#include "boost/gradient.h"
#include "boost/hist.h"

typedef struct cm_leaf_total {
    int64_t gradient; /* in units */
    int64_t weight;
} cm_leaf_total;

/* A level of a tree: leaf l < n_leaves.  Above level 0 the children of leaf l
 * are l and l | half; the smaller one's histogram stands at l | half, the
 * parent's at l, and cm_score_level replaces both by the children's. */
typedef struct cm_level {
    uint32_t n_leaves;
    uint8_t *small_is_left; /* (n_leaves / 2) */
    cm_leaf_total *totals;  /* (n_leaves): an empty leaf's are 0, and its
                               histogram is not looked at */
    double noise;           /* standard deviation of the random part */
    cm_rng rng;             /* of this level */
} cm_level;

typedef struct cm_scorer {
    const cm_train_set *set;
    const cm_train_options *options;
    double l2; /* l2_leaf_reg for a mean weight of 1, times the mean weight */
    const cm_bundles *bundles;
    cm_hist *hist;
    const cm_packing *packing;
    struct cm_feature_best *best; /* (n_parts) */
    double *scratch;              /* (n_threads, SCRATCH) */
    int n_threads;
} cm_scorer;

CM_MUST_USE cm_status cm_scorer_init(cm_scorer *scorer, cm_error *err);
void cm_scorer_release(cm_scorer *scorer);

/* False when no feature is a candidate (rsm left none). */
bool cm_score_level(cm_scorer *scorer, const cm_level *level,
                    cm_split_condition *split);

/* Total of a leaf's bins 0 .. border; border n_bins - 1 gives the leaf's. */
cm_leaf_total cm_score_left(const cm_scorer *scorer, uint32_t leaf,
                            cm_split_condition split);

#endif
