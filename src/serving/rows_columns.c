/* Columns, a list each under its name: the columns of the table are the wanted
 * ones.  Lists of one length are asked for before there is room for cells, so
 * that cells are never many more than values of the body. */
#include "serving/rows_reading.h"

/* Notes in source the node of the last list of each name. */
static void find_lists(reading *r, const spot *object)
{
    rows_reader *reader = r->reader;
    size_t end = document_next(r->d, object->node);
    size_t hint = 0;
    for (size_t w = 0; w < reader->n_wanted; w++) {
        reader->source[w] = NOT_SENT;
    }
    for (size_t at = object->node + 1; at < end;
         at = document_next(r->d, at + 1)) {
        size_t w = wanted_index(reader, document_text(r->d, at), hint);
        if (w < reader->n_wanted) {
            reader->source[w] = (uint32_t)(at + 1);
            hint = w + 1;
        }
    }
}

/* The list of wanted column w; its node is NOT_SENT when there is none. */
static spot list_of(const reading *r, const spot *object, size_t w)
{
    return spot_named(*object, r->reader->source[w], r->reader->wanted[w]);
}

/* Every column of the bundle is there, all lists have one length. */
static void check_lists(reading *r, const spot *object)
{
    rows_reader *reader = r->reader;
    size_t n = SIZE_MAX;
    for (size_t w = 0; w < reader->n_wanted; w++) {
        spot list = list_of(r, object, w);
        if (reader->first[w] != w) {
            continue;
        }
        if (list.node == NOT_SENT) {
            if (w < reader->n_columns) {
                say_missing(r, *object, reader->wanted[w]);
            }
        } else if (is_list(r, &list)) {
            size_t length = document_count(r->d, list.node);
            n = n == SIZE_MAX ? length : n;
            if (length != n) {
                say_length(r, &list, n, length);
            }
        }
    }
    (void)few_enough(r, object, n == SIZE_MAX ? 0 : n);
}

static void read_list(reading *r, const spot *list, cell *cells)
{
    size_t end = document_next(r->d, list->node);
    size_t i = 0;
    for (size_t at = list->node + 1; at < end;
         at = document_next(r->d, at), i++) {
        if (r->d->nodes[at].kind >= NODE_ARRAY) {
            spot value = spot_index(*list, at, i);
            say_string_type(r, &value);
        } else if (cells != NULL) {
            cells[i * r->reader->n_wanted] = cell_of_node(r->d, at);
        }
    }
}

static void read_lists(reading *r, const spot *object)
{
    const rows_reader *reader = r->reader;
    cell *cells = cells_for(r, reader->n_rows * reader->n_wanted);
    for (size_t w = 0; w < reader->n_wanted && !r->failed; w++) {
        spot list = list_of(r, object, w);
        if (reader->first[w] == w && list.node != NOT_SENT &&
            r->d->nodes[list.node].kind == NODE_ARRAY) {
            read_list(r, &list, cells == NULL ? NULL : cells + w);
        }
    }
}

void read_columns(reading *r, const spot *object)
{
    rows_reader *reader = r->reader;
    reader->shape = SHAPE_COLUMNS;
    r->failed = !names_are_wanted(reader);
    if (r->failed) {
        return;
    }
    find_lists(r, object);
    check_lists(r, object);
    read_lists(r, object);
    for (size_t w = 0; w < reader->n_wanted; w++) {
        if (reader->source[reader->first[w]] != NOT_SENT) {
            reader->source[w] = reader->first[w];
        }
    }
}
