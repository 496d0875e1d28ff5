/* The scanning loops, written once over 64-byte blocks.  A file that includes
 * this defines before:
 *   KERNEL            attributes of every function
 *   block             64 bytes in registers
 *   block_load(p)     from any address
 *   block_equal(b, c) bit i: byte i equals c
 *   block_high(b)     bit i: byte i is above 127
 *   put_positions(positions, offset, bits)
 *                     writes offset + i for each set bit i, ascending; may
 *                     write up to 64 elements in all */
#ifndef CM_CODEC_CSV_SCAN_KERNEL_H
#define CM_CODEC_CSV_SCAN_KERNEL_H

#include <string.h>

#include "codec/csv_scan.h"

enum { BLOCK = 64 };

/* The last n < 64 bytes, zeros behind them. */
KERNEL static inline block block_tail(const char *p, size_t n)
{
    char bytes[BLOCK] = {0};
    memcpy(bytes, p, n);
    return block_load(bytes);
}

KERNEL static inline void survey_block(cm_csv_survey *survey, uint64_t *nul,
                                       uint64_t *high, block b)
{
    survey->quotes += (uint64_t)__builtin_popcountll(block_equal(b, '"'));
    survey->newlines += (uint64_t)__builtin_popcountll(block_equal(b, '\n'));
    *nul |= block_equal(b, '\0');
    *high |= block_high(b);
}

KERNEL static cm_csv_survey kernel_survey(const char *p, size_t n)
{
    cm_csv_survey survey = {0};
    uint64_t nul = 0;
    uint64_t high = 0;
    size_t i = 0;
    for (; n - i >= BLOCK; i += BLOCK) {
        survey_block(&survey, &nul, &high, block_load(p + i));
    }
    if (i < n) {
        uint64_t tail_nul = 0;
        survey_block(&survey, &tail_nul, &high, block_tail(p + i, n - i));
        nul |= tail_nul & ((1ull << (n - i)) - 1);
    }
    survey.nul = nul != 0;
    survey.high = high != 0;
    return survey;
}

/* Bit i: an odd number of the bits 0..i is set. */
KERNEL static inline uint64_t prefix_xor(uint64_t bits)
{
    for (unsigned shift = 1; shift < BLOCK; shift *= 2) {
        bits ^= bits << shift;
    }
    return bits;
}

/* outside: bits of the bytes that are not inside quotes. */
KERNEL static inline void scan_block(cm_csv_ends *ends, uint32_t *positions,
                                     size_t offset, block b, char delimiter,
                                     uint64_t outside)
{
    uint64_t newlines = block_equal(b, '\n') & outside;
    uint64_t bits = newlines | (block_equal(b, delimiter) & outside);
    put_positions(positions + ends->n, (uint32_t)offset, bits);
    ends->n += (size_t)__builtin_popcountll(bits);
    ends->newlines += (size_t)__builtin_popcountll(newlines);
}

/* The zeros behind the last bytes are no delimiters: they need no mask. */
KERNEL static cm_csv_ends kernel_scan(uint32_t *positions, const char *p,
                                      size_t n, char delimiter)
{
    cm_csv_ends ends = {0};
    size_t i = 0;
    for (; n - i >= BLOCK; i += BLOCK) {
        scan_block(&ends, positions, i, block_load(p + i), delimiter,
                   UINT64_MAX);
    }
    if (i < n) {
        scan_block(&ends, positions, i, block_tail(p + i, n - i), delimiter,
                   UINT64_MAX);
    }
    return ends;
}

KERNEL static cm_csv_ends kernel_scan_quoted(uint32_t *positions, const char *p,
                                             size_t n, char delimiter)
{
    cm_csv_ends ends = {0};
    uint64_t inside = 0; /* all bits: the block starts inside quotes */
    for (size_t i = 0; i < n; i += BLOCK) {
        block b = n - i >= BLOCK ? block_load(p + i) : block_tail(p + i, n - i);
        inside ^= prefix_xor(block_equal(b, '"'));
        scan_block(&ends, positions, i, b, delimiter, ~inside);
        inside = (uint64_t)((int64_t)inside >> 63);
    }
    return ends;
}

#endif
