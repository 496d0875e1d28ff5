/* The area under the receiver operating characteristic.
 *
 * Notation: P clicks, N non-clicks; keys as in ranking.h. */
#include "evaluation/roc_auc.h"

#include <math.h>

#include "evaluation/ranking.h"

/* Twice the number of (click, non-click) pairs in the right order, a tie
 * counting as half a pair: all in integers, so exact.  2 P N < 2^64 for
 * n < 2^32. */
static double area_of(const uint64_t *keys, size_t n)
{
    uint64_t twice_pairs = 0, clicks = 0, others = 0;
    for (size_t i = 0; i < n;) {
        uint64_t score = ranking_bits(keys[i]);
        uint64_t tied_clicks = 0, tied_others = 0;
        for (; i < n && ranking_bits(keys[i]) == score; i++) {
            tied_clicks += keys[i] & 1;
            tied_others += ~keys[i] & 1;
        }
        twice_pairs += tied_clicks * (2 * others + tied_others);
        clicks += tied_clicks;
        others += tied_others;
    }
    if (clicks == 0 || others == 0) {
        return NAN;
    }
    return (double)twice_pairs / (2.0 * (double)clicks * (double)others);
}

cm_status cm_roc_auc(double *out, const uint8_t *labels, const double *scores,
                     size_t n, cm_error *err)
{
    ranking rows;
    cm_status status = ranking_init(&rows, labels, scores, n, err);
    if (status == CM_OK) {
        *out = area_of(rows.keys, n);
    }
    ranking_release(&rows);
    return status;
}
