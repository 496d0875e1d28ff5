/* YAML as ruamel.yaml's emitter writes it.
 *
 * Its bytes depend on where on a line they fall, so the emitter keeps what that
 * one keeps: the column, the indentation, and whether the last thing written
 * was a blank (space) or only indentation and dashes (fresh). */
#include "dvc/yaml_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "dvc/utf8.h"
#include "dvc/yaml_scalar.h"

enum { WIDTH = 80, STEP = 2, LONGEST_KEY = 122 };

typedef struct emitter {
    cm_buf *out;
    size_t column, indent;
    bool space, fresh;
} emitter;

/* What a scalar is in: its value's lines may be folded unless it is a key. */
typedef enum place { IN_MAP, IN_LIST, AS_KEY } place;

/* ---- bytes and columns --------------------------------------------------- */

static void put_ascii(emitter *e, const char *text)
{
    cm_buf_adds(e->out, text);
    e->column += strlen(text);
}

static void put_range(emitter *e, const yaml_chars *s, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        utf8_put(e->out, s->c[i]);
    }
    e->column += end - start;
}

static void put_break(emitter *e, uint32_t c)
{
    utf8_put(e->out, c);
    e->column = 0;
    e->space = e->fresh = true;
}

/* To the current indentation, on a new line unless this one is still fresh. */
static void put_indent(emitter *e)
{
    if (!e->fresh || e->column > e->indent ||
        (e->column == e->indent && !e->space)) {
        put_break(e, '\n');
    }
    for (; e->column < e->indent; e->column++) {
        cm_buf_addc(e->out, ' ');
        e->space = true;
    }
}

/* The same within a scalar, which goes on behind it. */
static void fold(emitter *e)
{
    put_indent(e);
    e->space = e->fresh = false;
}

/* Punctuation; apart: a blank comes before it. */
static void put_mark(emitter *e, const char *mark, bool apart)
{
    if (apart && !e->space) {
        put_ascii(e, " ");
    }
    put_ascii(e, mark);
    e->space = e->fresh = false;
}

/* "-" or "?": what follows may begin on this line. */
static void put_fresh_mark(emitter *e, const char *mark)
{
    bool fresh = e->fresh;
    put_mark(e, mark, true);
    e->fresh = fresh;
}

/* ---- scalars ------------------------------------------------------------- */

/* The end of the run of characters from `at` that are blanks (or are not). */
static size_t run_end(const yaml_chars *s, size_t at, bool blanks)
{
    while (at < s->n && (s->c[at] == ' ') == blanks) {
        at++;
    }
    return at;
}

static void put_plain(emitter *e, const yaml_chars *s, bool may_fold)
{
    if (!e->space) {
        put_ascii(e, " ");
    }
    e->space = e->fresh = false;
    for (size_t at = 0, end = 0; at < s->n; at = end) {
        bool blanks = s->c[at] == ' ';
        end = run_end(s, at, blanks);
        if (blanks && end == at + 1 && e->column >= WIDTH && may_fold) {
            fold(e);
            continue;
        }
        if (!blanks && end - at + e->column > WIDTH && e->column > e->indent) {
            put_indent(e);
        }
        put_range(e, s, at, end);
    }
}

/* Line ends other than '\n' stand for themselves. */
static size_t put_breaks(emitter *e, const yaml_chars *s, size_t at)
{
    while (at < s->n && yaml_is_break(s->c[at])) {
        put_break(e, s->c[at++]);
    }
    put_indent(e);
    return at;
}

static void put_single(emitter *e, const yaml_chars *s, bool may_fold)
{
    put_mark(e, "'", true);
    for (size_t at = 0, end = 0; at < s->n; at = end) {
        uint32_t c = s->c[at];
        end = at + 1;
        if (c == '\'') {
            put_ascii(e, "''");
        } else if (yaml_is_break(c)) {
            end = put_breaks(e, s, at);
        } else if (c == ' ') {
            end = run_end(s, at, true);
            if (end == at + 1 && e->column > WIDTH && may_fold && at != 0 &&
                end != s->n) {
                put_indent(e);
            } else {
                put_range(e, s, at, end);
            }
        } else {
            put_range(e, s, at, end);
        }
    }
    put_mark(e, "'", false);
}

