/* Blocks of rows and the scratch memory a thread needs for one: the feature
 * values the model takes.  Private to score. */
#ifndef CM_SCORE_BLOCKS_H
#define CM_SCORE_BLOCKS_H

#include <stddef.h>

#include "base/error.h"

enum { BLOCK_ROWS = 256 };

typedef struct score_scratch {
    float *values;   /* (n_features * BLOCK_ROWS), rows or columns */
    float **columns; /* (n_features) pointers to (BLOCK_ROWS) of values */
} score_scratch;

typedef struct score_blocks {
    size_t n_blocks;
    int n_threads;
    score_scratch *scratch; /* (n_threads) */
} score_blocks;

/* requested: threads, 0 for all.  No more are taken than there are blocks. */
CM_MUST_USE cm_status score_blocks_init(score_blocks *blocks, size_t n_rows,
                                        size_t n_features, int requested,
                                        cm_error *err);
void score_blocks_release(score_blocks *blocks);

/* Rows of block b of n_rows. */
static inline size_t score_block_size(size_t n_rows, size_t b)
{
    size_t left = n_rows - b * BLOCK_ROWS;
    return left < BLOCK_ROWS ? left : BLOCK_ROWS;
}

#endif
