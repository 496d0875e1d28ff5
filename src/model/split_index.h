/* Split indexes: CatBoost counts conditions through all features of all kinds.
 * Private to model.
 *
 *   first[f]  (n + 1) index of feature f's first condition; first[n] is the
 *             number of all conditions */
#ifndef CM_MODEL_SPLIT_INDEX_H
#define CM_MODEL_SPLIT_INDEX_H

#include "model/model_body.h"

/* Features of all kinds, n above. */
static inline size_t split_index_features(const cm_model_parts *parts)
{
    return parts->n_features + parts->n_one_hots + parts->n_ctrs;
}

static inline void split_index_fill(uint64_t *first,
                                    const cm_model_parts *parts)
{
    size_t n = split_index_features(parts);
    first[0] = 0;
    for (size_t f = 0; f < n; f++) {
        first[f + 1] = first[f] + model_n_borders(parts, f);
    }
}

/* The condition that has an index below first[n]. */
static inline cm_split_condition split_index_find(const uint64_t *first,
                                                  size_t n, uint64_t index)
{
    size_t low = 0, high = n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (first[middle] <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (cm_split_condition){(uint32_t)low, (uint32_t)(index - first[low])};
}

#endif
