/* CSV scanning for any 64-bit little-endian processor, eight bytes at a time
 * in a word, and the choice of the kernels for the one it runs on. */
#include "codec/csv_scan.h"

#include <string.h>

#define KERNEL

typedef struct block {
    uint64_t words[8];
} block;

static inline block block_load(const char *p)
{
    block b;
    memcpy(b.words, p, sizeof b.words);
    return b;
}

static const uint64_t LOW_BITS = 0x7f7f7f7f7f7f7f7full;

/* The highest bits of the eight bytes, gathered in the low byte. */
static inline uint64_t gather(uint64_t high_bits)
{
    return ((high_bits >> 7) * 0x0102040810204080ull) >> 56;
}

static inline uint64_t block_equal(block b, char c)
{
    uint64_t pattern = 0x0101010101010101ull * (uint8_t)c;
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t x = b.words[i] ^ pattern;
        uint64_t zero = ~(((x & LOW_BITS) + LOW_BITS) | x | LOW_BITS);
        bits |= gather(zero) << (8 * i);
    }
    return bits;
}

static inline uint64_t block_high(block b)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        bits |= gather(b.words[i] & ~LOW_BITS) << (8 * i);
    }
    return bits;
}

static inline void put_positions(uint32_t *positions, uint32_t offset,
                                 uint64_t bits)
{
    for (; bits != 0; bits &= bits - 1) {
        *positions++ = offset + (uint32_t)__builtin_ctzll(bits);
    }
}

#include "codec/csv_scan_kernel.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "byte i of a word must be its bits 8 i to 8 i + 7");

static const cm_csv_kernels PORTABLE = {kernel_survey, kernel_scan,
                                        kernel_scan_quoted};

const cm_csv_kernels *cm_csv_kernels_portable(void)
{
    return &PORTABLE;
}

const cm_csv_kernels *cm_csv_kernels_best(void)
{
    const cm_csv_kernels *avx2 = cm_csv_kernels_avx2();
    return avx2 != NULL ? avx2 : &PORTABLE;
}
