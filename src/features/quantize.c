/* Features to bins.  For one feature:
 *
 *   cells    (n_codes) training rows by code
 *   order    codes that have rows, by value
 *   values   distinct floats in ascending order, counts beside them
 *   borders  of GreedyLogSum over values and counts
 *   bin_of   (n_codes) bin of a code
 *   bins     (n_rows) bin_of[code of the row] */
#include "features/quantize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tasks.h"
#include "features/histogram.h"
#include "features/value_order.h"

typedef struct binned_body {
    cm_binned face;
    cm_arena arena; /* names */
    uint8_t *bytes; /* (n_features, stride) bins, then (n_rows) labels */
    const uint8_t **bins;
    uint16_t *n_bins;
    cm_float_feature *features;
    float **borders; /* (n_features) */
} binned_body;

typedef struct quantize_job {
    binned_body *body;
    size_t stride;
    const cm_feature_codes *codes;
    const char *const *names;
    const uint32_t *rows;
    size_t n_rows;
    const uint8_t *labels;
    const cm_quantize_options *options;
} quantize_job;

/* What is known of one feature while its borders are sought. */
typedef struct sample {
    uint64_t *cells; /* (n_codes) */
    cm_value_order order;
    float *values;    /* (n) */
    uint64_t *counts; /* (n) */
    size_t n;
    bool has_nans;
} sample;

static void sample_release(sample *s)
{
    free(s->cells);
    free(s->values);
    free(s->counts);
    cm_value_order_release(&s->order);
}

/* The model sees floats: values that are one float are one value. */
static cm_status sample_init(sample *s, const quantize_job *job, size_t f,
                             cm_error *err)
{
    const cm_feature_codes *codes = job->codes;
    uint32_t n_codes = codes->n_codes[f];
    const double *table = codes->tables[f];
    s->cells = cm_alloc_zero(n_codes, sizeof *s->cells, err);
    if (s->cells == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_histogram_add_rows(s->cells, codes->codes[f], codes->widths[f], n_codes,
                          job->rows, job->n_rows);
    cm_status status =
        cm_value_order_init(&s->order, table, s->cells, n_codes, err);
    if (status != CM_OK) {
        return status;
    }
    s->values = cm_alloc(s->order.n, sizeof *s->values, err);
    s->counts = cm_alloc(s->order.n, sizeof *s->counts, err);
    if (s->values == NULL || s->counts == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < s->order.n; i++) {
        uint32_t code = s->order.codes[i];
        float value = (float)table[code];
        if (isnan(value)) {
            s->has_nans = true;
            break; /* NaN are last */
        }
        if (s->n == 0 || s->values[s->n - 1] != value) {
            s->values[s->n] = value;
            s->counts[s->n++] = 0;
        }
        s->counts[s->n - 1] += s->cells[code];
    }
    return CM_OK;
}

static cm_status find_borders(const quantize_job *job, size_t f,
                              const sample *s, cm_error *err)
{
    const cm_quantize_options *options = job->options;
    cm_float_feature *feature = &job->body->features[f];
    if (s->has_nans && options->nan_mode == CM_NAN_MODE_FORBIDDEN) {
        return cm_fail(err, CM_ERR_DATA,
                       "feature \"%s\" has NaN in the training rows (no value "
                       "has both clicks and non-clicks), and nan_mode is "
                       "Forbidden: leave the feature out or use nan_mode Min",
                       job->names[f]);
    }
    float *borders = cm_alloc(options->border_count, sizeof *borders, err);
    if (borders == NULL) {
        return CM_ERR_NOMEM;
    }
    job->body->borders[f] = borders;
    size_t n = 0;
    size_t most = options->border_count - (s->has_nans ? 1 : 0);
    if (s->n > 1 && most > 0) {
        cm_status status = cm_borders_greedy_logsum(borders, &n, s->values,
                                                    s->counts, s->n, most, err);
        if (status != CM_OK) {
            return status;
        }
    }
    feature->borders = borders;
    feature->n_borders = (uint32_t)n;
    feature->flat_index = (uint32_t)f;
    if (s->has_nans) {
        cm_add_nan_border(feature, borders, options->nan_mode);
    }
    job->body->n_bins[f] = (uint16_t)(feature->n_borders + 1);
    return CM_OK;
}

/* Bins of the codes that have rows, in the order of their values: a merge. */
static void bin_codes(uint8_t *bin_of, const cm_float_feature *feature,
                      const double *table, const cm_value_order *order)
{
    uint32_t bin = 0;
    for (uint32_t i = 0; i < order->n; i++) {
        uint32_t code = order->codes[i];
        float value = (float)table[code];
        if (isnan(value)) {
            bool last = feature->nan_treatment == CM_NAN_AS_TRUE;
            bin_of[code] = (uint8_t)(last ? feature->n_borders : 0);
            continue;
        }
        while (bin < feature->n_borders && value > feature->borders[bin]) {
            bin++;
        }
        bin_of[code] = (uint8_t)bin;
    }
}

__attribute__((always_inline)) static inline void
gather(uint8_t *bins, const uint8_t *bin_of, const void *codes, unsigned width,
       const uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bins[i] = bin_of[cm_code_at(codes, width, rows[i])];
    }
}

