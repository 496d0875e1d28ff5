/* Stratified folds: parts of the rows that have the same share of clicks. */
#ifndef CM_DATA_FOLDS_H
#define CM_DATA_FOLDS_H

#include "data/split.h"

enum { CM_MAX_FOLDS = 100 };

/* fold (n) of every row, in [0, n_folds): the rows of a class, in an order
 * that the seed decides, are dealt out one after another.  CM_ERR_DATA when a
 * class has fewer rows than there are folds. */
CM_MUST_USE cm_status cm_folds_assign(uint8_t *fold, const uint8_t *labels,
                                      size_t n, uint32_t n_folds, uint64_t seed,
                                      cm_error *err);

/* Fold k validates, the others train; both in ascending order. */
CM_MUST_USE cm_status cm_split_by_fold(cm_split *out, const uint8_t *fold,
                                       size_t n, uint32_t k, cm_error *err);

#endif
