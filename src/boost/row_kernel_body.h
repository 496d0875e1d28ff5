/* The loops of row_kernel.h.  Include once a file, after defining
 * CM_ROW_KERNELS to the name of the table to make. */
#include <immintrin.h>
#include <string.h>

#include "boost/row_kernel.h"

typedef double f64x4 __attribute__((vector_size(32)));
typedef int64_t i64x4 __attribute__((vector_size(32)));
typedef uint64_t u64x4 __attribute__((vector_size(32)));

/* 1.5 * 2^52: a double of less than 2^51 added to it has its nearest integer
 * in the lower bits. */
static const double ROUNDER = 0x1.8p52;
static const int64_t ROUNDER_BITS = 0x4338000000000000;

static void square_roots(double *x)
{
#ifdef __AVX2__
    _mm256_storeu_pd(x, _mm256_sqrt_pd(_mm256_loadu_pd(x)));
#else
    _mm_storeu_pd(x, _mm_sqrt_pd(_mm_loadu_pd(x)));
    _mm_storeu_pd(x + 2, _mm_sqrt_pd(_mm_loadu_pd(x + 2)));
#endif
}

static void sizes(double *restrict c, const double *restrict g, size_t n,
                  double lambda)
{
    for (size_t i = 0; i < n; i += 4) {
        f64x4 x;
        memcpy(&x, g + i, sizeof x);
        x = x * x + lambda;
        memcpy(c + i, &x, sizeof x);
        square_roots(c + i);
    }
}

static cm_small_sum below(const double *c, size_t n, double threshold)
{
    f64x4 sum = {0, 0, 0, 0};
    i64x4 small = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i += 4) {
        f64x4 x;
        memcpy(&x, c + i, sizeof x);
        i64x4 is_small = x < threshold; /* -1 or 0 */
        sum += (f64x4)((i64x4)x & is_small);
        small += is_small;
    }
    int64_t n_small = -(small[0] + small[1] + small[2] + small[3]);
    return (cm_small_sum){(sum[0] + sum[1]) + (sum[2] + sum[3]),
                          (double)((int64_t)n - n_small)};
}

/* The upper 32 bits as a fraction; 2^52 in the bits of a double has its unit
 * in the lowest place. */
#define CHANCE(out, bits)                                     \
    do {                                                      \
        u64x4 mantissa = ((bits) >> 32) | 0x4330000000000000; \
        (out) = ((f64x4)mantissa - 0x1p52) * 0x1p-32;         \
    } while (0)

/* 16 bits as a number in (-1/2, 1/2). */
#define OFFSET(out, bits)                                               \
    do {                                                                \
        u64x4 mantissa = ((bits)&0xffff) | 0x4330000000000000;          \
        (out) = ((f64x4)mantissa - 0x1p52) * 0x1p-16 - (0.5 - 0x1p-17); \
    } while (0)

#define AT_LEAST(x, bound)                                       \
    do {                                                         \
        f64x4 low = {(bound), (bound), (bound), (bound)};        \
        i64x4 keep = (x) > low;                                  \
        (x) = (f64x4)(((i64x4)(x)&keep) | ((i64x4)low & ~keep)); \
    } while (0)

static void weigh(double *restrict c, const uint64_t *restrict bits, size_t n,
                  double threshold)
{
    for (size_t i = 0; i < n; i += 4) {
        f64x4 x, chance;
        u64x4 random;
        memcpy(&x, c + i, sizeof x);
        memcpy(&random, bits + i, sizeof random);
        CHANCE(chance, random);
        AT_LEAST(x, threshold * (1 / CM_MAX_WEIGHT));
        i64x4 sampled = chance * threshold < x;
        f64x4 weight = threshold / x;
        AT_LEAST(weight, 1.0);
        weight = (f64x4)((i64x4)weight & sampled);
        memcpy(c + i, &weight, sizeof weight);
    }
}

static cm_pack_sums pack(int64_t *restrict stat, const double *restrict g,
                         const double *restrict w,
                         const uint64_t *restrict bits, size_t n,
                         const cm_pack_units *units)
{
    u64x4 gradient_sum = {0, 0, 0, 0}, weight_sum = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i += 4) {
        f64x4 gradient, weight, u, v;
        u64x4 random;
        memcpy(&gradient, g + i, sizeof gradient);
        memcpy(&weight, w + i, sizeof weight);
        memcpy(&random, bits + i, sizeof random);
        OFFSET(u, random >> 16);
        OFFSET(v, random);
        i64x4 sampled = weight > 0.0;
        f64x4 high = gradient * weight * units->to_gradient + u + ROUNDER;
        f64x4 low = weight * units->to_weight + v + ROUNDER;
        i64x4 high_units = ((i64x4)high - ROUNDER_BITS) & sampled;
        i64x4 low_units = ((i64x4)low - ROUNDER_BITS) & sampled;
        u64x4 packed =
            ((u64x4)high_units << units->low_bits) + (u64x4)low_units;
        memcpy(stat + i, &packed, sizeof packed);
        i64x4 negative = high_units < 0;
        gradient_sum += (u64x4)((high_units ^ negative) - negative);
        weight_sum += (u64x4)low_units;
    }
    return (cm_pack_sums){
        gradient_sum[0] + gradient_sum[1] + gradient_sum[2] + gradient_sum[3],
        weight_sum[0] + weight_sum[1] + weight_sum[2] + weight_sum[3]};
}

const cm_row_kernels CM_ROW_KERNELS = {sizes, below, weigh, pack};
