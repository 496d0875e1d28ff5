/* Sampling rows, and counting distinct floats by a radix sort of their bits. */
#include "model/matrix_sample.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

/* ---- rows ------------------------------------------------------------ */

/* Number of the row that represents run i of n runs over n_rows rows.  Both
 * are below 2^32, so the product fits. */
static size_t pick(size_t i, size_t n, size_t n_rows, cm_rng rng)
{
    size_t begin = i * n_rows / n;
    size_t end = (i + 1) * n_rows / n;
    return begin + (size_t)(cm_rng_at(rng, i) % (end - begin));
}

/* Turns picks among the rows that are taken into numbers of rows of x. */
static cm_status among_taken(uint32_t *picks, size_t n,
                             const cm_matrix_rows *rows, cm_error *err)
{
    size_t N = rows->x->n_rows;
    uint8_t *is_taken = cm_alloc_zero(N, 1, err);
    if (is_taken == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < rows->n_rows; i++) {
        CM_ASSERT(rows->rows[i] < N);
        is_taken[rows->rows[i]] = 1;
    }
    size_t seen = 0, at = 0;
    for (size_t row = 0; row < N && at < n; row++) {
        if (is_taken[row] && seen++ == picks[at]) {
            picks[at++] = (uint32_t)row;
        }
    }
    free(is_taken);
    return CM_OK;
}

cm_status matrix_sample_rows(uint32_t **out, size_t *n,
                             const cm_matrix_rows *rows, uint64_t seed,
                             cm_error *err)
{
    size_t n_rows = rows->n_rows;
    bool whole = n_rows == rows->x->n_rows;
    bool every = n_rows <= MATRIX_SAMPLE_ROWS;
    *n = every ? n_rows : MATRIX_SAMPLE_ROWS;
    *out = NULL;
    if (every && whole) {
        return CM_OK;
    }
    uint32_t *picks = cm_alloc(*n, sizeof *picks, err);
    if (picks == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_rng rng = cm_rng_stream(seed, 2);
    for (size_t i = 0; i < *n; i++) {
        picks[i] = (uint32_t)(every ? i : pick(i, *n, n_rows, rng));
    }
    *out = picks;
    return whole ? CM_OK : among_taken(picks, *n, rows, err);
}

/* ---- values ---------------------------------------------------------- */

cm_status distinct_values_init(distinct_values *d, size_t capacity,
                               cm_error *err)
{
    *d = (distinct_values){
        .values = cm_alloc_large(capacity, sizeof *d->values, err),
        .counts = cm_alloc_large(capacity, sizeof *d->counts, err),
        .keys = {cm_alloc_large(capacity, sizeof(uint32_t), err),
                 cm_alloc_large(capacity, sizeof(uint32_t), err)}};
    bool ok = d->values != NULL && d->counts != NULL && d->keys[0] != NULL &&
              d->keys[1] != NULL;
    return ok ? CM_OK : CM_ERR_NOMEM;
}

void distinct_values_release(distinct_values *d)
{
    free(d->values);
    free(d->counts);
    free(d->keys[0]);
    free(d->keys[1]);
}

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 3 };

/* Whole numbers in the order of the floats: the sign bit flipped, negative
 * numbers complemented. */
static inline uint32_t key_of(float value)
{
    uint32_t bits;
    value = value > FLT_MAX ? FLT_MAX : value < -FLT_MAX ? -FLT_MAX : value;
    value += 0.0f; /* -0 is 0 */
    memcpy(&bits, &value, sizeof bits);
    return (bits >> 31) != 0 ? ~bits : bits | 1u << 31;
}

static inline float value_of(uint32_t key)
{
    uint32_t bits = (key >> 31) != 0 ? key ^ 1u << 31 : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Stable counting by one digit. */
static void sort_pass(uint32_t *to, const uint32_t *from, size_t n,
                      uint32_t *starts, unsigned shift)
{
    uint32_t sum = 0;
    for (size_t d = 0; d < DIGITS; d++) {
        uint32_t count = starts[d];
        starts[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++) {
        to[starts[from[i] >> shift & (DIGITS - 1)]++] = from[i];
    }
}

/* Sorts keys[0] (n); returns where the result is. */
static const uint32_t *sort_keys(uint32_t *const keys[2], size_t n)
{
    uint32_t counts[PASSES][DIGITS] = {{0}};
    unsigned at = 0;
    for (size_t i = 0; i < n; i++) {
        for (unsigned p = 0; p < PASSES; p++) {
            counts[p][keys[0][i] >> p * DIGIT_BITS & (DIGITS - 1)]++;
        }
    }
    for (unsigned p = 0; p < PASSES; p++) {
        uint32_t first = keys[at][0] >> p * DIGIT_BITS & (DIGITS - 1);
        if (counts[p][first] < n) { /* they differ in this digit */
            sort_pass(keys[1 - at], keys[at], n, counts[p], p * DIGIT_BITS);
            at = 1 - at;
        }
    }
    return keys[at];
}

void distinct_values_find(distinct_values *d, const float *values, size_t n)
{
    size_t n_keys = 0;
    for (size_t i = 0; i < n; i++) {
        d->keys[0][n_keys] = key_of(values[i]);
        n_keys += values[i] == values[i]; /* not NaN */
    }
    d->n = 0;
    if (n_keys == 0) {
        return;
    }
    const uint32_t *keys = sort_keys(d->keys, n_keys);
    for (size_t i = 0, start = 0; i < n_keys; i++) {
        if (i + 1 == n_keys || keys[i + 1] != keys[i]) {
            d->values[d->n] = value_of(keys[i]);
            d->counts[d->n++] = i + 1 - start;
            start = i + 1;
        }
    }
}
