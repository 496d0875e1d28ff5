/* Which rows train and which validate. */
#ifndef CM_DATA_SPLIT_H
#define CM_DATA_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Row numbers of the two parts; release with cm_split_release. */
typedef struct cm_split {
    size_t n_train, n_val;
    uint32_t *train; /* (n_train) */
    uint32_t *val;   /* (n_val) */
} cm_split;

/* sklearn.model_selection.train_test_split(range(n), test_size=val_size,
 * random_state=seed): the same rows in the same order (NumPy's legacy
 * RandomState(seed).permutation, MT19937).  val_size in (0, 1). */
CM_MUST_USE cm_status cm_split_random(cm_split *out, size_t n, double val_size,
                                      uint32_t seed, cm_error *err);

/* Validation is the smallest set of whole last hours that holds at least
 * val_size of the rows; both parts in ascending row order.  times: seconds
 * (n).  CM_ERR_DATA when the log has a single hour. */
CM_MUST_USE cm_status cm_split_time(cm_split *out, const int64_t *times,
                                    size_t n, double val_size, cm_error *err);
void cm_split_release(cm_split *split);

#endif
