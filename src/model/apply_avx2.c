/* The inner loops of applying a model with AVX2: 8 floats or 32 bytes a
 * register.
 *
 *   v     8 values of one feature
 *   m     comparison masks: -1 in a lane whose value lies above the border
 *   k     minus the number of borders below v, as far as is known */
#include <immintrin.h>
#include <math.h>

#include "model/apply_body.h"
#include "model/apply_kernel.h"

/* ---- columns out of rows -------------------------------------------- */

/* Rows i and i + 4 of a block of eight, each four floats. */
static inline __m256 load_halves(const float *row, const float *row_plus_4)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(row)),
                                _mm_loadu_ps(row_plus_4), 1);
}

/* Eight rows of four floats to four columns of eight. */
static inline void transpose_8_by_4(float *values, const float *rows,
                                    size_t stride)
{
    __m256 a = load_halves(rows, rows + 4 * stride);
    __m256 b = load_halves(rows + stride, rows + 5 * stride);
    __m256 c = load_halves(rows + 2 * stride, rows + 6 * stride);
    __m256 d = load_halves(rows + 3 * stride, rows + 7 * stride);
    __m256 ab_01 = _mm256_unpacklo_ps(a, b), ab_23 = _mm256_unpackhi_ps(a, b);
    __m256 cd_01 = _mm256_unpacklo_ps(c, d), cd_23 = _mm256_unpackhi_ps(c, d);
    enum { LOW = 0x44, HIGH = 0xee };
    _mm256_storeu_ps(values, _mm256_shuffle_ps(ab_01, cd_01, LOW));
    _mm256_storeu_ps(values + TILE, _mm256_shuffle_ps(ab_01, cd_01, HIGH));
    _mm256_storeu_ps(values + 2 * TILE, _mm256_shuffle_ps(ab_23, cd_23, LOW));
    _mm256_storeu_ps(values + 3 * TILE, _mm256_shuffle_ps(ab_23, cd_23, HIGH));
}

static void transpose_avx2(float *values, const float *rows, size_t stride,
                           size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        const float *block = rows + i * stride;
        transpose_8_by_4(values + i, block, stride);
        transpose_8_by_4(values + 4 * TILE + i, block + 4, stride);
    }
}

/* ---- bins ----------------------------------------------------------- */

static inline __m256 above(__m256 v, __m256 border)
{
    return _mm256_cmp_ps(v, border, _CMP_GT_OQ);
}

/* One border a lane out of a table of eight, by the low bits of k. */
static inline __m256 pick_8(const float *table, __m256i k)
{
    return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), k);
}

/* Out of 16, 32, 64: the first questions, whose answers are the high bits of
 * k, say which eight of them. */
static inline __m256 pick_16(const float *table, __m256i k, __m256 m0)
{
    return _mm256_blendv_ps(pick_8(table, k), pick_8(table + 8, k), m0);
}

static inline __m256 pick_32(const float *table, __m256i k, __m256 m0,
                             __m256 m1)
{
    return _mm256_blendv_ps(pick_16(table, k, m1), pick_16(table + 16, k, m1),
                            m0);
}

static inline __m256 pick_64(const float *table, __m256i k, __m256 m0,
                             __m256 m1, __m256 m2)
{
    return _mm256_blendv_ps(pick_32(table, k, m1, m2),
                            pick_32(table + 32, k, m1, m2), m0);
}

static inline __m256i push(__m256i k, __m256 m)
{
    return _mm256_add_epi32(_mm256_add_epi32(k, k), _mm256_castps_si256(m));
}

/* Goes down the search tree; levels is a constant where this is used. */
__attribute__((always_inline)) static inline __m256i
search_8(const float *search, uint32_t levels, __m256 v)
{
    __m256 m0 = above(v, _mm256_broadcast_ss(search)), m1 = m0, m2 = m0;
    __m256i k = _mm256_castps_si256(m0);
    if (levels > 1) {
        m1 = above(v, pick_8(search + level_at(1), k));
        k = push(k, m1);
    }
    if (levels > 2) {
        m2 = above(v, pick_8(search + level_at(2), k));
        k = push(k, m2);
    }
    if (levels > 3) {
        k = push(k, above(v, pick_8(search + level_at(3), k)));
    }
    if (levels > 4) {
        k = push(k, above(v, pick_16(search + level_at(4), k, m0)));
    }
    if (levels > 5) {
        k = push(k, above(v, pick_32(search + level_at(5), k, m0, m1)));
    }
    if (levels > 6) {
        k = push(k, above(v, pick_64(search + level_at(6), k, m0, m1, m2)));
    }
    return k;
}

