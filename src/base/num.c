/* Reading numbers, independent of the locale.
 *
 * A decimal whose digits fit 53 bits and whose power of ten is exact is one
 * correctly rounded operation (W. D. Clinger, "How to read floating point
 * numbers accurately", 1990); the rest is left to strtod. */
#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_NUMBER = 1100, /* bytes; the longest exact double has 1077 */
    EXACT_POWER = 22       /* 10^22 is the last power of ten in 53 bits */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool cm_parse_u64(cm_str text, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint64_t digit = (uint64_t)(unsigned char)text.p[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    if (text.n > 0) {
        *out = value;
    }
    return text.n > 0;
}

bool cm_parse_i64(cm_str text, int64_t *out)
{
    bool negative = text.n > 0 && text.p[0] == '-';
    uint64_t value = 0;
    if (!cm_parse_u64((cm_str){text.p + negative, text.n - negative}, &value) ||
        value > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* glibc keeps the "C" locale built in: this neither allocates nor fails. */
static locale_t c_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* A decimal number taken apart: digits * 10^exponent. */
typedef struct decimal {
    uint64_t digits;
    int n_digits; /* significant ones */
    int exponent;
    bool negative;
} decimal;

/* Digits after i; those past 19 are only counted.  Returns where they end. */
static size_t scan_digits(decimal *d, cm_str text, size_t i, int step)
{
    for (; i < text.n && is_digit(text.p[i]); i++) {
        if (d->n_digits < 19) {
            d->digits = d->digits * 10 + (uint64_t)(text.p[i] - '0');
        }
        d->n_digits += d->n_digits > 0 || text.p[i] != '0';
        d->exponent -= step;
    }
    return i;
}

/* "e-05" at i.  Returns where it ends; i itself when it is not well-formed. */
static size_t scan_exponent(decimal *d, cm_str text, size_t i)
{
    size_t at = i + 1;
    bool negative = at < text.n && text.p[at] == '-';
    at += at < text.n && (text.p[at] == '-' || text.p[at] == '+');
    size_t first = at;
    int value = 0;
    for (; at < text.n && is_digit(text.p[at]); at++) {
        value = value < 100000 ? value * 10 + (text.p[at] - '0') : value;
    }
    if (at == first) {
        return i;
    }
    d->exponent += negative ? -value : value;
    return at;
}

/* -?D*(.D*)?([eE][+-]?D+)? with a digit before the exponent, to the end. */
static bool scan_decimal(decimal *d, cm_str text)
{
    *d = (decimal){0};
    d->negative = text.n > 0 && text.p[0] == '-';
    size_t start = d->negative;
    size_t i = scan_digits(d, text, start, 0);
    size_t n = i - start;
    if (i < text.n && text.p[i] == '.') {
        size_t end = scan_digits(d, text, i + 1, 1);
        n += end - (i + 1);
        i = end;
    }
    if (n > 0 && i < text.n && (text.p[i] | 0x20) == 'e') {
        i = scan_exponent(d, text, i);
    }
    return n > 0 && i == text.n;
}

static bool parse_exact(const decimal *d, double *out)
{
    static const double powers[EXACT_POWER + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    if (d->n_digits > 15 || abs(d->exponent) > EXACT_POWER) {
        return false;
    }
    double value = (double)d->digits;
    value = d->exponent < 0 ? value / powers[-d->exponent]
                            : value * powers[d->exponent];
    *out = d->negative ? -value : value;
    return true;
}

static bool same_word(cm_str text, const char *word)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((text.p[i] | 0x20) != word[i] || word[i] == '\0') {
            return false;
        }
    }
    return word[text.n] == '\0';
}

/* nan, inf and -inf in any case. */
static bool parse_word(cm_str text, double *out)
{
    if (same_word(text, "nan")) {
        *out = (double)NAN;
        return true;
    }
    bool negative = text.n > 0 && text.p[0] == '-';
    if (!same_word((cm_str){text.p + negative, text.n - negative}, "inf")) {
        return false;
    }
    *out = negative ? -HUGE_VAL : HUGE_VAL;
    return true;
}

bool cm_parse_double(cm_str text, double *out)
{
    if (text.n == 0 || text.n > LONGEST_NUMBER) {
        return false;
    }
    decimal d;
    if (!scan_decimal(&d, text)) {
        return parse_word(text, out);
    }
    if (parse_exact(&d, out)) {
        return true;
    }
    char copy[LONGEST_NUMBER + 1];
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    double value = strtod_l(copy, NULL, c_locale());
    if (isinf(value)) {
        return false;
    }
    *out = value;
    return true;
}
