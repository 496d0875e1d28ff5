/* The order of rows that stratified sampling wants.
 *
 * Rows with label 1 first, then those with label 0.  Within a class any run of
 * consecutive rows is a sample of the whole class, spread evenly over it, so
 * the sample of a tree is two such runs: rows are read one after another, and
 * nothing is copied at random.
 *
 * 64 rows of a class that follow each other in the input go to 64 strata, in a
 * random order; the strata follow each other in the result. */
#ifndef CM_BOOST_ORDER_H
#define CM_BOOST_ORDER_H

#include "base/error.h"

/* order (n) becomes a permutation of 0 .. n - 1: row order[i] of the input is
 * row i of the training set.  The same labels and seed, the same order. */
CM_MUST_USE cm_status cm_stratified_order(uint32_t *order,
                                          const uint8_t *labels, size_t n,
                                          uint64_t seed, cm_error *err);

#endif
