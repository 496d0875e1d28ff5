/* Scratch memory for scoring in blocks, one set a thread. */
#include "score/blocks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

static void scratch_release(score_scratch *scratch)
{
    free(scratch->columns);
    free(scratch->values);
}

static cm_status scratch_init(score_scratch *scratch, size_t n_features,
                              size_t n_rows, cm_error *err)
{
    scratch->columns = cm_alloc(n_features, sizeof *scratch->columns, err);
    scratch->values = cm_alloc(n_features, n_rows * sizeof(float), err);
    if (!scratch->columns || !scratch->values) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0; f < n_features; f++) {
        scratch->columns[f] = scratch->values + f * n_rows;
    }
    return CM_OK;
}

cm_status score_blocks_init(score_blocks *blocks, size_t n_rows,
                            size_t n_features, int requested, cm_error *err)
{
    size_t block_rows = n_rows < BLOCK_ROWS ? n_rows : BLOCK_ROWS;
    int n_threads = cm_thread_count(requested);
    cm_status status = CM_OK;
    *blocks = (score_blocks){.n_blocks = n_rows / BLOCK_ROWS +
                                         (n_rows % BLOCK_ROWS != 0)};
    if ((size_t)n_threads > blocks->n_blocks) {
        n_threads = blocks->n_blocks > 0 ? (int)blocks->n_blocks : 1;
    }
    blocks->scratch =
        cm_alloc_zero((size_t)n_threads, sizeof *blocks->scratch, err);
    if (blocks->scratch == NULL) {
        return CM_ERR_NOMEM;
    }
    blocks->n_threads = n_threads;
    for (int t = 0; t < n_threads && status == CM_OK; t++) {
        status = scratch_init(&blocks->scratch[t], n_features, block_rows, err);
    }
    return status;
}

void score_blocks_release(score_blocks *blocks)
{
    for (int t = 0; t < blocks->n_threads; t++) {
        scratch_release(&blocks->scratch[t]);
    }
    free(blocks->scratch);
}