static void bin_rows(const quantize_job *job, size_t f, const uint8_t *bin_of)
{
    uint8_t *bins = job->body->bytes + f * job->stride;
    const void *codes = job->codes->codes[f];
    switch (job->codes->widths[f]) {
    case 1:
        gather(bins, bin_of, codes, 1, job->rows, job->n_rows);
        break;
    case 2:
        gather(bins, bin_of, codes, 2, job->rows, job->n_rows);
        break;
    default:
        gather(bins, bin_of, codes, 4, job->rows, job->n_rows);
        break;
    }
}

static cm_status quantize_feature(void *context, size_t f, cm_error *err)
{
    const quantize_job *job = context;
    sample s = {0};
    uint8_t *bin_of = NULL;
    cm_status status = sample_init(&s, job, f, err);
    if (status == CM_OK) {
        status = find_borders(job, f, &s, err);
    }
    if (status == CM_OK) {
        bin_of = cm_alloc(job->codes->n_codes[f], 1, err);
        status = bin_of != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (status == CM_OK) {
        bin_codes(bin_of, &job->body->features[f], job->codes->tables[f],
                  &s.order);
        bin_rows(job, f, bin_of);
    }
    free(bin_of);
    sample_release(&s);
    return status;
}

static cm_status body_alloc(quantize_job *job, cm_error *err)
{
    enum { ALIGN = 64 };
    binned_body *body = job->body;
    size_t n = job->codes->n_features;
    job->stride = (job->n_rows + ALIGN - 1) / ALIGN * ALIGN;
    body->bytes = cm_alloc_large(n + 1, job->stride, err);
    body->bins = cm_alloc(n, sizeof *body->bins, err);
    body->n_bins = cm_alloc(n, sizeof *body->n_bins, err);
    body->features = cm_alloc_zero(n, sizeof *body->features, err);
    body->borders = cm_alloc_zero(n, sizeof *body->borders, err);
    if (body->bytes == NULL || body->bins == NULL || body->n_bins == NULL ||
        body->features == NULL || body->borders == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < n; f++) {
        body->bins[f] = body->bytes + f * job->stride;
        body->features[f].name = cm_arena_strdup(&body->arena, job->names[f],
                                                 strlen(job->names[f]), err);
        if (body->features[f].name == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

static void gather_labels(const quantize_job *job)
{
    uint8_t *labels = job->body->bytes + job->codes->n_features * job->stride;
    for (size_t i = 0; i < job->n_rows; i++) {
        labels[i] = job->labels[job->rows[i]];
    }
    job->body->face.labels = labels;
}

static cm_status check_options(const cm_quantize_options *options,
                               cm_error *err)
{
    if (options->border_count < 1 || options->border_count > CM_MAX_BORDERS) {
        return cm_fail(err, CM_ERR_USAGE,
                       "border_count: found %u, expected 1 to %d",
                       options->border_count, CM_MAX_BORDERS);
    }
    return CM_OK;
}

cm_status cm_quantize(cm_binned **out, const cm_feature_codes *codes,
                      const char *const *names, const uint32_t *rows,
                      size_t n_rows, const uint8_t *labels,
                      const cm_quantize_options *options, cm_error *err)
{
    cm_status status = check_options(options, err);
    if (status != CM_OK) {
        return status;
    }
    binned_body *body = cm_alloc_zero(1, sizeof *body, err);
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    quantize_job job = {body, 0, codes, names, rows, n_rows, labels, options};
    body->face = (cm_binned){
        .n_rows = n_rows, .n_features = codes->n_features, .owner = body};
    status = body_alloc(&job, err);
    if (status == CM_OK) {
        status = cm_try_parallel(codes->n_features, options->n_threads,
                                 quantize_feature, &job, err);
    }
    if (status != CM_OK) {
        cm_binned_free(&body->face);
        return status;
    }
    gather_labels(&job);
    body->face.bins = body->bins;
    body->face.n_bins = body->n_bins;
    body->face.features = body->features;
    *out = &body->face;
    return CM_OK;
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
