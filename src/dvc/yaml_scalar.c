/* What a text is as a YAML scalar: the type a plain one is read as, and the
 * quotes a text needs to be read as itself, by the rules of ruamel.yaml. */
#include "dvc/yaml_scalar.h"

#include <stdlib.h>
#include <string.h>

#include "dvc/utf8.h"

/* ---- the type of a plain scalar ------------------------------------------ */

#define DIGITS "0123456789"

/* How many bytes from `at` on are in set. */
static size_t span(cm_str s, size_t at, const char *set)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] != '\0' &&
           strchr(set, s.p[at + n]) != NULL) {
        n++;
    }
    return n;
}

static bool is_one_of(cm_str s, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (cm_str_is(s, *words)) {
            return true;
        }
    }
    return false;
}

static cm_str without_sign(cm_str s)
{
    size_t sign = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    return (cm_str){s.p + sign, s.n - sign};
}

static bool is_int(cm_str text)
{
    cm_str s = without_sign(text);
    if (s.n == 0 || (s.n == text.n && s.p[0] == '_')) {
        return false;
    }
    if (span(s, 0, DIGITS "_") == s.n) {
        return true;
    }
    if (s.n < 3 || s.p[0] != '0') {
        return false;
    }
    const char *digits = s.p[1] == 'b'   ? "01_"
                         : s.p[1] == 'o' ? "01234567_"
                         : s.p[1] == 'x' ? DIGITS "abcdefABCDEF_"
                                         : "";
    return span(s, 2, digits) == s.n - 2;
}

/* "e-05" up to the end; a sign is needed after ".5" alone. */
static bool is_exponent(cm_str s, size_t at, bool needs_sign)
{
    if (at >= s.n || (s.p[at] != 'e' && s.p[at] != 'E')) {
        return false;
    }
    at++;
    bool sign = at < s.n && (s.p[at] == '-' || s.p[at] == '+');
    at += sign;
    size_t n = span(s, at, DIGITS);
    return n > 0 && at + n == s.n && (sign || !needs_sign);
}

static bool is_float(cm_str text)
{
    static const char *const infinite[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const no_number[] = {".nan", ".NaN", ".NAN", NULL};
    cm_str s = without_sign(text);
    if (is_one_of(s, infinite) || is_one_of(text, no_number)) {
        return true;
    }
    if (s.n == 0 || s.p[0] == '_') {
        return false;
    }
    size_t whole = span(s, 0, DIGITS "_");
    bool point = whole < s.n && s.p[whole] == '.';
    if (!point) {
        return whole > 0 && is_exponent(s, whole, false);
    }
    size_t rest = span(s, whole + 1, DIGITS "_");
    size_t end = whole + 1 + rest;
    return (whole > 0 || rest > 0) &&
           (end == s.n || is_exponent(s, end, whole == 0));
}

/* Moves *at over low to high digits. */
static bool skip_digits(cm_str s, size_t *at, size_t low, size_t high)
{
    size_t n = span(s, *at, DIGITS);
    n = n > high ? high : n;
    *at += n;
    return n >= low;
}

static bool skip_char(cm_str s, size_t *at, char c)
{
    bool is = *at < s.n && s.p[*at] == c;
    *at += is;
    return is;
}

/* "Z" or "+03:00" or nothing, up to the end. */
static bool is_zone(cm_str s, size_t at)
{
    if (at == s.n) {
        return true;
    }
    at += span(s, at, " \t");
    if (skip_char(s, &at, 'Z')) {
        return at == s.n;
    }
    if (!skip_char(s, &at, '-') && !skip_char(s, &at, '+')) {
        return false;
    }
    if (!skip_digits(s, &at, 1, 2)) {
        return false;
    }
    return at == s.n ||
           (skip_char(s, &at, ':') && skip_digits(s, &at, 2, 2) && at == s.n);
}

/* "12:30:45.5" with what may follow. */
static bool is_clock(cm_str s, size_t at)
{
    bool ok = skip_digits(s, &at, 1, 2) && skip_char(s, &at, ':') &&
              skip_digits(s, &at, 2, 2) && skip_char(s, &at, ':') &&
              skip_digits(s, &at, 2, 2);
    if (ok && skip_char(s, &at, '.')) {
        at += span(s, at, DIGITS);
    }
    return ok && is_zone(s, at);
}

static bool is_time(cm_str s)
{
    size_t at = 0;
    if (!skip_digits(s, &at, 4, 4) || !skip_char(s, &at, '-')) {
        return false;
    }
    size_t month = at;
    if (!skip_digits(s, &at, 1, 2)) {
        return false;
    }
    month = at - month;
    if (!skip_char(s, &at, '-')) {
        return false;
    }
    size_t day = at;
    (void)skip_digits(s, &at, 0, 2);
    day = at - day;
    if (at == s.n) {
        return month == 2 && day == 2;
    }
    if (day == 0) {
        return false;
    }
    size_t blanks = span(s, at, " \t");
    if (blanks == 0 && !skip_char(s, &at, 'T') && !skip_char(s, &at, 't')) {
        return false;
    }
    return is_clock(s, at + blanks);
}

yaml_tag cm_yaml_plain_tag(cm_str text)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const bools[] = {"true",  "True",  "TRUE", "false",
                                        "False", "FALSE", NULL};
    if (is_one_of(text, nulls)) {
        return YAML_TAG_NULL;
    }
    if (is_one_of(text, bools)) {
        return YAML_TAG_BOOL;
    }
    if (is_float(text)) {
        return YAML_TAG_FLOAT;
    }
    if (is_int(text)) {
        return YAML_TAG_INT;
    }
    bool other = is_time(text) || cm_str_is(text, "<<") || cm_str_is(text, "=");
    return other ? YAML_TAG_OTHER : YAML_TAG_TEXT;
}

