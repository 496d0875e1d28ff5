/* Allocation of the row state. */
#include "boost/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Tables of spans x leaves stay below some millions of entries. */
enum { MAX_SPAN_LEAVES = 1 << 22 };

static double sum_of(const float *weights, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)weights[i];
    }
    return sum;
}

cm_status cm_rows_init(cm_rows *rows, const cm_train_set *set, uint32_t depth,
                       int n_threads, cm_team *team, cm_error *err)
{
    size_t n = set->n_rows;
    size_t n_blocks = (n + CM_BLOCK_ROWS - 1) / CM_BLOCK_ROWS;
    size_t max_spans = MAX_SPAN_LEAVES >> depth;
    size_t blocks_a_span = (n_blocks + max_spans - 1) / max_spans;
    *rows = (cm_rows){.n = n,
                      .span_rows = blocks_a_span * CM_BLOCK_ROWS,
                      .n_threads = n_threads,
                      .team = team,
                      .labels = set->labels,
                      .weights = set->weights};
    rows->total_weight =
        set->weights == NULL ? (double)n : sum_of(set->weights, n);
    rows->n_spans = (n + rows->span_rows - 1) / rows->span_rows;
    rows->score = cm_alloc_large(n, sizeof *rows->score, err);
    rows->leaf = cm_alloc_large(n, sizeof *rows->leaf, err);
    if (rows->score == NULL || rows->leaf == NULL) {
        cm_rows_release(rows);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

void cm_rows_release(cm_rows *rows)
{
    free(rows->score);
    free(rows->leaf);
    memset(rows, 0, sizeof *rows);
}
