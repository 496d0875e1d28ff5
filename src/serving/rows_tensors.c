/* Open Inference Protocol v2: a tensor of [n] or [n, 1] for each column.  What
 * is asked of it is what keeps a mistake from being scored: known types, shapes
 * that agree with the data and with each other.  A value's text counts, as
 * everywhere, so a number may be sent as BYTES, too.  The extension for binary
 * data is not offered. */
#include "serving/rows_reading.h"

#include <string.h>

#include "base/num.h"

/* A tensor of the request. */
typedef struct tensor {
    spot at;     /* the whole of it */
    cm_str name; /* NULL: none that can be read */
    spot shape, data;
    size_t n; /* rows by its shape; SIZE_MAX: it cannot be read */
} tensor;

static bool is_type(cm_str name)
{
    static const char *const types[] = {
        "BOOL",  "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16",
        "INT32", "INT64", "FP16",   "FP32",   "FP64",   "BYTES"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (cm_str_is(name, types[i])) {
            return true;
        }
    }
    return false;
}

/* The value of a key that has to be there; its node is 0 when it is not. */
static spot member(reading *r, spot object, const char *key)
{
    size_t node = document_find(r->d, object.node, key);
    if (node == 0) {
        say_missing(r, object, cm_str_of(key));
    }
    return spot_named(object, node, cm_str_of(key));
}

/* p NULL: it is none, and a problem. */
static cm_str text_of(reading *r, const spot *at)
{
    if (at->node == 0) {
        return (cm_str){0};
    }
    if (!document_is_string(r->d, at->node)) {
        say_string_type(r, at);
        return (cm_str){0};
    }
    return document_text(r->d, at->node);
}

/* The value of a key that may lack, or be null: its node is then 0. */
static spot optional(const reading *r, spot object, const char *key)
{
    size_t node = document_find(r->d, object.node, key);
    bool none = node == 0 || r->d->nodes[node].kind == NODE_NULL;
    return spot_named(object, none ? 0 : node, cm_str_of(key));
}

/* ---- one tensor --------------------------------------------------------- */

static bool read_size(const reading *r, size_t node, size_t *size)
{
    uint64_t value = 0;
    if (r->d->nodes[node].kind != NODE_NUMBER ||
        !cm_parse_u64(document_raw(r->d, node), &value) ||
        value >= UINT32_MAX) {
        return false;
    }
    *size = (size_t)value;
    return true;
}

static void read_shape(reading *r, tensor *t)
{
    size_t n_sizes = document_count(r->d, t->shape.node);
    size_t first = t->shape.node + 1;
    size_t n = 0;
    size_t width = 1;
    bool fits = (n_sizes == 1 || n_sizes == 2) && read_size(r, first, &n) &&
                (n_sizes == 1 || read_size(r, first + 1, &width)) && width == 1;
    if (fits) {
        t->n = n;
    } else {
        say_value_error(r, &t->shape, "expected [n] or [n, 1]");
    }
}

/* Of a tensor, an output or a request: an object that nothing is read of but
 * what would change the meaning of the data.  False: there is a problem. */
static bool parameters_fit(reading *r, spot of)
{
    spot parameters = optional(r, of, "parameters");
    if (parameters.node == 0) {
        return true;
    }
    if (!is_object(r, &parameters)) {
        return false;
    }
    bool binary = document_find(r->d, parameters.node, "binary_data_size") != 0;
    if (binary) {
        say_value_error(r, &parameters,
                        "the extension for binary tensor data is not offered: "
                        "send \"data\" as JSON");
    }
    return !binary;
}

static void check_data(reading *r, tensor *t)
{
    size_t n = document_count(r->d, t->data.node);
    if (t->n != SIZE_MAX && n != t->n) {
        say_length(r, &t->data, t->n, n);
    }
}

static tensor read_tensor(reading *r, spot at)
{
    tensor t = {.at = at, .n = SIZE_MAX};
    spot name = member(r, at, "name");
    t.name = text_of(r, &name);
    spot type = member(r, at, "datatype");
    cm_str type_name = text_of(r, &type);
    if (type_name.p != NULL && !is_type(type_name)) {
        say_value_error(r, &type,
                        "expected BOOL, UINT8 to UINT64, INT8 to INT64, FP16, "
                        "FP32, FP64 or BYTES");
    }
    t.shape = member(r, at, "shape");
    if (t.shape.node != 0 && is_list(r, &t.shape)) {
        read_shape(r, &t);
    }
    if (parameters_fit(r, at)) {
        t.data = member(r, at, "data");
        if (t.data.node != 0 && is_list(r, &t.data)) {
            check_data(r, &t);
        }
    }
    return t;
}

/* ---- all of them -------------------------------------------------------- */

