/* Borders of the columns of a matrix, a few columns a task: rows of a matrix
 * in C order come by cache lines, which hold several columns. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tasks.h"
#include "model/matrix_sample.h"
#include "model/nan_scan.h"
#include "model/quantize_matrix.h"

enum { GROUP = 4 /* columns of a task */ };

typedef struct border_body {
    cm_border_set face;
    cm_float_feature *features; /* (m) */
    float *borders;             /* (m, border_count) */
    cm_arena names;
} border_body;

typedef struct border_job {
    const cm_matrix_rows *rows;
    const cm_border_options *options;
    const uint32_t *sample; /* (n_sample), NULL: the rows of x */
    size_t n_sample;
    const uint8_t *has_nans; /* (m) */
    border_body *body;
} border_job;

static cm_status body_alloc(border_body *body, size_t m,
                            const char *const *names, uint32_t border_count,
                            cm_error *err)
{
    body->features = cm_alloc_zero(m, sizeof *body->features, err);
    body->borders = cm_alloc(m * border_count, sizeof *body->borders, err);
    if (body->features == NULL || body->borders == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < m; f++) {
        char *name =
            cm_arena_strdup(&body->names, names[f], strlen(names[f]), err);
        if (name == NULL) {
            return CM_ERR_NOMEM;
        }
        body->features[f] =
            (cm_float_feature){.name = name,
                               .flat_index = (uint32_t)f,
                               .borders = body->borders + f * border_count};
    }
    body->face = (cm_border_set){m, body->features, body};
    return CM_OK;
}

static cm_status find_borders(const border_job *job, size_t f,
                              const distinct_values *d, cm_error *err)
{
    cm_float_feature *feature = &job->body->features[f];
    float *borders = job->body->borders + f * job->options->border_count;
    bool has_nans = job->has_nans[f];
    size_t n = 0;
    if (has_nans && job->options->nan_mode == CM_NAN_MODE_FORBIDDEN) {
        return cm_fail(err, CM_ERR_DATA,
                       "feature \"%s\" has NaN, and nan_mode is Forbidden: "
                       "leave the feature out or use nan_mode Min",
                       feature->name);
    }
    cm_status status =
        cm_borders_greedy_logsum(borders, &n, d->values, d->counts, d->n,
                                 job->options->border_count - has_nans, err);
    feature->n_borders = (uint32_t)n;
    if (has_nans) {
        cm_add_nan_border(feature, borders, job->options->nan_mode);
    }
    return status;
}

/* The sample of a group of columns, then column by column. */
static cm_status border_task(void *context, size_t task, cm_error *err)
{
    const border_job *job = context;
    size_t m = job->body->face.n_features, n = job->n_sample;
    cm_array_part part = {.rows = job->sample,
                          .n_rows = n,
                          .column = task * GROUP,
                          .n_columns = m - task * GROUP};
    part.n_columns = part.n_columns < GROUP ? part.n_columns : GROUP;
    distinct_values d = {0};
    float *tile = cm_alloc_large(n * part.n_columns, sizeof *tile, err);
    cm_status status = CM_ERR_NOMEM;
    if (tile != NULL) {
        cm_array_tile(tile, n, job->rows->x, part);
        status = distinct_values_init(&d, n, err);
    }
    for (size_t j = 0; j < part.n_columns && status == CM_OK; j++) {
        distinct_values_find(&d, tile + j * n, n);
        status = find_borders(job, part.column + j, &d, err);
    }
    distinct_values_release(&d);
    free(tile);
    return status;
}

static cm_status fit_all(border_job *job, cm_error *err)
{
    size_t m = job->body->face.n_features;
    int n_threads = job->options->n_threads;
    uint32_t *sample = NULL;
    uint8_t *has_nans = NULL;
    cm_status status = matrix_sample_rows(&sample, &job->n_sample, job->rows,
                                          job->options->seed, err);
    if (status == CM_OK) {
        status = nan_scan(&has_nans, job->rows->x, n_threads, err);
    }
    if (status == CM_OK) {
        job->sample = sample;
        job->has_nans = has_nans;
        status = cm_try_parallel((m + GROUP - 1) / GROUP, n_threads,
                                 border_task, job, err);
    }
    free(sample);
    free(has_nans);
    return status;
}

cm_status cm_border_set_fit(cm_border_set **out, const cm_matrix_rows *rows,
                            const char *const *names,
                            const cm_border_options *options, cm_error *err)
{
    *out = NULL;
    if (options->border_count < 1 || options->border_count > CM_MAX_BORDERS) {
        return cm_fail(err, CM_ERR_USAGE,
                       "border_count: found %u, expected 1 to %d",
                       options->border_count, CM_MAX_BORDERS);
    }
    border_body *body = cm_alloc_zero(1, sizeof *body, err);
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    border_job job = {.rows = rows, .options = options, .body = body};
    body->face.owner = body;
    cm_status status =
        body_alloc(body, rows->x->n_columns, names, options->border_count, err);
    if (status == CM_OK) {
        status = fit_all(&job, err);
    }
    if (status != CM_OK) {
        cm_border_set_free(&body->face);
        return status;
    }
    *out = &body->face;
    return CM_OK;
}

void cm_border_set_free(cm_border_set *set)
{
    if (set == NULL) {
        return;
    }
    border_body *body = set->owner;
    cm_arena_release(&body->names);
    free(body->features);
    free(body->borders);
    free(body);
}