/* ---- code points --------------------------------------------------------- */

enum { NEXT_LINE = 0x85, LINE_END = 0x2028, PARAGRAPH_END = 0x2029 };

bool yaml_is_break(uint32_t c)
{
    return c == '\n' || c == NEXT_LINE || c == LINE_END || c == PARAGRAPH_END;
}

bool yaml_chars_of(yaml_chars *out, cm_str text)
{
    *out = (yaml_chars){malloc((text.n + 1) * sizeof(uint32_t)), 0, false};
    if (out->c == NULL) {
        return false;
    }
    for (const char *p = text.p, *end = p + text.n; p < end;) {
        out->c[out->n++] = utf8_next(&p, end);
    }
    return true;
}

/* ---- quotes -------------------------------------------------------------- */

/* Blank, break or beyond the end. */
static bool is_gap(const yaml_chars *s, size_t at)
{
    uint32_t c = at < s->n ? s->c[at] : 0;
    return c == 0 || c == ' ' || c == '\t' || c == '\r' || yaml_is_break(c);
}

static bool is_printable(uint32_t c)
{
    return c == '\n' || (c >= 0x20 && c <= 0x7E) || c == NEXT_LINE ||
           (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF) || c >= 0x10000;
}

/* A character that would be punctuation where it stands. */
static bool is_indicator(const yaml_chars *s, size_t at)
{
    uint32_t c = s->c[at];
    if (at == 0) {
        return (c < 0x80 && strchr("#,[]{}&*!|>'\"%@`", (int)c) != NULL) ||
               ((c == '?' || c == ':' || c == '-') && is_gap(s, 1));
    }
    return (c == ':' && is_gap(s, at + 1)) || (c == '#' && is_gap(s, at - 1));
}

static bool is_document_mark(const yaml_chars *s)
{
    return s->n >= 3 && s->c[0] == s->c[1] && s->c[1] == s->c[2] &&
           (s->c[0] == '-' || s->c[0] == '.');
}

typedef struct traits {
    bool indicators, special, quote, newline, breaks;
    bool break_space, space_break;
    bool edge; /* blank or break at an end */
} traits;

static traits look(const yaml_chars *s)
{
    traits t = {.indicators = is_document_mark(s)};
    for (size_t i = 0; i < s->n; i++) {
        uint32_t c = s->c[i];
        bool is_break = yaml_is_break(c);
        bool after_break = i > 0 && yaml_is_break(s->c[i - 1]);
        t.indicators |= c != 0 && is_indicator(s, i);
        t.special |= !is_printable(c);
        t.quote |= c == '\'';
        t.newline |= c == '\n';
        t.breaks |= is_break;
        t.break_space |= c == ' ' && after_break;
        t.space_break |= is_break && i > 0 && s->c[i - 1] == ' ';
        t.edge |= (c == ' ' || is_break) && (i == 0 || i + 1 == s->n);
    }
    return t;
}

yaml_style yaml_choose_style(yaml_chars *chars, yaml_tag tag, bool key)
{
    traits t = look(chars);
    bool only_double = t.special || t.break_space || t.space_break;
    chars->multiline = t.breaks;
    if (tag == YAML_TAG_TEXT && !only_double && !t.breaks && !t.indicators &&
        !t.edge) {
        return YAML_STYLE_PLAIN;
    }
    if (t.quote || t.newline || only_double || (key && t.breaks)) {
        return YAML_STYLE_DOUBLE;
    }
    return YAML_STYLE_SINGLE;
}
