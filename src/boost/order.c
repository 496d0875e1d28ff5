/* Rows dealt out to strata, 64 at a time. */
#include "boost/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum { STRATA = 64 };

/* Row numbers of the classes: those of label 1 first.  Returns how many. */
static size_t split_classes(uint32_t *rows, const uint8_t *labels, size_t n)
{
    size_t n_clicks = 0;
    for (size_t i = 0; i < n; i++) {
        n_clicks += labels[i];
    }
    size_t click = 0, other = n_clicks;
    for (size_t i = 0; i < n; i++) {
        rows[labels[i] ? click++ : other++] = (uint32_t)i;
    }
    return n_clicks;
}

/* The rows of one class.  Strata differ by at most one row: the last, partial
 * deal goes to the first strata. */
static void deal(uint32_t *order, const uint32_t *rows, size_t n, cm_rng rng)
{
    size_t deals = n / STRATA, rest = n % STRATA;
    size_t start[STRATA];
    for (size_t s = 0; s < STRATA; s++) {
        start[s] = s * deals + (s < rest ? s : rest);
    }
    for (size_t d = 0; d * STRATA < n; d++) {
        uint8_t turn[STRATA];
        size_t m = d < deals ? STRATA : rest;
        for (size_t k = 0; k < m; k++) { /* Fisher and Yates, inside out */
            size_t j = (size_t)(cm_rng_unit(&rng) * (double)(k + 1));
            turn[k] = turn[j];
            turn[j] = (uint8_t)k;
        }
        for (size_t k = 0; k < m; k++) {
            order[start[turn[k]] + d] = rows[d * STRATA + k];
        }
    }
}

cm_status cm_stratified_order(uint32_t *order, const uint8_t *labels, size_t n,
                              uint64_t seed, cm_error *err)
{
    uint32_t *rows = cm_alloc_large(n, sizeof *rows, err);
    if (rows == NULL) {
        return CM_ERR_NOMEM;
    }
    size_t n_clicks = split_classes(rows, labels, n);
    deal(order, rows, n_clicks, cm_rng_stream(seed, 1));
    deal(order + n_clicks, rows + n_clicks, n - n_clicks,
         cm_rng_stream(seed, 0));
    free(rows);
    return CM_OK;
}
