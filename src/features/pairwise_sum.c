/* NumPy's sum: eight running sums over blocks of at most 128 values, blocks
 * added up as a balanced tree.  pandas' mean is this sum over the count. */
#include "features/pairwise_sum.h"

enum { WAYS = 8, BLOCK = 128 };

static double sum_in_order(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum;
}

static double sum_block(const double *values, size_t n)
{
    double r[WAYS];
    for (size_t k = 0; k < WAYS; k++) {
        r[k] = values[k];
    }
    size_t i = WAYS;
    for (; i < n - n % WAYS; i += WAYS) {
        for (size_t k = 0; k < WAYS; k++) {
            r[k] += values[i + k];
        }
    }
    double sum =
        ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < n; i++) {
        sum += values[i];
    }
    return sum;
}

double cm_pairwise_sum(const double *values, size_t n)
{
    if (n < WAYS) {
        return sum_in_order(values, n);
    }
    if (n <= BLOCK) {
        return sum_block(values, n);
    }
    size_t half = n / 2;
    half -= half % WAYS;
    return cm_pairwise_sum(values, half) +
           cm_pairwise_sum(values + half, n - half);
}
