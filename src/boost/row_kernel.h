/* Loops over the rows of a block, compiled twice: any x86-64, and AVX2, with
 * the same bits.  Arrays are of doubles, their length a multiple of 4. */
#ifndef CM_BOOST_ROW_KERNEL_H
#define CM_BOOST_ROW_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No row weighs more: a rarer one would only add noise. */
#define CM_MAX_WEIGHT 0x1p17

typedef struct cm_small_sum {
    double sum;   /* of c below the threshold */
    double large; /* number of c at or above it */
} cm_small_sum;

typedef struct cm_pack_units {
    int low_bits;
    double to_gradient, to_weight; /* units in 1.0 */
    bool newton;                   /* W is of w |g| (1 - |g|) instead of w */
} cm_pack_units;

typedef struct cm_pack_sums {
    uint64_t gradient; /* sum of |G| */
    uint64_t weight;   /* sum of W */
    double square;     /* sum of g^2, w or not */
} cm_pack_sums;

/* In slot_of: rows of this leaf are not wanted. */
enum { CM_NO_SLOT = 0xffff, CM_ROW_BITS = 16 };

typedef struct cm_row_kernels {
    /* c = sqrt(g^2 + lambda); c may be g */
    void (*sizes)(double *c, const double *g, size_t n, double lambda);
    cm_small_sum (*below)(const double *c, size_t n, double threshold);
    /* MVS: c becomes the weight, drawn by bits >> 32: max(1, t / c) with
     * probability min(1, c / t), else 0. */
    void (*weigh)(double *restrict c, const uint64_t *restrict bits, size_t n,
                  double threshold);
    /* stat = (G << low_bits) + W of g w and w, rounded by the lower bits; 0
     * where w is 0. */
    cm_pack_sums (*pack)(int64_t *restrict stat, const double *restrict g,
                         const double *restrict w,
                         const uint64_t *restrict bits, size_t n,
                         const cm_pack_units *units);
    /* Writes i | slot << CM_ROW_BITS of every row i < n <= 65536 whose leaf has
     * a slot, and returns their number; picked has room for n.  Leaves are
     * below n_leaves, or at or above 0x8000, which have no slot. */
    uint32_t (*pick)(uint32_t *restrict picked, const uint16_t *restrict leaf,
                     uint32_t n, const uint16_t *restrict slot_of,
                     uint32_t n_leaves);
} cm_row_kernels;

/* The fastest that this machine runs. */
const cm_row_kernels *cm_row_kernels_best(void);

extern const cm_row_kernels cm_row_kernels_plain;
extern const cm_row_kernels cm_row_kernels_avx2;

#endif
