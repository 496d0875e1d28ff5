/* Rows of floats to columns of bins.
 *
 *   x        (N, m) the matrix, N >= n
 *   place    (N) row of the result that a row of x becomes, or NOT_TAKEN
 *   tile     (TILE_COLUMNS, TILE_ROWS) floats, column by column
 *   block    (m, block_rows) bins of consecutive rows of x
 *
 * x is read in its own order, so every page and cache line of it is read once,
 * whatever order the result has.  A block of bins stays in the cache, and each
 * of its columns is then dealt out; in a stratified order the bytes go to 64
 * places a class, which walk on side by side. */
#include "model/quantize_matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "model/bin_search.h"

enum {
    TILE_ROWS = 256,
    TILE_COLUMNS = 16, /* a cache line of floats */
    BLOCK_BYTES = 400 << 10,
    MAX_BLOCK_ROWS = 8192,
    LINE = 64
};

#define NOT_TAKEN UINT32_MAX

typedef struct bin_body {
    cm_bin_matrix face;
    uint8_t *bytes; /* (m, stride) */
    uint8_t **bins;
    uint16_t *n_bins;
} bin_body;

typedef struct bin_job {
    const cm_array *x;
    uint32_t *place; /* NULL: a row stays where it is */
    bin_search *searches;
    bin_search_run run;
    size_t block_rows;
    uint8_t *blocks; /* (threads, m, block_rows) */
    bin_body *body;
} bin_job;

static cm_status body_alloc(bin_body *body, size_t n, size_t m, cm_error *err)
{
    size_t stride = (n + LINE - 1) / LINE * LINE;
    stride = stride > 0 ? stride : LINE;
    body->bytes = cm_alloc_large(m, stride, err);
    body->bins = cm_alloc(m, sizeof *body->bins, err);
    body->n_bins = cm_alloc(m, sizeof *body->n_bins, err);
    if (body->bytes == NULL || body->bins == NULL || body->n_bins == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < m; f++) {
        body->bins[f] = body->bytes + f * stride;
    }
    body->face = (cm_bin_matrix){.n_rows = n,
                                 .n_features = m,
                                 .bins = (const uint8_t *const *)body->bins,
                                 .n_bins = body->n_bins,
                                 .owner = body};
    return CM_OK;
}

static cm_status find_places(bin_job *job, const cm_matrix_rows *rows,
                             cm_error *err)
{
    if (rows->rows == NULL) {
        return CM_OK;
    }
    job->place = cm_alloc_large(rows->x->n_rows, sizeof *job->place, err);
    if (job->place == NULL) {
        return CM_ERR_NOMEM;
    }
    memset(job->place, 0xff, rows->x->n_rows * sizeof *job->place);
    for (size_t i = 0; i < rows->n_rows; i++) {
        CM_ASSERT(rows->rows[i] < rows->x->n_rows);
        job->place[rows->rows[i]] = (uint32_t)i;
    }
    return CM_OK;
}

/* Bins of columns [column, column + n) of a part of x, to block. */
static void bin_tile(const bin_job *job, uint8_t *block, cm_array_part part)
{
    _Alignas(LINE) float tile[TILE_COLUMNS * TILE_ROWS];
    const float *first = cm_array_column(job->x, part.column);
    if (first == NULL) {
        cm_array_tile(tile, TILE_ROWS, job->x, part);
    }
    for (size_t j = 0; j < part.n_columns; j++) {
        const float *values = first != NULL
                                  ? first + j * job->x->column_step + part.row
                                  : tile + j * TILE_ROWS;
        job->run(block + j * job->block_rows, values, part.n_rows,
                 &job->searches[part.column + j]);
    }
}

static void bin_block(const bin_job *job, uint8_t *block, size_t row,
                      size_t n_rows)
{
    size_t m = job->x->n_columns;
    for (size_t i = 0; i < n_rows; i += TILE_ROWS) {
        size_t n = n_rows - i < TILE_ROWS ? n_rows - i : TILE_ROWS;
        for (size_t f = 0; f < m; f += TILE_COLUMNS) {
            size_t columns = m - f < TILE_COLUMNS ? m - f : TILE_COLUMNS;
            bin_tile(job, block + f * job->block_rows + i,
                     (cm_array_part){.row = row + i,
                                     .n_rows = n,
                                     .column = f,
                                     .n_columns = columns});
        }
    }
}

static void deal_out(const bin_job *job, const uint8_t *block, size_t row,
                     size_t n_rows)
{
    for (size_t f = 0; f < job->x->n_columns; f++) {
        const uint8_t *from = block + f * job->block_rows;
        uint8_t *to = job->body->bins[f];
        if (job->place == NULL) {
            memcpy(to + row, from, n_rows);
            continue;
        }
        for (size_t i = 0; i < n_rows; i++) {
            uint32_t place = job->place[row + i];
            if (place != NOT_TAKEN) {
                to[place] = from[i];
            }
        }
    }
}

static void bin_task(void *context, size_t task, int thread)
{
    const bin_job *job = context;
    size_t row = task * job->block_rows;
    size_t left = job->x->n_rows - row;
    size_t n = left < job->block_rows ? left : job->block_rows;
    uint8_t *block =
        job->blocks + (size_t)thread * job->x->n_columns * job->block_rows;
    bin_block(job, block, row, n);
    deal_out(job, block, row, n);
}

static cm_status bin_all(bin_job *job, const cm_float_feature *features,
                         int n_threads, cm_error *err)
{
    size_t m = job->x->n_columns, n = job->x->n_rows;
    size_t rows = BLOCK_BYTES / (m > 0 ? m : 1) / TILE_ROWS * TILE_ROWS;
    job->block_rows = rows < TILE_ROWS        ? TILE_ROWS
                      : rows > MAX_BLOCK_ROWS ? MAX_BLOCK_ROWS
                                              : rows;
    job->searches = cm_alloc_large(m, sizeof *job->searches, err);
    job->blocks = cm_alloc_large(m * job->block_rows, (size_t)n_threads, err);
    if (job->searches == NULL || job->blocks == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < m; f++) {
        bin_search_init(&job->searches[f], &features[f]);
        job->body->n_bins[f] = (uint16_t)(features[f].n_borders + 1);
    }
    size_t n_tasks = (n + job->block_rows - 1) / job->block_rows;
    cm_parallel(n_tasks, n_threads, bin_task, job);
    return CM_OK;
}

cm_status cm_bin_matrix_new(cm_bin_matrix **out, const cm_matrix_rows *rows,
                            const cm_float_feature *features, int n_threads,
                            cm_error *err)
{
    bin_body *body = cm_alloc_zero(1, sizeof *body, err);
    bin_job job = {.x = rows->x, .run = bin_search_best(), .body = body};
    *out = NULL;
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    CM_ASSERT(rows->n_rows < NOT_TAKEN);
    cm_status status = body_alloc(body, rows->n_rows, rows->x->n_columns, err);
    body->face.owner = body;
    if (status == CM_OK) {
        status = find_places(&job, rows, err);
    }
    if (status == CM_OK) {
        status = bin_all(&job, features, cm_thread_count(n_threads), err);
    }
    free(job.place);
    free(job.searches);
    free(job.blocks);
    if (status != CM_OK) {
        cm_bin_matrix_free(&body->face);
        return status;
    }
    *out = &body->face;
    return CM_OK;
}

void cm_bin_matrix_free(cm_bin_matrix *matrix)
{
    if (matrix == NULL) {
        return;
    }
    bin_body *body = matrix->owner;
    free(body->bytes);
    free(body->bins);
    free(body->n_bins);
    free(body);
}
