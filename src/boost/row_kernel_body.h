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

static void sizes(double *c, const double *g, size_t n, double lambda)
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
    f64x4 square = {0, 0, 0, 0};
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
        if (units->newton) {
            f64x4 size = (f64x4)((i64x4)gradient & INT64_MAX);
            weight *= size * (1.0 - size);
        }
        f64x4 low = weight * units->to_weight + v + ROUNDER;
        i64x4 high_units = ((i64x4)high - ROUNDER_BITS) & sampled;
        i64x4 low_units = ((i64x4)low - ROUNDER_BITS) & sampled;
        u64x4 packed =
            ((u64x4)high_units << units->low_bits) + (u64x4)low_units;
        memcpy(stat + i, &packed, sizeof packed);
        i64x4 negative = high_units < 0;
        gradient_sum += (u64x4)((high_units ^ negative) - negative);
        weight_sum += (u64x4)low_units;
        square += gradient * gradient;
    }
    return (cm_pack_sums){
        gradient_sum[0] + gradient_sum[1] + gradient_sum[2] + gradient_sum[3],
        weight_sum[0] + weight_sum[1] + weight_sum[2] + weight_sum[3],
        (square[0] + square[1]) + (square[2] + square[3])};
}

/* Without a branch: every row is written, and the next one overwrites those not
 * wanted. */
static uint32_t pick_one_by_one(uint32_t *restrict picked,
                                const uint16_t *restrict leaf, uint32_t begin,
                                uint32_t end, const uint16_t *restrict slot_of)
{
    uint32_t n = 0;
    for (uint32_t i = begin; i < end; i++) {
        uint32_t slot = slot_of[leaf[i]];
        picked[n] = i | slot << CM_ROW_BITS;
        n += slot != CM_NO_SLOT;
    }
    return n;
}

#ifdef __AVX2__
/* Bit i: leaf[i] is wanted, looked up in two tables of 16 leaves.  Packing
 * turns leaves from 0x8000 on into bytes whose upper bit is set, and for those
 * the shuffle gives 0. */
static uint32_t wanted_of_32(const uint16_t *leaf, __m256i low, __m256i high)
{
    __m256i a = _mm256_loadu_si256((const void *)leaf);
    __m256i b = _mm256_loadu_si256((const void *)(leaf + 16));
    __m256i leaves = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xd8);
    __m256i is_high = _mm256_cmpgt_epi8(leaves, _mm256_set1_epi8(15));
    __m256i wanted =
        _mm256_blendv_epi8(_mm256_shuffle_epi8(low, leaves),
                           _mm256_shuffle_epi8(high, leaves), is_high);
    return (uint32_t)_mm256_movemask_epi8(wanted);
}

static __m256i table_of_16(const uint16_t *slot_of)
{
    uint8_t table[16];
    for (int l = 0; l < 16; l++) {
        table[l] = slot_of[l] != CM_NO_SLOT ? 0xff : 0;
    }
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)table));
}

static uint32_t pick(uint32_t *restrict picked, const uint16_t *restrict leaf,
                     uint32_t n, const uint16_t *restrict slot_of,
                     uint32_t n_leaves)
{
    uint32_t n_picked = 0, i = 0;
    __m256i low = table_of_16(slot_of), high = table_of_16(slot_of + 16);
    for (; n_leaves <= 32 && i + 32 <= n; i += 32) {
        uint32_t wanted = wanted_of_32(leaf + i, low, high);
        for (; wanted != 0; wanted &= wanted - 1) {
            uint32_t row = i + (uint32_t)__builtin_ctz(wanted);
            uint32_t slot = slot_of[leaf[row]];
            picked[n_picked++] = row | slot << CM_ROW_BITS;
        }
    }
    return n_picked + pick_one_by_one(picked + n_picked, leaf, i, n, slot_of);
}
#else
static uint32_t pick(uint32_t *restrict picked, const uint16_t *restrict leaf,
                     uint32_t n, const uint16_t *restrict slot_of,
                     uint32_t n_leaves)
{
    (void)n_leaves;
    return pick_one_by_one(picked, leaf, 0, n, slot_of);
}
#endif

const cm_row_kernels CM_ROW_KERNELS = {sizes, below, weigh, pack, pick};
