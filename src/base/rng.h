/* Random numbers that depend only on (seed, stream, index), never on which
 * thread asks: element i of a stream is a hash of the three. */
#ifndef CM_BASE_RNG_H
#define CM_BASE_RNG_H

#include <stdint.h>

#include "base/hash.h"

typedef struct cm_rng {
    uint64_t key;
    uint64_t counter;
} cm_rng;

static inline cm_rng cm_rng_stream(uint64_t seed, uint64_t stream)
{
    return (cm_rng){cm_mix64(seed + 0x9e3779b97f4a7c15ull) ^
                        cm_mix64(stream + 0xd1b54a32d192ed03ull),
                    0};
}

/* 64 random bits of element i; does not move the counter. */
static inline uint64_t cm_rng_at(cm_rng rng, uint64_t i)
{
    return cm_mix64(rng.key + (i + 1) * 0x9e3779b97f4a7c15ull);
}

static inline uint64_t cm_rng_next(cm_rng *rng)
{
    return cm_rng_at(*rng, rng->counter++);
}

/* In [0, 1), 53 bits. */
static inline double cm_unit_of(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1.0p-53;
}

static inline double cm_rng_unit(cm_rng *rng)
{
    return cm_unit_of(cm_rng_next(rng));
}

/* Standard normal number i of the stream, made of its elements 2 i and
 * 2 i + 1.  Below 8.6 in size. */
double cm_rng_normal_at(cm_rng rng, uint64_t i);

#endif
