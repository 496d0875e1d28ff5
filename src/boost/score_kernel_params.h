/* What the score kernel works on, and its two compilations. */
#ifndef CM_BOOST_SCORE_KERNEL_PARAMS_H
#define CM_BOOST_SCORE_KERNEL_PARAMS_H

#include <stddef.h>
#include <stdint.h>

typedef struct cm_score_params {
    int low_bits;
    double gradient_unit, weight_unit;
    double total_gradient, total_weight; /* of the leaf, in units */
    double l2;
    int monotone; /* constraint of the feature: 1, -1, or 0 */
} cm_score_params;

/* Adds one leaf to numerators and denominators of n borders; prefix[b] is the
 * packed sum of bins 0 .. b.  Arrays are readable and writable up to the next
 * multiple of 4. */
typedef void (*cm_score_function_kernel)(double *restrict numerators,
                                         double *restrict denominators,
                                         const int64_t *restrict prefix,
                                         size_t n,
                                         const cm_score_params *params);

void cm_score_kernel_plain(double *restrict numerators,
                           double *restrict denominators,
                           const int64_t *restrict prefix, size_t n,
                           const cm_score_params *params);
void cm_score_kernel_avx2(double *restrict numerators,
                          double *restrict denominators,
                          const int64_t *restrict prefix, size_t n,
                          const cm_score_params *params);

#endif
