/* A log row by row: chunk after chunk, and of each chunk batches of the wanted
 * fields, as views of the chunk. */
#include "data/ingest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/csv.h"
#include "data/ingest_internal.h"
#include "data/log_reader.h"
#include "data/rows.h"
#include "data/value.h"

enum {
    BATCH_ROWS = 8192,
    BATCH_FIELDS = 1 << 18, /* of all rows: wide logs have smaller batches */
    WINDOW = 4 << 20
};

struct cm_row_reader {
    cm_log_reader log;
    cm_chunk_rows rows; /* of the chunk at hand */
    cm_bad_rows bad;
    cm_ingest_report report;
    size_t n_wanted;
    size_t *wanted;        /* field of each; SIZE_MAX: the log lacks it */
    cm_column_kind *kinds; /* of each */
    bool has_window;
    bool finished;
    size_t next_chunk; /* of the window */
    uint64_t chunk_line;
    size_t next_row;       /* of the chunk */
    size_t batch_row;      /* where the last batch started */
    size_t batch_capacity; /* rows */
    cm_str *fields;
};

static cm_status find_wanted(cm_row_reader *reader,
                             const cm_ingest_options *options,
                             const char *const *wanted, const bool *optional,
                             cm_error *err)
{
    cm_log_plan *plan = &reader->log.plan;
    for (size_t i = 0; i < reader->n_wanted; i++) {
        bool found = false;
        bool required = optional == NULL || !optional[i];
        cm_status status = cm_log_plan_one(plan, options->schema, wanted[i],
                                           required, &found, err);
        if (status != CM_OK) {
            return status;
        }
        reader->wanted[i] = SIZE_MAX;
        reader->kinds[i] = CM_COLUMN_TEXT;
        for (size_t c = 0; found && c < plan->n_columns; c++) {
            if (strcmp(plan->columns[c].name, wanted[i]) == 0) {
                reader->wanted[i] = plan->columns[c].field;
                reader->kinds[i] = plan->columns[c].kind;
            }
        }
    }
    return CM_OK;
}

static cm_status allocate(cm_row_reader *reader, size_t n_wanted, cm_error *err)
{
    size_t rows = BATCH_FIELDS / (n_wanted == 0 ? 1 : n_wanted);
    reader->batch_capacity = rows > BATCH_ROWS ? BATCH_ROWS
                             : rows == 0       ? 1
                                               : rows;
    reader->n_wanted = n_wanted;
    reader->wanted = cm_alloc(n_wanted, sizeof *reader->wanted, err);
    reader->kinds = cm_alloc(n_wanted, sizeof *reader->kinds, err);
    reader->fields = cm_alloc_zero(reader->batch_capacity * n_wanted,
                                   sizeof *reader->fields, err);
    return reader->wanted == NULL || reader->kinds == NULL ||
                   reader->fields == NULL
               ? CM_ERR_NOMEM
               : CM_OK;
}

cm_status cm_row_reader_open_tuned(cm_row_reader **out,
                                   const cm_ingest_options *options,
                                   const cm_ingest_tuning *tuning,
                                   const char *const *wanted,
                                   const bool *optional, size_t n_wanted,
                                   cm_error *err)
{
    *out = NULL;
    cm_row_reader *reader = cm_alloc_zero(1, sizeof *reader, err);
    if (reader == NULL) {
        return CM_ERR_NOMEM;
    }
    reader->bad.policy = options->on_bad_row;
    cm_status status = allocate(reader, n_wanted, err);
    if (status == CM_OK) {
        status =
            cm_log_reader_open(&reader->log, options, tuning, 1, "read", err);
    }
    if (status == CM_OK) {
        status = find_wanted(reader, options, wanted, optional, err);
    }
    if (status == CM_OK) {
        status =
            cm_chunk_rows_init(&reader->rows, &reader->log.plan, tuning, err);
    }
    if (status == CM_OK) {
        *out = reader;
        return CM_OK;
    }
    cm_row_reader_close(reader);
    return status;
}

cm_status cm_row_reader_open(cm_row_reader **out,
                             const cm_ingest_options *options,
                             const char *const *wanted, const bool *optional,
                             size_t n_wanted, cm_error *err)
{
    cm_ingest_tuning tuning = cm_ingest_tuning_default();
    tuning.window_bytes = WINDOW;
    return cm_row_reader_open_tuned(out, options, &tuning, wanted, optional,
                                    n_wanted, err);
}

void cm_row_reader_close(cm_row_reader *reader)
{
    if (reader != NULL) {
        cm_bad_rows_release(&reader->bad);
        cm_chunk_rows_release(&reader->rows);
        cm_log_reader_close(&reader->log);
        free(reader->wanted);
        free(reader->kinds);
        free(reader->fields);
        free(reader);
    }
}

/* ---- chunks ---------------------------------------------------------------
 */

/* Eight bytes of the chunk that end where text ends, those before it shifted
 * out; text has one to eight bytes. */
static inline uint64_t short_text(cm_str text)
{
    uint64_t bytes = 0;
    memcpy(&bytes, text.p + text.n - 8, 8);
    return bytes >> (8 * (8 - text.n));
}

/* Whether the n bytes of short_text are all digits. */
static inline bool are_digits(uint64_t bytes, size_t n)
{
    size_t unused = 8 * (8 - n);
    uint64_t digits = bytes ^ (0x3030303030303030ull >> unused);
    return ((digits | (digits + 0x0606060606060606ull)) &
            0xf0f0f0f0f0f0f0f0ull) == 0;
}

