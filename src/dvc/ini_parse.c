/* Reading configuration files by the rules of configobj: quotes of either kind,
 * three of them over lines, '#' begins a comment outside of quotes, commas make
 * lists. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "dvc/ini.h"

typedef struct parser {
    cm_str rest; /* lines to come */
    cm_str line;
    uint64_t number;
    const char *file;
    cm_ini_file *out;
    size_t section; /* index of the current one */
    cm_error *err;
} parser;

static cm_status refuse(const parser *p, const char *what)
{
    return cm_fail_at(p->err, CM_ERR_PARSE, (cm_where){p->file, p->number, 0},
                      "%s", what);
}

static bool next_line(parser *p)
{
    if (p->rest.n == 0) {
        return false;
    }
    size_t n = 0;
    while (n < p->rest.n && p->rest.p[n] != '\n' && p->rest.p[n] != '\r') {
        n++;
    }
    p->line = (cm_str){p->rest.p, n};
    if (n + 1 < p->rest.n && p->rest.p[n] == '\r' && p->rest.p[n + 1] == '\n') {
        n++;
    }
    n += n < p->rest.n;
    p->rest = (cm_str){p->rest.p + n, p->rest.n - n};
    p->number++;
    return true;
}

static cm_str trim(cm_str s)
{
    return cm_str_strip(s, " \t\n\v\f\r");
}

static cm_str from(cm_str s, size_t at)
{
    return (cm_str){s.p + at, s.n - at};
}

/* What of s remains behind blanks is nothing, or begins with one of set. */
static bool goes_on_with(cm_str s, const char *set)
{
    s = trim(s);
    return s.n == 0 || (s.p[0] != '\0' && strchr(set, s.p[0]) != NULL);
}

/* The length of the quoted text that s begins with, both quotes counted, when
 * blanks and one of set (or the end) come behind it; 0: there is none. */
static size_t quoted_length(cm_str s, const char *set)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == s.p[0] && goes_on_with(from(s, i + 1), set)) {
            return i + 1;
        }
    }
    return 0;
}

static bool is_quote(cm_str s)
{
    return s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'');
}

static cm_str without_quotes(cm_str s)
{
    bool quoted = s.n > 1 && is_quote(s) && s.p[s.n - 1] == s.p[0];
    return quoted ? (cm_str){s.p + 1, s.n - 2} : s;
}

/* A NUL-terminated copy of the arena. */
static char *copy_of(parser *p, cm_str s, bool lower)
{
    char *copy = cm_arena_strdup(&p->out->arena, s.p, s.n, p->err);
    for (size_t i = 0; copy != NULL && lower && i < s.n; i++) {
        copy[i] =
            copy[i] >= 'A' && copy[i] <= 'Z' ? (char)(copy[i] | 0x20) : copy[i];
    }
    return copy;
}

/* ---- sections ------------------------------------------------------------ */

/* 'remote   "x"' as 'remote "x"'; others as they are. */
static cm_status section_name(parser *p, cm_str given, cm_buf *out)
{
    static const char *const kinds[] = {"remote", "machine", "db"};
    cm_str s = trim(given);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i]);
        if (s.n <= n + 1 || strncasecmp(s.p, kinds[i], n) != 0) {
            continue;
        }
        cm_str name = trim(from(s, n));
        if (name.n > 1 && name.p[0] == '"' && name.p[name.n - 1] == '"') {
            cm_buf_addf(out, "%s %.*s", kinds[i], CM_STR_ARG(name));
            return cm_buf_check(out, p->err);
        }
    }
    cm_buf_add(out, given.p, given.n);
    return cm_buf_check(out, p->err);
}

static cm_status open_section(parser *p, cm_str given)
{
    cm_buf name = {0};
    cm_status status = section_name(p, given, &name);
    char *lower = NULL;
    if (status == CM_OK) {
        lower = copy_of(p, (cm_str){name.p, name.n}, true);
        status = lower == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    cm_buf_release(&name);
    if (status != CM_OK) {
        return status;
    }
    if (cm_ini_find(p->out, lower) != NULL) {
        return refuse(p, "found a section a second time; put its options into "
                         "one");
    }
    const cm_ini_section *section = cm_ini_add(p->out, lower, p->err);
    if (section == NULL) {
        return CM_ERR_NOMEM;
    }
    p->section = p->out->n - 1;
    return CM_OK;
}

/* "[name]", the name perhaps in quotes, perhaps with a comment behind. */
static cm_status read_section(parser *p)
{
    cm_str s = trim(from(trim(p->line), 1));
    if (s.n > 0 && s.p[0] == '[') {
        return refuse(p, "found a section in a section ([[…]]), which DVC's "
                         "configuration has not");
    }
    size_t n = 0;
    if (is_quote(s)) {
        n = quoted_length(s, "]");
    } else {
        while (n < s.n &&
               !(s.p[n] == ']' && goes_on_with(from(s, n + 1), "#"))) {
            n++;
        }
    }
    cm_str name = trim((cm_str){s.p, n});
    cm_str behind = trim(from(s, n));
    if (name.n == 0 || behind.n == 0 || behind.p[0] != ']' ||
        !goes_on_with(from(behind, 1), "#")) {
        return refuse(p, "found a section that does not end, expected "
                         "[name]");
    }
    return open_section(p, without_quotes(name));
}

/* ---- values -------------------------------------------------------------- */

enum { MAX_ITEMS = 256 };

typedef struct value {
    const char *items[MAX_ITEMS];
    size_t n;
    bool list;
} value;

static cm_status add_item(parser *p, value *v, cm_str text)
{
    if (v->n == MAX_ITEMS) {
        return refuse(p, "found a list of more than 256 values");
    }
    v->items[v->n] = copy_of(p, text, false);
    return v->items[v->n++] == NULL ? CM_ERR_NOMEM : CM_OK;
}

static size_t bare_length(cm_str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != ',' && s.p[n] != '#') {
        n++;
    }
    return n;
}

