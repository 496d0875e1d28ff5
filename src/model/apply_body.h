/* What every instruction set does by the same text, compiled once for each:
 * adding leaves, and leading one row through all trees (see apply_row_plan).
 * The vectors are the compiler's own.  Private to model. */
#ifndef CM_MODEL_APPLY_BODY_H
#define CM_MODEL_APPLY_BODY_H

#include <string.h>

#include "model/apply_kernel.h"

/* The leaves of GROUP trees to sums (n), a multiple of eight.  Eight indexes
 * are loaded as one word: taking bytes out of a register is cheaper than
 * loading each.  A sum is loaded and stored once for GROUP trees. */
static void add_leaves(double *sums, const cm_tree *trees,
                       const uint8_t *leaves, size_t n)
{
    _Static_assert(GROUP == 4, "a name for every tree");
    const double *a = trees[0].leaf_values, *b = trees[1].leaf_values;
    const double *c = trees[2].leaf_values, *d = trees[3].leaf_values;
    uint64_t i, j, k, l;
    for (; n > 0; n -= sizeof i, leaves += sizeof i) {
        memcpy(&i, leaves, sizeof i);
        memcpy(&j, leaves + TILE, sizeof j);
        memcpy(&k, leaves + 2 * TILE, sizeof k);
        memcpy(&l, leaves + 3 * TILE, sizeof l);
        for (size_t r = 0; r < sizeof i; r += 2, sums += 2) {
            double first = sums[0] + a[i & 0xff];
            double second = sums[1] + a[i >> 8 & 0xff];
            first += b[j & 0xff];
            second += b[j >> 8 & 0xff];
            first += c[k & 0xff];
            second += c[k >> 8 & 0xff];
            sums[0] = first + d[l & 0xff];
            sums[1] = second + d[l >> 8 & 0xff];
            i >>= 16;
            j >>= 16;
            k >>= 16;
            l >>= 16;
        }
    }
}

/* ---- one row -------------------------------------------------------- */

typedef float lane_floats
    __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef int32_t lane_ints
    __attribute__((vector_size(LANES * sizeof(int32_t)), aligned(4)));

/* Finds the mask of every lane, as its place among those of a block: that of
 * the highest bin less one for every border that is not below the value, which
 * is a comparison with memory in one instruction. */
static inline void row_masks(lane_ints *masks, const apply_row_plan *plan,
                             const float *values)
{
    const lane_floats *border =
        (const lane_floats *)(const void *)plan->borders;
    const lane_ints *nans = (const lane_ints *)(const void *)plan->nans;
    const lane_ints *top = (const lane_ints *)(const void *)plan->top_masks;
    for (size_t g = 0; g < plan->n_groups; g++) {
        lane_floats v = ((const lane_floats *)(const void *)values)[g];
        lane_ints is_nan = v != v, mask = top[g], more = {0};
        v = (lane_floats)(((lane_ints)v & ~is_nan) | (nans[g] & is_nan));
        for (uint32_t b = 0; b < plan->n_borders[g]; b += ROW_STEP) {
            mask += (v <= border[0]) + (v <= border[1]);
            more += (v <= border[2]) + (v <= border[3]);
            border += ROW_STEP;
        }
        masks[g] = (mask + more) * ROW_BYTES;
    }
}

/* The leaf indexes of a block of trees: what all lanes say, joined. */
static inline void row_leaves(uint8_t *leaves, const uint8_t *block,
                              const uint32_t *masks, size_t n)
{
    lane_ints a = {0}, b = {0}, c = {0}, d = {0};
    for (size_t s = 0; s < n; s += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            const lane_ints *mask =
                (const lane_ints *)(const void *)(block + masks[s + k]);
            a |= mask[0];
            b |= mask[1];
            c |= mask[2];
            d |= mask[3];
        }
    }
    const lane_ints joined[] = {a, b, c, d};
    _Static_assert(sizeof joined == ROW_BYTES, "a mask is four vectors");
    memcpy(leaves, joined, sizeof joined);
}

static inline double row_block_sum(double sum, const cm_tree *trees,
                                   const uint8_t *leaves, size_t n)
{
    size_t t = 0;
    for (; t + GROUP <= n; t += GROUP) {
        sum += trees[t].leaf_values[leaves[t]];
        sum += trees[t + 1].leaf_values[leaves[t + 1]];
        sum += trees[t + 2].leaf_values[leaves[t + 2]];
        sum += trees[t + 3].leaf_values[leaves[t + 3]];
    }
    for (; t < n; t++) {
        sum += trees[t].leaf_values[leaves[t]];
    }
    return sum;
}

static double row_sum(const cm_model *model, const apply_row_plan *plan,
                      const float *values)
{
    lane_ints masks[MAX_SLOTS / LANES];
    uint8_t leaves[ROW_BYTES];
    double sum = 0;
    row_masks(masks, plan, values);
    const uint8_t *block = plan->masks;
    for (size_t first = 0; first < model->n_trees; first += ROW_BYTES) {
        size_t left = model->n_trees - first;
        row_leaves(leaves, block, (const uint32_t *)(const void *)masks,
                   plan->n_groups * LANES);
        sum = row_block_sum(sum, model->trees + first, leaves,
                            left < ROW_BYTES ? left : ROW_BYTES);
        block += plan->n_masks * ROW_BYTES;
    }
    return sum;
}

#endif
