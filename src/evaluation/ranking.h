/* Rows in ascending order of their scores.  Private to evaluation.
 *
 * Notation: key = bits of the score * 2 + label.  The bits of doubles in
 * [0, 1] order as the doubles do and leave the top two bits free. */
#ifndef CM_EVALUATION_RANKING_H
#define CM_EVALUATION_RANKING_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

typedef struct ranking {
    const uint64_t *keys; /* (n), ascending */
    size_t n;
    void *memory[2];
} ranking;

/* labels (n): 0 or 1; scores (n) in [0, 1], n < 2^32.  Release in every case.
 */
CM_MUST_USE cm_status ranking_init(ranking *out, const uint8_t *labels,
                                   const double *scores, size_t n,
                                   cm_error *err);
void ranking_release(ranking *rows);

/* Equal for equal scores. */
static inline uint64_t ranking_bits(uint64_t key)
{
    return key >> 1;
}

static inline double ranking_score(uint64_t key)
{
    uint64_t bits = ranking_bits(key);
    double score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

static inline unsigned ranking_label(uint64_t key)
{
    return (unsigned)(key & 1);
}

#endif
