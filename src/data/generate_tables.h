/* Small tools of the generator: discrete distributions drawn in constant
 * time, and the few functions it needs.  Private to generate.
 *
 * Only + - * / and sqrt are used, which IEEE 754 rounds exactly: libm's exp
 * and log differ in the last bit between machines, and one such bit would
 * change the log. */
#ifndef CM_DATA_GENERATE_TABLES_H
#define CM_DATA_GENERATE_TABLES_H

#include <stdint.h>

#include "base/mem.h"

/* A discrete distribution over [0, n). */
typedef struct cm_alias_cell {
    uint32_t keep;  /* of 2^32: how often this cell gives its own index */
    uint32_t other; /* what it gives else */
} cm_alias_cell;

typedef struct cm_alias {
    const cm_alias_cell *cells; /* (n) */
    uint32_t n;
} cm_alias;

/* weights (n), not negative, at least one positive. */
CM_MUST_USE cm_status cm_alias_build(cm_alias *out, cm_arena *arena,
                                     const double *weights, uint32_t n,
                                     cm_error *err);

/* One draw from 64 random bits. */
static inline uint32_t cm_alias_draw(const cm_alias *alias, uint64_t bits)
{
    uint32_t i = (uint32_t)(((bits >> 32) * alias->n) >> 32);
    const cm_alias_cell *cell = &alias->cells[i];
    return (uint32_t)bits < cell->keep ? i : cell->other;
}

/* A heavy tail: weights proportional to 1 / ((rank + shift)^(quarters / 4) *
 * (1 + (rank / knee)^2)). */
typedef struct cm_tail {
    double shift;
    int quarters;
    double knee;
} cm_tail;

/* weights (n) of sum 1. */
void cm_tail_weights(double *weights, uint32_t n, const cm_tail *tail);

/* Deals items that come with their share of the traffic (heaviest first) to
 * classes, so that each class ends with about its own share, whatever the
 * seed: an item goes to the class with room for it that is least filled. */
enum { CM_DEAL_MAX = 64 };

typedef struct cm_deal {
    const double *shares; /* (n), of sum 1 */
    uint32_t n;
    double given[CM_DEAL_MAX];
} cm_deal;

cm_deal cm_deal_start(const double *shares, uint32_t n);
uint32_t cm_deal_next(cm_deal *deal, double weight);

/* Moves and scales effects (n) to mean 0 and deviation 1 over the traffic,
 * which weights (n) gives: a few heavy items would else make one seed's log
 * far easier to predict than another's. */
void cm_standardize(float *effects, const double *weights, uint32_t n);

/* e^x to about 1e-14, for |x| < 700. */
double cm_exact_exp(double x);

/* Nearly normal, mean 0, deviation 1: the sum of four uniforms. */
static inline float cm_noise_of(uint64_t bits)
{
    uint32_t sum = (uint32_t)(bits & 0xffff) + (uint32_t)(bits >> 16 & 0xffff) +
                   (uint32_t)(bits >> 32 & 0xffff) + (uint32_t)(bits >> 48);
    return ((float)sum * 0x1p-16f - 2.0f) * 1.7320508f;
}

/* A bijection of 32 bits: gives distinct indices distinct names. */
static inline uint32_t cm_mix32(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return x ^ (x >> 16);
}

#endif
