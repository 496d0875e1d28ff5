/* Allocation of the row state. */
#include "boost/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Tables of spans x leaves stay below some millions of entries. */
enum { MAX_SPAN_LEAVES = 1 << 22 };

static void sum_weights(cm_rows *rows)
{
    size_t n_clicks = 0;
    for (size_t i = 0; rows->weights == NULL && i < rows->n; i++) {
        n_clicks += rows->labels[i];
    }
    if (rows->weights == NULL) {
        rows->total_weight = (double)rows->n;
        rows->click_weight = (double)n_clicks;
        return;
    }
    for (size_t i = 0; i < rows->n; i++) {
        double weight = (double)rows->weights[i];
        rows->total_weight += weight;
        rows->click_weight += weight * rows->labels[i];
    }
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
    sum_weights(rows);
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