/* NaN becomes infinity, which is above every border. */
static inline __m256 load_values(const float *values, bool nan_above)
{
    __m256 v = _mm256_loadu_ps(values);
    if (nan_above) {
        v = _mm256_blendv_ps(v, _mm256_set1_ps(INFINITY),
                             _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    }
    return v;
}

/* Bytes of 32 counters.  The packs work within 128-bit halves; the
 * permutation puts the rows back in order. */
static inline __m256i pack_counters(__m256i k0, __m256i k1, __m256i k2,
                                    __m256i k3)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i words = _mm256_packs_epi32(k0, k1);
    __m256i more = _mm256_packs_epi32(k2, k3);
    __m256i bytes = _mm256_packs_epi16(words, more);
    return _mm256_permutevar8x32_epi32(bytes, order);
}

__attribute__((always_inline)) static inline void
bins_by_search(int8_t *bins, const apply_slot *slot, uint32_t levels,
               const float *values, size_t n)
{
    const float *search = slot->search;
    bool nan = slot->nan_above;
    for (size_t i = 0; i < n; i += TILE_STEP) {
        const float *v = values + i;
        __m256i k0 = search_8(search, levels, load_values(v, nan));
        __m256i k1 = search_8(search, levels, load_values(v + 8, nan));
        __m256i k2 = search_8(search, levels, load_values(v + 16, nan));
        __m256i k3 = search_8(search, levels, load_values(v + 24, nan));
        _mm256_storeu_si256((__m256i *)(void *)(bins + i),
                            pack_counters(k0, k1, k2, k3));
    }
}

static void bins_avx2(int8_t *bins, const apply_slot *slot, const float *values,
                      size_t n)
{
    _Static_assert(SLOT_LEVELS == 7, "a case for every number of levels");
    switch (slot->levels) {
    case 1:
        bins_by_search(bins, slot, 1, values, n);
        break;
    case 2:
        bins_by_search(bins, slot, 2, values, n);
        break;
    case 3:
        bins_by_search(bins, slot, 3, values, n);
        break;
    case 4:
        bins_by_search(bins, slot, 4, values, n);
        break;
    case 5:
        bins_by_search(bins, slot, 5, values, n);
        break;
    case 6:
        bins_by_search(bins, slot, 6, values, n);
        break;
    default:
        bins_by_search(bins, slot, 7, values, n);
        break;
    }
}

/* ---- leaves --------------------------------------------------------- */

/* 32 bytes of (bins < limit) in front of the bits of leaf: twice leaf, minus a
 * mask of ones. */
static inline __m256i push_bit(__m256i leaf, const int8_t *bins, __m256i limit)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)bins);
    return _mm256_sub_epi8(_mm256_add_epi8(leaf, leaf),
                           _mm256_cmpgt_epi8(limit, a));
}

static inline void store_leaves(uint8_t *leaves, __m256i a)
{
    _mm256_storeu_si256((__m256i *)(void *)leaves, a);
}

static void leaves_of_tile(uint8_t *leaves, const apply_split *splits,
                           uint32_t count, const int8_t *codes)
{
    _Static_assert(TILE == 4 * TILE_STEP, "a tile is four registers");
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    while (count-- > 0) {
        const int8_t *bins = codes + (size_t)splits[count].slot * TILE;
        __m256i limit = _mm256_set1_epi8(splits[count].limit);
        a = push_bit(a, bins, limit);
        b = push_bit(b, bins + TILE_STEP, limit);
        c = push_bit(c, bins + 2 * TILE_STEP, limit);
        d = push_bit(d, bins + 3 * TILE_STEP, limit);
    }
    store_leaves(leaves, a);
    store_leaves(leaves + TILE_STEP, b);
    store_leaves(leaves + 2 * TILE_STEP, c);
    store_leaves(leaves + 3 * TILE_STEP, d);
}

static void leaves_avx2(uint8_t *leaves, const apply_split *splits,
                        uint32_t count, const int8_t *codes, size_t n)
{
    if (n == TILE) {
        leaves_of_tile(leaves, splits, count, codes);
        return;
    }
    for (size_t i = 0; i < n; i += TILE_STEP) {
        __m256i a = _mm256_setzero_si256();
        for (uint32_t d = count; d-- > 0;) {
            a = push_bit(a, codes + i + (size_t)splits[d].slot * TILE,
                         _mm256_set1_epi8(splits[d].limit));
        }
        store_leaves(leaves + i, a);
    }
}

const apply_kernel apply_kernel_avx2 = {transpose_avx2, bins_avx2, leaves_avx2,
                                        add_leaves, row_sum};
