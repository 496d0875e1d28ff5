/* Writing numbers: the fewest digits that read back as the same value,
 * independent of the locale.
 *
 * Notation: a value is m * 2^e with m < 2^53.  Its first n decimal digits are
 * D = round(m * 2^e * 10^k) for the k that makes D an n digit number. */
#include "base/num.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROOM = CM_NUM_TEXT - 1, /* without a sign */
    MOST_DIGITS = 17        /* that a double can need */
};

static size_t put_u64(char *out, uint64_t value)
{
    char digits[CM_NUM_TEXT];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = digits[n - 1 - i];
    }
    out[n] = '\0';
    return n;
}

size_t cm_format_u64(char out[CM_NUM_TEXT], uint64_t value)
{
    return put_u64(out, value);
}

size_t cm_format_i64(char out[CM_NUM_TEXT], int64_t value)
{
    if (value >= 0) {
        return put_u64(out, (uint64_t)value);
    }
    out[0] = '-';
    return 1 + put_u64(out + 1, 0 - (uint64_t)value);
}

static size_t put_word(char *out, const char *word)
{
    size_t n = strlen(word);
    memcpy(out, word, n + 1);
    return n;
}

/* d.ddd * 10^exponent, the digits without a point. */
typedef struct decimal {
    char digits[CM_NUM_TEXT];
    int n;
    int exponent;
} decimal;

static size_t put_bytes(char *out, size_t at, const char *bytes, int n)
{
    memcpy(out + at, bytes, (size_t)n);
    return at + (size_t)n;
}

static size_t put_plain(char *out, const decimal *d)
{
    static const char zeros[] = "0.0000000000000000";
    size_t at = 0;
    if (d->exponent < 0) {
        at = put_bytes(out, at, zeros, 1 - d->exponent);
        at = put_bytes(out, at, d->digits, d->n);
    } else if (d->n <= d->exponent + 1) {
        at = put_bytes(out, at, d->digits, d->n);
        at = put_bytes(out, at, zeros + 2, d->exponent + 1 - d->n);
    } else {
        at = put_bytes(out, at, d->digits, d->exponent + 1);
        out[at++] = '.';
        at = put_bytes(out, at, d->digits + d->exponent + 1,
                       d->n - d->exponent - 1);
    }
    out[at] = '\0';
    return at;
}

/* As Python's repr does: with an exponent below 1e-04 and from 1e+16 on, plain
 * in between, without needless zeros. */
static size_t put_decimal(char *out, decimal *d)
{
    while (d->n > 1 && d->digits[d->n - 1] == '0') {
        d->n--;
    }
    if (d->exponent >= -4 && d->exponent < 16) {
        return put_plain(out, d);
    }
    return (size_t)snprintf(out, ROOM, "%c%s%.*se%c%02d", d->digits[0],
                            d->n > 1 ? "." : "", d->n - 1, d->digits + 1,
                            d->exponent < 0 ? '-' : '+', abs(d->exponent));
}

__extension__ typedef unsigned __int128 uint128;

/* Exact in 128 bits for values from 1e-5 to 1e15. */
static const uint64_t powers_of_5[] = {
    1ull,
    5ull,
    25ull,
    125ull,
    625ull,
    3125ull,
    15625ull,
    78125ull,
    390625ull,
    1953125ull,
    9765625ull,
    48828125ull,
    244140625ull,
    1220703125ull,
    6103515625ull,
    30517578125ull,
    152587890625ull,
    762939453125ull,
    3814697265625ull,
    19073486328125ull,
    95367431640625ull,
    476837158203125ull,
};

/* The first n digits of m * 2^e, rounded, for 10^exponent <= m * 2^e.  True
 * when they read back: when D is within half a unit of m. */
static bool round_to(uint64_t *digits, uint64_t m, int e, int n, int exponent)
{
    int k = n - 1 - exponent;
    int shift = -(e + k);
    uint64_t unit = powers_of_5[k];
    uint128 exact = (uint128)m * unit; /* in units of 2^-shift */
    uint128 half = (uint128)1 << (shift - 1);
    uint128 rounded = (exact + half) >> shift;
    if ((rounded << shift) - half == exact && (rounded & 1) != 0) {
        rounded--;
    }
    uint128 back = rounded << shift;
    uint128 distance = back > exact ? back - exact : exact - back;
    *digits = (uint64_t)rounded;
    return 2 * distance < unit || (2 * distance == unit && m % 2 == 0);
}

