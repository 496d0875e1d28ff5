/* Memory of binned rows, and the pass that fills it. */
#include "features/quantize_body.h"

#include <stdlib.h>

#include "features/histogram.h"

cm_status binned_body_new(binned_body **out, size_t n_features, size_t n_rows,
                          cm_error *err)
{
    enum { ALIGN = 64 };
    binned_body *body = cm_alloc_zero(1, sizeof *body, err);
    *out = body;
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->stride = (n_rows + ALIGN - 1) / ALIGN * ALIGN;
    body->bytes = cm_alloc_large(n_features + 1, body->stride, err);
    body->bins = cm_alloc(n_features, sizeof *body->bins, err);
    body->n_bins = cm_alloc(n_features, sizeof *body->n_bins, err);
    body->face = (cm_binned){.n_rows = n_rows,
                             .n_features = n_features,
                             .bins = body->bins,
                             .n_bins = body->n_bins,
                             .owner = body};
    if (body->bytes == NULL || body->bins == NULL || body->n_bins == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < n_features; f++) {
        body->bins[f] = body->bytes + f * body->stride;
    }
    return CM_OK;
}

__attribute__((always_inline)) static inline void
gather(uint8_t *bins, const uint8_t *bin_of, const void *codes, unsigned width,
       const uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bins[i] = bin_of[cm_code_at(codes, width, rows[i])];
    }
}

void binned_body_gather(binned_body *body, const cm_feature_codes *codes,
                        size_t f, const uint8_t *bin_of, const uint32_t *rows)
{
    uint8_t *bins = body->bytes + f * body->stride;
    size_t n = body->face.n_rows;
    switch (codes->widths[f]) {
    case 1:
        gather(bins, bin_of, codes->codes[f], 1, rows, n);
        break;
    case 2:
        gather(bins, bin_of, codes->codes[f], 2, rows, n);
        break;
    default:
        gather(bins, bin_of, codes->codes[f], 4, rows, n);
        break;
    }
}

void binned_body_gather_labels(binned_body *body, const uint32_t *rows,
                               const uint8_t *labels)
{
    uint8_t *out = body->bytes + body->face.n_features * body->stride;
    for (size_t i = 0; i < body->face.n_rows; i++) {
        out[i] = labels[rows[i]];
    }
    body->face.labels = out;
}

void cm_binned_free(cm_binned *binned)
{
    if (binned == NULL) {
        return;
    }
    binned_body *body = binned->owner;
    for (size_t f = 0; body->borders != NULL && f < body->face.n_features;
         f++) {
        free(body->borders[f]);
    }
    cm_arena_release(&body->arena);
    free(body->bytes);
    free(body->bins);
    free(body->n_bins);
    free(body->features);
    free(body->borders);
    free(body);
}
