/* Rows under a list of names: the columns of the table are the request's. */
#include "serving/rows_reading.h"

bool read_names(reading *r, const spot *list)
{
    rows_reader *reader = r->reader;
    size_t before = r->problems->n;
    size_t n = document_count(r->d, list->node);
    if (n > reader->limits.max_columns) {
        say_length(r, list, reader->limits.max_columns, n);
        return false;
    }
    size_t at = list->node + 1;
    for (size_t i = 0; i < n; i++, at = document_next(r->d, at)) {
        spot name = spot_index(*list, at, i);
        if (!document_is_string(r->d, at)) {
            say_string_type(r, &name);
        } else if (!rows_add_name(reader, document_text(r->d, at))) {
            r->failed = true;
        }
    }
    if (r->failed || r->problems->n > before) {
        return false;
    }
    size_t twice = rows_find_twice(reader);
    r->failed = twice == SIZE_MAX;
    if (twice < n) {
        spot name = spot_index(*list, list->node + 1 + twice, twice);
        say_value_error(r, &name, "a column of that name came before");
    }
    return twice == n;
}

/* n_names SIZE_MAX: not known. */
static void read_row(reading *r, const spot *row, size_t n_names)
{
    size_t n = document_count(r->d, row->node);
    if (n_names != SIZE_MAX && n != n_names) {
        say_length(r, row, n_names, n);
    }
    cell *cells = cells_for(r, n);
    size_t at = row->node + 1;
    for (size_t i = 0; i < n; i++, at = document_next(r->d, at)) {
        if (r->d->nodes[at].kind >= NODE_ARRAY) {
            spot value = spot_index(*row, at, i);
            say_string_type(r, &value);
        } else if (cells != NULL) {
            cells[i] = cell_of_node(r->d, at);
        }
    }
}

static void read_data(reading *r, const spot *data, size_t n_names)
{
    size_t n = document_count(r->d, data->node);
    if (!few_enough(r, data, n)) {
        return;
    }
    size_t at = data->node + 1;
    for (size_t i = 0; i < n && !r->failed; i++, at = document_next(r->d, at)) {
        spot row = spot_index(*data, at, i);
        if (is_list(r, &row)) {
            read_row(r, &row, n_names);
        }
    }
}

/* Columns of the bundle that the names lack. */
static void bind(reading *r, const spot *names)
{
    const rows_reader *reader = r->reader;
    if (rows_bind(r->reader)) {
        return;
    }
    for (size_t w = 0; w < reader->n_columns; w++) {
        if (reader->source[w] == NOT_SENT) {
            say_missing(r, *names, reader->wanted[w]);
        }
    }
}

void read_table(reading *r, spot object, const char *names_key)
{
    cm_str key = cm_str_of(names_key);
    spot names =
        spot_named(object, document_find(r->d, object.node, names_key), key);
    spot data = spot_named(object, document_find(r->d, object.node, "data"),
                           CM_STR("data"));
    size_t n_names = SIZE_MAX;
    r->reader->shape = SHAPE_TABLE;
    if (data.node == 0) {
        say_missing(r, object, CM_STR("data"));
    }
    if (names.node == 0) {
        say_missing(r, object, key);
    } else if (is_list(r, &names)) {
        n_names = document_count(r->d, names.node);
        if (read_names(r, &names)) {
            bind(r, &names);
        }
    }
    if (data.node != 0 && is_list(r, &data)) {
        read_data(r, &data, n_names);
    }
}
