/* JSON bodies: which of the shapes each is.
 *
 * Four shapes become one table: rows under a list of names (rows_table.c),
 * objects with a key a column (rows_records.c), a list a column
 * (rows_columns.c), a tensor a column (rows_tensors.c). */
#include "codec/json.h"
#include "serving/rows_reading.h"

/* False: problems or memory. */
static bool parse(reading *r, cm_str body)
{
    rows_reader *reader = r->reader;
    if (body.n == 0) {
        problems_add(r->problems, "missing", "Field required", NULL, 0,
                     (cm_str){0}, (cm_str){0});
        return false;
    }
    json_fault fault = {0};
    document_result result = document_parse(&reader->document, body,
                                            reader->limits.max_depth, &fault);
    if (result == DOCUMENT_BROKEN) {
        problem_place at = {.index = fault.position};
        cm_buf ctx = {0};
        cm_buf_adds(&ctx, "{\"error\":");
        cm_json_quote(&ctx, cm_str_of(fault.message));
        cm_buf_addc(&ctx, '}');
        problems_add(r->problems, "json_invalid", "JSON decode error", &at, 1,
                     CM_STR("{}"), (cm_str){ctx.p, ctx.n});
        cm_buf_release(&ctx);
    }
    return result == DOCUMENT_READ;
}

static reading reading_of(rows_reader *reader, problems *list)
{
    return (reading){
        .reader = reader, .d = &reader->document, .problems = list};
}

static bool is_read(const reading *r)
{
    return !r->failed && r->problems->n == 0;
}

bool rows_json(rows_reader *reader, cm_str body, problems *list)
{
    reading r = reading_of(reader, list);
    if (!parse(&r, body)) {
        return false;
    }
    spot top = {.n = 0};
    if (r.d->nodes[0].kind == NODE_ARRAY) {
        read_records(&r, &top);
    } else if (is_object(&r, &top)) {
        read_table(&r, top, "features");
    }
    return is_read(&r);
}

/* "inputs" and "instances": columns, or records. */
static void read_inputs(reading *r, const spot *at)
{
    if (r->d->nodes[at->node].kind == NODE_OBJECT) {
        read_columns(r, at);
    } else if (is_list(r, at)) {
        read_records(r, at);
    }
}

static void read_invocation(reading *r, spot top)
{
    static const char *const keys[] = {"dataframe_split", "dataframe_records",
                                       "instances", "inputs"};
    enum { SPLIT, RECORDS, N = 4 };
    size_t found = N;
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
        if (document_find(r->d, top.node, keys[i]) != 0) {
            found = i;
            n++;
        }
    }
    if (n != 1) {
        say_value_error(r, &top,
                        "expected exactly one of the keys dataframe_split, "
                        "dataframe_records, instances and inputs");
        return;
    }
    spot at = spot_named(top, document_find(r->d, top.node, keys[found]),
                         cm_str_of(keys[found]));
    r->reader->place = keys[found];
    if (found == SPLIT && is_object(r, &at)) {
        read_table(r, at, "columns");
    } else if (found == RECORDS && is_list(r, &at)) {
        read_records(r, &at);
    } else if (found > RECORDS) {
        read_inputs(r, &at);
    }
}

bool rows_invocation(rows_reader *reader, cm_str body, problems *list)
{
    reading r = reading_of(reader, list);
    if (!parse(&r, body)) {
        return false;
    }
    spot top = {.n = 0};
    if (is_object(&r, &top)) {
        read_invocation(&r, top);
    }
    return is_read(&r);
}

bool rows_tensors(rows_reader *reader, cm_str body, problems *list)
{
    reading r = reading_of(reader, list);
    if (!parse(&r, body)) {
        return false;
    }
    spot top = {.n = 0};
    if (is_object(&r, &top)) {
        read_inference(&r, top);
    }
    return is_read(&r);
}

static void read_keys(reading *r, const spot *record)
{
    size_t end = document_next(r->d, record->node);
    for (size_t at = record->node + 1; at < end && !r->failed;
         at = document_next(r->d, at + 1)) {
        r->failed = !rows_add_name(r->reader, document_text(r->d, at));
    }
}

/* Of a list of records: the keys of the first. */
static void read_names_of(reading *r, spot top)
{
    if (r->d->nodes[0].kind == NODE_ARRAY) {
        spot record = spot_index(top, 1, 0);
        if (document_count(r->d, 0) > 0 && is_object(r, &record)) {
            read_keys(r, &record);
        }
        return;
    }
    if (!is_object(r, &top)) {
        return;
    }
    spot names =
        spot_named(top, document_find(r->d, 0, "features"), CM_STR("features"));
    if (names.node == 0) {
        say_missing(r, top, CM_STR("features"));
    } else if (is_list(r, &names)) {
        (void)read_names(r, &names);
    }
}

bool rows_read_names(rows_reader *reader, cm_str body, const cm_str **names,
                     size_t *n, problems *list)
{
    reading r = reading_of(reader, list);
    rows_reader_clear(reader);
    if (!parse(&r, body)) {
        return false;
    }
    read_names_of(&r, (spot){.n = 0});
    *names = reader->names;
    *n = reader->n_names;
    return is_read(&r);
}
