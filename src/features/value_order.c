/* Codes by value: a radix sort of doubles, made comparable as integers.  A
 * digit that all values share costs no pass, so counts take two passes. */
#include "features/value_order.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { DIGIT_BITS = 11, DIGITS = 6, BUCKETS = 1 << DIGIT_BITS };

typedef struct item {
    uint64_t key;
    uint32_t code;
} item;

/* Integers in the order of the doubles: negatives reversed, 0 and -0 equal,
 * NaN above all. */
static uint64_t key_of(double value)
{
    if (isnan(value)) {
        return UINT64_MAX;
    }
    value += 0.0; /* -0 becomes 0 */
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | (uint64_t)1 << 63;
}

static uint32_t digit_of(uint64_t key, unsigned d)
{
    return (uint32_t)(key >> (d * DIGIT_BITS)) & (BUCKETS - 1);
}

/* Sorts n items by digit d into `to`; false when they all share it and nothing
 * was done. */
static bool sort_digit(item *to, const item *from, size_t n, unsigned d)
{
    uint32_t starts[BUCKETS] = {0};
    for (size_t i = 0; i < n; i++) {
        starts[digit_of(from[i].key, d)]++;
    }
    if (starts[digit_of(from[0].key, d)] == n) {
        return false;
    }
    uint32_t start = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        uint32_t count = starts[b];
        starts[b] = start;
        start += count;
    }
    for (size_t i = 0; i < n; i++) {
        to[starts[digit_of(from[i].key, d)]++] = from[i];
    }
    return true;
}

/* Sorts, and returns which of the two arrays it ended in. */
static const item *sort_items(item *items, item *spare, size_t n)
{
    for (unsigned d = 0; n > 0 && d < DIGITS; d++) {
        if (sort_digit(spare, items, n, d)) {
            item *swap = items;
            items = spare;
            spare = swap;
        }
    }
    return items;
}

cm_status cm_value_order_init(cm_value_order *out, const double *values,
                              const uint64_t *cells, uint32_t n_codes,
                              cm_error *err)
{
    size_t n = 0;
    for (uint32_t code = 0; code < n_codes; code++) {
        n += cells[code] != 0;
    }
    item *items = cm_alloc(2 * n, sizeof *items, err);
    uint32_t *codes = cm_alloc(n, sizeof *codes, err);
    if (items == NULL || codes == NULL) {
        free(items);
        free(codes);
        return CM_ERR_NOMEM;
    }
    size_t used = 0;
    for (uint32_t code = 0; code < n_codes; code++) {
        if (cells[code] != 0) {
            items[used++] = (item){key_of(values[code]), code};
        }
    }
    const item *sorted = sort_items(items, items + n, n);
    for (size_t i = 0; i < n; i++) {
        codes[i] = sorted[i].code;
    }
    free(items);
    *out = (cm_value_order){(uint32_t)n, codes};
    return CM_OK;
}

void cm_value_order_release(cm_value_order *order)
{
    free(order->codes);
    *order = (cm_value_order){0};
}
