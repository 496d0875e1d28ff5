/* The area under the receiver operating characteristic, by one radix sort.
 *
 * Notation: P clicks, N non-clicks; key = bits of the score * 2 + label.  The
 * bits of doubles in [0, 1] order as the doubles do and leave the top two
 * bits free. */
#include "evaluation/roc_auc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS,
    LABEL_BITS = 1,
    SCORE_BITS = 62,
    PASSES = (SCORE_BITS + DIGIT_BITS - 1) / DIGIT_BITS
};

static uint64_t key_of(double score, uint8_t label)
{
    uint64_t bits;
    score += 0.0; /* -0 is equal to 0 but has other bits */
    memcpy(&bits, &score, sizeof bits);
    return bits << LABEL_BITS | label;
}

static size_t digit_of(uint64_t key, int pass)
{
    return (key >> (LABEL_BITS + pass * DIGIT_BITS)) & (DIGITS - 1);
}

/* Turns the counts of one pass into start offsets.  False when all keys share
 * one digit: the pass would only copy. */
static int offsets_of(size_t *counts, size_t n)
{
    size_t start = 0;
    for (size_t d = 0; d < DIGITS; d++) {
        size_t count = counts[d];
        if (count == n) {
            return 0;
        }
        counts[d] = start;
        start += count;
    }
    return 1;
}

/* Sorts keys (n) by score, using spare (n) and counts (PASSES, DIGITS);
 * returns whichever of the two arrays holds the result. */
static const uint64_t *sort_by_score(uint64_t *keys, uint64_t *spare, size_t n,
                                     size_t *counts)
{
    memset(counts, 0, PASSES * DIGITS * sizeof *counts);
    for (size_t i = 0; i < n; i++) {
        for (int pass = 0; pass < PASSES; pass++) {
            counts[(size_t)pass * DIGITS + digit_of(keys[i], pass)]++;
        }
    }
    for (int pass = 0; pass < PASSES; pass++) {
        size_t *next = counts + (size_t)pass * DIGITS;
        if (!offsets_of(next, n)) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            spare[next[digit_of(keys[i], pass)]++] = keys[i];
        }
        uint64_t *sorted = spare;
        spare = keys;
        keys = sorted;
    }
    return keys;
}

/* Twice the number of (click, non-click) pairs in the right order, a tie
 * counting as half a pair: all in integers, so exact.  2 P N < 2^64 for
 * n < 2^32. */
static double area_of(const uint64_t *keys, size_t n)
{
    uint64_t twice_pairs = 0, clicks = 0, others = 0;
    for (size_t i = 0; i < n;) {
        uint64_t score = keys[i] >> LABEL_BITS;
        uint64_t tied_clicks = 0, tied_others = 0;
        for (; i < n && keys[i] >> LABEL_BITS == score; i++) {
            tied_clicks += keys[i] & 1;
            tied_others += ~keys[i] & 1;
        }
        twice_pairs += tied_clicks * (2 * others + tied_others);
        clicks += tied_clicks;
        others += tied_others;
    }
    if (clicks == 0 || others == 0) {
        return NAN;
    }
    return (double)twice_pairs / (2.0 * (double)clicks * (double)others);
}

cm_status cm_roc_auc(double *out, const uint8_t *labels, const double *scores,
                     size_t n, cm_error *err)
{
    CM_ASSERT(n <= UINT32_MAX);
    cm_status status = CM_ERR_NOMEM;
    uint64_t *keys = cm_alloc_large(n, sizeof *keys, err);
    uint64_t *spare = NULL;
    size_t *counts = NULL;
    if (keys == NULL) {
        goto done;
    }
    spare = cm_alloc_large(n, sizeof *spare, err);
    if (spare == NULL) {
        goto done;
    }
    counts = cm_alloc(PASSES * DIGITS, sizeof *counts, err);
    if (counts == NULL) {
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        keys[i] = key_of(scores[i], labels[i]);
    }
    *out = area_of(sort_by_score(keys, spare, n, counts), n);
    status = CM_OK;
done:
    free(counts);
    free(spare);
    free(keys);
    return status;
}
