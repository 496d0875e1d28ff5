/* Columns of bins to rows of codes, 16 x 16 bytes at a time. */
#include "boost/codes.h"

#include <emmintrin.h>
#include <string.h>

enum { TILE = 256, SQUARE = CM_WIDTH_UNIT };

/* One step of a transposition: row i of `to` pairs halves of rows i / 2 and
 * i / 2 + 8 of `from`.  Four steps make the rows columns. */
static void interleave(__m128i *restrict to, const __m128i *restrict from)
{
    for (int i = 0; i < SQUARE / 2; i++) {
        to[2 * i] = _mm_unpacklo_epi8(from[i], from[i + SQUARE / 2]);
        to[2 * i + 1] = _mm_unpackhi_epi8(from[i], from[i + SQUARE / 2]);
    }
}

static void transpose(uint8_t *out, size_t width, const uint8_t *const *columns,
                      size_t at)
{
    __m128i a[SQUARE], b[SQUARE];
    for (int k = 0; k < SQUARE; k++) {
        a[k] = _mm_loadu_si128((const void *)(columns[k] + at));
    }
    interleave(b, a);
    interleave(a, b);
    interleave(b, a);
    interleave(a, b);
    for (size_t i = 0; i < SQUARE; i++) {
        _mm_storeu_si128((void *)(out + i * width), a[i]);
    }
}

/* Codes of bundle b of a tile: the column of bins itself when they are the
 * same, else made in scratch. */
static const uint8_t *bundle_codes(uint8_t *scratch, const cm_bundles *bundles,
                                   const cm_train_set *set, size_t b,
                                   size_t row, size_t n)
{
    static const uint8_t zeros[TILE];
    if (b >= bundles->n_bundles) {
        return zeros;
    }
    const cm_bundle *bundle = &bundles->bundles[b];
    const cm_part *part = &bundles->parts[bundle->first_part];
    if (bundle->n_parts == 1) {
        return set->bins[part->feature] + row;
    }
    memset(scratch, 0, TILE);
    for (size_t k = 0; k < bundle->n_parts; k++, part++) {
        const uint8_t *bins = set->bins[part->feature] + row;
        for (size_t i = 0; i < n; i++) {
            scratch[i] = (uint8_t)(scratch[i] + bins[i] * part->divisor);
        }
    }
    return scratch;
}

/* n < SQUARE rows. */
static void copy_rest(uint8_t *out, size_t width, const uint8_t *const *columns,
                      size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < SQUARE; k++) {
            out[i * width + k] = columns[k][at + i];
        }
    }
}

static void write_tile(uint8_t *out, const cm_bundles *bundles,
                       const cm_train_set *set, size_t row, size_t n)
{
    uint8_t scratch[SQUARE][TILE];
    const uint8_t *columns[SQUARE];
    for (size_t b = 0; b < bundles->width; b += SQUARE) {
        for (size_t k = 0; k < SQUARE; k++) {
            columns[k] = bundle_codes(scratch[k], bundles, set, b + k, row, n);
        }
        size_t i = 0;
        for (; i + SQUARE <= n; i += SQUARE) {
            transpose(out + i * bundles->width + b, bundles->width, columns, i);
        }
        copy_rest(out + i * bundles->width + b, bundles->width, columns, i,
                  n - i);
    }
}

void cm_codes_write(uint8_t *out, const cm_bundles *bundles,
                    const cm_train_set *set, size_t row, size_t n)
{
    for (size_t at = 0; at < n; at += TILE) {
        size_t m = n - at < TILE ? n - at : TILE;
        write_tile(out + at * bundles->width, bundles, set, row + at, m);
    }
}
