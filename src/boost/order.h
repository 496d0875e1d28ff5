/* The order of rows that stratified sampling wants.
 *
 * Rows with label 1 first, then those with label 0.  The rows of a label are
 * dealt to 64 strata: of 64 rows that follow each other in the input each goes
 * to another stratum, at random.  So the rows from place p to place q of a
 * stratum are a fair sample of the 64 (q - p) rows of the input that were dealt
 * meanwhile, and lie side by side: rows are read one after another, and nothing
 * is fetched at random. */
#ifndef CM_BOOST_ORDER_H
#define CM_BOOST_ORDER_H

#include <stddef.h>

#include "base/error.h"

enum { CM_STRATA = 64 };

/* Of the n rows of a label, those of a stratum are rows [begin, end). */
typedef struct cm_stratum {
    size_t begin, end;
} cm_stratum;

static inline cm_stratum cm_stratum_of(size_t n, size_t stratum)
{
    size_t deals = n / CM_STRATA, rest = n % CM_STRATA;
    size_t begin = stratum * deals + (stratum < rest ? stratum : rest);
    return (cm_stratum){begin, begin + deals + (stratum < rest)};
}

/* order (n) becomes a permutation of 0 .. n - 1: row order[i] of the input is
 * row i of the training set.  The same labels and seed, the same order. */
CM_MUST_USE cm_status cm_stratified_order(uint32_t *order,
                                          const uint8_t *labels, size_t n,
                                          uint64_t seed, cm_error *err);

#endif
