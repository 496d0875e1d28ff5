/* The end of a tree, one pass over all rows: scores get the steps of the tree
 * before, rows find their leaf in the new one, and are added up in cells of
 * leaf and score. */
#ifndef CM_BOOST_SWEEP_H
#define CM_BOOST_SWEEP_H

#include "boost/rows.h"
#include "boost/sweep_kernel.h"

typedef struct cm_sweep {
    const cm_train_set *set;
    cm_rows *rows;
    const uint32_t *weights; /* (n) or NULL: all 1 */
    const int32_t *steps;    /* by leaf of the tree before */
    uint32_t n_steps;
    const cm_split_condition *splits; /* (depth): the new tree */
    uint32_t depth;
    /* Where scores may lie once the steps are added; the cells of a thread
     * follow those of the one before.  cells NULL: rows are not added up. */
    int32_t first_cell;
    size_t n_cells;
    int64_t *cells;         /* (n_threads, 1 << depth, n_cells, CM_CELL_SUMS) */
    int32_t (*extremes)[2]; /* (n_spans): scratch */
} cm_sweep;

/* Fills first_cell and n_cells from the rest. */
void cm_sweep_find_cells(cm_sweep *sweep);

static inline int64_t *cm_sweep_cells(const cm_sweep *sweep, int thread,
                                      size_t leaf)
{
    size_t at = ((size_t)thread << sweep->depth) + leaf;
    return sweep->cells + at * sweep->n_cells * CM_CELL_SUMS;
}

void cm_sweep_run(cm_sweep *sweep);

/* Leaves of the training rows of a range: leaf[0] is that of row
 * range.begin. */
void cm_find_leaves(uint16_t *leaf, const cm_train_set *set, cm_range range,
                    const cm_split_condition *splits, uint32_t depth);

#endif
