/* What each metric came to. */
#include <stdlib.h>
#include <string.h>

#include "tracking/run.h"

/* By key, by step, and as they were logged. */
static int compare_points(const void *a, const void *b)
{
    const cm_run_metric *left = *(const cm_run_metric *const *)a;
    const cm_run_metric *right = *(const cm_run_metric *const *)b;
    int order = left->key == right->key ? 0 : strcmp(left->key, right->key);
    if (order == 0 && left->step != right->step) {
        order = left->step < right->step ? -1 : 1;
    }
    return order != 0 ? order : left < right ? -1 : left > right;
}

cm_status cm_run_last_metrics(cm_run_record *record, const cm_run_metric **out,
                              size_t *n, cm_error *err)
{
    size_t n_all = record->n_metrics;
    const cm_run_metric **sorted = cm_alloc(n_all, sizeof *sorted, err);
    cm_run_metric *last =
        sorted == NULL
            ? NULL
            : cm_arena_alloc(&record->arena, n_all * sizeof *last, err);
    *n = 0;
    *out = last;
    if (last == NULL) {
        free(sorted);
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n_all; i++) {
        sorted[i] = &record->metrics[i];
    }
    if (n_all > 0) {
        qsort(sorted, n_all, sizeof *sorted, compare_points);
    }
    for (size_t i = 0; i < n_all; i++) {
        if (i + 1 == n_all || strcmp(sorted[i]->key, sorted[i + 1]->key) != 0) {
            last[(*n)++] = *sorted[i];
        }
    }
    free(sorted);
    return CM_OK;
}
