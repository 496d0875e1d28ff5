/* Looks at every element once, as memory has it.
 *
 *   seen  (threads, m) 1 where a thread has met NaN in a column */
#include "model/nan_scan.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

enum { TASK_ROWS = 1 << 12, TILE_ROWS = 64, TILE_COLUMNS = 64 };

typedef struct scan {
    const cm_array *x;
    uint8_t *seen;
} scan;

static bool has_nan(const float *values, size_t n)
{
    int any = 0;
    for (size_t i = 0; i < n; i++) {
        any |= values[i] != values[i];
    }
    return any != 0;
}

/* Rows of floats that follow each other are looked through as one run first:
 * most have no NaN, and need not be taken apart. */
static bool is_clean(const cm_array *x, cm_array_part part)
{
    const float *row = cm_array_row(x, part.row);
    return row != NULL && x->row_step == x->n_columns &&
           !has_nan(row, part.n_rows * x->n_columns);
}

static void scan_tile(const cm_array *x, uint8_t *seen, cm_array_part part)
{
    float tile[TILE_ROWS * TILE_COLUMNS];
    cm_array_tile(tile, TILE_ROWS, x, part);
    for (size_t j = 0; j < part.n_columns; j++) {
        seen[part.column + j] |= has_nan(tile + j * TILE_ROWS, part.n_rows);
    }
}

static void scan_rows(const cm_array *x, uint8_t *seen, cm_array_part part)
{
    size_t m = x->n_columns;
    if (is_clean(x, part)) {
        return;
    }
    for (size_t f = 0; f < m; f += TILE_COLUMNS) {
        part.column = f;
        part.n_columns = m - f < TILE_COLUMNS ? m - f : TILE_COLUMNS;
        scan_tile(x, seen, part);
    }
}

static void scan_columns(const cm_array *x, uint8_t *seen, size_t row, size_t n)
{
    for (size_t f = 0; f < x->n_columns; f++) {
        seen[f] |= has_nan(cm_array_column(x, f) + row, n);
    }
}

static void scan_task(void *context, size_t task, int thread)
{
    const scan *job = context;
    const cm_array *x = job->x;
    uint8_t *seen = job->seen + (size_t)thread * x->n_columns;
    size_t end = (task + 1) * TASK_ROWS;
    end = end < x->n_rows ? end : x->n_rows;
    if (cm_array_column(x, 0) != NULL) {
        scan_columns(x, seen, task * TASK_ROWS, end - task * TASK_ROWS);
        return;
    }
    for (size_t row = task * TASK_ROWS; row < end; row += TILE_ROWS) {
        size_t n = end - row < TILE_ROWS ? end - row : TILE_ROWS;
        scan_rows(x, seen, (cm_array_part){.row = row, .n_rows = n});
    }
}

cm_status nan_scan(uint8_t **out, const cm_array *x, int n_threads,
                   cm_error *err)
{
    size_t threads = (size_t)cm_thread_count(n_threads), m = x->n_columns;
    scan job = {x, cm_alloc_zero(threads * m, 1, err)};
    *out = job.seen;
    if (job.seen == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_parallel((x->n_rows + TASK_ROWS - 1) / TASK_ROWS, (int)threads,
                scan_task, &job);
    for (size_t t = 1; t < threads; t++) {
        for (size_t f = 0; f < m; f++) {
            job.seen[f] |= job.seen[t * m + f];
        }
    }
    return CM_OK;
}
