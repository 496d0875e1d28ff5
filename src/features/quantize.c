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
#include "features/quantize_body.h"
#include "features/value_order.h"

typedef struct quantize_job {
    binned_body *body;
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
        binned_body_gather(job->body, job->codes, f, bin_of, job->rows);
    }
    free(bin_of);
    sample_release(&s);
    return status;
}

static cm_status name_features(quantize_job *job, cm_error *err)
{
    binned_body *body = job->body;
    size_t n = job->codes->n_features;
    body->features = cm_alloc_zero(n, sizeof *body->features, err);
    body->borders = cm_alloc_zero(n, sizeof *body->borders, err);
    if (body->features == NULL || body->borders == NULL) {
        return CM_ERR_NOMEM;
    }
    body->face.features = body->features;
    for (size_t f = 0; f < n; f++) {
        body->features[f].name = cm_arena_strdup(&body->arena, job->names[f],
                                                 strlen(job->names[f]), err);
        if (body->features[f].name == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
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
    quantize_job job = {NULL, codes, names, rows, n_rows, labels, options};
    status = binned_body_new(&job.body, codes->n_features, n_rows, err);
    if (status == CM_OK) {
        status = name_features(&job, err);
    }
    if (status == CM_OK) {
        status = cm_try_parallel(codes->n_features, options->n_threads,
                                 quantize_feature, &job, err);
    }
    if (status != CM_OK) {
        cm_binned_free(job.body != NULL ? &job.body->face : NULL);
        return status;
    }
    binned_body_gather_labels(job.body, rows, labels);
    *out = &job.body->face;
    return CM_OK;
}
