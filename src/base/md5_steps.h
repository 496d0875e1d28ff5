/* The 64 steps of MD5 (RFC 1321) as macros over any type that has C's integer
 * operators: a word, or a vector of words.  Private to base.
 *
 * MD5_STEPS wants WAYS chains side by side: arrays a, b, c, d (WAYS) of the
 * type, and words (WAYS, 16) of the block. */
#ifndef CM_BASE_MD5_STEPS_H
#define CM_BASE_MD5_STEPS_H

#include <stdint.h>

/* floor(2^32 |sin(i + 1)|) */
static const uint32_t md5_sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
    0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

#define MD5_ROTATE(x, by) ((x) << (by) | (x) >> (32 - (by)))
/* In G the two parts have no bit in common: they may be added, and only one of
 * them waits for b. */
#define MD5_F(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define MD5_G(b, c, d) (((b) & (d)) + ((c) & ~(d)))
#define MD5_H(b, c, d) ((b) ^ (c) ^ (d))
#define MD5_I(b, c, d) ((c) ^ ((b) | ~(d)))

/* One step of both halves; i: 0 to 63, word: of the block.  b came last, so
 * what does not need it is added first. */
#define MD5_STEP(mix, a, b, c, d, word, by, i)      \
    for (int h = 0; h < WAYS; h++) {                \
        a[h] += words[h][(word)&15] + md5_sines[i]; \
        a[h] += mix(b[h], c[h], d[h]);              \
        a[h] = MD5_ROTATE(a[h], by) + b[h];         \
    }
#define MD5_FOUR(mix, i, word, step, s0, s1, s2, s3)            \
    MD5_STEP(mix, a, b, c, d, word, s0, i)                      \
    MD5_STEP(mix, d, a, b, c, (word) + (step), s1, (i) + 1)     \
    MD5_STEP(mix, c, d, a, b, (word) + 2 * (step), s2, (i) + 2) \
    MD5_STEP(mix, b, c, d, a, (word) + 3 * (step), s3, (i) + 3)
#define MD5_SIXTEEN(mix, i, word, step, s0, s1, s2, s3)               \
    MD5_FOUR(mix, i, word, step, s0, s1, s2, s3)                      \
    MD5_FOUR(mix, (i) + 4, (word) + 4 * (step), step, s0, s1, s2, s3) \
    MD5_FOUR(mix, (i) + 8, (word) + 8 * (step), step, s0, s1, s2, s3) \
    MD5_FOUR(mix, (i) + 12, (word) + 12 * (step), step, s0, s1, s2, s3)
#define MD5_STEPS                               \
    MD5_SIXTEEN(MD5_F, 0, 0, 1, 7, 12, 17, 22)  \
    MD5_SIXTEEN(MD5_G, 16, 1, 5, 5, 9, 14, 20)  \
    MD5_SIXTEEN(MD5_H, 32, 5, 3, 4, 11, 16, 23) \
    MD5_SIXTEEN(MD5_I, 48, 0, 7, 6, 10, 15, 21)

#endif
