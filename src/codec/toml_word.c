/* Values of TOML that are one word: numbers, true, false, dates and times. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "codec/toml_scan.h"

enum { MAX_NUMBER = 400 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- dates and times ----------------------------------------------------- */

/* n digits at *p as a number from low to high. */
static bool take_number(const char **p, size_t n, int low, int high, int *out)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit((*p)[i])) {
            return false;
        }
        value = value * 10 + ((*p)[i] - '0');
    }
    *p += n;
    *out = value;
    return value >= low && value <= high;
}

static bool take(const char **p, char c)
{
    bool there = **p == c;
    *p += there;
    return there;
}

static bool take_date(const char **p)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 0, month = 0, day = 0;
    if (!take_number(p, 4, 1, 9999, &year) || !take(p, '-') ||
        !take_number(p, 2, 1, 12, &month) || !take(p, '-')) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int last = days[month - 1] + (month == 2 && leap);
    return take_number(p, 2, 1, last, &day);
}

static bool take_time(const char **p)
{
    int part = 0;
    if (!take_number(p, 2, 0, 23, &part) || !take(p, ':') ||
        !take_number(p, 2, 0, 59, &part) || !take(p, ':') ||
        !take_number(p, 2, 0, 59, &part)) {
        return false;
    }
    if (take(p, '.')) {
        const char *first = *p;
        while (is_digit(**p)) {
            (*p)++;
        }
        return *p > first;
    }
    return true;
}

static bool take_offset(const char **p)
{
    int part = 0;
    if (take(p, 'Z') || take(p, 'z')) {
        return true;
    }
    if (!take(p, '+') && !take(p, '-')) {
        return true; /* local */
    }
    return take_number(p, 2, 0, 23, &part) && take(p, ':') &&
           take_number(p, 2, 0, 59, &part);
}

static bool is_date_or_time(const char *p)
{
    if (strlen(p) > 2 && p[2] == ':') {
        return take_time(&p) && *p == '\0';
    }
    if (!take_date(&p)) {
        return false;
    }
    if (*p == '\0') {
        return true;
    }
    bool between = take(&p, 'T') || take(&p, 't') || take(&p, ' ');
    return between && take_time(&p) && take_offset(&p) && *p == '\0';
}

/* ---- numbers ------------------------------------------------------------- */

/* Digits with single '_' between them; how many there are, 0 for none. */
static size_t take_digits(const char **p, const char *allowed)
{
    size_t n = 0;
    const char *at = *p;
    while (*at != '\0' && strchr(allowed, *at) != NULL) {
        n++;
        at++;
        if (at[0] == '_' && at[1] != '\0' && strchr(allowed, at[1]) != NULL) {
            at++;
        }
    }
    *p = at;
    return n;
}

/* An integer, or the part of a float before its point: no zeros in front. */
static bool take_whole(const char **p)
{
    const char *first = *p;
    return take_digits(p, "0123456789") > 0 &&
           (first[0] != '0' || *p == first + 1);
}

static bool is_float(const char *p)
{
    bool more = false;
    p += *p == '+' || *p == '-';
    if (strcmp(p, "inf") == 0 || strcmp(p, "nan") == 0) {
        return true;
    }
    if (!take_whole(&p)) {
        return false;
    }
    if (take(&p, '.')) {
        more = true;
        if (take_digits(&p, "0123456789") == 0) {
            return false;
        }
    }
    if (take(&p, 'e') || take(&p, 'E')) {
        more = true;
        p += *p == '+' || *p == '-';
        if (take_digits(&p, "0123456789") == 0) {
            return false;
        }
    }
    return more && *p == '\0';
}

static const char *digits_of(int base)
{
    return base == 2    ? "01"
           : base == 8  ? "01234567"
           : base == 16 ? "0123456789abcdefABCDEF"
                        : "0123456789";
}

/* The base of an integer, 0 when it is none. */
static int int_base(const char *p)
{
    int base = p[0] != '0'   ? 10
               : p[1] == 'x' ? 16
               : p[1] == 'o' ? 8
               : p[1] == 'b' ? 2
                             : 10;
    bool good;
    if (base == 10) {
        p += *p == '+' || *p == '-';
        good = take_whole(&p);
    } else {
        p += 2;
        good = take_digits(&p, digits_of(base)) > 0;
    }
    return good && *p == '\0' ? base : 0;
}

/* The word without '_' and '+'; false: too long. */
static bool plain_number(char out[MAX_NUMBER], const char *word)
{
    size_t n = 0;
    for (const char *p = word + (*word == '+'); *p != '\0'; p++) {
        if (*p != '_') {
            out[n++] = *p;
        }
        if (n == MAX_NUMBER) {
            return false;
        }
    }
    out[n] = '\0';
    return true;
}

static bool in_base(const char *digits, unsigned base, int64_t *out)
{
    uint64_t value = 0;
    for (; *digits != '\0'; digits++) {
        unsigned c = (unsigned char)*digits;
        unsigned digit = c <= '9' ? c - '0' : (c | 0x20u) - 'a' + 10;
        if (value > ((uint64_t)INT64_MAX - digit) / base) {
            return false;
        }
        value = value * base + digit;
    }
    *out = (int64_t)value;
    return true;
}

/* NULL: too large a number; it stays a text. */
static json_t *number_of(const char *word, int base)
{
    char plain[MAX_NUMBER];
    int64_t whole = 0;
    double real = 0;
    if (!plain_number(plain, word)) {
        return NULL;
    }
    if (base == 10) {
        return cm_parse_i64(cm_str_of(plain), &whole) ? json_integer(whole)
                                                      : NULL;
    }
    if (base > 0) {
        return in_base(plain + 2, (unsigned)base, &whole) ? json_integer(whole)
                                                          : NULL;
    }
    return cm_parse_double(cm_str_of(plain), &real) ? json_real(real) : NULL;
}

/* ---- words --------------------------------------------------------------- */

static bool is_word(const char *p, const char *end)
{
    unsigned char c = p < end ? (unsigned char)*p : 0;
    return is_digit((char)c) || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') ||
           (c != 0 && strchr("_+-.:", (char)c) != NULL);
}

/* A blank may stand between a date and its time. */
static bool is_time_behind(const char *word, const char *p, const char *end)
{
    return p - word == 10 && word[4] == '-' && word[7] == '-' && end - p > 3 &&
           p[0] == ' ' && is_digit(p[1]) && is_digit(p[2]) && p[3] == ':';
}

static cm_status value_of(const toml_scan *s, const char *word, const char *at,
                          json_t **out)
{
    int base = int_base(word);
    bool is_number = base > 0 || is_float(word);
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        *out = json_boolean(word[0] == 't');
        return CM_OK;
    }
    if (!is_number && !is_date_or_time(word)) {
        return toml_wrong(s, at,
                          "this is no value; a text needs quotes, and numbers, "
                          "dates and times are to be as TOML has them");
    }
    *out = is_number ? number_of(word, base) : NULL;
    *out = *out != NULL ? *out : json_string(word);
    return *out != NULL ? CM_OK : toml_no_memory(s);
}

cm_status toml_word(toml_scan *s, json_t **out)
{
    const char *first = s->p;
    cm_buf word = {0};
    while (is_word(s->p, s->end) || is_time_behind(first, s->p, s->end)) {
        s->p++;
    }
    if (s->p == first) {
        return toml_expected(s, first, "a value");
    }
    cm_buf_add(&word, first, (size_t)(s->p - first));
    cm_status status =
        word.failed ? toml_no_memory(s) : value_of(s, word.p, first, out);
    cm_buf_release(&word);
    return status;
}
