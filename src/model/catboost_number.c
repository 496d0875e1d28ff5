/* CatBoost reads JSON numbers the quick way (RapidJSON without its full
 * precision flag): the digits become a double, which one division or
 * multiplication by a power of ten scales.  Two roundings miss the last bit of
 * one shortest text in nine.  Here such a value is spelled as a whole number
 * and an exponent, 12345678901234567e-18, with a significand out of the few
 * near the value for which both ways of reading agree.
 *
 *   M  significand, p power of ten: the text "Mep" */
#include "model/catboost_number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum {
    MIN_DIGITS = 16, /* below, M loses bits of the value */
    MAX_DIGITS = 19, /* above, M is more than 64 bits */
    MAX_ZEROS = 8,
    MAX_STEPS = 24, /* significands to look at, a quarter of a double apart */
    MAX_POWER = 308
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static double power_of_ten(int p)
{
    char text[CM_NUM_TEXT];
    double value;
    int n = snprintf(text, sizeof text, "1e%d", p);
    return cm_parse_double((cm_str){text, (size_t)n}, &value) ? value
                                                              : HUGE_VAL;
}

static double scale_once(double d, int p)
{
    if (p < -MAX_POWER) {
        return 0;
    }
    return p >= 0 ? d * power_of_ten(p) : d / power_of_ten(-p);
}

static double scale(double d, int p)
{
    return p < -MAX_POWER ? scale_once(scale_once(d, -MAX_POWER), p + MAX_POWER)
                          : scale_once(d, p);
}

/* Whether one more digit fits 64 bits, signed if negative, as CatBoost decides
 * it. */
static bool has_room(uint64_t digits, char next, bool negative)
{
    uint64_t limit = negative ? (uint64_t)1 << 63 : UINT64_MAX;
    return digits < limit / 10 ||
           (digits == limit / 10 && (uint64_t)(next - '0') <= limit % 10);
}

/* What CatBoost makes of text.  Whole digits are exact up to 64 bits and then
 * cost a rounding each; behind a point they are exact up to 53 bits, then cost
 * a rounding each, and after 17 significant ones are dropped. */
static double read_quickly(const char *text)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    uint64_t digits = 0;
    int significant = 0, p = 0;
    for (; is_digit(*at) && has_room(digits, *at, negative); at++) {
        digits = digits * 10 + (uint64_t)(*at - '0');
        significant += at > text + negative;
    }
    if (*at == '\0' && digits >= (uint64_t)1 << 53) {
        return 0; /* it wants whole numbers of 53 bits */
    }
    double d = (double)digits;
    for (; is_digit(*at); at++) {
        d = d * 10 + (*at - '0');
    }
    at += *at == '.';
    for (; is_digit(*at) && digits < (uint64_t)1 << 53; at++, p--) {
        digits = digits * 10 + (uint64_t)(*at - '0');
        significant += digits > 0;
        d = (double)digits;
    }
    for (; is_digit(*at); at++) {
        if (significant < 17) {
            d = d * 10 + (*at - '0');
            significant++;
            p--;
        }
    }
    p += *at == 'e' ? (int)strtol(at + 1, NULL, 10) : 0;
    return negative ? -scale(d, p) : scale(d, p);
}

static bool reads_both_ways(const char *text, double value)
{
    double exact;
    return cm_parse_double(cm_str_of(text), &exact) && exact == value &&
           read_quickly(text) == value;
}

/* Tries significands of n digits with zeros behind them, whose roundings make
 * another way to the value. */
static bool spell(char out[CATBOOST_NUMBER_TEXT], double value, int n,
                  int zeros)
{
    int p = (int)floor(log10(fabs(value))) + 1 - n;
    long double scaled = fabsl((long double)value) * powl(10.0L, -p);
    if (!(scaled >= 1e15L && scaled < 1.8e19L)) {
        return false;
    }
    double nearest = (double)scaled;
    int64_t step = (int64_t)(nextafter(nearest, INFINITY) - nearest) / 4;
    step = step < 1 ? 1 : step;
    for (int i = 0; i <= MAX_STEPS; i++) {
        int64_t steps = i % 2 == 0 ? i / 2 : -(i + 1) / 2;
        uint64_t M = (uint64_t)scaled + (uint64_t)(steps * step);
        (void)snprintf(out, CATBOOST_NUMBER_TEXT, "%s%" PRIu64 "%.*se%d",
                       value < 0 ? "-" : "", M, zeros, "00000000", p - zeros);
        if (reads_both_ways(out, value)) {
            return true;
        }
    }
    return false;
}

size_t catboost_format_double(char out[CATBOOST_NUMBER_TEXT], double value)
{
    size_t n = cm_format_double(out, value);
    if (reads_both_ways(out, value)) {
        return n;
    }
    for (int digits = MIN_DIGITS; digits <= MAX_DIGITS; digits++) {
        if (spell(out, value, digits, 0)) {
            return strlen(out);
        }
    }
    for (int zeros = 1; zeros <= MAX_ZEROS; zeros++) {
        if (spell(out, value, MAX_DIGITS, zeros)) {
            return strlen(out);
        }
    }
    return cm_format_double(out, value);
}
