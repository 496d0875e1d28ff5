/* Rows dealt out to strata, 64 at a time. */
#include "boost/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

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

static void shuffled_strata(uint8_t turn[CM_STRATA], size_t n, cm_rng *rng)
{
    for (size_t k = 0; k < n; k++) { /* Fisher and Yates, inside out */
        size_t j = (size_t)(cm_rng_unit(rng) * (double)(k + 1));
        turn[k] = turn[j];
        turn[j] = (uint8_t)k;
    }
}

/* The rows of one label.  The last, partial deal goes to the first strata. */
static void deal(uint32_t *order, const uint32_t *rows, size_t n, cm_rng rng)
{
    for (size_t at = 0; at < n; at += CM_STRATA) {
        uint8_t turn[CM_STRATA];
        size_t m = n - at < CM_STRATA ? n - at : CM_STRATA;
        shuffled_strata(turn, m, &rng);
        for (size_t k = 0; k < m; k++) {
            size_t begin = cm_stratum_of(n, turn[k]).begin;
            order[begin + at / CM_STRATA] = rows[at + k];
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