static bool valid_texts(const cm_chunk_rows *rows, size_t field)
{
    size_t longest = 0;
    for (size_t row = 0; row < rows->n_rows; row++) {
        size_t n = cm_chunk_rows_field(rows, row, field).n;
        longest = n > longest ? n : longest;
    }
    return longest <= CM_CSV_MAX_FIELD;
}

/* Whether every row of the chunk has a value of its kind in that field.  Most
 * are equal to the one before, or a few digits. */
static bool valid_column(const cm_chunk_rows *rows, size_t field,
                         cm_column_kind kind)
{
    if (kind == CM_COLUMN_TEXT || kind == CM_COLUMN_ID) {
        return valid_texts(rows, field);
    }
    uint64_t last = 0; /* no text: none holds a NUL */
    for (size_t row = 0; row < rows->n_rows; row++) {
        cm_str text = cm_chunk_rows_field(rows, row, field);
        uint64_t bytes = text.n - 1 < 8 ? short_text(text) : 0;
        if (bytes != 0 && bytes == last) {
            continue;
        }
        last = bytes;
        if ((kind != CM_COLUMN_INTEGER || bytes == 0 ||
             !are_digits(bytes, text.n)) &&
            !cm_value_is(text, kind)) {
            return false;
        }
    }
    return true;
}

static bool valid_values(const cm_row_reader *reader)
{
    for (size_t i = 0; i < reader->n_wanted; i++) {
        if (reader->wanted[i] != SIZE_MAX &&
            !valid_column(&reader->rows, reader->wanted[i], reader->kinds[i])) {
            return false;
        }
    }
    return true;
}

static cm_status read_chunk(cm_row_reader *reader, cm_error *err)
{
    const cm_chunk *chunk = &reader->log.chunks.list[reader->next_chunk++];
    cm_status status =
        cm_chunk_rows_read(&reader->rows, chunk, false, &reader->bad, err);
    if (status == CM_OK && reader->bad.n == 0 && !valid_values(reader)) {
        status =
            cm_chunk_rows_read(&reader->rows, chunk, true, &reader->bad, err);
    }
    reader->chunk_line = chunk->line;
    reader->next_row = 0;
    cm_status taken = cm_quarantine_take(&reader->log.quarantine, &reader->bad,
                                         &reader->report, err);
    if (taken != CM_OK || status != CM_OK) {
        reader->rows.n_rows = 0;
        return taken != CM_OK ? taken : status;
    }
    reader->report.rows += reader->rows.n_rows;
    return CM_OK;
}

/* The window whose chunks are all read makes room for the next one. */
static cm_status leave_window(cm_row_reader *reader, cm_error *err)
{
    reader->has_window = false;
    cm_status status = cm_log_reader_prepare(&reader->log, err);
    return status == CM_OK ? cm_log_reader_advance(&reader->log, err) : status;
}

/* Moves to rows that have not been handed out; none at the end. */
static cm_status find_rows(cm_row_reader *reader, cm_error *err)
{
    cm_status status = CM_OK;
    while (status == CM_OK && reader->next_row == reader->rows.n_rows &&
           !reader->finished) {
        if (!reader->has_window) {
            reader->has_window = cm_log_reader_cut(&reader->log);
            reader->next_chunk = 0;
            reader->finished = !reader->has_window;
        } else if (reader->next_chunk < reader->log.chunks.n) {
            status = read_chunk(reader, err);
        } else {
            reader->rows.n_rows = 0;
            reader->next_row = 0;
            status = leave_window(reader, err);
        }
        reader->report.bytes = reader->log.text.bytes;
        if (status == CM_OK && reader->finished) {
            status = cm_log_reader_finish(&reader->log, &reader->report, err);
        }
    }
    return status;
}

/* ---- batches --------------------------------------------------------------
 */

cm_status cm_row_reader_next(cm_row_reader *reader, cm_row_batch *batch,
                             cm_error *err)
{
    *batch = (cm_row_batch){0, reader->n_wanted, reader->fields};
    cm_status status = find_rows(reader, err);
    if (status != CM_OK) {
        return status;
    }
    const cm_chunk_rows *rows = &reader->rows;
    size_t left = rows->n_rows - reader->next_row;
    size_t n = left < reader->batch_capacity ? left : reader->batch_capacity;
    cm_str *out = reader->fields;
    for (size_t row = 0; row < n; row++, out += reader->n_wanted) {
        for (size_t i = 0; i < reader->n_wanted; i++) {
            out[i] = reader->wanted[i] == SIZE_MAX
                         ? CM_STR("")
                         : cm_chunk_rows_field(rows, reader->next_row + row,
                                               reader->wanted[i]);
        }
    }
    reader->batch_row = reader->next_row;
    reader->next_row += n;
    batch->n_rows = n;
    return CM_OK;
}

bool cm_row_reader_has(const cm_row_reader *reader, size_t i)
{
    return reader->wanted[i] != SIZE_MAX;
}

uint64_t cm_row_reader_line(const cm_row_reader *reader, size_t i)
{
    size_t row = reader->batch_row + i;
    const uint32_t *lines = reader->rows.lines;
    return reader->chunk_line + (lines == NULL ? row : lines[row]);
}

const cm_ingest_report *cm_row_reader_report(const cm_row_reader *reader)
{
    return &reader->report;
}
