/* The inner loops of applying a model; written twice, with the same results to
 * the bit.  Private to model.
 *
 *   values  (TILE) of one feature
 *   bins    (TILE) of one slot: minus the number of its borders below the
 *           value (or minus a larger number, where the value is above all)
 *   codes   (n_slots, TILE) bins of all slots
 *   leaves  (TILE) leaf indexes of one tree, or a byte of them
 *   sums    (TILE) of leaves, in the order of the trees */
#ifndef CM_MODEL_APPLY_KERNEL_H
#define CM_MODEL_APPLY_KERNEL_H

#include "model/apply_plan.h"

enum {
    TILE = 128,     /* rows led through all trees together */
    TILE_STEP = 32, /* a tile's rows are a multiple of it */
    GROUP = 4,      /* trees whose leaves are added together */
    MAX_SLOTS = 512 /* of models applied in tiles: 64 KB of codes */
};

typedef struct apply_kernel {
    /* n rows of eight floats, stride floats apart, to values (8, TILE);
     * n is a multiple of eight. */
    void (*transpose)(float *values, const float *rows, size_t stride,
                      size_t n);
    /* n a multiple of TILE_STEP, here and below */
    void (*bins)(int8_t *bins, const apply_slot *slot, const float *values,
                 size_t n);
    /* bits 0 to count - 1 from count <= 8 conditions */
    void (*leaves)(uint8_t *leaves, const apply_split *splits, uint32_t count,
                   const int8_t *codes, size_t n);
    /* adds the leaves of GROUP trees, leaves (GROUP, TILE) */
    void (*add)(double *sums, const cm_tree *trees, const uint8_t *leaves,
                size_t n);
    /* the sum of leaves of one row, where the plan has masks; values of the
     * plan's lanes */
    double (*row)(const cm_model *model, const apply_row_plan *plan,
                  const float *values);
} apply_kernel;

extern const apply_kernel apply_kernel_plain;
extern const apply_kernel apply_kernel_avx2; /* only where the CPU has AVX2 */

/* Any of cm_model_apply… with a kernel of choice: columns or rows, and cats or
 * cat_rows where the model has derived numbers. */
void apply_with(const apply_kernel *kernel, const cm_model *model,
                const number_rows *rows, size_t n, double *raw);

#endif
