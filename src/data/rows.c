/* From the bytes of a chunk to its fields, in one of two ways.  A plain chunk
 * (no quotes, no line ends of two bytes, every record of the right length)
 * needs its delimiters found and nothing else.  Any other chunk is read record
 * by record, and what is good in it is copied into a plain one. */
#include "data/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/csv.h"
#include "data/record.h"

enum { BEFORE = 16 }; /* elements, or bytes, before the first */

cm_status cm_chunk_rows_init(cm_chunk_rows *rows, const cm_log_plan *plan,
                             const cm_ingest_tuning *tuning, cm_error *err)
{
    /* A chunk ends with the record that is at chunk_bytes, so of a longer
     * chunk that record is longer than allowed. */
    size_t longest = tuning->chunk_bytes + CM_CSV_MAX_RECORD;
    if (longest > tuning->window_bytes) {
        longest = tuning->window_bytes;
    }
    *rows = (cm_chunk_rows){.plan = plan,
                            .n_fields = plan->n_fields,
                            .kernels = tuning->kernels,
                            .capacity = longest + 1};
    /* Most of this is never touched, and so never takes memory. */
    rows->found = cm_alloc(BEFORE + rows->capacity + CM_CSV_SCAN_SLACK,
                           sizeof *rows->found, err);
    if (rows->found == NULL) {
        return CM_ERR_NOMEM;
    }
    rows->found[BEFORE - 1] = UINT32_MAX;
    return CM_OK;
}

void cm_chunk_rows_release(cm_chunk_rows *rows)
{
    free(rows->found);
    free(rows->clean_ends);
    free(rows->clean_lines);
    free(rows->text);
    free(rows->copy);
    *rows = (cm_chunk_rows){0};
}

static char *new_text(const cm_chunk_rows *rows, cm_error *err)
{
    char *text = cm_alloc(BEFORE + rows->capacity, 1, err);
    if (text != NULL) {
        memset(text, 0, BEFORE);
    }
    return text;
}

/* A chunk with room before it and a newline at its end. */
static cm_status make_regular(cm_chunk_rows *rows, cm_chunk *chunk,
                              cm_error *err)
{
    if (chunk->n >= rows->capacity) {
        chunk->n = rows->capacity - 1;
    }
    if (chunk->has_before && chunk->p[chunk->n - 1] == '\n') {
        return CM_OK;
    }
    if (rows->copy == NULL) {
        rows->copy = new_text(rows, err);
    }
    if (rows->copy == NULL) {
        return CM_ERR_NOMEM;
    }
    char *copy = rows->copy + BEFORE;
    memcpy(copy, chunk->p, chunk->n);
    if (copy[chunk->n - 1] != '\n') {
        copy[chunk->n++] = '\n';
    }
    chunk->p = copy;
    return CM_OK;
}

/* Whether every record has n_fields fields and ends in a lone newline. */
static bool is_plain(const cm_chunk_rows *rows, const char *p,
                     cm_csv_ends found)
{
    size_t step = rows->n_fields;
    if (found.n != found.newlines * step) {
        return false;
    }
    const uint32_t *end = rows->found + BEFORE + step - 1;
    for (size_t row = 0; row < found.newlines; row++, end += step) {
        if (p[*end] != '\n' || (*end > 0 && p[*end - 1] == '\r')) {
            return false;
        }
    }
    return true;
}

static bool read_plain(cm_chunk_rows *rows, const cm_chunk *chunk)
{
    if (chunk->quotes || chunk->nul || chunk->high ||
        chunk->n > CM_CSV_MAX_RECORD) {
        return false;
    }
    cm_csv_ends found = rows->kernels->scan(rows->found + BEFORE, chunk->p,
                                            chunk->n, rows->plan->delimiter);
    if (!is_plain(rows, chunk->p, found)) {
        return false;
    }
    rows->base = chunk->p;
    rows->ends = rows->found + BEFORE;
    rows->n_rows = found.newlines;
    rows->lines = NULL;
    return true;
}

static cm_status allocate_clean(cm_chunk_rows *rows, cm_error *err)
{
    if (rows->clean_lines != NULL) {
        return CM_OK;
    }
    if (rows->text == NULL) {
        rows->text = new_text(rows, err);
    }
    if (rows->clean_ends == NULL) {
        rows->clean_ends =
            cm_alloc(BEFORE + rows->capacity, sizeof *rows->clean_ends, err);
    }
    if (rows->text == NULL || rows->clean_ends == NULL) {
        return CM_ERR_NOMEM;
    }
    rows->clean_ends[BEFORE - 1] = UINT32_MAX;
    rows->clean_lines =
        cm_alloc(rows->capacity, sizeof *rows->clean_lines, err);
    return rows->clean_lines == NULL ? CM_ERR_NOMEM : CM_OK;
}

/* Ends of the fields of all records, the last of which may be unfinished: a
 * quote was never closed.  It then ends with the chunk. */
