/* The named things of the world: publishers, ads, device models.  Private to
 * generate. */
#ifndef CM_DATA_GENERATE_NAMES_H
#define CM_DATA_GENERATE_NAMES_H

#include "data/generate_world.h"

/* Random streams of the world; those of rows count up from 0. */
#define CM_STREAM_KEYS   UINT64_MAX
#define CM_STREAM_SITES  (UINT64_MAX - 1)
#define CM_STREAM_APPS   (UINT64_MAX - 2)
#define CM_STREAM_MODELS (UINT64_MAX - 3)
#define CM_STREAM_ADS    (UINT64_MAX - 4)
#define CM_STREAM_PILOT  (UINT64_MAX - 5)

/* Writes the 8 hex digits of value. */
static inline void cm_hex8(char out[8], const cm_world *world, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        const char *pair = world->hex[value >> (24 - 8 * i) & 255];
        out[2 * i] = pair[0];
        out[2 * i + 1] = pair[1];
    }
}

CM_MUST_USE cm_status cm_names_build(cm_world *world, cm_error *err);
CM_MUST_USE cm_status cm_ads_build(cm_world *world, cm_error *err);

#endif
