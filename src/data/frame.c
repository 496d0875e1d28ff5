/* Opens a frame, and hands out its blocks. */
#include "data/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/frame_body.h"

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

static cm_status open_npy(frame_body *body, const char *path, cm_error *err)
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
    body->face.npy = &body->npy;
    return frame_name_columns(body, m, err);
}

/* One of the two. */
static cm_status open_frame(cm_frame **out, const char *npy,
                            const cm_csv_source *csv, cm_error *err)
{
    frame_body *body = cm_alloc_zero(1, sizeof *body, err);
    *out = NULL;
    if (body == NULL) {
        return CM_ERR_NOMEM;
    }
    body->face.file = npy != NULL ? npy : csv->file;
    body->face.owner = body;
    cm_status status =
        npy != NULL ? open_npy(body, npy, err) : frame_csv_open(body, csv, err);
    if (status != CM_OK) {
        cm_frame_close(&body->face);
        return status;
    }
    *out = &body->face;
    return CM_OK;
}

cm_status frame_open_csv(cm_frame **out, const cm_csv_source *source,
                         cm_error *err)
{
    return open_frame(out, NULL, source, err);
}

cm_status cm_frame_open(cm_frame **out, const char *path, cm_error *err)
{
    return is_npy_file(path)
               ? open_frame(out, path, NULL, err)
               : frame_open_csv(out, &(cm_csv_source){.file = path}, err);
}

static cm_status reserve(frame_body *body, bool has_texts, cm_error *err)
{
    size_t n = body->n_chosen;
    body->columns = cm_alloc_zero(n, sizeof *body->columns, err);
    body->hashed = cm_alloc_zero(n, sizeof *body->hashed, err);
    body->numbers = cm_alloc(n, CM_FRAME_BLOCK * sizeof *body->numbers, err);
    if (body->columns == NULL || body->hashed == NULL ||
        body->numbers == NULL) {
        return CM_ERR_NOMEM;
    }
    if (has_texts) {
        body->hashes = cm_alloc(n, CM_FRAME_BLOCK * sizeof *body->hashes, err);
        if (body->hashes == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    for (size_t j = 0; j < n; j++) {
        bool is_text = body->chosen[j].hash != NULL;
        size_t at = j * CM_FRAME_BLOCK;
        body->columns[j] = is_text ? NULL : body->numbers + at;
        body->hashed[j] = is_text ? body->hashes + at : NULL;
    }
    return CM_OK;
}

cm_status cm_frame_choose(cm_frame *frame, const cm_frame_column *columns,
                          size_t n, cm_error *err)
{
    frame_body *body = frame->owner;
    bool has_texts = false;
    CM_ASSERT(body->chosen == NULL);
    body->chosen = cm_alloc(n, sizeof *body->chosen, err);
    if (body->chosen == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t j = 0; j < n; j++) {
        CM_ASSERT(columns[j].column < frame->n_columns);
        body->chosen[j] = columns[j];
        has_texts |= columns[j].hash != NULL;
    }
    body->n_chosen = n;
    CM_ASSERT(!has_texts || frame->npy == NULL);
    return reserve(body, has_texts, err);
}

static cm_status choose_all(cm_frame *frame, cm_error *err)
{
    size_t m = frame->n_columns;
    cm_frame_column *all = cm_alloc_zero(m, sizeof *all, err);
    if (all == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t j = 0; j < m; j++) {
        all[j].column = j;
    }
    cm_status status = cm_frame_choose(frame, all, m, err);
    free(all);
    return status;
}

static size_t next_of_npy(frame_body *body)
{
    const cm_array *x = &body->npy.array;
    size_t left = x->n_rows - (size_t)body->row;
    size_t n = left < CM_FRAME_BLOCK ? left : CM_FRAME_BLOCK;
    for (size_t j = 0; j < body->n_chosen; j++) {
        cm_array_tile(body->numbers + j * CM_FRAME_BLOCK, CM_FRAME_BLOCK, x,
                      (cm_array_part){.row = (size_t)body->row,
                                      .n_rows = n,
                                      .column = body->chosen[j].column,
                                      .n_columns = 1});
    }
    return n;
}

cm_status cm_frame_next(cm_frame *frame, cm_frame_block *block, cm_error *err)
{
    frame_body *body = frame->owner;
    size_t n = 0;
    *block = (cm_frame_block){0};
    cm_status status = body->chosen == NULL ? choose_all(frame, err) : CM_OK;
    if (status == CM_OK && frame->npy != NULL) {
        n = next_of_npy(body);
    } else if (status == CM_OK) {
        status = frame_csv_next(body, &n, err);
    }
    if (status == CM_OK) {
        *block = (cm_frame_block){.first_row = body->row,
                                  .n_rows = n,
                                  .numbers = body->columns,
                                  .hashes = body->hashed};
        body->row += n;
    }
    return status;
}

void cm_frame_close(cm_frame *frame)
{
    if (frame == NULL) {
        return;
    }
    frame_body *body = frame->owner;
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
