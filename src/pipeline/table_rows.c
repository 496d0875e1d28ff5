/* A whole table in memory, with what is known about its rows. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/matrix.h"
#include "pipeline/model_table.h"

/* Behind cm_table_rows.owner. */
typedef struct table_body {
    size_t n_columns, n_cats, capacity; /* rows */
    float **columns;
    uint32_t **cats;
    float *labels, *weights;
} table_body;

void cm_table_rows_release(cm_table_rows *rows)
{
    table_body *body = rows->owner;
    for (size_t f = 0; body && body->columns && f < body->n_columns; f++) {
        free(body->columns[f]);
    }
    for (size_t c = 0; body && body->cats && c < body->n_cats; c++) {
        free(body->cats[c]);
    }
    if (body != NULL) {
        free(body->columns);
        free(body->cats);
        free(body->labels);
        free(body->weights);
    }
    free(body);
    *rows = (cm_table_rows){0};
}

static cm_status init(cm_table_rows *rows, const cm_model *model, cm_error *err)
{
    table_body *body = cm_alloc_zero(1, sizeof *body, err);
    rows->owner = body;
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->n_columns = model->n_features;
    body->n_cats = model->n_cat_features;
    body->columns = cm_alloc_zero(body->n_columns, sizeof *body->columns, err);
    body->cats = cm_alloc_zero(body->n_cats, sizeof *body->cats, err);
    return body->columns && body->cats ? CM_OK : CM_ERR_NOMEM;
}

/* Room for n rows in all columns. */
static cm_status reserve(table_body *body, size_t n, cm_error *err)
{
    size_t capacity = 2 * body->capacity > n ? 2 * body->capacity : n;
    if (n <= body->capacity) {
        return CM_OK;
    }
    for (size_t f = 0; f < body->n_columns; f++) {
        float *grown =
            cm_realloc(body->columns[f], capacity, sizeof *grown, err);
        if (grown == NULL) {
            return CM_ERR_NOMEM;
        }
        body->columns[f] = grown;
    }
    for (size_t c = 0; c < body->n_cats; c++) {
        uint32_t *grown =
            cm_realloc(body->cats[c], capacity, sizeof *grown, err);
        if (grown == NULL) {
            return CM_ERR_NOMEM;
        }
        body->cats[c] = grown;
    }
    body->capacity = capacity;
    return CM_OK;
}

static cm_status add_block(cm_table_rows *rows, const cm_model_block *block,
                           cm_error *err)
{
    table_body *body = rows->owner;
    size_t n = rows->rows.n, count = block->n_rows;
    cm_status status = reserve(body, n + count, err);
    for (size_t f = 0; f < body->n_columns && status == CM_OK; f++) {
        memcpy(body->columns[f] + n, block->columns[f], count * sizeof(float));
    }
    for (size_t c = 0; c < body->n_cats && status == CM_OK; c++) {
        memcpy(body->cats[c] + n, block->cats[c], count * sizeof(uint32_t));
    }
    rows->rows.n = n + count;
    return status;
}

static cm_status read_rows(cm_table_rows *rows, const cm_model *model,
                           const char *path, const cm_log *log, cm_error *err)
{
    cm_model_table *table = NULL;
    cm_model_block block = {0};
    cm_status status = cm_model_table_open(&table, model, path, log, err);
    do {
        if (status == CM_OK) {
            status = cm_model_table_next(table, &block, err);
        }
        if (status == CM_OK && block.n_rows > 0) {
            status = add_block(rows, &block, err);
        }
    } while (status == CM_OK && block.n_rows > 0);
    cm_model_table_close(table);
    return status;
}

static cm_status check_count(size_t found, size_t n, const char *path,
                             const char *input, cm_error *err)
{
    return found == n ? CM_OK
                      : cm_fail(err, CM_ERR_DATA,
                                "%s has %zu numbers, and %s has %zu rows; "
                                "expected one a row",
                                path, found, input, n);
}

static cm_status read_labels(table_body *body, const cm_table_paths *paths,
                             size_t n, cm_error *err)
{
    uint8_t *labels = NULL;
    size_t found = 0;
    cm_status status = cm_labels_load(&labels, &found, paths->labels, err);
    if (status == CM_OK) {
        status = check_count(found, n, paths->labels, paths->input, err);
    }
    if (status == CM_OK) {
        body->labels = cm_alloc(n, sizeof *body->labels, err);
        status = body->labels ? CM_OK : CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        body->labels[i] = (float)labels[i];
    }
    free(labels);
    return status;
}

static cm_status read_weights(table_body *body, const cm_table_paths *paths,
                              size_t n, cm_error *err)
{
    size_t found = 0;
    cm_status status =
        cm_weights_load(&body->weights, &found, paths->weights, err);
    return status == CM_OK
               ? check_count(found, n, paths->weights, paths->input, err)
               : status;
}

cm_status cm_table_rows_load(cm_table_rows *out, const cm_model *model,
                             const cm_table_paths *paths, const cm_log *log,
                             cm_error *err)
{
    *out = (cm_table_rows){0};
    cm_status status = init(out, model, err);
    table_body *body = out->owner;
    if (status == CM_OK) {
        status = read_rows(out, model, paths->input, log, err);
    }
    if (status == CM_OK && paths->labels != NULL) {
        status = read_labels(body, paths, out->rows.n, err);
    }
    if (status == CM_OK && paths->weights != NULL) {
        status = read_weights(body, paths, out->rows.n, err);
    }
    if (status != CM_OK) {
        cm_table_rows_release(out);
        return status;
    }
    out->rows.columns = (const float *const *)body->columns;
    out->rows.cats = (const uint32_t *const *)body->cats;
    out->rows.labels = body->labels;
    out->rows.weights = body->weights;
    return CM_OK;
}
