/* Cuts a moving window into records.
 *
 * The window starts at a record.  One whose end is not in it is left for the
 * next window, which then starts there. */
#include "data/csv_records.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/csv.h"
#include "codec/csv_scan.h"
#include "codec/npy.h"

enum { WINDOW = 2 * CM_CSV_MAX_RECORD };

static cm_status scan_window(cm_csv_records *r, cm_error *err)
{
    const cm_log_text *text = &r->text;
    cm_csv_ends ends =
        cm_csv_kernels_best()->scan_quoted(r->ends, text->p, text->n, ',');
    r->n_ends = ends.n;
    r->next_end = 0;
    r->at = 0;
    r->lines = 0;
    if (memchr(text->p, '\0', text->n) != NULL) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: a NUL byte near line %llu: this is no CSV text",
                       r->file, (unsigned long long)text->line);
    }
    return CM_OK;
}

static cm_status refuse_npy(const cm_csv_records *r, cm_error *err)
{
    if (cm_npy_is((const uint8_t *)r->text.p, r->text.n)) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: a .npy array has to be a plain file; decompress "
                       "it first",
                       r->file);
    }
    if (r->text.n >= 4 && memcmp(r->text.p, "PK\x03\x04", 4) == 0) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: an .npz or other zip archive is not read; save "
                       "the array alone with numpy.save",
                       r->file);
    }
    return CM_OK;
}

cm_status cm_csv_records_open(cm_csv_records *r, const cm_csv_source *source,
                              cm_error *err)
{
    r->file = source->file;
    r->window = source->window > 0 ? source->window : WINDOW;
    r->ends = cm_alloc(r->window + CM_CSV_SCAN_SLACK, sizeof *r->ends, err);
    r->room = cm_alloc(CM_CSV_MAX_COLUMNS, sizeof *r->room, err);
    if (r->ends == NULL || r->room == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_log_text_open(&r->text, source->file, source->memory,
                                        r->window, err);
    if (status == CM_OK) {
        status = refuse_npy(r, err);
    }
    return status == CM_OK ? scan_window(r, err) : status;
}

static cm_status next_window(cm_csv_records *r, cm_error *err)
{
    if (r->at == 0) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s:%llu: a record is longer than %zu bytes; is a quote "
                       "not closed?",
                       r->file, (unsigned long long)r->text.line, r->window);
    }
    cm_status status = cm_log_text_prepare(&r->text, r->at, err);
    if (status == CM_OK) {
        cm_log_text_advance(&r->text, r->at, r->lines);
        status = scan_window(r, err);
    }
    return status;
}

/* Puts the fields up to the next newline into room; false when there is none
 * in the window and more may follow. */
static bool take_record(cm_csv_records *r, size_t *n)
{
    const char *p = r->text.p;
    size_t start = r->at, end_index = r->next_end;
    *n = 0;
    for (;;) {
        bool is_last = end_index == r->n_ends;
        if (is_last && !r->text.last) {
            return false;
        }
        size_t end = is_last ? r->text.n : r->ends[end_index];
        if (*n < CM_CSV_MAX_COLUMNS) {
            r->room[*n] = (cm_str){p + start, end - start};
        }
        (*n)++;
        end_index += !is_last;
        start = end + 1;
        if (is_last || p[end] == '\n') {
            r->next_end = end_index;
            r->at = is_last ? end : start;
            return true;
        }
    }
}

static uint64_t count_lines(const char *p, size_t n)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < n; i++) {
        lines += p[i] == '\n';
    }
    return lines;
}

/* Takes the line end off. */
static void trim_record(cm_csv_records *r, size_t n)
{
    cm_str *last = &r->room[n - 1];
    last->n -= last->n > 0 && last->p[last->n - 1] == '\r';
}

/* The next record into room, and its line; *n is 0 at the end. */
static cm_status read_record(cm_csv_records *r, size_t *n, uint64_t *line,
                             cm_error *err)
{
    size_t start = r->at;
    while (!r->text.last || r->at < r->text.n) {
        start = r->at;
        if (take_record(r, n)) {
            *line = r->text.line + r->lines;
            r->lines += count_lines(r->text.p + start, r->at - start);
            if (*n > CM_CSV_MAX_COLUMNS) {
                return cm_fail(err, CM_ERR_UNSUPPORTED,
                               "%s:%llu: %zu columns, at most %d are read",
                               r->file, (unsigned long long)*line, *n,
                               CM_CSV_MAX_COLUMNS);
            }
            trim_record(r, *n);
            return CM_OK;
        }
        cm_status status = next_window(r, err);
        if (status != CM_OK) {
            return status;
        }
    }
    *n = 0;
    return CM_OK;
}

/* Counts empty lines up to a record, which then waits for them. */
static cm_status look_ahead(cm_csv_records *r, cm_error *err)
{
    cm_status status;
    do {
        status = read_record(r, &r->n_waiting, &r->waiting_line, err);
        if (status != CM_OK || r->n_waiting != 1 || r->room[0].n > 0) {
            break;
        }
        r->n_blank++;
    } while (true);
    return status;
}

cm_status cm_csv_records_next(cm_csv_records *r, cm_error *err)
{
    static const cm_str empty = {"", 0};
    r->n_fields = 0;
    if (r->n_waiting == 0) {
        cm_status status = look_ahead(r, err);
        if (status != CM_OK || r->n_waiting == 0) {
            return status;
        }
    }
    if (r->n_blank > 0) {
        r->line = r->waiting_line - r->n_blank--;
        r->fields = &empty;
        r->n_fields = 1;
        return CM_OK;
    }
    r->line = r->waiting_line;
    r->fields = r->room;
    r->n_fields = r->n_waiting;
    r->n_waiting = 0;
    return CM_OK;
}

cm_where cm_csv_records_where(const cm_csv_records *r, size_t i)
{
    return (cm_where){r->file, r->line,
                      (uint64_t)(r->fields[i].p - r->fields[0].p) + 1};
}

void cm_csv_records_close(cm_csv_records *r)
{
    cm_log_text_close(&r->text);
    free(r->ends);
    free(r->room);
    *r = (cm_csv_records){0};
}
