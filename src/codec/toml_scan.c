/* Blanks, comments and strings of TOML. */
#include "codec/toml_scan.h"

#include <stdio.h>
#include <string.h>

#include "codec/place.h"

/* ---- errors -------------------------------------------------------------- */

static cm_where place(const toml_scan *s, const char *at)
{
    return text_place(s->text, (size_t)(at - s->text.p), s->file);
}

cm_status toml_expected(const toml_scan *s, const char *at, const char *what)
{
    char found[8] = "the end";
    size_t n = 1;
    if (at < s->end) {
        while (at + n < s->end && ((unsigned char)at[n] & 0xc0) == 0x80 &&
               n < 4) {
            n++;
        }
        (void)snprintf(found, sizeof found, "'%.*s'", (int)n, at);
    }
    bool line = at < s->end && (*at == '\n' || *at == '\r');
    return cm_fail_at(s->err, CM_ERR_PARSE, place(s, at),
                      "found %s, expected %s",
                      line ? "the end of the line" : found, what);
}

cm_status toml_wrong(const toml_scan *s, const char *at, const char *what)
{
    return cm_fail_at(s->err, CM_ERR_PARSE, place(s, at), "%s", what);
}

cm_status toml_no_memory(const toml_scan *s)
{
    return cm_fail(s->err, CM_ERR_NOMEM, "%s: out of memory", s->file);
}

/* ---- between values ------------------------------------------------------ */

void toml_skip_blanks(toml_scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t')) {
        s->p++;
    }
}

static bool is_control(char c)
{
    unsigned char u = (unsigned char)c;
    return (u < 0x20 && u != '\t') || u == 0x7f;
}

/* The length of a line's end at p, 0 for none. */
static size_t line_end(const toml_scan *s)
{
    return s->p < s->end && s->p[0] == '\n'                          ? 1
           : s->p + 1 < s->end && s->p[0] == '\r' && s->p[1] == '\n' ? 2
                                                                     : 0;
}

static cm_status skip_comment(toml_scan *s)
{
    if (s->p < s->end && *s->p == '#') {
        while (s->p < s->end && line_end(s) == 0) {
            if (is_control(*s->p)) {
                return toml_wrong(s, s->p,
                                  "found a control character in a comment; "
                                  "remove it");
            }
            s->p++;
        }
    }
    return CM_OK;
}

cm_status toml_end_line(toml_scan *s)
{
    toml_skip_blanks(s);
    cm_status status = skip_comment(s);
    size_t n = line_end(s);
    if (status == CM_OK && n == 0 && s->p < s->end) {
        status = toml_expected(s, s->p, "the end of the line");
    }
    s->p += n;
    return status;
}

cm_status toml_skip_lines(toml_scan *s)
{
    cm_status status = CM_OK;
    size_t n = 1;
    while (n > 0 && status == CM_OK) {
        toml_skip_blanks(s);
        status = skip_comment(s);
        n = line_end(s);
        s->p += n;
    }
    return status;
}

/* ---- strings ------------------------------------------------------------- */

