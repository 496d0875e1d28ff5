/* The numbers CatBoost knows categories and their combinations by. */
#ifndef CM_MODEL_CAT_HASH_H
#define CM_MODEL_CAT_HASH_H

#include <stdint.h>

#include "base/str.h"

/* Of a value of a category, as its text; a number is its decimal text. */
uint32_t cm_cat_hash(cm_str text);

/* The key of a combination starts at 0 and takes one element after another:
 * the hashes of its categories, sign-extended as CatBoost does it, then 0 or 1
 * for each of its conditions. */
static inline uint64_t cm_key_add(uint64_t key, uint64_t element)
{
    const uint64_t multiplier = 0x4906ba494954cb65;
    return multiplier * (key + multiplier * element);
}

static inline uint64_t cm_key_add_cat(uint64_t key, uint32_t hash)
{
    return cm_key_add(key, (uint64_t)(int64_t)(int32_t)hash);
}

#endif
