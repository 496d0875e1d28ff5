/* The inner loops of applying a model with AVX2, 32 rows a register.
 *
 *   v  8 values, k 8 counters (a bin is minus the sum of comparison masks) */
#include "model/apply_kernel.h"

#include <immintrin.h>

_Static_assert(TILE == 128, "leaves_avx2 keeps a tile in four registers");

/* Bytes of 32 counters.  The packs work within 128-bit halves; the
 * permutation puts the rows back in order. */
static inline __m256i pack_counters(__m256i k0, __m256i k1, __m256i k2,
                                    __m256i k3)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i words = _mm256_packs_epi32(k0, k1);
    __m256i more = _mm256_packs_epi32(k2, k3);
    __m256i bytes = _mm256_packus_epi16(words, more);
    return _mm256_permutevar8x32_epi32(bytes, order);
}

/* Adds one to the counters whose value lies above the border; predicate says
 * the same of border and value, NaN included. */
#define COUNT(k, border, value, predicate) \
    _mm256_sub_epi32(                      \
        k, _mm256_castps_si256(_mm256_cmp_ps(border, value, predicate)))

/* The body of bins_below and bins_above, which differ in the predicate. */
#define COUNT_32_ROWS(bins, slot, values, predicate)                         \
    __m256 v0 = _mm256_loadu_ps(values), v1 = _mm256_loadu_ps((values) + 8); \
    __m256 v2 = _mm256_loadu_ps((values) + 16);                              \
    __m256 v3 = _mm256_loadu_ps((values) + 24);                              \
    __m256i k0 = _mm256_setzero_si256(), k1 = k0, k2 = k0, k3 = k0;          \
    for (uint32_t b = 0; b < (slot)->n; b++) {                               \
        __m256 border = _mm256_broadcast_ss(&(slot)->borders[b]);            \
        k0 = COUNT(k0, border, v0, predicate);                               \
        k1 = COUNT(k1, border, v1, predicate);                               \
        k2 = COUNT(k2, border, v2, predicate);                               \
        k3 = COUNT(k3, border, v3, predicate);                               \
    }                                                                        \
    _mm256_storeu_si256((__m256i *)(void *)(bins),                           \
                        pack_counters(k0, k1, k2, k3))

static void bins_nan_below(uint8_t *bins, const apply_slot *slot,
                           const float *values)
{
    COUNT_32_ROWS(bins, slot, values, _CMP_LT_OQ);
}

static void bins_nan_above(uint8_t *bins, const apply_slot *slot,
                           const float *values)
{
    COUNT_32_ROWS(bins, slot, values, _CMP_NGE_UQ);
}

static void bins_avx2(uint8_t *bins, const apply_slot *slot,
                      const float *values)
{
    for (size_t i = 0; i < TILE; i += 32) {
        if (slot->nan_above) {
            bins_nan_above(bins + i, slot, values + i);
        } else {
            bins_nan_below(bins + i, slot, values + i);
        }
    }
}

/* 32 bytes of (bins >= limit) in front of the bits of leaf: twice leaf, minus a
 * mask of ones.  Unsigned a >= b is max(a, b) == a. */
static inline __m256i push_bit(__m256i leaf, const uint8_t *bins, __m256i limit)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)bins);
    __m256i mask = _mm256_cmpeq_epi8(_mm256_max_epu8(a, limit), a);
    return _mm256_sub_epi8(_mm256_add_epi8(leaf, leaf), mask);
}

static void leaves_avx2(uint8_t *leaves, const apply_split *splits, uint32_t n,
                        const uint8_t *codes)
{
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    while (n-- > 0) {
        const uint8_t *bins = codes + (size_t)splits[n].slot * TILE;
        __m256i limit = _mm256_set1_epi8((char)splits[n].at_least);
        a = push_bit(a, bins, limit);
        b = push_bit(b, bins + 32, limit);
        c = push_bit(c, bins + 64, limit);
        d = push_bit(d, bins + 96, limit);
    }
    _mm256_storeu_si256((__m256i *)(void *)leaves, a);
    _mm256_storeu_si256((__m256i *)(void *)(leaves + 32), b);
    _mm256_storeu_si256((__m256i *)(void *)(leaves + 64), c);
    _mm256_storeu_si256((__m256i *)(void *)(leaves + 96), d);
}

const apply_kernel apply_kernel_avx2 = {bins_avx2, leaves_avx2};
