/* Rows in ascending order of their scores, by one radix sort. */
#include "evaluation/ranking.h"

#include <stdlib.h>

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

static cm_status allocate(ranking *out, size_t **counts, cm_error *err)
{
    for (size_t i = 0; i < sizeof out->memory / sizeof *out->memory; i++) {
        out->memory[i] = cm_alloc_large(out->n, sizeof(uint64_t), err);
        if (out->memory[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    *counts = cm_alloc(PASSES * DIGITS, sizeof **counts, err);
    return *counts != NULL ? CM_OK : CM_ERR_NOMEM;
}

cm_status ranking_init(ranking *out, const uint8_t *labels,
                       const double *scores, size_t n, cm_error *err)
{
    CM_ASSERT(n <= UINT32_MAX);
    size_t *counts = NULL;
    *out = (ranking){.n = n};
    cm_status status = allocate(out, &counts, err);
    if (status == CM_OK) {
        uint64_t *keys = out->memory[0];
        for (size_t i = 0; i < n; i++) {
            keys[i] = key_of(scores[i], labels[i]);
        }
        out->keys = sort_by_score(keys, out->memory[1], n, counts);
    }
    free(counts);
    return status;
}

void ranking_release(ranking *rows)
{
    free(rows->memory[0]);
    free(rows->memory[1]);
}
