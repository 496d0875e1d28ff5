/* Readings of JSON: places, cells, and what can be wrong. */
#include "serving/rows_reading.h"

#include <stdio.h>

spot spot_named(spot at, size_t value, cm_str name)
{
    at.loc[at.n++] = (problem_place){.name = name};
    at.node = value;
    return at;
}

spot spot_index(spot at, size_t value, size_t index)
{
    at.loc[at.n++] = (problem_place){.index = index};
    at.node = value;
    return at;
}

static void say(reading *r, const spot *at, const char *type, const char *msg,
                cm_str ctx)
{
    problems_add(r->problems, type, msg, at->loc, at->n,
                 document_raw(r->d, at->node), ctx);
}

void say_missing(reading *r, spot object, cm_str name)
{
    spot missing = spot_named(object, object.node, name);
    say(r, &missing, "missing", "Field required", (cm_str){0});
}

void say_value_error(reading *r, const spot *at, const char *text)
{
    cm_buf msg = {0};
    cm_buf ctx = {0};
    cm_buf_addf(&msg, "Value error, %s", text);
    cm_buf_adds(&ctx, "{\"error\":{}}");
    if (msg.p != NULL) {
        say(r, at, "value_error", msg.p, (cm_str){ctx.p, ctx.n});
    }
    cm_buf_release(&msg);
    cm_buf_release(&ctx);
}

void say_length(reading *r, const spot *at, size_t wanted, size_t actual)
{
    bool is_short = actual < wanted;
    char msg[128];
    char ctx[128];
    snprintf(msg, sizeof msg,
             "List should have at %s %zu item%s after validation, not %zu",
             is_short ? "least" : "most", wanted, wanted == 1 ? "" : "s",
             actual);
    snprintf(ctx, sizeof ctx,
             "{\"field_type\":\"List\",\"%s_length\":%zu,"
             "\"actual_length\":%zu}",
             is_short ? "min" : "max", wanted, actual);
    say(r, at, is_short ? "too_short" : "too_long", msg, cm_str_of(ctx));
}

bool is_list(reading *r, const spot *at)
{
    if (r->d->nodes[at->node].kind == NODE_ARRAY) {
        return true;
    }
    say(r, at, "list_type", "Input should be a valid list", (cm_str){0});
    return false;
}

bool is_object(reading *r, const spot *at)
{
    if (r->d->nodes[at->node].kind == NODE_OBJECT) {
        return true;
    }
    say(r, at, "model_attributes_type",
        "Input should be a valid dictionary or object to extract fields from",
        (cm_str){0});
    return false;
}

void say_string_type(reading *r, const spot *at)
{
    say(r, at, "string_type", "Input should be a valid string", (cm_str){0});
}

bool few_enough(reading *r, const spot *list, size_t n)
{
    bool few = n <= r->reader->limits.max_rows;
    if (!few) {
        say_length(r, list, r->reader->limits.max_rows, n);
    }
    r->reader->n_rows = n;
    return few;
}

cell cell_of_node(const document *d, size_t i)
{
    cm_str text = document_text(d, i);
    switch (d->nodes[i].kind) {
    case NODE_NULL:
        return (cell){"", 0, CELL_NULL};
    case NODE_FALSE:
        return (cell){text.p, (uint32_t)text.n, CELL_FALSE};
    case NODE_TRUE:
        return (cell){text.p, (uint32_t)text.n, CELL_TRUE};
    case NODE_NUMBER:
        return cell_of_number(text.p, text.n);
    default:
        return (cell){text.p, (uint32_t)text.n, CELL_STRING};
    }
}

cell *cells_for(reading *r, size_t n)
{
    rows_reader *reader = r->reader;
    if (r->problems->n > 0 || r->failed) {
        return NULL;
    }
    r->failed = !rows_reserve(&reader->cells, &reader->cells_capacity,
                              reader->n_cells + n, sizeof(cell));
    if (r->failed) {
        return NULL;
    }
    cell *added = reader->cells + reader->n_cells;
    reader->n_cells += n;
    return added;
}

bool names_are_wanted(rows_reader *reader)
{
    for (size_t w = 0; w < reader->n_wanted; w++) {
        if (!rows_add_name(reader, reader->wanted[w])) {
            return false;
        }
        reader->source[w] = reader->first[w];
    }
    return true;
}

size_t wanted_index(const rows_reader *reader, cm_str name, size_t hint)
{
    if (hint < reader->n_wanted && cm_str_equal(name, reader->wanted[hint])) {
        return reader->first[hint];
    }
    size_t w = 0;
    while (w < reader->n_wanted && !cm_str_equal(name, reader->wanted[w])) {
        w++;
    }
    return w;
}
