/* How far metrics would move on other rows of the same kind: percentile
 * intervals of the bootstrap. */
#ifndef CM_EVALUATION_BOOTSTRAP_H
#define CM_EVALUATION_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct cm_bootstrap_options {
    uint32_t replicates; /* 2 or more; 0: as many as 10^8 rows in all allow,
                            from 100 to 1,000 */
    double level;        /* .95 */
    uint64_t seed;
    int n_threads;
} cm_bootstrap_options;

typedef struct cm_interval {
    double low, high; /* NaN where the metric is not defined */
} cm_interval;

/* As in cm_metrics. */
typedef struct cm_metric_intervals {
    cm_interval log_loss, roc_auc, f1_weighted, precision, recall, base_rate,
        mean_prediction, normalized_entropy, calibration_ratio;
    uint32_t replicates;
} cm_metric_intervals;

/* labels (n): 0 or 1; probabilities (n) in [0, 1]; 0 < n < 2^31.  A replicate
 * takes every row a number of times that is Poisson(1): for many rows what
 * drawing n of them with replacement comes to (Chamandy et al., Estimating
 * Uncertainty for Massive Data Streams, 2012).  The same numbers for any number
 * of threads. */
CM_MUST_USE cm_status cm_bootstrap_metrics(cm_metric_intervals *out,
                                           const uint8_t *labels,
                                           const double *probabilities,
                                           size_t n,
                                           const cm_bootstrap_options *options,
                                           cm_error *err);

#endif
