/* The trainer written the slow, readable way: every row, feature and border of
 * every level, plain doubles, one thread.  No sampling, no random score parts:
 * with bootstrap No and random_strength 0 the fast trainer must agree. */
#ifndef REF_TRAIN_H
#define REF_TRAIN_H

#include "boost/train.h"

enum { REF_MAX_DEPTH = 8 };

typedef struct ref_tree {
    uint32_t depth;
    cm_split_condition splits[REF_MAX_DEPTH];
    double leaf_values[1 << REF_MAX_DEPTH];
    double leaf_weights[1 << REF_MAX_DEPTH];
} ref_tree;

/* Fills trees[0 .. iterations) and returns the mean log loss of the training
 * rows.  options are resolved. */
double ref_train(ref_tree *trees, const cm_train_set *set,
                 const cm_train_options *options);

#endif