/* Notes in source the node of the data of each wanted column. */
static void note_tensor(reading *r, const tensor *t, size_t *n_rows)
{
    rows_reader *reader = r->reader;
    if (t->n != SIZE_MAX && *n_rows == SIZE_MAX) {
        *n_rows = t->n;
    }
    if (t->n != SIZE_MAX && t->n != *n_rows) {
        say_value_error(r, &t->shape, "the first tensor has another length");
    }
    size_t w =
        t->name.p == NULL ? reader->n_wanted : wanted_index(reader, t->name, 0);
    if (w == reader->n_wanted) {
        return;
    }
    if (reader->source[w] != NOT_SENT) {
        say_value_error(r, &t->at, "a tensor of that name came before");
    }
    reader->source[w] = (uint32_t)t->data.node;
}

static void find_tensors(reading *r, const spot *list)
{
    rows_reader *reader = r->reader;
    size_t n_rows = SIZE_MAX;
    size_t end = document_next(r->d, list->node);
    size_t i = 0;
    for (size_t w = 0; w < reader->n_wanted; w++) {
        reader->source[w] = NOT_SENT;
    }
    for (size_t at = list->node + 1; at < end;
         at = document_next(r->d, at), i++) {
        spot element = spot_index(*list, at, i);
        if (is_object(r, &element)) {
            tensor t = read_tensor(r, element);
            note_tensor(r, &t, &n_rows);
        }
    }
    (void)few_enough(r, list, n_rows == SIZE_MAX ? 0 : n_rows);
    for (size_t w = 0; w < reader->n_columns; w++) {
        if (reader->source[w] == NOT_SENT) {
            say_missing(r, *list, reader->wanted[w]);
        }
    }
}

/* Of data that is a list; [a] stands for a. */
static void read_values(reading *r, const spot *data, cell *cells)
{
    size_t end = document_next(r->d, data->node);
    size_t i = 0;
    for (size_t at = data->node + 1; at < end;
         at = document_next(r->d, at), i++) {
        bool nested =
            r->d->nodes[at].kind == NODE_ARRAY && document_count(r->d, at) == 1;
        size_t value = nested ? at + 1 : at;
        if (r->d->nodes[value].kind >= NODE_ARRAY) {
            spot wrong = spot_index(*data, value, i);
            say_string_type(r, &wrong);
        } else if (cells != NULL) {
            cells[i * r->reader->n_wanted] = cell_of_node(r->d, value);
        }
    }
}

static void read_tensors(reading *r, const spot *list)
{
    rows_reader *reader = r->reader;
    reader->shape = SHAPE_COLUMNS;
    r->failed = !names_are_wanted(reader);
    if (r->failed) {
        return;
    }
    find_tensors(r, list);
    if (r->problems->n > 0) {
        return;
    }
    cell *cells = cells_for(r, reader->n_rows * reader->n_wanted);
    for (size_t w = 0; w < reader->n_wanted && !r->failed; w++) {
        if (reader->source[w] != NOT_SENT) {
            spot data = spot_named(*list, reader->source[w], reader->wanted[w]);
            read_values(r, &data, cells + w);
        }
    }
    for (size_t w = 0; w < reader->n_wanted; w++) {
        if (reader->source[reader->first[w]] != NOT_SENT) {
            reader->source[w] = reader->first[w];
        }
    }
}

/* ---- the rest of a request ---------------------------------------------- */

/* click_proba is all there is to be asked for. */
static void check_outputs(reading *r, const spot *list)
{
    size_t end = document_next(r->d, list->node);
    size_t i = 0;
    for (size_t at = list->node + 1; at < end;
         at = document_next(r->d, at), i++) {
        spot output = spot_index(*list, at, i);
        if (!is_object(r, &output)) {
            continue;
        }
        (void)parameters_fit(r, output);
        spot name = member(r, output, "name");
        cm_str text = text_of(r, &name);
        if (text.p != NULL && !cm_str_is(text, "click_proba")) {
            say_value_error(r, &name, "the one output is click_proba");
        }
    }
}

void read_inference(reading *r, spot top)
{
    spot id = optional(r, top, "id");
    (void)text_of(r, &id);
    (void)parameters_fit(r, top);
    spot outputs = optional(r, top, "outputs");
    if (outputs.node != 0 && is_list(r, &outputs)) {
        check_outputs(r, &outputs);
    }
    r->reader->place = "inputs";
    spot inputs = member(r, top, "inputs");
    if (inputs.node != 0 && is_list(r, &inputs)) {
        read_tensors(r, &inputs);
    }
}

cm_str rows_tensors_id(const rows_reader *reader)
{
    const document *d = &reader->document;
    size_t node = document_find(d, 0, "id");
    return node == 0 || !document_is_string(d, node) ? (cm_str){0}
                                                     : document_raw(d, node);
}
