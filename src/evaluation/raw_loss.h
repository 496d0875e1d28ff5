/* Log loss of raw scores (log odds), of parts of the rows at a time: what a
 * training computes after every tree. */
#ifndef CM_EVALUATION_RAW_LOSS_H
#define CM_EVALUATION_RAW_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* Sum over n rows of weight * (ln(1 + e^raw) - label raw), without clipping as
 * in CatBoost; weights NULL: all 1.  probabilities (n), when not NULL, become
 * 1 / (1 + e^-raw). */
double cm_raw_loss_sum(const uint8_t *labels, const double *raw,
                       const float *weights, size_t n, double *probabilities);

/* Log loss of the best constant prediction of rows whose share of clicks is
 * rate; 0 when only one class is present.  A log loss divided by it is the
 * normalized entropy: He et al., Practical Lessons from Predicting Clicks on
 * Ads at Facebook, 2014. */
double cm_base_log_loss(double rate);

#endif