/* Fills d without the C library; false when value is out of its range.  A
 * power of two is: the unit below it is half the unit above. */
static bool find_quickly(decimal *d, double value)
{
    if (!(value >= 1e-5 && value < 1e15)) {
        return false;
    }
    int e = 0;
    uint64_t m = (uint64_t)ldexp(frexp(value, &e), DBL_MANT_DIG);
    e -= DBL_MANT_DIG;
    if (m == 1ull << (DBL_MANT_DIG - 1)) {
        return false;
    }
    int exponent = -5;
    for (double power = 1e-4; power <= value; power *= 10) {
        exponent++;
    }
    uint64_t digits = 0;
    int n = DBL_DIG;
    while (!round_to(&digits, m, e, n, exponent)) {
        if (++n > MOST_DIGITS) {
            return false;
        }
    }
    /* One more digit when rounding, or an inexact power, made it so. */
    d->n = (int)put_u64(d->digits, digits);
    d->exponent = exponent + d->n - n;
    return true;
}

/* Takes "d.ddde[+-]xx" apart. */
static void take_apart(decimal *d, const char *scientific)
{
    const char *e = strchr(scientific, 'e');
    d->exponent = (int)strtol(e + 1, NULL, 10);
    d->digits[0] = scientific[0];
    d->n = 1;
    for (const char *p = scientific + 2; p < e; p++) {
        d->digits[d->n++] = *p;
    }
}

/* 15 digits always survive a normal double, so no shorter text exists when
 * they do not read back; subnormals keep fewer.  glibc has the "C" locale
 * built in: newlocale neither allocates nor fails. */
static void find_double(decimal *d, double value)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t saved = uselocale(c);
    char text[CM_NUM_TEXT];
    int digits = value < DBL_MIN ? 1 : DBL_DIG;
    do {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
    } while (digits++ < MOST_DIGITS && strtod_l(text, NULL, c) != value);
    take_apart(d, text);
    uselocale(saved);
}

/* The same with the 6 to 9 digits of a float. */
static void find_float(decimal *d, float value)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t saved = uselocale(c);
    char text[CM_NUM_TEXT];
    int digits = value < FLT_MIN ? 1 : FLT_DIG;
    do {
        snprintf(text, sizeof text, "%.*e", digits - 1, (double)value);
    } while (digits++ < 9 && strtof_l(text, NULL, c) != value);
    take_apart(d, text);
    uselocale(saved);
}

/* Zero, the non-finite and the integers that need no search.  0: none. */
static size_t put_simple(char *out, double value)
{
    if (isnan(value)) {
        return put_word(out, "nan");
    }
    if (isinf(value)) {
        return put_word(out, value < 0 ? "-inf" : "inf");
    }
    if (value == 0) {
        return put_word(out, signbit(value) ? "-0" : "0");
    }
    if (fabs(value) < 0x1p53 && value == (double)(int64_t)value) {
        return cm_format_i64(out, (int64_t)value);
    }
    return 0;
}

size_t cm_format_double(char out[CM_NUM_TEXT], double value)
{
    size_t n = put_simple(out, value);
    if (n > 0) {
        return n;
    }
    decimal d;
    if (!find_quickly(&d, fabs(value))) {
        find_double(&d, fabs(value));
    }
    bool negative = value < 0;
    out[0] = '-';
    return put_decimal(out + negative, &d) + negative;
}

size_t cm_format_float(char out[CM_NUM_TEXT], float value)
{
    bool simple = fabsf(value) < 0x1p24f || !isfinite(value);
    size_t n = simple ? put_simple(out, (double)value) : 0;
    if (n > 0) {
        return n;
    }
    decimal d;
    find_float(&d, fabsf(value));
    bool negative = value < 0;
    out[0] = '-';
    return put_decimal(out + negative, &d) + negative;
}

size_t cm_format_count(char out[CM_NUM_TEXT], uint64_t value)
{
    char digits[CM_NUM_TEXT];
    size_t n = cm_format_u64(digits, value), used = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            out[used++] = ',';
        }
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return used;
}

size_t cm_format_utc(char out[CM_NUM_TEXT], int64_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm parts;
    size_t n = 0;
    if (gmtime_r(&moment, &parts) != NULL) {
        n = strftime(out, CM_NUM_TEXT, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    out[n] = '\0';
    return n;
}
