/* The search with AVX2.  The first four levels are looked up in two registers,
 * where a permutation takes the place of a load; the others are gathered. */
#include "model/bin_search.h"

#include <immintrin.h>

enum { LANES = 8, GROUPS = 4, BLOCK = LANES * GROUPS };

/* The children that 8 values go to: 2 i, plus 1 where value > border. */
static inline __m256i descend(__m256i node, __m256 value, __m256 border)
{
    __m256i above =
        _mm256_castps_si256(_mm256_cmp_ps(value, border, _CMP_GT_OQ));
    return _mm256_sub_epi32(_mm256_add_epi32(node, node), above);
}

/* Walks down for all groups together: a gather takes long to come back, and
 * several are on their way at once.  Nodes 1 to 7 are in `top`, 8 to 15 in
 * `next`: the low three bits of a number choose its lane in both. */
static inline void search_block(__m256i node[GROUPS],
                                const __m256 value[GROUPS],
                                const bin_search *search)
{
    __m256 top = _mm256_load_ps(search->nodes);
    __m256 next = _mm256_load_ps(search->nodes + LANES);
    for (size_t k = 0; k < GROUPS; k++) {
        __m256i n = _mm256_set1_epi32(1);
        n = descend(n, value[k], _mm256_permutevar8x32_ps(top, n));
        n = descend(n, value[k], _mm256_permutevar8x32_ps(top, n));
        n = descend(n, value[k], _mm256_permutevar8x32_ps(top, n));
        node[k] = descend(n, value[k], _mm256_permutevar8x32_ps(next, n));
    }
    for (uint32_t level = BIN_SEARCH_LEAST_LEVELS; level < search->levels;
         level++) {
        for (size_t k = 0; k < GROUPS; k++) {
            node[k] = descend(node[k], value[k],
                              _mm256_i32gather_ps(search->nodes, node[k], 4));
        }
    }
}

/* The bins of the nodes that the values came to. */
static inline __m256i bins_of(__m256i node, __m256 value,
                              const bin_search *search)
{
    __m256i bin =
        _mm256_sub_epi32(node, _mm256_set1_epi32(1 << search->levels));
    __m256i is_nan =
        _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
    return _mm256_blendv_epi8(bin, _mm256_set1_epi32(search->nan_bin), is_nan);
}

/* The packs work within halves; the permutation restores the order. */
static inline void store_bins(uint8_t *bins, const __m256i group[GROUPS])
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i words[2] = {_mm256_packs_epi32(group[0], group[1]),
                        _mm256_packs_epi32(group[2], group[3])};
    __m256i bytes = _mm256_packus_epi16(words[0], words[1]);
    _mm256_storeu_si256((__m256i *)(void *)bins,
                        _mm256_permutevar8x32_epi32(bytes, order));
}

void bin_search_avx2(uint8_t *bins, const float *values, size_t n,
                     const bin_search *search)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        __m256i group[GROUPS];
        __m256 value[GROUPS];
        for (size_t k = 0; k < GROUPS; k++) {
            value[k] = _mm256_loadu_ps(values + i + k * LANES);
        }
        search_block(group, value, search);
        for (size_t k = 0; k < GROUPS; k++) {
            group[k] = bins_of(group[k], value[k], search);
        }
        store_bins(bins + i, group);
    }
    bin_search_plain(bins + i, values + i, n - i, search);
}
