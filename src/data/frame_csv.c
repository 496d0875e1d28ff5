/* Blocks of rows out of a CSV. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "codec/csv.h"
#include "data/frame_body.h"

/* The field's text out of its quotes and, for numbers, of blanks. */
static cm_status text_of(cm_str *out, frame_body *body, size_t field,
                         cm_error *err)
{
    cm_str raw = body->records.fields[field];
    *out = raw;
    if (raw.n == 0 || memchr(raw.p, '"', raw.n) == NULL) {
        return CM_OK;
    }
    size_t n = raw.n <= CM_CSV_MAX_FIELD ? cm_csv_field(body->scratch, raw)
                                         : CM_CSV_MISQUOTED;
    if (n == CM_CSV_MISQUOTED) {
        return cm_fail_at(err, CM_ERR_PARSE,
                          cm_csv_records_where(&body->records, field),
                          "expected quotes only around a whole field of at "
                          "most %d bytes, and doubled inside it",
                          CM_CSV_MAX_FIELD);
    }
    *out = (cm_str){body->scratch, n};
    return CM_OK;
}

/* Nothing, and "nan", are NaN. */
static bool number_of(float *out, cm_str text)
{
    double value = (double)NAN;
    text = cm_str_trim(text);
    bool is = text.n == 0 || cm_parse_double(text, &value);
    *out = (float)value;
    return is;
}

static bool is_header(frame_body *body)
{
    const cm_csv_records *r = &body->records;
    for (size_t i = 0; i < r->n_fields; i++) {
        float value = 0;
        cm_str text = {0};
        if (text_of(&text, body, i, NULL) != CM_OK ||
            !number_of(&value, text)) {
            return true;
        }
    }
    return false;
}

cm_status frame_name_columns(frame_body *body, size_t m, cm_error *err)
{
    cm_frame *face = &body->face;
    const char **names =
        cm_arena_alloc(&body->arena, (m + 1) * sizeof *names, err);
    if (names == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < m; i++) {
        char number[CM_NUM_TEXT];
        cm_str text = {number, cm_format_u64(number, i)};
        cm_status status =
            face->has_header ? text_of(&text, body, i, err) : CM_OK;
        if (status != CM_OK) {
            return status;
        }
        names[i] = cm_arena_strdup(&body->arena, text.p, text.n, err);
        if (names[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    face->names = names;
    face->n_columns = m;
    return CM_OK;
}

cm_status frame_csv_open(frame_body *body, const cm_csv_source *source,
                         cm_error *err)
{
    body->scratch = cm_arena_alloc(&body->arena, CM_CSV_MAX_FIELD, err);
    if (body->scratch == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_csv_records_open(&body->records, source, err);
    if (status == CM_OK) {
        status = cm_csv_records_next(&body->records, err);
    }
    if (status == CM_OK && body->records.n_fields == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: is empty; expected a table of numbers",
                       source->file);
    }
    if (status == CM_OK) {
        body->face.has_header = is_header(body);
        status = frame_name_columns(body, body->records.n_fields, err);
    }
    if (status == CM_OK && body->face.has_header) {
        status = cm_csv_records_next(&body->records, err);
    }
    return status;
}

static cm_status refuse_text(const frame_body *body, size_t field, cm_str text,
                             cm_error *err)
{
    enum { SHOWN = 40 };
    bool cut = text.n > SHOWN;
    return cm_fail_at(err, CM_ERR_DATA,
                      cm_csv_records_where(&body->records, field),
                      "column \"%s\": found \"%.*s%s\", expected a number, "
                      "nan or nothing",
                      body->face.names[field], cut ? SHOWN : (int)text.n,
                      text.p, cut ? "..." : "");
}

static cm_status take_row(frame_body *body, size_t row, cm_error *err)
{
    const cm_csv_records *r = &body->records;
    if (r->n_fields != body->face.n_columns) {
        return cm_fail_at(err, CM_ERR_DATA, (cm_where){r->file, r->line, 0},
                          "found %zu fields, expected %zu as in the first "
                          "line",
                          r->n_fields, body->face.n_columns);
    }
    for (size_t j = 0; j < body->n_chosen; j++) {
        const cm_frame_column *chosen = &body->chosen[j];
        cm_str text = {0};
        cm_status status = text_of(&text, body, chosen->column, err);
        if (status != CM_OK) {
            return status;
        }
        size_t at = j * CM_FRAME_BLOCK + row;
        if (chosen->hash != NULL) {
            body->hashes[at] = chosen->hash(text);
        } else if (!number_of(&body->numbers[at], text)) {
            return refuse_text(body, chosen->column, text, err);
        }
    }
    return CM_OK;
}

cm_status frame_csv_next(frame_body *body, size_t *n, cm_error *err)
{
    cm_status status = CM_OK;
    for (*n = 0; *n < CM_FRAME_BLOCK && body->records.n_fields > 0; (*n)++) {
        status = take_row(body, *n, err);
        if (status == CM_OK) {
            status = cm_csv_records_next(&body->records, err);
        }
        if (status != CM_OK) {
            return status;
        }
    }
    return CM_OK;
}
