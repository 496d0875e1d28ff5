/* MD5 of sixteen messages side by side, a lane each: MD5 of one message is a
 * chain that leaves most of a processor idle.  Private to base. */
#ifndef CM_BASE_MD5_LANES_H
#define CM_BASE_MD5_LANES_H

#include <stddef.h>
#include <stdint.h>

enum { MD5_LANES = 16, MD5_BLOCK = 64, MD5_WORDS = 4 };

/* state[w][lane]. */
typedef struct md5_lanes {
    _Alignas(64) uint32_t state[MD5_WORDS][MD5_LANES];
} md5_lanes;

/* Takes n blocks of MD5_BLOCK bytes of every lane. */
typedef void (*md5_kernel)(md5_lanes *lanes,
                           const uint8_t *const bytes[MD5_LANES], size_t n);

/* For any processor of little-endian words. */
void md5_blocks_plain(md5_lanes *lanes, const uint8_t *const bytes[MD5_LANES],
                      size_t n);
/* For processors with AVX2 or AVX-512; md5_kernel_... is NULL where it cannot
 * be used. */
void md5_blocks_avx2(md5_lanes *lanes, const uint8_t *const bytes[MD5_LANES],
                     size_t n);
md5_kernel md5_kernel_avx2(void);
void md5_blocks_avx512(md5_lanes *lanes, const uint8_t *const bytes[MD5_LANES],
                       size_t n);
md5_kernel md5_kernel_avx512(void);
/* The fastest that this processor has. */
md5_kernel md5_kernel_best(void);

/* n blocks of one lane alone: faster when few lanes have any. */
void md5_blocks_one(md5_lanes *lanes, size_t lane, const uint8_t *bytes,
                    size_t n);

/* A lane as a new message has it. */
void md5_lane_start(md5_lanes *lanes, size_t lane);

/* The same two without lanes. */
void md5_blocks(uint32_t s[MD5_WORDS], const uint8_t *bytes, size_t n);
void md5_start(uint32_t s[MD5_WORDS]);

/* Appends what MD5 wants behind a message of `size` bytes whose last n are in
 * bytes; returns how many there are then: whole blocks. */
size_t md5_pad(uint8_t *bytes, size_t n, uint64_t size);
/* 32 digits and NUL. */
void md5_text(char *out, const uint32_t s[MD5_WORDS]);

#endif
