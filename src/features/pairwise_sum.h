/* NumPy's sum.  Private to features. */
#ifndef CM_FEATURES_PAIRWISE_SUM_H
#define CM_FEATURES_PAIRWISE_SUM_H

#include <stddef.h>

/* numpy.sum of n contiguous doubles, to the bit.
 * Source: numpy/_core/src/umath/loops_utils.h.src, DOUBLE_pairwise_sum. */
double cm_pairwise_sum(const double *values, size_t n);

#endif
