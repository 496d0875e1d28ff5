/* Whole matrices and vectors.  A .npy file stays where it is; the rows of a
 * CSV are collected. */
#include "data/matrix.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/frame.h"

typedef struct matrix_body {
    cm_matrix face;
    cm_frame *frame; /* names, mapping */
    float *values;   /* of a CSV: (n, m) */
    size_t capacity; /* in values */
} matrix_body;

/* Makes room for n more values, an eighth more than is there at a time: memory
 * stays near the size of the data. */
static cm_status reserve(matrix_body *body, size_t used, size_t n,
                         cm_error *err)
{
    if (n <= body->capacity - used) {
        return CM_OK;
    }
    size_t capacity = body->capacity + body->capacity / 8;
    capacity = capacity < used + n ? used + n : capacity;
    float *values = cm_realloc(body->values, capacity, sizeof *values, err);
    if (values == NULL) {
        return CM_ERR_NOMEM;
    }
    body->values = values;
    body->capacity = capacity;
    return CM_OK;
}

static cm_status collect(matrix_body *body, cm_error *err)
{
    size_t m = body->frame->n_columns, n = 0;
    for (;;) {
        cm_frame_block block = {0};
        cm_status status = cm_frame_next(body->frame, &block, err);
        if (status == CM_OK) {
            status = reserve(body, n * m, block.n_rows * m, err);
        }
        if (status != CM_OK) {
            return status;
        }
        if (block.n_rows == 0) {
            break;
        }
        float *out = body->values + n * m;
        for (size_t i = 0; i < block.n_rows; i++) {
            for (size_t j = 0; j < m; j++) {
                *out++ = block.numbers[j][i];
            }
        }
        n += block.n_rows;
    }
    body->face.array = (cm_array){.data = body->values,
                                  .type = CM_ARRAY_F32,
                                  .n_rows = n,
                                  .n_columns = m,
                                  .row_step = m,
                                  .column_step = 1};
    return CM_OK;
}

cm_status cm_matrix_load(cm_matrix **out, const char *path, cm_error *err)
{
    matrix_body *body = cm_alloc_zero(1, sizeof *body, err);
    *out = NULL;
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->face.owner = body;
    cm_status status = cm_frame_open(&body->frame, path, err);
    if (status == CM_OK && body->frame->npy != NULL) {
        body->face.array = body->frame->npy->array;
    } else if (status == CM_OK) {
        status = collect(body, err);
    }
    if (status != CM_OK) {
        cm_matrix_free(&body->face);
        return status;
    }
    body->face.names = body->frame->names;
    *out = &body->face;
    return CM_OK;
}

void cm_matrix_free(cm_matrix *matrix)
{
    if (matrix == NULL) {
        return;
    }
    matrix_body *body = matrix->owner;
    cm_frame_close(body->frame);
    free(body->values);
    free(body);
}

/* ---- vectors --------------------------------------------------------- */

/* A matrix of one column; what: "labels". */
static cm_status load_vector(cm_matrix **out, const char *path,
                             const char *what, cm_error *err)
{
    cm_status status = cm_matrix_load(out, path, err);
    if (status == CM_OK && (*out)->array.n_columns != 1) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: found %zu columns, expected one of %s", path,
                         (*out)->array.n_columns, what);
    }
    return status;
}

cm_status cm_labels_load(uint8_t **out, size_t *n, const char *path,
                         cm_error *err)
{
    cm_matrix *vector = NULL;
    uint8_t *labels = NULL;
    *out = NULL;
    cm_status status = load_vector(&vector, path, "labels", err);
    if (status == CM_OK) {
        *n = vector->array.n_rows;
        labels = cm_alloc(*n, sizeof *labels, err);
        status = labels != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    for (size_t i = 0; status == CM_OK && i < *n; i++) {
        double value = cm_array_at(&vector->array, i, 0);
        labels[i] = value == 1;
        if (value != 0 && value != 1) {
            status = cm_fail(err, CM_ERR_DATA,
                             "%s: row %zu: the label is %.9g, expected 0 or 1",
                             path, i, value);
        }
    }
    cm_matrix_free(vector);
    if (status != CM_OK) {
        free(labels);
        return status;
    }
    *out = labels;
    return CM_OK;
}

cm_status cm_weights_load(float **out, size_t *n, const char *path,
                          cm_error *err)
{
    cm_matrix *vector = NULL;
    float *weights = NULL;
    double sum = 0;
    *out = NULL;
    cm_status status = load_vector(&vector, path, "weights", err);
    if (status == CM_OK) {
        *n = vector->array.n_rows;
        weights = cm_alloc(*n, sizeof *weights, err);
        status = weights != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    for (size_t i = 0; status == CM_OK && i < *n; i++) {
        weights[i] = (float)cm_array_at(&vector->array, i, 0);
        sum += (double)weights[i];
        if (!(weights[i] >= 0) || isinf(weights[i])) {
            status = cm_fail(err, CM_ERR_DATA,
                             "%s: row %zu: the weight is %.9g, expected a "
                             "finite number that is not negative",
                             path, i, (double)weights[i]);
        }
    }
    if (status == CM_OK && !(sum > 0)) {
        status =
            cm_fail(err, CM_ERR_DATA,
                    "%s: all %zu weights are 0: no row would count", path, *n);
    }
    cm_matrix_free(vector);
    if (status != CM_OK) {
        free(weights);
        return status;
    }
    *out = weights;
    return CM_OK;
}
