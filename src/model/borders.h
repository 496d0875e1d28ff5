/* Borders: the values that cut a feature into bins. */
#ifndef CM_MODEL_BORDERS_H
#define CM_MODEL_BORDERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/model.h"

typedef enum cm_nan_mode {
    CM_NAN_MODE_MIN,
    CM_NAN_MODE_MAX,
    CM_NAN_MODE_FORBIDDEN
} cm_nan_mode;

/* CatBoost's GreedyLogSum borders of a sample given as its n distinct values,
 * ascending, no NaN, with counts.  Writes at most max_borders strictly
 * ascending borders to borders and their number to *n_borders (0 for a
 * constant).  Source: catboost library/cpp/grid_creator, penalty MaxSumLog. */
CM_MUST_USE cm_status cm_borders_greedy_logsum(
    float *borders, size_t *n_borders, const float *values,
    const uint64_t *counts, size_t n, size_t max_borders, cm_error *err);

/* Puts the border that NaN needs before the others (Min) or behind them (Max),
 * and says so in the feature.  borders, which become the feature's, have room
 * for one more.  Source: CatBoost's quantization; of border_count borders this
 * one is theirs. */
void cm_add_nan_border(cm_float_feature *feature, float *borders,
                       cm_nan_mode mode);

/* Bin of a value: the number of borders below it (value > border, strict). */
static inline uint32_t cm_bin_of(const float *borders, size_t n, float value)
{
    size_t low = 0;
    while (n > 0) {
        size_t half = n / 2;
        if (value > borders[low + half]) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return (uint32_t)low;
}

#endif
