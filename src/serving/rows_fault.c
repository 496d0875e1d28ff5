/* Where a broken JSON text breaks, told as Python's json module tells it: its
 * words are what users of FastAPI know from json_invalid.
 *
 * The JSON library has read up to some token; what may follow it is little, so
 * the first thing that may not is soon found. */
#include <string.h>

#include "serving/rows_document.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(cm_str s, size_t at)
{
    while (at < s.n && is_space(s.p[at])) {
        at++;
    }
    return at;
}

static bool is_at(cm_str s, size_t at, char c)
{
    return at < s.n && s.p[at] == c;
}

static bool is_digit_at(cm_str s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

static bool is_hex(char c)
{
    return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

/* at: behind a backslash. */
static bool escape_is_right(cm_str s, size_t at, json_fault *fault)
{
    if (s.p[at] != 'u') {
        *fault = (json_fault){at - 1, "Invalid \\escape"};
        return s.p[at] != '\0' && strchr("\"\\/bfnrt", s.p[at]) != NULL;
    }
    *fault = (json_fault){at, "Invalid \\uXXXX escape"};
    for (size_t i = 1; i <= 4; i++) { /* Python wants a byte more behind them */
        if (at + 5 >= s.n || !is_hex(s.p[at + i])) {
            return false;
        }
    }
    return true;
}

/* begin: of the quote.  A right string's *end is behind its last quote. */
static bool string_is_right(cm_str s, size_t begin, size_t *end,
                            json_fault *fault)
{
    for (size_t at = begin + 1; at < s.n; at++) {
        if (s.p[at] == '"') {
            *end = at + 1;
            return true;
        }
        if ((unsigned char)s.p[at] < 0x20) {
            *fault = (json_fault){at, "Invalid control character at"};
            return false;
        }
        if (s.p[at] != '\\') {
            continue;
        }
        if (++at == s.n) {
            break;
        }
        if (!escape_is_right(s, at, fault)) {
            return false;
        }
    }
    *fault = (json_fault){begin, "Unterminated string starting at"};
    return false;
}

static bool word_is_right(cm_str s, size_t begin, size_t *end)
{
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (s.n - begin >= n && memcmp(s.p + begin, words[i], n) == 0) {
            *end = begin + n;
            return true;
        }
    }
    return false;
}

static size_t skip_digits(cm_str s, size_t at)
{
    while (is_digit_at(s, at)) {
        at++;
    }
    return at;
}

/* The longest number that starts there. */
static bool number_is_right(cm_str s, size_t begin, size_t *end)
{
    size_t at = begin + is_at(s, begin, '-');
    if (!is_digit_at(s, at)) {
        return false;
    }
    at = s.p[at] == '0' ? at + 1 : skip_digits(s, at);
    if (is_at(s, at, '.') && is_digit_at(s, at + 1)) {
        at = skip_digits(s, at + 1);
    }
    if (is_at(s, at, 'e') || is_at(s, at, 'E')) {
        size_t digits =
            at + 1 + (is_at(s, at + 1, '+') || is_at(s, at + 1, '-'));
        at = is_digit_at(s, digits) ? skip_digits(s, digits) : at;
    }
    *end = at;
    return true;
}

/* A string, a number or a word, as far as it is one. */
static bool value_is_right(cm_str s, size_t begin, size_t *end,
                           json_fault *fault)
{
    if (is_at(s, begin, '"')) {
        return string_is_right(s, begin, end, fault);
    }
    *fault = (json_fault){begin, "Expecting value"};
    return begin < s.n &&
           (word_is_right(s, begin, end) || number_is_right(s, begin, end));
}

/* Behind a value: the next thing is not what it has to be. */
static json_fault fault_after(const document *d, size_t end)
{
    size_t at = skip_space(d->body, end);
    return (json_fault){at, d->depth == 0 ? "Extra data"
                                          : "Expecting ',' delimiter"};
}

static json_fault fault_of_value(const document *d, size_t begin)
{
    json_fault fault;
    size_t at = skip_space(d->body, begin);
    size_t end = at;
    return value_is_right(d->body, at, &end, &fault) ? fault_after(d, end)
                                                     : fault;
}

static json_fault fault_of_key(const document *d, size_t begin)
{
    json_fault fault;
    size_t at = skip_space(d->body, begin);
    size_t end = at;
    if (!is_at(d->body, at, '"')) {
        return (json_fault){
            at, "Expecting property name enclosed in double quotes"};
    }
    if (!string_is_right(d->body, at, &end, &fault)) {
        return fault;
    }
    return (json_fault){skip_space(d->body, end), "Expecting ':' delimiter"};
}

json_fault document_find_fault(const document *d)
{
    size_t at = skip_space(d->body, d->end);
    if (d->n == 0) {
        return fault_of_value(d, at);
    }
    if (d->depth == 0) {
        return fault_after(d, d->end);
    }
    bool in_object = d->nodes[d->open].kind == NODE_OBJECT;
    bool is_first = d->open == d->n - 1;
    if (d->after_key) {
        return is_at(d->body, at, ':')
                   ? fault_of_value(d, at + 1)
                   : (json_fault){at, "Expecting ':' delimiter"};
    }
    if (!is_first && !is_at(d->body, at, ',')) {
        return (json_fault){at, "Expecting ',' delimiter"};
    }
    at += !is_first;
    return in_object ? fault_of_key(d, at) : fault_of_value(d, at);
}