static size_t find_ends(cm_chunk_rows *rows, const cm_chunk *chunk)
{
    uint32_t *found = rows->found + BEFORE;
    cm_csv_ends ends = rows->kernels->scan_quoted(found, chunk->p, chunk->n,
                                                  rows->plan->delimiter);
    if (ends.n == 0 || found[ends.n - 1] != chunk->n - 1) {
        found[ends.n++] = (uint32_t)chunk->n - 1;
    }
    return ends.n;
}

/* A record all of whose fields are as they should be, in one piece. */
static void copy_record(cm_chunk_rows *rows, const cm_record *record,
                        uint32_t *ends)
{
    size_t n = record->end - record->start;
    uint32_t at = ends[-1] + 1;
    char *out = rows->text + BEFORE + at;
    const uint32_t *found = record->ends + record->first_end;
    memcpy(out, record->chunk->p + record->start, n);
    out[n] = '\n';
    for (size_t i = 0; i + 1 < rows->n_fields; i++) {
        ends[i] = found[i] - (uint32_t)record->start + at;
    }
    ends[rows->n_fields - 1] = at + (uint32_t)n;
}

static cm_verdict copy_fields(cm_chunk_rows *rows, const cm_record *record,
                              uint32_t *ends, cm_bad_rows *bad)
{
    cm_verdict verdict = CM_GOOD;
    uint32_t at = ends[-1] + 1;
    for (size_t i = 0; verdict == CM_GOOD && i < rows->n_fields; i++) {
        char *out = rows->text + BEFORE + at;
        size_t n = 0;
        verdict = cm_record_take(record, i, out, &n, bad);
        at += (uint32_t)n;
        ends[i] = at;
        rows->text[BEFORE + at++] = '\n';
    }
    return verdict;
}

/* Copies a record behind those already written. */
static cm_verdict take_record(cm_chunk_rows *rows, const cm_record *record,
                              cm_bad_rows *bad)
{
    uint32_t *ends = rows->clean_ends + BEFORE + rows->n_rows * rows->n_fields;
    const cm_chunk *chunk = record->chunk;
    cm_verdict verdict = cm_record_check_fields(record, bad);
    if (verdict != CM_GOOD) {
        return verdict;
    }
    if (chunk->nul || chunk->high || record->check_values ||
        cm_record_has_quotes(record)) {
        return copy_fields(rows, record, ends, bad);
    }
    copy_record(rows, record, ends);
    return CM_GOOD;
}

static cm_status fail_long(const cm_chunk_rows *rows, const cm_record *record,
                           cm_error *err)
{
    cm_where where = {rows->plan->file, record->chunk->line + record->line, 1};
    return cm_fail_at(err, CM_ERR_PARSE, where,
                      "found a row of more than %d bytes; a quote that is not "
                      "closed makes what follows part of its row",
                      CM_CSV_MAX_RECORD);
}

/* Reads record by record.  bad NULL: *stopped at the first bad one. */
static cm_status read_records(cm_chunk_rows *rows, const cm_chunk *chunk,
                              bool check_values, cm_bad_rows *bad,
                              bool *stopped, cm_error *err)
{
    if (allocate_clean(rows, err) != CM_OK) {
        return CM_ERR_NOMEM;
    }
    rows->base = rows->text + BEFORE;
    rows->ends = rows->clean_ends + BEFORE;
    rows->lines = rows->clean_lines;
    rows->n_rows = 0;
    cm_record record = {.plan = rows->plan,
                        .chunk = chunk,
                        .check_values = check_values,
                        .ends = rows->found + BEFORE,
                        .n_ends = find_ends(rows, chunk)};
    while (cm_record_next(&record)) {
        if (record.end - record.start > CM_CSV_MAX_RECORD) {
            return fail_long(rows, &record, err);
        }
        cm_verdict verdict = take_record(rows, &record, bad);
        if (verdict == CM_STOP) {
            *stopped = true;
            return CM_OK;
        }
        if (verdict == CM_GOOD) {
            rows->clean_lines[rows->n_rows++] = record.line;
        }
    }
    return CM_OK;
}

cm_status cm_chunk_rows_read(cm_chunk_rows *rows, const cm_chunk *source,
                             bool check_values, cm_bad_rows *bad, cm_error *err)
{
    cm_chunk chunk = *source;
    if (make_regular(rows, &chunk, err) != CM_OK) {
        return CM_ERR_NOMEM;
    }
    if (chunk.high) {
        chunk.high = cm_utf8_valid((cm_str){chunk.p, chunk.n}) != chunk.n;
    }
    bool stopped = false;
    if (!check_values) {
        if (read_plain(rows, &chunk)) {
            return CM_OK;
        }
        cm_status status =
            read_records(rows, &chunk, false, NULL, &stopped, err);
        if (status == CM_OK && !stopped) {
            return CM_OK;
        }
    }
    return read_records(rows, &chunk, true, bad, &stopped, err);
}