/* Items with commas between them, up to a comment or the end. */
static cm_status read_value(parser *p, cm_str s, value *v)
{
    s = trim(s);
    while (s.n > 0 && s.p[0] != '#') {
        size_t n = is_quote(s) ? quoted_length(s, ",#") : bare_length(s);
        if (is_quote(s) && n == 0) {
            return refuse(p, "found a value whose quotes do not end");
        }
        cm_str item = trim((cm_str){s.p, n});
        if (n == 0 && (v->n > 0 || trim(from(s, 1)).n > 0)) {
            return refuse(p, "found a comma without a value before it");
        }
        cm_status status = n > 0 ? add_item(p, v, without_quotes(item)) : CM_OK;
        if (status != CM_OK) {
            return status;
        }
        s = trim(from(s, n));
        if (s.n > 0 && s.p[0] == ',') {
            v->list = true;
            s = trim(from(s, 1));
        }
    }
    return v->n == 0 && !v->list ? add_item(p, v, CM_STR("")) : CM_OK;
}

/* The place of three quotes in s, s.n when there are none. */
static size_t find_triple(cm_str s, char quote)
{
    for (size_t i = 0; i + 3 <= s.n; i++) {
        if (s.p[i] == quote && s.p[i + 1] == quote && s.p[i + 2] == quote) {
            return i;
        }
    }
    return s.n;
}

/* A text in three quotes, perhaps over lines. */
static cm_status read_triple(parser *p, cm_str s, value *v)
{
    cm_buf text = {0};
    char quote = s.p[0];
    cm_str part = from(s, 3);
    size_t end = 0;
    while ((end = find_triple(part, quote)) == part.n) {
        cm_buf_add(&text, part.p, part.n);
        cm_buf_addc(&text, '\n');
        if (!next_line(p)) {
            cm_buf_release(&text);
            return refuse(p, "found a value whose three quotes do not end");
        }
        part = p->line;
    }
    cm_buf_add(&text, part.p, end);
    cm_status status = cm_buf_check(&text, p->err);
    if (status == CM_OK && !goes_on_with(from(part, end + 3), "#")) {
        status = refuse(p, "found more behind a value in three quotes");
    }
    if (status == CM_OK) {
        cm_str whole = {text.p != NULL ? text.p : "", text.n};
        status = add_item(p, v, whole);
    }
    cm_buf_release(&text);
    return status;
}

/* "key = value" */
static cm_status read_option(parser *p)
{
    cm_str s = trim(p->line);
    size_t n = 0;
    if (is_quote(s)) {
        n = quoted_length(s, "=");
    } else {
        while (n < s.n && s.p[n] != '=') {
            n++;
        }
    }
    cm_str key = trim((cm_str){s.p, n});
    s = trim(from(s, n));
    if (key.n == 0 || s.n == 0) {
        return refuse(p, "found a line that is neither [section] nor key = "
                         "value");
    }
    s = trim(from(s, 1));
    value v = {.n = 0};
    const char *name = copy_of(p, without_quotes(key), true);
    if (name == NULL) {
        return CM_ERR_NOMEM;
    }
    if (cm_ini_get(&p->out->sections[p->section], name) != NULL) {
        return refuse(p, "found an option a second time; remove one of them");
    }
    bool triple = is_quote(s) && find_triple(s, s.p[0]) == 0;
    cm_status status = triple ? read_triple(p, s, &v) : read_value(p, s, &v);
    return status == CM_OK ? cm_ini_set(p->out, &p->out->sections[p->section],
                                        name, v.items, v.n, v.list, p->err)
                           : status;
}

cm_status cm_ini_parse(cm_ini_file *out, cm_str text, const char *file,
                       cm_error *err)
{
    parser p = {.rest = text, .file = file, .out = out, .err = err};
    *out = (cm_ini_file){0};
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0) {
        p.rest = from(text, 3);
    }
    if (memchr(text.n > 0 ? text.p : "", '\0', text.n) != NULL ||
        cm_utf8_valid(text) != text.n) {
        return cm_fail(err, CM_ERR_PARSE,
                       "%s: is not a text in UTF-8, expected a configuration "
                       "file",
                       file);
    }
    cm_status status = cm_ini_add(out, "", err) == NULL ? CM_ERR_NOMEM : CM_OK;
    while (status == CM_OK && next_line(&p)) {
        cm_str line = trim(p.line);
        if (line.n > 0 && line.p[0] != '#') {
            status = line.p[0] == '[' ? read_section(&p) : read_option(&p);
        }
    }
    return status;
}
