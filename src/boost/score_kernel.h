/* Scores of all borders of one feature in one leaf: the loop that, compiled
 * twice, gives the plain and the AVX2 version the same bits.  Include after
 * defining CM_SCORE_FUNCTION to the name of the function to make.
 *
 * d = sum of g w, w = sum of weights; left: bins up to the border, right: the
 * rest.  With a = d / (w + l2) for either side (0 when w is 0), Cosine's
 * numerator and L2's score grow by a d, Cosine's denominator by a^2 w.
 * Source: CatBoost private/libs/algo/score_calcers. */
#include <string.h>

#include "boost/score_kernel_params.h"

typedef double score_f64 __attribute__((vector_size(32)));
typedef int64_t score_i64 __attribute__((vector_size(32)));
typedef uint64_t score_u64 __attribute__((vector_size(32)));

/* Integers of less than 2^51 become doubles by adding them to the bits of
 * 1.5 * 2^52. */
#define TO_DOUBLE(out, x)                                      \
    do {                                                       \
        score_i64 shifted = (x) + (int64_t)0x4338000000000000; \
        (out) = (score_f64)shifted - 0x1.8p52;                 \
    } while (0)

/* The value of one side of a leaf: 0 when it is empty. */
#define SIDE_VALUE(out, d, w)                                \
    do {                                                     \
        (out) = (d) / ((w) + params->l2);                    \
        (out) = (score_f64)((score_i64)(out) & ((w) > 0.0)); \
    } while (0)

#define CHOOSE(where, yes, no) \
    ((score_f64)(((score_i64)(yes) & (where)) | ((score_i64)(no) & ~(where))))

/* direction: monotone constraint of the feature; where the values of the sides
 * go against it, both become that of the whole leaf. */
static inline __attribute__((always_inline)) void
score_borders(double *restrict numerators, double *restrict denominators,
              const int64_t *restrict prefix, size_t n,
              const cm_score_params *params, int direction)
{
    const uint64_t low_mask = ((uint64_t)1 << params->low_bits) - 1;
    const uint64_t sign = (uint64_t)1 << 63;
    const int64_t bias = (int64_t)(sign >> params->low_bits);
    for (size_t b = 0; b < n; b += 4) {
        score_u64 packed;
        score_f64 numerator, denominator, left_d, left_w, left, right;
        memcpy(&packed, prefix + b, sizeof packed);
        memcpy(&numerator, numerators + b, sizeof numerator);
        memcpy(&denominator, denominators + b, sizeof denominator);
        score_i64 w_units = (score_i64)(packed & low_mask);
        /* An arithmetic shift, written with a logical one. */
        score_i64 d_units =
            (score_i64)((packed ^ sign) >> params->low_bits) - bias;
        TO_DOUBLE(left_d, d_units);
        TO_DOUBLE(left_w, w_units);
        score_f64 right_d =
            (params->total_gradient - left_d) * params->gradient_unit;
        score_f64 right_w =
            (params->total_weight - left_w) * params->weight_unit;
        left_d *= params->gradient_unit;
        left_w *= params->weight_unit;
        SIDE_VALUE(left, left_d, left_w);
        SIDE_VALUE(right, right_d, right_w);
        if (direction != 0) {
            score_f64 whole =
                (left_d + right_d) / (left_w + right_w + params->l2);
            score_i64 against = direction > 0 ? left > right : left < right;
            against &= (left_w > 0.0) & (right_w > 0.0);
            left = CHOOSE(against, whole, left);
            right = CHOOSE(against, whole, right);
        }
        numerator += right * right_d;
        denominator += right * right * right_w;
        numerator += left * left_d;
        denominator += left * left * left_w;
        memcpy(numerators + b, &numerator, sizeof numerator);
        memcpy(denominators + b, &denominator, sizeof denominator);
    }
}

void CM_SCORE_FUNCTION(double *restrict numerators,
                       double *restrict denominators,
                       const int64_t *restrict prefix, size_t n,
                       const cm_score_params *params)
{
    if (params->monotone == 0) {
        score_borders(numerators, denominators, prefix, n, params, 0);
    } else {
        score_borders(numerators, denominators, prefix, n, params,
                      params->monotone);
    }
}