static bool stands_for_itself(uint32_t c)
{
    return (c >= 0x20 && c <= 0x7E && c != '"' && c != '\\') ||
           (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF && !yaml_is_break(c)) ||
           c >= 0x10000;
}

static void put_escape(emitter *e, uint32_t c)
{
    static const char named[][2] = {{'\0', '0'}, {'\a', 'a'}, {'\b', 'b'},
                                    {'\t', 't'}, {'\n', 'n'}, {'\v', 'v'},
                                    {'\f', 'f'}, {'\r', 'r'}, {0x1B, 'e'},
                                    {'"', '"'},  {'\\', '\\'}};
    char text[12] = "";
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (c == (unsigned char)named[i][0]) {
            snprintf(text, sizeof text, "\\%c", named[i][1]);
        }
    }
    if (text[0] == '\0' && yaml_is_break(c)) {
        snprintf(text, sizeof text, "\\%c",
                 c == 0x85     ? 'N'
                 : c == 0x2028 ? 'L'
                               : 'P');
    } else if (text[0] == '\0') {
        snprintf(text, sizeof text, c <= 0xFF ? "\\x%02X" : "\\u%04X", c);
    }
    put_ascii(e, text);
}

static bool has_char(const yaml_chars *s, size_t from, size_t to, uint32_t c)
{
    for (size_t i = from; i < to; i++) {
        if (s->c[i] == c) {
            return true;
        }
    }
    return false;
}

/* Whether a line that ends before the character at `end` needs a backslash for
 * its end not to be read as a blank.  start: what is not yet written. */
static bool needs_backslash(const yaml_chars *s, size_t start, size_t end)
{
    size_t gap = run_end(s, end, false);
    if (gap == s->n) {
        return true;
    }
    for (size_t i = end; i < gap; i++) {
        if (s->c[i] == '\n') {
            gap = i;
            break;
        }
    }
    if (gap + 1 == s->n) {
        return true;
    }
    uint32_t next = s->c[gap + 1];
    if (s->c[gap] == '\n' && next != ' ') {
        return true;
    }
    bool quotes = has_char(s, end, gap, '"') || has_char(s, end, gap, '\'');
    bool blanks = s->c[end - 1] == ' ' && s->c[end] == ' ';
    return quotes || next == ' ' || next == '\n' || blanks || start == end;
}

/* Ends a line of a double-quoted text before `end`; returns what is written. */
static size_t break_double(emitter *e, const yaml_chars *s, size_t start,
                           size_t end)
{
    bool backslash = needs_backslash(s, start, end);
    if (start < end) {
        put_range(e, s, start, end);
        start = end;
    }
    put_ascii(e, backslash ? "\\" : "");
    fold(e);
    if (s->c[start] == ' ') {
        start += !backslash;
        put_ascii(e, backslash ? "\\" : "");
    }
    return start;
}

static void put_double(emitter *e, const yaml_chars *s, bool may_fold)
{
    put_mark(e, "\"", true);
    size_t start = 0; /* what is before it is written */
    for (size_t end = 0; end < s->n; end++) {
        uint32_t c = s->c[end];
        if (!stands_for_itself(c)) {
            put_range(e, s, start, start < end ? end : start);
            put_escape(e, c);
            start = end + 1;
        }
        bool full = e->column + end > WIDTH + start;
        if (end > 0 && end + 1 < s->n && (c == ' ' || start >= end) && full &&
            may_fold) {
            start = break_double(e, s, start, end);
        }
    }
    put_range(e, s, start, start < s->n ? s->n : start);
    put_mark(e, "\"", false);
}

/* What is given as already plain text: a number, true, or nothing for null. */
static void put_bare(emitter *e, place where, const char *text)
{
    e->indent += STEP;
    if (where == IN_LIST) {
        put_indent(e);
    }
    if (text[0] != '\0') {
        yaml_chars s;
        if (yaml_chars_of(&s, cm_str_of(text))) {
            put_plain(e, &s, where != AS_KEY);
        } else {
            e->out->failed = true;
        }
        free(s.c);
    }
    e->indent -= STEP;
}

