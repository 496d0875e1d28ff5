/* The area under the receiver operating characteristic. */
#ifndef CM_EVALUATION_ROC_AUC_H
#define CM_EVALUATION_ROC_AUC_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* labels (n): 0 or 1; scores (n) in [0, 1], n < 2^32.  *out is the chance that
 * a random click scores above a random non-click, a tie counting half; NaN
 * when only one class is present. */
CM_MUST_USE cm_status cm_roc_auc(double *out, const uint8_t *labels,
                                 const double *scores, size_t n, cm_error *err);

#endif
