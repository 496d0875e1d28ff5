/* CSV bodies: a header and rows, by the scanner of codec/csv_scan.h. */
#include "serving/rows_body.h"

#include <stdio.h>
#include <string.h>

#include "codec/csv.h"
#include "codec/csv_scan.h"
#include "codec/json.h"

typedef struct csv {
    rows_reader *reader;
    problems *list;
    cm_str body;
    size_t n_ends;
    size_t at, end;           /* the next field, and in ends */
    size_t counted, newlines; /* up to an offset, for the numbers of lines */
    bool quotes;              /* anywhere in the body */
    bool failed;              /* out of memory */
} csv;

static size_t count_newlines(cm_str body, size_t begin, size_t end)
{
    size_t n = 0;
    for (size_t i = begin; i < end; i++) {
        n += body.p[i] == '\n';
    }
    return n;
}

/* Offsets that are asked for only grow. */
static size_t line_of(csv *c, size_t offset)
{
    c->newlines += count_newlines(c->body, c->counted, offset);
    c->counted = offset;
    return c->newlines + 1;
}

/* begin: of the record.  The text of what is not listed is not made. */
static void say(csv *c, size_t begin, const char *text)
{
    char msg[256] = "";
    cm_buf input = {0};
    if (c->list->n < MAX_PROBLEMS) {
        const char *p = c->body.p + begin;
        const char *end = memchr(p, '\n', c->body.n - begin);
        size_t n = end == NULL ? c->body.n - begin : (size_t)(end - p);
        snprintf(msg, sizeof msg, "Value error, line %zu: %s",
                 line_of(c, begin), text);
        cm_json_quote(&input, (cm_str){p, n > 2048 ? 2048 : n});
    }
    problems_add(c->list, "value_error", msg, NULL, 0,
                 (cm_str){input.p, input.n}, CM_STR("{\"error\":{}}"));
    cm_buf_release(&input);
}

/* ---- fields ------------------------------------------------------------- */

/* Raw bytes of the next field; *last: it ends its record. */
static cm_str next_raw(csv *c, bool *last)
{
    size_t begin = c->at;
    size_t end = c->end < c->n_ends ? c->reader->ends[c->end] : c->body.n;
    *last = end == c->body.n || c->body.p[end] == '\n';
    c->at = end + 1;
    c->end++;
    if (*last && end > begin && c->body.p[end - 1] == '\r') {
        end--;
    }
    return (cm_str){c->body.p + begin, end - begin};
}

/* False: a quote is where none may be. */
static bool unquote(csv *c, cm_str raw, cm_str *text)
{
    *text = raw;
    if (!c->quotes || raw.n == 0 || memchr(raw.p, '"', raw.n) == NULL) {
        return true;
    }
    char *out = c->reader->texts.p + c->reader->texts.n;
    size_t n = cm_csv_field(out, raw);
    if (n == CM_CSV_MISQUOTED) {
        return false;
    }
    c->reader->texts.n += n;
    *text = (cm_str){out, n};
    return true;
}

static bool has_more(const csv *c)
{
    return c->at < c->body.n;
}

/* ---- the header --------------------------------------------------------- */

static bool read_header(csv *c)
{
    rows_reader *reader = c->reader;
    bool last = false;
    while (!last) {
        cm_str name;
        if (!unquote(c, next_raw(c, &last), &name)) {
            say(c, 0, "a quote must enclose the whole field or be doubled");
            return false;
        }
        if (reader->n_names == reader->limits.max_columns) {
            say(c, 0, "too many columns");
            return false;
        }
        c->failed = !rows_add_name(reader, name);
        if (c->failed) {
            return false;
        }
    }
    size_t twice = rows_find_twice(reader);
    c->failed = twice == SIZE_MAX;
    if (twice < reader->n_names) {
        say(c, 0, "the header has a name twice");
    }
    return twice == reader->n_names;
}

static void bind(csv *c)
{
    rows_reader *reader = c->reader;
    if (rows_bind(reader)) {
        return;
    }
    for (size_t w = 0; w < reader->n_columns; w++) {
        if (reader->source[w] == NOT_SENT) {
            problem_place loc[] = {{.name = CM_STR("features")},
                                   {.name = reader->wanted[w]}};
            problems_add(c->list, "missing", "Field required", loc, 2,
                         (cm_str){0}, (cm_str){0});
        }
    }
}

