/* The checks of a single record: fields, quotes, bytes, values. */
#include "data/record.h"

#include <stdio.h>
#include <string.h>

#include "codec/csv.h"
#include "data/value.h"

static uint32_t count_lines(const char *p, size_t n)
{
    uint32_t lines = 0;
    for (size_t i = 0; i < n; i++) {
        lines += p[i] == '\n';
    }
    return lines;
}

bool cm_record_next(cm_record *record)
{
    const char *p = record->chunk->p;
    size_t first = record->first_end + record->n_fields;
    if (first == record->n_ends) {
        return false;
    }
    if (record->n_fields > 0) {
        /* With its line end. */
        size_t next = record->ends[first - 1] + 1u;
        record->line +=
            record->chunk->quotes
                ? count_lines(p + record->start, next - record->start)
                : 1;
        record->start = next;
    }
    size_t last = first;
    while (last + 1 < record->n_ends && p[record->ends[last]] != '\n') {
        last++;
    }
    record->first_end = first;
    record->n_fields = last + 1 - first;
    record->end = record->ends[last];
    record->end -= record->end > record->start && p[record->end - 1] == '\r';
    return true;
}

bool cm_record_has_quotes(const cm_record *record)
{
    const char *p = record->chunk->p + record->start;
    size_t n = record->end - record->start;
    return record->chunk->quotes && memchr(p, '"', n) != NULL;
}

static cm_str raw_field(const cm_record *record, size_t i)
{
    const uint32_t *end = record->ends + record->first_end + i;
    size_t from = i == 0 ? record->start : end[-1] + 1u;
    size_t to = i + 1 == record->n_fields ? record->end : *end;
    return (cm_str){record->chunk->p + from, to - from};
}

/* what->at counts from p. */
static cm_verdict refuse(const cm_record *record, cm_bad_rows *bad,
                         const char *p, cm_bad_field what)
{
    if (bad == NULL) {
        return CM_STOP;
    }
    const char *row = record->chunk->p + record->start;
    what.row = (cm_str){row, record->end - record->start};
    what.line = record->chunk->line + record->line;
    what.at += (size_t)(p - row);
    return cm_bad_rows_add(bad, record->plan, &what) ? CM_REFUSED : CM_STOP;
}

static cm_verdict refuse_quotes(const cm_record *record, size_t i,
                                cm_bad_rows *bad)
{
    cm_str raw = raw_field(record, i);
    return refuse(
        record, bad, raw.p,
        (cm_bad_field){.field = i < record->plan->n_fields ? i : SIZE_MAX,
                       .found = raw,
                       .expected = "quotes only around a whole field, and "
                                   "doubled inside it"});
}

static bool is_misquoted(cm_str raw)
{
    if (memchr(raw.p, '"', raw.n) == NULL) {
        return false;
    }
    cm_buf text = {0};
    cm_buf_add(&text, raw.p, raw.n);
    bool bad = !text.failed && cm_csv_field(text.p, raw) == CM_CSV_MISQUOTED;
    cm_buf_release(&text);
    return bad;
}

cm_verdict cm_record_check_fields(const cm_record *record, cm_bad_rows *bad)
{
    size_t wanted = record->plan->n_fields;
    if (record->n_fields == wanted) {
        return CM_GOOD;
    }
    /* A misplaced quote swallows delimiters: then it is the cause. */
    for (size_t i = 0; bad != NULL && i < record->n_fields; i++) {
        if (is_misquoted(raw_field(record, i))) {
            return refuse_quotes(record, i, bad);
        }
    }
    char found[32];
    char expected[32];
    (void)snprintf(found, sizeof found, "%zu field%s", record->n_fields,
                   record->n_fields == 1 ? "" : "s");
    (void)snprintf(expected, sizeof expected, "%zu", wanted);
    const char *p = record->n_fields > wanted ? raw_field(record, wanted).p
                                              : record->chunk->p + record->end;
    return refuse(record, bad, p,
                  (cm_bad_field){.field = SIZE_MAX,
                                 .found_text = found,
                                 .expected = expected});
}

static cm_verdict check_bytes(const cm_record *record, size_t i,
                              cm_bad_rows *bad)
{
    cm_str raw = raw_field(record, i);
    const char *nul =
        record->chunk->nul && raw.n > 0 ? memchr(raw.p, '\0', raw.n) : NULL;
    if (nul != NULL) {
        return refuse(record, bad, nul,
                      (cm_bad_field){.field = i,
                                     .found_text = "a NUL byte",
                                     .expected = "text"});
    }
    size_t valid = record->chunk->high ? cm_utf8_valid(raw) : raw.n;
    if (valid < raw.n) {
        return refuse(record, bad, raw.p + valid,
                      (cm_bad_field){.field = i,
                                     .found = raw,
                                     .expected = "text in UTF-8"});
    }
    return CM_GOOD;
}

cm_verdict cm_record_take(const cm_record *record, size_t i, char *out,
                          size_t *n, cm_bad_rows *bad)
{
    cm_str raw = raw_field(record, i);
    if (record->chunk->quotes) {
        raw.n = cm_csv_field(out, raw);
        if (raw.n == CM_CSV_MISQUOTED) {
            return refuse_quotes(record, i, bad);
        }
    } else {
        memcpy(out, raw.p, raw.n);
    }
    *n = raw.n;
    cm_verdict verdict = record->chunk->nul || record->chunk->high
                             ? check_bytes(record, i, bad)
                             : CM_GOOD;
    size_t column = record->plan->column_of[i];
    if (verdict != CM_GOOD || !record->check_values || column == CM_NO_COLUMN) {
        return verdict;
    }
    cm_column_kind kind = record->plan->columns[column].kind;
    cm_str text = {out, raw.n};
    if (cm_value_is(text, kind)) {
        return CM_GOOD;
    }
    return refuse(record, bad, raw.p,
                  (cm_bad_field){.field = i,
                                 .found = text,
                                 .expected = cm_value_expected(kind)});
}
