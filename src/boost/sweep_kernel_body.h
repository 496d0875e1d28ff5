/* The loops of sweep_kernel.h.  Include once a file, after defining
 * CM_SWEEP_KERNELS to the name of the table to make. */
#include <immintrin.h>
#include <string.h>

#include "boost/sweep_kernel.h"

typedef uint8_t u8x32 __attribute__((vector_size(32)));

enum { PIECE = 1024, BYTE_DEPTH = 8, VECTOR = sizeof(u8x32) };

static void add_steps_from(const cm_sweep_rows *rows, size_t begin,
                           const int32_t *steps, int32_t extremes[2])
{
    int32_t low = extremes[0], high = extremes[1];
    for (size_t i = begin; i < rows->n; i++) {
        int32_t score = rows->score[i] + steps[rows->leaf[i]];
        rows->score[i] = score;
        low = score < low ? score : low;
        high = score > high ? score : high;
    }
    extremes[0] = low;
    extremes[1] = high;
}

/* Up to 8 levels of n <= PIECE rows, 32 rows at once. */
static void find_bytes(uint8_t *restrict bits, size_t at, size_t n,
                       const uint8_t *const *bins, const uint8_t *first_right,
                       uint32_t depth)
{
    size_t i = 0;
    for (; i + VECTOR <= n; i += VECTOR) {
        u8x32 sum = {0};
        for (uint32_t d = 0; d < depth; d++) {
            u8x32 bin;
            memcpy(&bin, bins[d] + at + i, sizeof bin);
            u8x32 is_right = (u8x32)(bin >= first_right[d]);
            sum |= is_right & (uint8_t)(1u << d);
        }
        memcpy(bits + i, &sum, sizeof sum);
    }
    for (; i < n; i++) {
        bits[i] = 0;
        for (uint32_t d = 0; d < depth; d++) {
            bits[i] |= (uint8_t)((bins[d][at + i] >= first_right[d]) << d);
        }
    }
}

static void find_leaves(uint16_t *restrict leaf, size_t n,
                        const uint8_t *const *bins, const uint8_t *first_right,
                        uint32_t depth)
{
    uint8_t low[PIECE], high[PIECE];
    uint32_t n_low = depth < BYTE_DEPTH ? depth : BYTE_DEPTH;
    for (size_t at = 0; at < n; at += PIECE) {
        size_t m = n - at < PIECE ? n - at : PIECE;
        find_bytes(low, at, m, bins, first_right, n_low);
        find_bytes(high, at, m, bins + n_low, first_right + n_low,
                   depth - n_low);
        for (size_t i = 0; i < m; i++) {
            leaf[at + i] = (uint16_t)(low[i] | high[i] << BYTE_DEPTH);
        }
    }
}

static int64_t *cell_of(const cm_cell_table *table, const cm_sweep_rows *rows,
                        size_t i)
{
    uint32_t cell =
        (uint32_t)((rows->score[i] >> CM_CELL_BITS) - table->first_cell);
    return table->cells +
           (size_t)(rows->leaf[i] * table->n_cells + cell) * CM_CELL_SUMS;
}

static void add_rows_from(const cm_cell_table *table, const cm_sweep_rows *rows,
                          size_t begin)
{
    const int32_t mask = (1 << CM_CELL_BITS) - 1;
    const int32_t middle = 1 << (CM_CELL_BITS - 1);
    const int64_t half = 1 << (CM_SQUARE_SHIFT - 1);
    for (size_t i = begin; i < rows->n; i++) {
        int64_t w = rows->weights == NULL ? 1 : rows->weights[i];
        int64_t x = (rows->score[i] & mask) - middle;
        int64_t square = (x * x + half) >> CM_SQUARE_SHIFT;
        int64_t *sums = cell_of(table, rows, i);
        sums[0] += w + ((w * rows->labels[i]) << CM_LABEL_SHIFT);
        sums[1] += w * x;
        sums[2] += w * square;
        sums[3] += w * ((square * x + half) >> CM_CUBE_SHIFT);
    }
}

#ifdef __AVX2__
static void add_steps(const cm_sweep_rows *rows, const int32_t *steps,
                      int32_t extremes[2])
{
    __m256i low = _mm256_set1_epi32(extremes[0]);
    __m256i high = _mm256_set1_epi32(extremes[1]);
    size_t i = 0;
    for (; i + 8 <= rows->n; i += 8) {
        __m256i leaf = _mm256_cvtepu16_epi32(
            _mm_loadu_si128((const void *)(rows->leaf + i)));
        __m256i step = _mm256_i32gather_epi32(steps, leaf, 4);
        __m256i *place = (void *)(rows->score + i);
        __m256i score = _mm256_add_epi32(_mm256_loadu_si256(place), step);
        _mm256_storeu_si256(place, score);
        low = _mm256_min_epi32(low, score);
        high = _mm256_max_epi32(high, score);
    }
    int32_t lows[8], highs[8];
    _mm256_storeu_si256((void *)lows, low);
    _mm256_storeu_si256((void *)highs, high);
    for (int k = 0; k < 8; k++) {
        extremes[0] = lows[k] < extremes[0] ? lows[k] : extremes[0];
        extremes[1] = highs[k] > extremes[1] ? highs[k] : extremes[1];
    }
    add_steps_from(rows, i, steps, extremes);
}

