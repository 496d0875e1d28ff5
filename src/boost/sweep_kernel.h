/* Loops of the sweep over all rows at the end of a tree, compiled twice: any
 * x86-64, and AVX2, with the same results to the bit. */
#ifndef CM_BOOST_SWEEP_KERNEL_H
#define CM_BOOST_SWEEP_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "boost/logistic.h"

enum {
    CM_CELL_BITS = CM_FIXED_BITS - 3, /* cells of 2^-3 on the score axis */
    CM_CELL_SUMS = 4,                 /* of 1, x, x^2, x^3 */
    CM_LABEL_SHIFT = 32,              /* in the first: clicks << 32 | rows */
    CM_SQUARE_SHIFT = 22,
    CM_CUBE_SHIFT = 22
};

/* Rows of a block, with n at most 8192. */
typedef struct cm_sweep_rows {
    size_t n;
    int32_t *score;
    uint16_t *leaf;
    const uint8_t *labels;
    const uint32_t *weights; /* NULL: all 1 */
} cm_sweep_rows;

/* Cell c < n_cells of leaf l is at cells + (l * n_cells + c) * CM_CELL_SUMS. */
typedef struct cm_cell_table {
    int64_t *cells;
    int32_t first_cell;
    uint32_t n_cells;
} cm_cell_table;

typedef struct cm_sweep_kernels {
    /* Adds steps[leaf] to the scores, and widens extremes (least, greatest).
     * No sum may leave 32 bits. */
    void (*add_steps)(const cm_sweep_rows *rows, const int32_t *steps,
                      int32_t extremes[2]);
    /* Bit d of a row's leaf: bins[d][i] >= first_right[d]. */
    void (*find_leaves)(uint16_t *restrict leaf, size_t n,
                        const uint8_t *const *bins, const uint8_t *first_right,
                        uint32_t depth);
    /* x is a score's distance from the middle of its cell, 23 bits with its
     * sign; squares and cubes are cut to about as many, far more than is used
     * of them. */
    void (*add_rows)(const cm_cell_table *table, const cm_sweep_rows *rows);
} cm_sweep_kernels;

/* The fastest that this machine runs. */
const cm_sweep_kernels *cm_sweep_kernels_best(void);

extern const cm_sweep_kernels cm_sweep_kernels_plain;
extern const cm_sweep_kernels cm_sweep_kernels_avx2;

#endif