static void put_text(emitter *e, place where, yaml_chars *s, yaml_tag tag)
{
    e->indent += STEP;
    if (where == IN_LIST) {
        put_indent(e);
    }
    bool may_fold = where != AS_KEY;
    switch (yaml_choose_style(s, tag, where == AS_KEY)) {
    case YAML_STYLE_PLAIN:
        put_plain(e, s, may_fold);
        break;
    case YAML_STYLE_SINGLE:
        put_single(e, s, may_fold);
        break;
    case YAML_STYLE_DOUBLE:
        put_double(e, s, may_fold);
        break;
    }
    e->indent -= STEP;
}

/* ---- values -------------------------------------------------------------- */

static void format_number(char out[CM_NUM_TEXT], double value)
{
    size_t n = cm_format_double(out, value);
    if (strspn(out, "-0123456789") == n) {
        memcpy(out + n, ".0", 3);
    }
}

void cm_yaml_put_number(cm_buf *out, double value)
{
    char text[CM_NUM_TEXT];
    format_number(text, value);
    cm_buf_adds(out, text);
}

static void put_map(emitter *e, const json_t *map);
static void put_list(emitter *e, const json_t *list);

static void put_value(emitter *e, place where, const json_t *value)
{
    char number[CM_NUM_TEXT];
    yaml_chars s;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_map(e, value);
        return;
    case JSON_ARRAY:
        if (json_array_size(value) > 0) {
            bool indented = where == IN_LIST || e->fresh;
            e->indent += indented ? STEP : 0;
            put_list(e, value);
            e->indent -= indented ? STEP : 0;
        } else {
            put_list(e, value);
        }
        return;
    case JSON_STRING:
        if (yaml_chars_of(&s, (cm_str){json_string_value(value),
                                       json_string_length(value)})) {
            put_text(e, where, &s,
                     cm_yaml_plain_tag((cm_str){json_string_value(value),
                                                json_string_length(value)}));
        } else {
            e->out->failed = true;
        }
        free(s.c);
        return;
    case JSON_INTEGER:
        cm_format_i64(number, json_integer_value(value));
        put_bare(e, where, number);
        return;
    case JSON_REAL:
        format_number(number, json_real_value(value));
        put_bare(e, where, number);
        return;
    default:
        put_bare(e, where,
                 json_is_true(value)    ? "true"
                 : json_is_false(value) ? "false"
                                        : "");
    }
}

static void put_empty(emitter *e, const char *marks)
{
    put_mark(e, marks, true);
    put_break(e, '\n');
}

static void put_list(emitter *e, const json_t *list)
{
    if (json_array_size(list) == 0) {
        put_empty(e, "[]");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        put_indent(e);
        put_fresh_mark(e, "-");
        put_value(e, IN_LIST, json_array_get(list, i));
    }
}

/* "key:", or "? key" and ":" for one that is long or spans lines. */
static void put_key(emitter *e, const char *key)
{
    cm_str text = cm_str_of(key);
    yaml_tag tag = cm_yaml_plain_tag(text);
    yaml_chars s;
    if (!yaml_chars_of(&s, text)) {
        e->out->failed = true;
        return;
    }
    (void)yaml_choose_style(&s, tag, false);
    put_indent(e);
    if (s.n <= LONGEST_KEY && !s.multiline) {
        put_text(e, AS_KEY, &s, tag);
        put_mark(e, ":", false);
    } else {
        put_fresh_mark(e, "?");
        put_text(e, IN_MAP, &s, tag);
        put_indent(e);
        put_fresh_mark(e, ":");
    }
    free(s.c);
}

/* The entries of a map whose keys stand at the current indentation. */
static void put_entries(emitter *e, const json_t *map)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)map, key, value)
    {
        put_key(e, key);
        put_value(e, IN_MAP, value);
    }
}

static void put_map(emitter *e, const json_t *map)
{
    if (json_object_size(map) == 0) {
        put_empty(e, "{}");
        return;
    }
    e->indent += STEP;
    put_entries(e, map);
    e->indent -= STEP;
}

void cm_yaml_put_document(cm_buf *out, const json_t *map)
{
    emitter e = {.out = out, .space = true, .fresh = true};
    if (json_object_size(map) == 0) {
        put_empty(&e, "{}");
        return;
    }
    put_entries(&e, map);
    put_indent(&e);
}
