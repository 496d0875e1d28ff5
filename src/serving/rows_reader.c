/* The reader: its memory, and the way of every body to fields. */
#include "serving/rows_body.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "score/score.h"

bool rows_reserve(void *array_pointer, size_t *capacity, size_t n, size_t size)
{
    if (n <= *capacity) {
        return true;
    }
    void *array = NULL;
    memcpy(&array, array_pointer, sizeof array);
    size_t wanted = *capacity * 2 > n ? *capacity * 2 : n;
    array = cm_realloc(array, wanted, size, NULL);
    if (array == NULL) {
        return false;
    }
    memcpy(array_pointer, &array, sizeof array);
    *capacity = wanted;
    return true;
}

bool rows_add_name(rows_reader *reader, cm_str name)
{
    if (!rows_reserve(&reader->names, &reader->names_capacity,
                      reader->n_names + 1, sizeof *reader->names)) {
        return false;
    }
    reader->names[reader->n_names++] = name;
    return true;
}

/* ---- its life ----------------------------------------------------------- */

cm_status rows_reader_new(rows_reader **out, rows_limits limits,
                          const char *echo_column, cm_error *err)
{
    rows_reader *reader = cm_alloc_zero(1, sizeof *reader, err);
    if (reader == NULL) {
        return CM_ERR_NOMEM;
    }
    reader->limits = limits;
    reader->echo_column = cm_strdup(echo_column, err);
    if (reader->echo_column == NULL) {
        rows_reader_free(reader);
        return CM_ERR_NOMEM;
    }
    *out = reader;
    return CM_OK;
}

static void release_tables(rows_reader *reader)
{
    free(reader->names);
    free(reader->cells);
    free(reader->sorted);
    free(reader->ends);
    free(reader->fields);
    free(reader->echoes);
    document_release(&reader->document);
    cm_buf_release(&reader->texts);
    reader->names = NULL;
    reader->cells = NULL;
    reader->sorted = NULL;
    reader->ends = NULL;
    reader->fields = NULL;
    reader->echoes = NULL;
    reader->names_capacity = reader->cells_capacity = 0;
    reader->sorted_capacity = reader->ends_capacity = 0;
    reader->fields_capacity = reader->echoes_capacity = 0;
}

static void release_binding(rows_reader *reader)
{
    free(reader->wanted);
    free(reader->first);
    free(reader->source);
    cm_buf_release(&reader->block);
    reader->wanted = NULL;
    reader->first = reader->source = NULL;
    reader->n_columns = reader->n_wanted = 0;
}

void rows_reader_free(rows_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    release_tables(reader);
    release_binding(reader);
    free(reader->echo_column);
    free(reader);
}

static size_t kept_bytes(const rows_reader *reader)
{
    return reader->names_capacity * sizeof *reader->names +
           reader->cells_capacity * sizeof *reader->cells +
           reader->sorted_capacity * sizeof *reader->sorted +
           reader->ends_capacity * sizeof *reader->ends +
           reader->fields_capacity * sizeof *reader->fields +
           reader->echoes_capacity * sizeof *reader->echoes +
           reader->texts.capacity + document_kept(&reader->document);
}

void rows_reader_clear(rows_reader *reader)
{
    if (kept_bytes(reader) > KEPT_BYTES) {
        release_tables(reader);
    }
    reader->n_names = reader->n_cells = reader->n_rows = 0;
    reader->shape = SHAPE_TABLE;
    reader->place = NULL;
}

/* ---- columns ------------------------------------------------------------ */

static uint32_t first_of_name(const rows_reader *reader, size_t w)
{
    uint32_t first = 0;
    while (!cm_str_equal(reader->wanted[first], reader->wanted[w])) {
        first++;
    }
    return first;
}

cm_status rows_bind_columns(rows_reader *reader, const char *const *columns,
                            size_t n, cm_error *err)
{
    release_binding(reader);
    reader->wanted = cm_alloc(n + 2, sizeof *reader->wanted, err);
    reader->first = cm_alloc(n + 2, sizeof *reader->first, err);
    reader->source = cm_alloc(n + 2, sizeof *reader->source, err);
    if (reader->wanted == NULL || reader->first == NULL ||
        reader->source == NULL) {
        release_binding(reader);
        return CM_ERR_NOMEM;
    }
    reader->n_columns = n;
    reader->n_wanted = n + 2;
    for (size_t w = 0; w < n; w++) {
        reader->wanted[w] = cm_str_of(columns[w]);
    }
    reader->wanted[n] = CM_STR("id");
    reader->wanted[n + 1] = cm_str_of(reader->echo_column);
    for (size_t w = 0; w < n + 2; w++) {
        reader->first[w] = first_of_name(reader, w);
    }
    return CM_OK;
}

cm_status rows_reader_bind(rows_reader *reader, const cm_bundle *bundle,
                           cm_error *err)
{
    return rows_bind_columns(reader, cm_score_columns(bundle),
                             cm_score_n_columns(bundle), err);
}

