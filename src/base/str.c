/* Text: views and the growing buffer. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

cm_str cm_str_of(const char *text)
{
    return (cm_str){text, text == NULL ? 0 : strlen(text)};
}

bool cm_str_equal(cm_str a, cm_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool cm_str_is(cm_str a, const char *text)
{
    return cm_str_equal(a, cm_str_of(text));
}

int cm_str_compare(cm_str a, cm_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

bool cm_str_ends_with(cm_str a, const char *suffix)
{
    cm_str end = cm_str_of(suffix);
    return a.n >= end.n &&
           cm_str_equal((cm_str){a.p + (a.n - end.n), end.n}, end);
}

/* Length of the sequence that starts at s, 0 when it is not valid: too long
 * forms, surrogates and code points over U+10FFFF are not (RFC 3629). */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
    unsigned char c = s[0];
    if (c < 0x80) {
        return 1;
    }
    size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || n < length) {
        return 0;
    }
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : low;
    high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : high;
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

cm_str cm_str_strip(cm_str text, const char *set)
{
    size_t n = strlen(set);
    while (text.n > 0 && memchr(set, text.p[0], n) != NULL) {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && memchr(set, text.p[text.n - 1], n) != NULL) {
        text.n--;
    }
    return text;
}

cm_str cm_str_trim(cm_str text)
{
    return cm_str_strip(text, " ");
}

size_t cm_utf8_valid(cm_str s)
{
    const unsigned char *bytes = (const unsigned char *)s.p;
    size_t i = 0;
    while (i < s.n) {
        uint64_t word = 0;
        if (s.n - i >= sizeof word) {
            memcpy(&word, bytes + i, sizeof word);
            if ((word & 0x8080808080808080ull) == 0) {
                i += sizeof word;
                continue;
            }
        }
        size_t length = utf8_sequence(bytes + i, s.n - i);
        if (length == 0) {
            break;
        }
        i += length;
    }
    return i;
}

enum { LONGEST_WORD = 128 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* One row of the table of distances at a time (Wagner and Fischer, 1974). */
size_t cm_edit_distance(cm_str a, cm_str b)
{
    if (a.n > LONGEST_WORD || b.n > LONGEST_WORD) {
        return a.n > b.n ? a.n : b.n;
    }
    size_t row[LONGEST_WORD + 1];
    for (size_t j = 0; j <= b.n; j++) {
        row[j] = j;
    }
    for (size_t i = 0; i < a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.n; j++) {
            size_t replaced = diagonal + (a.p[i] != b.p[j]);
            diagonal = row[j + 1];
            row[j + 1] = min3(replaced, row[j] + 1, diagonal + 1);
        }
    }
    return row[b.n];
}

/* Near: at most a third of the letters differ, and always one may. */
const char *cm_nearest_word(cm_str word, const char *const *words, size_t n)
{
    const char *nearest = NULL;
    size_t limit = word.n / 3 > 0 ? word.n / 3 : 1;
    for (size_t i = 0; i < n; i++) {
        cm_str candidate = cm_str_of(words[i]);
        size_t distance = cm_edit_distance(word, candidate);
        if (distance <= limit && distance < candidate.n) {
            nearest = words[i];
            limit = distance == 0 ? 0 : distance - 1;
        }
        if (distance == 0) {
            break;
        }
    }
    return nearest;
}

/* Room for n more bytes and the NUL. */
static bool reserve(cm_buf *buf, size_t n)
{
    size_t wanted = 0;
    if (buf->failed || __builtin_add_overflow(buf->n, n, &wanted) ||
        wanted >= PTRDIFF_MAX) {
        buf->failed = true;
        return false;
    }
    if (wanted < buf->capacity) {
        return true;
    }
    size_t capacity = buf->capacity * 2 > 64 ? buf->capacity * 2 : 64;
    if (capacity <= wanted) {
        capacity = wanted + 1;
    }
    char *p = realloc(buf->p, capacity);
    if (p == NULL) {
        buf->failed = true;
        return false;
    }
    buf->p = p;
    buf->capacity = capacity;
    return true;
}

void cm_buf_add(cm_buf *buf, const void *bytes, size_t n)
{
    if (n == 0 || !reserve(buf, n)) {
        return;
    }
    memcpy(buf->p + buf->n, bytes, n);
    buf->n += n;
    buf->p[buf->n] = '\0';
}

void cm_buf_adds(cm_buf *buf, const char *text)
{
    cm_buf_add(buf, text, strlen(text));
}

void cm_buf_addc(cm_buf *buf, char c)
{
    if (buf->failed || buf->n + 1 >= buf->capacity) {
        cm_buf_add(buf, &c, 1);
        return;
    }
    buf->p[buf->n++] = c;
    buf->p[buf->n] = '\0';
}

void cm_buf_addf(cm_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0) {
        buf->failed = true;
    }
    if (n <= 0 || !reserve(buf, (size_t)n)) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(buf->p + buf->n, (size_t)n + 1, fmt, args);
    va_end(args);
    buf->n += (size_t)n;
}

void cm_buf_add_double(cm_buf *buf, double value)
{
    char text[CM_NUM_TEXT];
    cm_buf_add(buf, text, cm_format_double(text, value));
}

void cm_buf_clear(cm_buf *buf)
{
    buf->n = 0;
    buf->failed = false;
    if (buf->p != NULL) {
        buf->p[0] = '\0';
    }
}

void cm_buf_release(cm_buf *buf)
{
    free(buf->p);
    *buf = (cm_buf){0};
}

cm_status cm_buf_check(const cm_buf *buf, cm_error *err)
{
    if (!buf->failed) {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_NOMEM,
                   "out of memory: a text of more than %zu bytes could not be "
                   "held; give the process more memory",
                   buf->n);
}
