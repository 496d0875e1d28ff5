/* Rounding of probabilities, exact: value * 10^precision is a number of less
 * than 107 bits behind whose point stand known zeros and ones.
 *
 * Notation: value = m / 2^s with m < 2^53; k = value * 10^precision, rounded.
 */
#include "serving/rows_number.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { EXACT = 17, LAST_ROUNDED = 16, FIXED_FROM = -4 };

__extension__ typedef unsigned __int128 uint128;

static const uint64_t powers_of_10[] = {1ull,
                                        10ull,
                                        100ull,
                                        1000ull,
                                        10000ull,
                                        100000ull,
                                        1000000ull,
                                        10000000ull,
                                        100000000ull,
                                        1000000000ull,
                                        10000000000ull,
                                        100000000000ull,
                                        1000000000000ull,
                                        10000000000000ull,
                                        100000000000000ull,
                                        1000000000000000ull,
                                        10000000000000000ull};

/* Half to even, as Python's round does.  0 < value < 1. */
static uint64_t round_exactly(double value, int precision)
{
    int exponent = 0;
    uint64_t m = (uint64_t)(frexp(value, &exponent) * 0x1p53);
    int s = DBL_MANT_DIG - exponent;
    uint128 product = (uint128)m * powers_of_10[precision];
    if (s > 127) { /* less than 2^-20 */
        return 0;
    }
    uint64_t k = (uint64_t)(product >> s);
    uint128 rest = product - ((uint128)k << s);
    uint128 half = (uint128)1 << (s - 1);
    return k + (rest > half || (rest == half && k % 2 == 1));
}

static size_t put(char *out, size_t at, const char *bytes, size_t n)
{
    memcpy(out + at, bytes, n);
    return at + n;
}

/* digits (n) behind the point after zeros; n + zeros <= LAST_ROUNDED. */
static size_t put_digits(char *out, const char *digits, int n, int zeros)
{
    int exponent = -zeros - 1;
    if (exponent >= FIXED_FROM) {
        size_t at = put(out, 0, "0.0000", (size_t)(2 + zeros));
        return put(out, at, digits, (size_t)n);
    }
    size_t at = put(out, 0, digits, 1);
    if (n > 1) {
        out[at++] = '.';
        at = put(out, at, digits + 1, (size_t)(n - 1));
    }
    at = put(out, at, "e-", 2);
    out[at++] = (char)('0' + -exponent / 10);
    out[at++] = (char)('0' + -exponent % 10);
    return at;
}

static size_t put_shortest(char *out, double value)
{
    size_t n = cm_format_double(out, value);
    bool integral = memchr(out, '.', n) == NULL && memchr(out, 'e', n) == NULL;
    return integral ? put(out, n, ".0", 2) : n;
}

size_t rows_format_rounded(char out[CM_NUM_TEXT], double value, int precision)
{
    if (precision >= EXACT || !(value > 0 && value < 1)) {
        return put_shortest(out, value);
    }
    uint64_t k = round_exactly(value, precision);
    if (k == 0 || k == powers_of_10[precision]) {
        return put(out, 0, k == 0 ? "0.0" : "1.0", 3);
    }
    char digits[CM_NUM_TEXT];
    int n = (int)cm_format_u64(digits, k);
    int zeros = precision - n;
    while (digits[n - 1] == '0') {
        n--;
    }
    if (precision < LAST_ROUNDED) {
        return put_digits(out, digits, n, zeros);
    }
    /* 16 digits are more than every double keeps apart. */
    double rounded = 0;
    char plain[CM_NUM_TEXT] = "0.0000000000000000";
    memcpy(plain + 2 + zeros, digits, (size_t)n);
    bool parsed =
        cm_parse_double((cm_str){plain, (size_t)(2 + zeros + n)}, &rounded);
    CM_ASSERT(parsed);
    return put_shortest(out, rounded);
}
