/* How good probabilities are.  Arrays in, numbers out; each as scikit-learn
 * 1.x computes it. */
#ifndef CM_EVALUATION_METRICS_H
#define CM_EVALUATION_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { CM_CALIBRATION_BINS = 10 };

typedef struct cm_calibration_bin {
    double low, high; /* probabilities in [low, high) */
    uint64_t count;
    double mean_prediction; /* NaN when empty */
    double click_rate;      /* NaN when empty */
} cm_calibration_bin;

typedef struct cm_metrics {
    uint64_t rows, clicks;
    double log_loss;
    double roc_auc; /* NaN when only one class is present */
    double f1_weighted;
    double precision, recall; /* of class 1 at threshold .5; 0 when undefined */
    double base_rate;         /* clicks / rows */
    double mean_prediction;
    double normalized_entropy; /* log_loss / entropy of the base rate */
    double calibration_ratio;  /* mean_prediction / base_rate */
    double base_log_loss;      /* entropy of the base rate */
    cm_calibration_bin calibration[CM_CALIBRATION_BINS]; /* equal width */
} cm_metrics;

/* labels (n): 0 or 1; probabilities (n) of class 1.  n >= 1.  A probability
 * outside [0, 1] or NaN is CM_ERR_DATA with its row. */
CM_MUST_USE cm_status cm_evaluate(cm_metrics *out, const uint8_t *labels,
                                  const double *probabilities, size_t n,
                                  cm_error *err);

#endif