static uint32_t find_name(const rows_reader *reader, cm_str name)
{
    for (size_t i = 0; i < reader->n_names; i++) {
        if (cm_str_equal(reader->names[i], name)) {
            return (uint32_t)i;
        }
    }
    return NOT_SENT;
}

bool rows_bind(rows_reader *reader)
{
    bool complete = true;
    for (size_t w = 0; w < reader->n_wanted; w++) {
        reader->source[w] = find_name(reader, reader->wanted[w]);
        complete = complete &&
                   (w >= reader->n_columns || reader->source[w] != NOT_SENT);
    }
    return complete;
}

static int compare_names(const void *a, const void *b)
{
    const column_name *x = a;
    const column_name *y = b;
    int order = cm_str_compare(x->name, y->name);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

size_t rows_find_twice(rows_reader *reader)
{
    size_t n = reader->n_names;
    if (!rows_reserve(&reader->sorted, &reader->sorted_capacity, n,
                      sizeof *reader->sorted)) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < n; i++) {
        reader->sorted[i] = (column_name){reader->names[i], (uint32_t)i};
    }
    if (n > 1) {
        qsort(reader->sorted, n, sizeof *reader->sorted, compare_names);
    }
    size_t found = n;
    for (size_t i = 1; i < n; i++) {
        if (cm_str_equal(reader->sorted[i - 1].name, reader->sorted[i].name) &&
            reader->sorted[i].index < found) {
            found = reader->sorted[i].index;
        }
    }
    return found;
}

/* ---- fields ------------------------------------------------------------- */

static bool gather_fields(rows_reader *reader)
{
    size_t n = reader->n_columns;
    if (!rows_reserve(&reader->fields, &reader->fields_capacity,
                      reader->n_rows * n, sizeof *reader->fields)) {
        return false;
    }
    for (size_t i = 0; i < reader->n_rows; i++) {
        const cell *row = reader->cells + i * reader->n_names;
        cm_str *fields = reader->fields + i * n;
        for (size_t c = 0; c < n; c++) {
            const cell *from = &row[reader->source[c]];
            fields[c] = (cm_str){from->p, from->n};
        }
    }
    return true;
}

static echo echo_of(const cell *c)
{
    switch (c->kind) {
    case CELL_STRING:
        return (echo){{c->p, c->n}, true};
    case CELL_ABSENT:
    case CELL_NULL:
        return (echo){CM_STR("null"), false};
    default:
        return (echo){cell_sent(c), false};
    }
}

/* Values of wanted column w; NULL in *out when no row has one. */
static bool gather_echoes(rows_reader *reader, size_t w, echo *room,
                          const echo **out)
{
    bool sent = false;
    *out = NULL;
    if (reader->source[w] == NOT_SENT) {
        return false;
    }
    const cell *column = reader->cells + reader->source[w];
    for (size_t i = 0; i < reader->n_rows; i++) {
        const cell *c = column + i * reader->n_names;
        room[i] = echo_of(c);
        sent = sent || c->kind != CELL_ABSENT;
    }
    *out = sent ? room : NULL;
    return sent;
}

static bool gather(rows_reader *reader, rows *out)
{
    size_t n = reader->n_rows;
    if (!gather_fields(reader) ||
        !rows_reserve(&reader->echoes, &reader->echoes_capacity, 2 * n,
                      sizeof *reader->echoes)) {
        return false;
    }
    *out = (rows){.n = n, .fields = reader->fields};
    (void)gather_echoes(reader, reader->n_columns, reader->echoes, &out->ids);
    (void)gather_echoes(reader, reader->n_columns + 1, reader->echoes + n,
                        &out->echoes);
    return true;
}

/* ---- the way in --------------------------------------------------------- */

static bool read_format(rows_reader *reader, rows_format format, cm_str body,
                        problems *list)
{
    switch (format) {
    case ROWS_JSON:
        return rows_json(reader, body, list);
    case ROWS_CSV:
        return rows_csv(reader, body, list);
    case ROWS_INVOCATIONS:
        return rows_invocation(reader, body, list);
    case ROWS_TENSORS:
        return rows_tensors(reader, body, list);
    }
    return false;
}

bool rows_read_slowly(rows_reader *reader, rows_format format, cm_str body,
                      rows *out, problems *list)
{
    rows_reader_clear(reader);
    cm_buf_clear(&reader->block);
    reader->body = body;
    return read_format(reader, format, body, list) && gather(reader, out);
}

bool rows_read(rows_reader *reader, rows_format format, cm_str body, rows *out,
               problems *list)
{
    rows_reader_clear(reader);
    reader->body = body;
    if (body.n >= UINT32_MAX) { /* cells count in 32 bits */
        return false;
    }
    reader->scanned = format == ROWS_JSON && rows_scan(reader, body);
    return reader->scanned ? gather(reader, out)
                           : rows_read_slowly(reader, format, body, out, list);
}
