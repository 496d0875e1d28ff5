/* Features and bins computed the slow, readable way: every value of every row
 * by counting rows, no tables, no codes.  The fast code is compared with it. */
#ifndef REF_FEATURES_H
#define REF_FEATURES_H

#include "features/quantize.h"

/* values (n_rows, n_count + n_ctr): the count features of the spec, then its
 * CTR features, as the reference pipeline computes them with pandas. */
void ref_features(double *values, const cm_dataset *dataset,
                  const cm_feature_spec *spec, const uint32_t *train,
                  size_t n_train);

/* numpy.sum */
double ref_sum(const double *values, size_t n);

/* One feature quantized: borders (border_count) and their number, bins
 * (n_rows) of the given values. */
typedef struct ref_bins {
    float borders[CM_MAX_BORDERS];
    size_t n_borders;
    uint8_t *bins;
} ref_bins;

void ref_quantize(ref_bins *out, const double *values, size_t n_rows,
                  size_t border_count, cm_nan_mode nan_mode);

#endif