/* An arithmetic shift of 64 bits, which AVX2 lacks, of numbers below 2^50. */
static inline __m256i shift_right(__m256i x, int bits)
{
    const __m256i bias = _mm256_set1_epi64x((int64_t)1 << 50);
    const __m256i shifted = _mm256_set1_epi64x(1LL << (50 - bits));
    return _mm256_sub_epi64(_mm256_srli_epi64(_mm256_add_epi64(x, bias), bits),
                            shifted);
}

/* Four columns of four rows become four rows. */
static inline void transpose(__m256i row[4], const __m256i column[4])
{
    __m256i a = _mm256_unpacklo_epi64(column[0], column[1]);
    __m256i b = _mm256_unpackhi_epi64(column[0], column[1]);
    __m256i c = _mm256_unpacklo_epi64(column[2], column[3]);
    __m256i d = _mm256_unpackhi_epi64(column[2], column[3]);
    row[0] = _mm256_permute2x128_si256(a, c, 0x20);
    row[1] = _mm256_permute2x128_si256(b, d, 0x20);
    row[2] = _mm256_permute2x128_si256(a, c, 0x31);
    row[3] = _mm256_permute2x128_si256(b, d, 0x31);
}

/* What rows i .. i + 3 add to their cells. */
static inline void terms_of(__m256i row[4], const cm_sweep_rows *rows, size_t i)
{
    const __m128i mask = _mm_set1_epi32((1 << CM_CELL_BITS) - 1);
    const __m128i middle = _mm_set1_epi32(1 << (CM_CELL_BITS - 1));
    const __m256i half = _mm256_set1_epi64x(1 << (CM_SQUARE_SHIFT - 1));
    int32_t labels;
    memcpy(&labels, rows->labels + i, sizeof labels);
    __m128i score = _mm_loadu_si128((const void *)(rows->score + i));
    __m256i x = _mm256_cvtepi32_epi64(
        _mm_sub_epi32(_mm_and_si128(score, mask), middle));
    __m256i square = _mm256_srli_epi64(
        _mm256_add_epi64(_mm256_mul_epi32(x, x), half), CM_SQUARE_SHIFT);
    __m256i cube = shift_right(
        _mm256_add_epi64(_mm256_mul_epi32(square, x), half), CM_CUBE_SHIFT);
    __m256i label = _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(labels));
    __m256i one = _mm256_add_epi64(_mm256_slli_epi64(label, CM_LABEL_SHIFT),
                                   _mm256_set1_epi64x(1));
    const __m256i columns[4] = {one, x, square, cube};
    transpose(row, columns);
}

/* Cells of rows i .. i + 3, counted through the table. */
static inline void cells_of(uint32_t index[4], const cm_cell_table *table,
                            const cm_sweep_rows *rows, size_t i)
{
    __m128i leaf =
        _mm_cvtepu16_epi32(_mm_loadl_epi64((const void *)(rows->leaf + i)));
    __m128i score = _mm_loadu_si128((const void *)(rows->score + i));
    __m128i cell = _mm_sub_epi32(_mm_srai_epi32(score, CM_CELL_BITS),
                                 _mm_set1_epi32(table->first_cell));
    __m128i first =
        _mm_mullo_epi32(leaf, _mm_set1_epi32((int32_t)table->n_cells));
    _mm_storeu_si128((void *)index, _mm_add_epi32(first, cell));
}

/* Weights take the plain loop: they are few, and would need 64-bit products. */
static void add_rows(const cm_cell_table *table, const cm_sweep_rows *rows)
{
    size_t i = 0;
    for (; rows->weights == NULL && i + 4 <= rows->n; i += 4) {
        __m256i row[4];
        uint32_t index[4];
        terms_of(row, rows, i);
        cells_of(index, table, rows, i);
        for (size_t k = 0; k < 4; k++) {
            __m256i *sums =
                (void *)(table->cells + (size_t)index[k] * CM_CELL_SUMS);
            _mm256_storeu_si256(
                sums, _mm256_add_epi64(_mm256_loadu_si256(sums), row[k]));
        }
    }
    add_rows_from(table, rows, i);
}
#else
static void add_steps(const cm_sweep_rows *rows, const int32_t *steps,
                      int32_t extremes[2])
{
    add_steps_from(rows, 0, steps, extremes);
}

static void add_rows(const cm_cell_table *table, const cm_sweep_rows *rows)
{
    add_rows_from(table, rows, 0);
}
#endif

const cm_sweep_kernels CM_SWEEP_KERNELS = {add_steps, find_leaves, add_rows};
