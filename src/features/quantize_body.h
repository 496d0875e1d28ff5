/* What owns binned rows, and filling it.  Private to features. */
#ifndef CM_FEATURES_QUANTIZE_BODY_H
#define CM_FEATURES_QUANTIZE_BODY_H

#include "base/mem.h"
#include "features/quantize.h"

/* Behind cm_binned.owner. */
typedef struct binned_body {
    cm_binned face;
    cm_arena arena; /* names */
    size_t stride;
    uint8_t *bytes; /* (n_features, stride) bins, then (n_rows) labels */
    const uint8_t **bins;
    uint16_t *n_bins;
    cm_float_feature *features; /* NULL: another's */
    float **borders;            /* (n_features), or NULL */
} binned_body;

/* Room for the bins; *out is to be freed even when it fails (may be NULL). */
CM_MUST_USE cm_status binned_body_new(binned_body **out, size_t n_features,
                                      size_t n_rows, cm_error *err);

/* Bins of feature f: bin_of (n_codes) of the codes of rows (n_rows). */
void binned_body_gather(binned_body *body, const cm_feature_codes *codes,
                        size_t f, const uint8_t *bin_of, const uint32_t *rows);

/* labels: of the whole dataset. */
void binned_body_gather_labels(binned_body *body, const uint32_t *rows,
                               const uint8_t *labels);

#endif
