/* From parts to a dataset: sorts the keys of each part, merges those of each
 * column into its dictionary, and writes its codes anew as ranks. */
#include "data/assemble.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "data/dataset_owner.h"
#include "data/key_order.h"

typedef struct assembly {
    cm_read_log *log;
    cm_dataset_owner *owner;
    size_t *columns;      /* the one with the most keys first */
    cm_key_order *orders; /* (n_columns, n_threads) */
    cm_error *errors;     /* (n_threads) */
} assembly;

static cm_part *part_of(const cm_read_log *log, int thread, size_t column)
{
    return &log->parts[(size_t)thread * log->plan->n_columns + column];
}

static cm_piece *piece_of(const cm_read_log *log, size_t chunk, size_t column)
{
    return &log->pieces[chunk * log->plan->n_columns + column];
}

static bool is_category(const cm_column *column)
{
    return column->kind == CM_COLUMN_TEXT ||
           column->kind == CM_COLUMN_INTEGER ||
           (column->kind == CM_COLUMN_ID && column->width == 4);
}

/* ---- ids that are texts ---------------------------------------------------
 */

static void ids_task(void *context, size_t task, int thread)
{
    assembly *a = context;
    cm_read_log *log = a->log;
    size_t column = a->columns[0];
    cm_error *err = &a->errors[thread];
    for (size_t i = 0; i < log->n_chunks && err->code == CM_OK; i++) {
        cm_piece *piece = piece_of(log, i, column);
        if (log->threads[i] == (int)task && piece->width == 8) {
            err->code = cm_part_ids_to_codes(part_of(log, (int)task, column),
                                             piece, log->n_rows[i], err);
        }
    }
}

/* One id that is no 64-bit number makes texts of all. */
static void unify_ids(assembly *a)
{
    const cm_read_log *log = a->log;
    for (size_t c = 0; c < log->plan->n_columns; c++) {
        cm_column *column = &a->owner->columns[c];
        if (column->kind != CM_COLUMN_ID) {
            continue;
        }
        column->width = 8;
        for (size_t i = 0; i < log->n_chunks; i++) {
            if (piece_of(log, i, c)->width == 4) {
                column->width = 4;
            }
        }
        if (column->width == 4) {
            a->columns[0] = c;
            cm_parallel((size_t)log->n_threads, log->n_threads, ids_task, a);
        }
    }
}

/* ---- dictionaries ---------------------------------------------------------
 */

static uint64_t n_keys(const cm_read_log *log, size_t column)
{
    uint64_t n = 0;
    for (int t = 0; t < log->n_threads; t++) {
        n += part_of(log, t, column)->keys.n;
    }
    return n;
}

typedef struct sized {
    uint64_t n;
    size_t column;
} sized;

static int larger_first(const void *a, const void *b)
{
    const sized *x = a;
    const sized *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1)
                        : (x->column < y->column ? -1 : 1);
}

static cm_status rank_columns(assembly *a, cm_error *err)
{
    size_t n = a->log->plan->n_columns;
    sized *sizes = cm_alloc(n, sizeof *sizes, err);
    if (sizes == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t c = 0; c < n; c++) {
        sizes[c] = (sized){n_keys(a->log, c), c};
    }
    qsort(sizes, n, sizeof *sizes, larger_first);
    for (size_t i = 0; i < n; i++) {
        a->columns[i] = sizes[i].column;
    }
    free(sizes);
    return CM_OK;
}

static void sort_task(void *context, size_t task, int thread)
{
    assembly *a = context;
    size_t n_threads = (size_t)a->log->n_threads;
    size_t column = a->columns[task / n_threads];
    cm_error *err = &a->errors[thread];
    if (err->code == CM_OK && is_category(&a->owner->columns[column])) {
        size_t part = task % n_threads;
        err->code =
            cm_key_order_sort(&a->orders[column * n_threads + part],
                              &part_of(a->log, (int)part, column)->keys, err);
    }
}

/* ---- values ---------------------------------------------------------------
 */

static size_t rows_of(const cm_read_log *log)
{
    size_t n = 0;
    for (size_t i = 0; i < log->n_chunks; i++) {
        n += log->n_rows[i];
    }
    return n;
}

static void *new_values(assembly *a, size_t column, cm_error *err)
{
    cm_column *out = &a->owner->columns[column];
    void *values = cm_alloc_large(a->owner->dataset.n_rows, out->width, err);
    out->values = values;
    return values;
}

static void join_numbers(assembly *a, size_t column, cm_error *err)
{
    char *values = new_values(a, column, err);
    size_t width = a->owner->columns[column].width;
    for (size_t i = 0; values != NULL && i < a->log->n_chunks; i++) {
        size_t n = a->log->n_rows[i] * width;
        if (n > 0) {
            memcpy(values, piece_of(a->log, i, column)->values, n);
        }
        values += n;
    }
}

