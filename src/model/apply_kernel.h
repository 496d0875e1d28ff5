/* The two inner loops of applying a model, over a tile of rows; written twice,
 * with the same results to the bit.  Private to model.
 *
 *   bins    (TILE) of one slot: how many of its borders lie below the value
 *   codes   (n_slots, TILE) bins of all slots
 *   sums    (TILE) sums of leaves, in the order of the trees */
#ifndef CM_MODEL_APPLY_KERNEL_H
#define CM_MODEL_APPLY_KERNEL_H

#include "model/apply_plan.h"

enum { TILE = 128 };

typedef struct apply_kernel {
    void (*bins)(uint8_t *bins, const apply_slot *slot, const float *values);
    /* leaves (TILE): bits 0..n-1 from n <= 8 conditions */
    void (*leaves)(uint8_t *leaves, const apply_split *splits, uint32_t n,
                   const uint8_t *codes);
} apply_kernel;

extern const apply_kernel apply_kernel_scalar;
extern const apply_kernel apply_kernel_avx2; /* only where the CPU has AVX2 */

/* cm_model_apply and cm_model_apply_cats with a kernel of choice. */
void apply_with(const apply_kernel *kernel, const cm_model *model,
                const float *const *columns, size_t n, double *raw);
void apply_cats_with(const apply_kernel *kernel, const cm_model *model,
                     const float *const *columns, const uint32_t *const *cats,
                     size_t n, double *raw);

#endif
