/* Features to bins: borders are chosen on the distinct values of a feature and
 * their counts, so no matrix of floats is ever made. */
#ifndef CM_FEATURES_QUANTIZE_H
#define CM_FEATURES_QUANTIZE_H

#include "features/transformers.h"
#include "model/borders.h"
#include "model/model.h"

typedef struct cm_quantize_options {
    uint32_t border_count; /* 254 */
    cm_nan_mode nan_mode;  /* Min */
    int n_threads;
} cm_quantize_options;

/* The binned rows of a training set: its layout is what boost/ takes.  Codes
 * are bins: n_bins[f] = n_borders + 1.  NaN is bin 0 under nan_mode Min (its
 * border is the lowest float) and the last bin under Max. */
typedef struct cm_binned {
    size_t n_rows;
    size_t n_features;
    const uint8_t *const *bins;       /* (n_features) pointers to (n_rows) */
    const uint16_t *n_bins;           /* (n_features) */
    const uint8_t *labels;            /* (n_rows) */
    const cm_float_feature *features; /* (n_features): names, full borders */
    void *owner;                      /* private */
} cm_binned;

/* rows: the n_rows training rows, ascending for speed; labels: of the whole
 * dataset, indexed by row number.  names: of the features. */
CM_MUST_USE cm_status cm_quantize(
    cm_binned **out, const cm_feature_codes *codes, const char *const *names,
    const uint32_t *rows, size_t n_rows, const uint8_t *labels,
    const cm_quantize_options *options, cm_error *err);
/* The bins of other rows (to watch, not to learn from) by the borders of
 * `like`, which must outlive the result: its features are those of `like`. */
CM_MUST_USE cm_status cm_quantize_rows(cm_binned **out, const cm_binned *like,
                                       const cm_feature_codes *codes,
                                       const uint32_t *rows, size_t n_rows,
                                       const uint8_t *labels, int n_threads,
                                       cm_error *err);
void cm_binned_free(cm_binned *binned); /* NULL is fine */

#endif