/* ---- rows --------------------------------------------------------------- */

static void say_width(csv *c, size_t begin, size_t n)
{
    char text[128];
    snprintf(text, sizeof text, "found %zu fields, expected %zu as the header",
             n, c->reader->n_names);
    say(c, begin, text);
}

/* Every field takes a byte with what ends it, so cells grow with the body. */
static void read_row(csv *c)
{
    rows_reader *reader = c->reader;
    size_t begin = c->at;
    size_t n = 0;
    bool last = false;
    bool keep = c->list->n == 0;
    if (!rows_reserve(&reader->cells, &reader->cells_capacity,
                      reader->n_cells + reader->n_names,
                      sizeof *reader->cells)) {
        c->failed = true;
        return;
    }
    for (; !last; n++) {
        cm_str text;
        if (!unquote(c, next_raw(c, &last), &text)) {
            say(c, begin, "a quote must enclose the whole field or be doubled");
            keep = false;
        } else if (keep && n < reader->n_names) {
            reader->cells[reader->n_cells + n] = (cell){
                text.n == 0 ? "" : text.p, (uint32_t)text.n, CELL_STRING};
        }
    }
    if (n != reader->n_names) {
        say_width(c, begin, n);
        return;
    }
    reader->n_cells += keep ? n : 0;
}

/* How many there are is not known: the others are not read. */
static void say_too_many(csv *c)
{
    size_t most = c->reader->limits.max_rows;
    char msg[128];
    char ctx[128];
    snprintf(msg, sizeof msg,
             "List should have at most %zu items after validation, not more",
             most);
    snprintf(ctx, sizeof ctx,
             "{\"field_type\":\"List\",\"max_length\":%zu,"
             "\"actual_length\":null}",
             most);
    problems_add(c->list, "too_long", msg, NULL, 0, (cm_str){0},
                 cm_str_of(ctx));
}

static void read_rows(csv *c)
{
    rows_reader *reader = c->reader;
    while (has_more(c) && !c->failed) {
        if (reader->n_rows == reader->limits.max_rows) {
            say_too_many(c);
            return;
        }
        read_row(c);
        reader->n_rows++;
    }
}

/* ---- the body ----------------------------------------------------------- */

/* Without a byte order mark, and without empty lines at the end. */
static cm_str trim(cm_str body)
{
    if (body.n >= 3 && memcmp(body.p, "\xef\xbb\xbf", 3) == 0) {
        body = (cm_str){body.p + 3, body.n - 3};
    }
    while (body.n > 0 &&
           (body.p[body.n - 1] == '\n' || body.p[body.n - 1] == '\r')) {
        body.n--;
    }
    return body;
}

static bool make_room(csv *c)
{
    rows_reader *reader = c->reader;
    const cm_csv_kernels *kernels = cm_csv_kernels_best();
    if (!rows_reserve(&reader->ends, &reader->ends_capacity,
                      c->body.n + CM_CSV_SCAN_SLACK, sizeof *reader->ends)) {
        return false;
    }
    c->quotes = kernels->survey(c->body.p, c->body.n).quotes > 0;
    c->n_ends = kernels->scan_quoted(reader->ends, c->body.p, c->body.n, ',').n;
    reader->texts.n = 0;
    return !c->quotes || rows_reserve(&reader->texts.p, &reader->texts.capacity,
                                      c->body.n, 1);
}

bool rows_csv(rows_reader *reader, cm_str body, problems *list)
{
    csv c = {.reader = reader, .list = list, .body = trim(body)};
    reader->shape = SHAPE_CSV;
    if (c.body.n == 0) {
        problems_add(list, "missing", "Field required", NULL, 0, (cm_str){0},
                     (cm_str){0});
        return false;
    }
    if (!make_room(&c)) {
        return false;
    }
    reader->body = c.body;
    if (read_header(&c)) {
        bind(&c);
        read_rows(&c);
    }
    return !c.failed && list->n == 0;
}

/* ends are those of the last body, all of whose records have n_names fields. */
size_t rows_csv_line(const rows_reader *reader, size_t row)
{
    size_t begin = reader->ends[(row + 1) * reader->n_names - 1] + (size_t)1;
    return 1 + count_newlines(reader->body, 0, begin);
}
