/* Which rows train and which validate: at random exactly as scikit-learn
 * draws them, or the last whole hours. */
#include "data/split.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/split_mt19937.h"

static cm_status check_share(double val_size, cm_error *err)
{
    if (val_size > 0.0 && val_size < 1.0) {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_USAGE,
                   "val_size is %g, expected the share of validation rows, "
                   "above 0 and below 1",
                   val_size);
}

static cm_status check_rows(size_t n, cm_error *err)
{
    if (n == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "no rows to split into a train and a validation part; "
                       "give a log with at least 2 rows");
    }
    if (n > UINT32_MAX) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%zu rows to split, at most %" PRIu32 " are handled; "
                       "split the log into several",
                       n, UINT32_MAX);
    }
    return CM_OK;
}

static cm_status split_alloc(cm_split *out, size_t n_train, size_t n_val,
                             cm_error *err)
{
    *out = (cm_split){.n_train = n_train, .n_val = n_val};
    out->train = cm_alloc_large(n_train, sizeof *out->train, err);
    if (out->train == NULL) {
        return CM_ERR_NOMEM;
    }
    out->val = cm_alloc_large(n_val, sizeof *out->val, err);
    if (out->val == NULL) {
        cm_split_release(out);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

/* numpy.random.RandomState(seed).permutation(n), its first n_val elements to
 * val and the rest to train.  The shuffle runs from the end (Durstenfeld), so
 * it works on one array and is dealt out afterwards. */
static cm_status permute(cm_split *out, size_t n, uint32_t seed, cm_error *err)
{
    uint32_t *order = cm_alloc_large(n, sizeof *order, err);
    if (order == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)i;
    }
    cm_mt19937 random;
    cm_mt19937_init(&random, seed);
    cm_mt19937_shuffle(&random, order, n);
    for (size_t i = 0; i < out->n_val; i++) {
        out->val[i] = order[i];
    }
    for (size_t i = 0; i < out->n_train; i++) {
        out->train[i] = order[out->n_val + i];
    }
    free(order);
    return CM_OK;
}

cm_status cm_split_random(cm_split *out, size_t n, double val_size,
                          uint32_t seed, cm_error *err)
{
    *out = (cm_split){0};
    cm_status status = check_share(val_size, err);
    if (status == CM_OK) {
        status = check_rows(n, err);
    }
    if (status != CM_OK) {
        return status;
    }
    /* scikit-learn's rule, in the same double arithmetic. */
    size_t n_val = (size_t)ceil(val_size * (double)n);
    if (n_val >= n) {
        return cm_fail(err, CM_ERR_DATA,
                       "with %zu rows and val_size %g the train part would "
                       "be empty; give more rows or a smaller val_size",
                       n, val_size);
    }
    status = split_alloc(out, n - n_val, n_val, err);
    if (status == CM_OK) {
        status = permute(out, n, seed, err);
        if (status != CM_OK) {
            cm_split_release(out);
        }
    }
    return status;
}

static int64_t hour_of(int64_t seconds)
{
    return seconds / 3600 - (seconds % 3600 < 0);
}

/* The hour of the rank-th latest row (rank from 1), by radix selection: each
 * round counts the next 16 bits of the hours that share the prefix found so
 * far, and keeps the digit in which the rank falls. */
static cm_status hour_at_rank(int64_t *out, const int64_t *times, size_t n,
                              size_t rank, cm_error *err)
{
    enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS };
    size_t *counts = cm_alloc(DIGITS, sizeof *counts, err);
    if (counts == NULL) {
        return CM_ERR_NOMEM;
    }
    int64_t first = times[0], last = times[0];
    for (size_t i = 1; i < n; i++) {
        first = times[i] < first ? times[i] : first;
        last = times[i] > last ? times[i] : last;
    }
    first = hour_of(first);
    uint64_t span = (uint64_t)hour_of(last) - (uint64_t)first;
    uint64_t prefix = 0;
    int shift = 0;
    while (span >> shift >= DIGITS) {
        shift += DIGIT_BITS;
    }
    for (;; shift -= DIGIT_BITS) {
        for (size_t d = 0; d < DIGITS; d++) {
            counts[d] = 0;
        }
        for (size_t i = 0; i < n; i++) {
            uint64_t digits =
                ((uint64_t)hour_of(times[i]) - (uint64_t)first) >> shift;
            /* In the top round both sides are 0. */
            if (digits >> DIGIT_BITS == prefix) {
                counts[digits & (DIGITS - 1)]++;
            }
        }
        size_t digit = DIGITS - 1;
        while (counts[digit] < rank) {
            rank -= counts[digit--];
        }
        prefix = prefix << DIGIT_BITS | digit;
        if (shift == 0) {
            break;
        }
    }
    *out = first + (int64_t)prefix;
    free(counts);
    return CM_OK;
}

static cm_status no_hour_left(const int64_t *times, size_t n, double val_size,
                              cm_error *err)
{
    for (size_t i = 1; i < n; i++) {
        if (hour_of(times[i]) != hour_of(times[0])) {
            return cm_fail(err, CM_ERR_DATA,
                           "a split by time leaves no hour to train on: the "
                           "first hour holds more than %g of the %zu rows; "
                           "make val_size smaller or split at random",
                           1.0 - val_size, n);
        }
    }
    return cm_fail(err, CM_ERR_DATA,
                   "a split by time needs at least two different hours, all "
                   "%zu rows are of one; give a longer log or split at random",
                   n);
}

cm_status cm_split_time(cm_split *out, const int64_t *times, size_t n,
                        double val_size, cm_error *err)
{
    *out = (cm_split){0};
    cm_status status = check_share(val_size, err);
    if (status == CM_OK) {
        status = check_rows(n, err);
    }
    int64_t start = 0;
    if (status == CM_OK) {
        size_t wanted = (size_t)ceil(val_size * (double)n);
        status = hour_at_rank(&start, times, n, wanted, err);
    }
    if (status != CM_OK) {
        return status;
    }
    size_t n_val = 0;
    for (size_t i = 0; i < n; i++) {
        n_val += hour_of(times[i]) >= start;
    }
    if (n_val == n) {
        return no_hour_left(times, n, val_size, err);
    }
    status = split_alloc(out, n - n_val, n_val, err);
    if (status != CM_OK) {
        return status;
    }
    uint32_t *train = out->train, *val = out->val;
    for (size_t i = 0; i < n; i++) {
        if (hour_of(times[i]) >= start) {
            *val++ = (uint32_t)i;
        } else {
            *train++ = (uint32_t)i;
        }
    }
    return CM_OK;
}

void cm_split_release(cm_split *split)
{
    free(split->train);
    free(split->val);
    *split = (cm_split){0};
}
