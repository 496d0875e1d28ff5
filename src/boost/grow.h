/* Growing the structure of one symmetric tree, level by level. */
#ifndef CM_BOOST_GROW_H
#define CM_BOOST_GROW_H

#include "boost/score.h"

typedef struct cm_grower {
    cm_scorer scorer;
    cm_hist *hist;
    cm_partition *partition;
    cm_level level;
    cm_leaf_total *left; /* (1 << depth): scratch */
    uint16_t *wanted;    /* (1 << depth): scratch */
    uint16_t *out;       /* (1 << depth): scratch */
} cm_grower;

CM_MUST_USE cm_status cm_grower_init(cm_grower *grower, uint32_t depth,
                                     cm_error *err);
void cm_grower_release(cm_grower *grower);

/* Writes up to max_depth splits and their number; noise is the standard
 * deviation of the random part of scores. */
CM_MUST_USE cm_status cm_grow_tree(cm_grower *grower, uint32_t max_depth,
                                   double noise, cm_rng rng,
                                   cm_split_condition *splits, uint32_t *depth,
                                   cm_error *err);

#endif
