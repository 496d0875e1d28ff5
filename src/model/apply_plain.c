/* The inner loops of applying a model, in plain C. */
#include <math.h>
#include <string.h>

#include "model/apply_body.h"
#include "model/apply_kernel.h"
#include "model/borders.h"

static void transpose_plain(float *values, const float *rows, size_t stride,
                            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t f = 0; f < LANES; f++) {
            values[f * TILE + i] = rows[i * stride + f];
        }
    }
}

static void bins_plain(int8_t *bins, const apply_slot *slot,
                       const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bin = isnan(values[i])
                           ? (slot->nan_above ? slot->n : 0)
                           : cm_bin_of(slot->borders, slot->n, values[i]);
        bins[i] = (int8_t) - (int32_t)bin;
    }
}

static void leaves_plain(uint8_t *leaves, const apply_split *splits,
                         uint32_t count, const int8_t *codes, size_t n)
{
    memset(leaves, 0, n);
    for (uint32_t d = 0; d < count; d++) {
        const int8_t *bins = codes + (size_t)splits[d].slot * TILE;
        int8_t limit = splits[d].limit;
        for (size_t i = 0; i < n; i++) {
            leaves[i] |= (uint8_t)((bins[i] < limit) << d);
        }
    }
}

const apply_kernel apply_kernel_plain = {transpose_plain, bins_plain,
                                         leaves_plain, add_leaves, row_sum};
