/* Opens a table, and hands out its blocks. */
#include "data/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "data/table_body.h"

enum { MAX_COLUMNS = 1 << 20 }; /* of a .npy matrix, as of a model */

static bool is_npy_file(const char *path)
{
    uint8_t start[8];
    FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");
    if (file == NULL) {
        return false; /* whoever opens it next says why */
    }
    size_t n = fread(start, 1, sizeof start, file);
    (void)fclose(file);
    return cm_npy_is(start, n);
}

static cm_status open_npy(table_body *body, const char *path, cm_error *err)
{
    cm_status status = cm_npy_map(&body->npy, path, err);
    if (status != CM_OK) {
        return status;
    }
    size_t m = body->npy.array.n_columns;
    if (m == 0 || m > MAX_COLUMNS) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: found %zu columns, expected 1 to %d", path, m,
                       MAX_COLUMNS);
    }
    const char **names =
        cm_arena_alloc(&body->arena, (m + 1) * sizeof *names, err);
    if (names == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < m; i++) {
        char number[CM_NUM_TEXT];
        size_t n = cm_format_u64(number, i);
        names[i] = cm_arena_strdup(&body->arena, number, n, err);
        if (names[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    body->face.npy = &body->npy;
    body->face.names = names;
    body->face.n_columns = m;
    return CM_OK;
}

/* One of the two. */
static cm_status open_table(cm_table **out, const char *npy,
                            const cm_csv_source *csv, cm_error *err)
{
    table_body *body = cm_alloc_zero(1, sizeof *body, err);
    *out = NULL;
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->face.file = npy != NULL ? npy : csv->file;
    body->face.owner = body;
    cm_status status =
        npy != NULL ? open_npy(body, npy, err) : table_csv_open(body, csv, err);
    if (status != CM_OK) {
        cm_table_close(&body->face);
        return status;
    }
    *out = &body->face;
    return CM_OK;
}

cm_status table_open_csv(cm_table **out, const cm_csv_source *source,
                         cm_error *err)
{
    return open_table(out, NULL, source, err);
}

cm_status cm_table_open(cm_table **out, const char *path, cm_error *err)
{
    return is_npy_file(path)
               ? open_table(out, path, NULL, err)
               : table_open_csv(out, &(cm_csv_source){.file = path}, err);
}

static cm_status reserve(table_body *body, bool has_texts, cm_error *err)
{
    size_t n = body->n_chosen;
    body->columns = cm_alloc_zero(n, sizeof *body->columns, err);
    body->hashed = cm_alloc_zero(n, sizeof *body->hashed, err);
    body->numbers = cm_alloc(n, CM_TABLE_BLOCK * sizeof *body->numbers, err);
    if (body->columns == NULL || body->hashed == NULL ||
        body->numbers == NULL) {
        return CM_ERR_NOMEM;
    }
    if (has_texts) {
        body->hashes = cm_alloc(n, CM_TABLE_BLOCK * sizeof *body->hashes, err);
        if (body->hashes == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    for (size_t j = 0; j < n; j++) {
        bool is_text = body->chosen[j].hash != NULL;
        size_t at = j * CM_TABLE_BLOCK;
        body->columns[j] = is_text ? NULL : body->numbers + at;
        body->hashed[j] = is_text ? body->hashes + at : NULL;
    }
    return CM_OK;
}

cm_status cm_table_choose(cm_table *table, const cm_table_column *columns,
                          size_t n, cm_error *err)
{
    table_body *body = table->owner;
    bool has_texts = false;
    CM_ASSERT(body->chosen == NULL);
    body->chosen = cm_alloc(n, sizeof *body->chosen, err);
    if (body->chosen == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t j = 0; j < n; j++) {
        CM_ASSERT(columns[j].column < table->n_columns);
        body->chosen[j] = columns[j];
        has_texts |= columns[j].hash != NULL;
    }
    body->n_chosen = n;
    CM_ASSERT(!has_texts || table->npy == NULL);
    return reserve(body, has_texts, err);
}

static cm_status choose_all(cm_table *table, cm_error *err)
{
    size_t m = table->n_columns;
    cm_table_column *all = cm_alloc_zero(m, sizeof *all, err);
    if (all == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t j = 0; j < m; j++) {
        all[j].column = j;
    }
    cm_status status = cm_table_choose(table, all, m, err);
    free(all);
    return status;
}

static size_t next_of_npy(table_body *body)
{
    const cm_array *x = &body->npy.array;
    size_t left = x->n_rows - (size_t)body->row;
    size_t n = left < CM_TABLE_BLOCK ? left : CM_TABLE_BLOCK;
    for (size_t j = 0; j < body->n_chosen; j++) {
        cm_array_tile(body->numbers + j * CM_TABLE_BLOCK, CM_TABLE_BLOCK, x,
                      (cm_array_part){.row = (size_t)body->row,
                                      .n_rows = n,
                                      .column = body->chosen[j].column,
                                      .n_columns = 1});
    }
    return n;
}

cm_status cm_table_next(cm_table *table, cm_table_block *block, cm_error *err)
{
    table_body *body = table->owner;
    size_t n = 0;
    *block = (cm_table_block){0};
    cm_status status = body->chosen == NULL ? choose_all(table, err) : CM_OK;
    if (status == CM_OK && table->npy != NULL) {
        n = next_of_npy(body);
    } else if (status == CM_OK) {
        status = table_csv_next(body, &n, err);
    }
    if (status == CM_OK) {
        *block = (cm_table_block){.first_row = body->row,
                                  .n_rows = n,
                                  .numbers = body->columns,
                                  .hashes = body->hashed};
        body->row += n;
    }
    return status;
}

void cm_table_close(cm_table *table)
{
    if (table == NULL) {
        return;
    }
    table_body *body = table->owner;
    cm_csv_records_close(&body->records);
    cm_npy_unmap(&body->npy);
    cm_arena_release(&body->arena);
    free(body->chosen);
    free(body->numbers);
    free(body->columns);
    free(body->hashes);
    free(body->hashed);
    free(body);
}