static void put_code_point(cm_buf *out, uint32_t c)
{
    if (c < 0x80) {
        cm_buf_addc(out, (char)c);
    } else if (c < 0x800) {
        cm_buf_addc(out, (char)(0xc0 | c >> 6));
        cm_buf_addc(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        cm_buf_addc(out, (char)(0xe0 | c >> 12));
        cm_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
        cm_buf_addc(out, (char)(0x80 | (c & 0x3f)));
    } else {
        cm_buf_addc(out, (char)(0xf0 | c >> 18));
        cm_buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
        cm_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
        cm_buf_addc(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* The n digits behind "\u" or "\U". */
static cm_status read_code_point(toml_scan *s, size_t n, cm_buf *out)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = s->p;
    uint32_t c = 0;
    for (size_t i = 0; i < n; i++, s->p++) {
        char lower = s->p < s->end ? *s->p : '\0';
        lower = lower >= 'A' && lower <= 'F' ? (char)(lower | 0x20) : lower;
        const char *digit = lower != '\0' ? strchr(digits, lower) : NULL;
        if (digit == NULL) {
            return toml_expected(s, s->p,
                                 n == 4 ? "4 hexadecimal digits"
                                        : "8 hexadecimal digits");
        }
        c = c << 4 | (uint32_t)(digit - digits);
    }
    if (c == 0) {
        return toml_wrong(s, at, "found a NUL in a text; leave it out");
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return toml_wrong(s, at, "these digits are no character of Unicode");
    }
    put_code_point(out, c);
    return CM_OK;
}

static cm_status no_escape(const toml_scan *s)
{
    return toml_expected(s, s->p,
                         "one of b, t, n, f, r, u, U, \" and \\ behind '\\'");
}

/* Behind a backslash at a line's end: all blanks up to the next word go. */
static cm_status skip_fold(toml_scan *s)
{
    toml_skip_blanks(s);
    if (line_end(s) == 0) {
        return no_escape(s);
    }
    for (size_t n = line_end(s); n > 0; n = line_end(s)) {
        s->p += n;
        toml_skip_blanks(s);
    }
    return CM_OK;
}

static cm_status read_escape(toml_scan *s, bool is_long, cm_buf *out)
{
    static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
    char c = s->p < s->end ? *s->p : '\0';
    const char *name = c != '\0' ? strchr(names, c) : NULL;
    if (name != NULL) {
        cm_buf_addc(out, values[name - names]);
        s->p++;
        return CM_OK;
    }
    if (c == 'u' || c == 'U') {
        s->p++;
        return read_code_point(s, c == 'u' ? 4 : 8, out);
    }
    return is_long ? skip_fold(s) : no_escape(s);
}

/* Quotes at p, up to five: three of them end a long string. */
static size_t count_quotes(const toml_scan *s, char quote)
{
    size_t n = 0;
    while (n < 5 && s->p + n < s->end && s->p[n] == quote) {
        n++;
    }
    return n;
}

/* Whether the string ends here; quotes that are its own are added. */
static bool at_end(toml_scan *s, char quote, bool is_long, cm_buf *out)
{
    size_t n = count_quotes(s, quote);
    bool ends = is_long ? n >= 3 : n > 0;
    size_t own = is_long ? (ends ? n - 3 : n) : 0;
    for (size_t i = 0; i < own; i++) {
        cm_buf_addc(out, quote);
    }
    s->p += ends ? (is_long ? n : 1) : own;
    return ends;
}

static cm_status read_char(toml_scan *s, char quote, bool is_long, cm_buf *out)
{
    size_t n = line_end(s);
    if (n > 0 && is_long) {
        cm_buf_addc(out, '\n');
        s->p += n;
        return CM_OK;
    }
    if (s->p == s->end || n > 0) {
        return toml_expected(s, s->p, "the end of a string");
    }
    if (is_control(*s->p)) {
        return toml_wrong(s, s->p,
                          "found a control character in a string; write it as "
                          "\\u and 4 digits");
    }
    if (*s->p == '\\' && quote == '"') {
        s->p++;
        return read_escape(s, is_long, out);
    }
    cm_buf_addc(out, *s->p++);
    return CM_OK;
}

cm_status toml_string(toml_scan *s, bool long_too, cm_buf *out)
{
    char quote = *s->p;
    bool is_long = long_too && count_quotes(s, quote) >= 3;
    cm_status status = CM_OK;
    s->p += is_long ? 3 : 1;
    if (is_long) {
        s->p += line_end(s);
    }
    while (status == CM_OK && !at_end(s, quote, is_long, out)) {
        status = read_char(s, quote, is_long, out);
    }
    cm_buf_adds(out, "");
    return status == CM_OK && out->failed ? toml_no_memory(s) : status;
}
