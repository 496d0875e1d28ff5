/* MD5 of one lane, and the choice of the kernel for all of them. */
#include <string.h>

#include "base/md5_lanes.h"
#include "base/md5_steps.h"

void md5_blocks(uint32_t s[MD5_WORDS], const uint8_t *bytes, size_t n)
{
    enum { WAYS = 1 };
    for (size_t block = 0; block < n; block++) {
        uint32_t words[WAYS][16];
        uint32_t a[WAYS] = {s[0]}, b[WAYS] = {s[1]};
        uint32_t c[WAYS] = {s[2]}, d[WAYS] = {s[3]};
        memcpy(words, bytes + block * MD5_BLOCK, MD5_BLOCK);
        MD5_STEPS
        s[0] += a[0];
        s[1] += b[0];
        s[2] += c[0];
        s[3] += d[0];
    }
}

void md5_blocks_one(md5_lanes *lanes, size_t lane, const uint8_t *bytes,
                    size_t n)
{
    uint32_t s[MD5_WORDS];
    for (size_t i = 0; i < MD5_WORDS; i++) {
        s[i] = lanes->state[i][lane];
    }
    md5_blocks(s, bytes, n);
    for (size_t i = 0; i < MD5_WORDS; i++) {
        lanes->state[i][lane] = s[i];
    }
}

static const uint32_t start[MD5_WORDS] = {0x67452301, 0xefcdab89, 0x98badcfe,
                                          0x10325476};

void md5_start(uint32_t s[MD5_WORDS])
{
    memcpy(s, start, sizeof start);
}

void md5_lane_start(md5_lanes *lanes, size_t lane)
{
    for (size_t i = 0; i < MD5_WORDS; i++) {
        lanes->state[i][lane] = start[i];
    }
}

md5_kernel md5_kernel_best(void)
{
    md5_kernel avx512 = md5_kernel_avx512(), avx2 = md5_kernel_avx2();
    return avx512 != NULL ? avx512 : avx2 != NULL ? avx2 : md5_blocks_plain;
}
