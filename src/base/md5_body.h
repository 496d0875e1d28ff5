/* The blocks of sixteen lanes, written once with the compiler's vectors: two of
 * eight lanes, so that one's waiting is the other's work.  Included by
 * md5_plain.c, md5_avx2.c and md5_avx512.c, which name it with KERNEL. */
#include <string.h>

#include "base/md5_lanes.h"
#include "base/md5_steps.h"

typedef uint32_t eight __attribute__((vector_size(32)));

enum { WAYS = 2, PER_HALF = 8 };

/* Rows of eight words each to columns. */
static inline void transpose(eight r[PER_HALF])
{
    eight t[PER_HALF], u[PER_HALF];
    for (int i = 0; i < PER_HALF; i += 2) {
        t[i] =
            __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] =
            __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < PER_HALF; i += 4) {
        for (int k = 0; k < 2; k++) {
            u[i + 2 * k] = __builtin_shufflevector(t[i + k], t[i + k + 2], 0, 1,
                                                   8, 9, 4, 5, 12, 13);
            u[i + 2 * k + 1] = __builtin_shufflevector(
                t[i + k], t[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    for (int i = 0; i < PER_HALF / 2; i++) {
        r[i] =
            __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[i + 4] =
            __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/* words[k]: the k-th word of a block, of eight lanes. */
static inline void load_words(eight words[16],
                              const uint8_t *const bytes[PER_HALF], size_t at)
{
    for (int half = 0; half < 2; half++) {
        for (int lane = 0; lane < PER_HALF; lane++) {
            memcpy(&words[half * 8 + lane],
                   bytes[lane] + at + (size_t)half * 32, 32);
        }
        transpose(words + (ptrdiff_t)half * 8);
    }
}

void KERNEL(md5_lanes *lanes, const uint8_t *const bytes[MD5_LANES], size_t n)
{
    eight s[MD5_WORDS][WAYS];
    memcpy(s, lanes->state, sizeof s);
    for (size_t block = 0; block < n; block++) {
        eight words[WAYS][16];
        eight a[WAYS], b[WAYS], c[WAYS], d[WAYS];
        for (int h = 0; h < WAYS; h++) {
            load_words(words[h], bytes + (ptrdiff_t)h * PER_HALF,
                       block * MD5_BLOCK);
            a[h] = s[0][h];
            b[h] = s[1][h];
            c[h] = s[2][h];
            d[h] = s[3][h];
        }
        MD5_STEPS
        for (int h = 0; h < WAYS; h++) {
            s[0][h] += a[h];
            s[1][h] += b[h];
            s[2][h] += c[h];
            s[3][h] += d[h];
        }
    }
    memcpy(lanes->state, s, sizeof s);
}