/* Ranks of n codes of a piece, from one of them on. */
static void look_up(uint32_t *out, const cm_piece *piece, size_t from, size_t n,
                    const uint32_t *ranks)
{
    if (piece->width == 1) {
        const uint8_t *codes = (const uint8_t *)piece->values + from;
        for (size_t i = 0; i < n; i++) {
            out[i] = ranks[codes[i]];
        }
    } else if (piece->width == 2) {
        const uint16_t *codes = (const uint16_t *)piece->values + from;
        for (size_t i = 0; i < n; i++) {
            out[i] = ranks[codes[i]];
        }
    } else {
        const uint32_t *codes = (const uint32_t *)piece->values + from;
        for (size_t i = 0; i < n; i++) {
            out[i] = ranks[codes[i]];
        }
    }
}

static void write_ranks(char *values, uint8_t width, const cm_piece *piece,
                        size_t n_rows, const uint32_t *ranks)
{
    enum { BATCH = 1024 };
    uint32_t batch[BATCH];
    for (size_t from = 0; from < n_rows; from += BATCH) {
        size_t n = n_rows - from < BATCH ? n_rows - from : BATCH;
        look_up(batch, piece, from, n, ranks);
        cm_pack_codes(values + from * width, width, batch, n);
    }
}

static void join_codes(assembly *a, size_t column, cm_error *err)
{
    const cm_read_log *log = a->log;
    cm_column *out = &a->owner->columns[column];
    size_t n_threads = (size_t)log->n_threads;
    cm_key_order *orders = &a->orders[column * n_threads];
    if (cm_key_order_merge(&out->dictionary, orders, n_threads, err) != CM_OK) {
        return;
    }
    if (out->kind != CM_COLUMN_ID) {
        out->width = cm_code_width(out->dictionary.n);
    }
    char *values = new_values(a, column, err);
    for (size_t i = 0; values != NULL && i < log->n_chunks; i++) {
        write_ranks(values, out->width, piece_of(log, i, column),
                    log->n_rows[i], orders[log->threads[i]].ranks);
        values += log->n_rows[i] * out->width;
    }
}

static void join_task(void *context, size_t task, int thread)
{
    assembly *a = context;
    size_t column = a->columns[task];
    cm_error *err = &a->errors[thread];
    if (err->code != CM_OK) {
        return;
    }
    if (is_category(&a->owner->columns[column])) {
        join_codes(a, column, err);
    } else {
        join_numbers(a, column, err);
    }
    for (int t = 0; t < a->log->n_threads; t++) {
        size_t part = column * (size_t)a->log->n_threads + (size_t)t;
        cm_key_order_release(&a->orders[part]);
        cm_part_release(part_of(a->log, t, column));
    }
}

/* ---- all of it ------------------------------------------------------------
 */

static cm_status allocate(assembly *a, cm_error *err)
{
    const cm_log_plan *plan = a->log->plan;
    size_t n_threads = (size_t)a->log->n_threads;
    a->owner = cm_dataset_owner_new(plan->n_columns, err);
    a->columns = cm_alloc_zero(plan->n_columns, sizeof *a->columns, err);
    a->orders =
        cm_alloc_zero(plan->n_columns * n_threads, sizeof *a->orders, err);
    a->errors = cm_alloc_zero(n_threads, sizeof *a->errors, err);
    if (a->owner == NULL || a->columns == NULL || a->orders == NULL ||
        a->errors == NULL) {
        return CM_ERR_NOMEM;
    }
    a->owner->dataset.n_rows = rows_of(a->log);
    for (size_t c = 0; c < plan->n_columns; c++) {
        const cm_plan_column *from = &plan->columns[c];
        cm_column *to = &a->owner->columns[c];
        to->kind = from->kind;
        to->width = from->kind == CM_COLUMN_TARGET ? 1 : 8;
        to->name = cm_arena_strdup(&a->owner->arena, from->name,
                                   strlen(from->name), err);
        if (to->name == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

static cm_status first_error(const assembly *a, cm_error *err)
{
    for (int t = 0; t < a->log->n_threads; t++) {
        if (a->errors[t].code != CM_OK) {
            return cm_fail(err, a->errors[t].code, "%s", a->errors[t].message);
        }
    }
    return CM_OK;
}

static void release(assembly *a)
{
    size_t n = a->log->plan->n_columns * (size_t)a->log->n_threads;
    for (size_t i = 0; a->orders != NULL && i < n; i++) {
        cm_key_order_release(&a->orders[i]);
    }
    free(a->orders);
    free(a->columns);
    free(a->errors);
    cm_dataset_free(a->owner == NULL ? NULL : &a->owner->dataset);
}

cm_status cm_assemble(cm_dataset **out, cm_read_log *log, cm_error *err)
{
    assembly a = {.log = log};
    size_t n_columns = log->plan->n_columns;
    cm_status status = allocate(&a, err);
    if (status != CM_OK) {
        goto done;
    }
    unify_ids(&a);
    status = rank_columns(&a, err);
    if (status == CM_OK) {
        cm_parallel(n_columns * (size_t)log->n_threads, log->n_threads,
                    sort_task, &a);
        status = first_error(&a, err);
    }
    if (status == CM_OK) {
        cm_parallel(n_columns, log->n_threads, join_task, &a);
        status = first_error(&a, err);
    }
    if (status == CM_OK) {
        *out = &a.owner->dataset;
        a.owner = NULL;
    }
done:
    release(&a);
    return status;
}
