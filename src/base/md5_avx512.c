/* MD5 lanes for processors with AVX-512's instructions on vectors of AVX2's
 * size: a rotation, or any function of three bits, is one of them.  This file
 * alone is compiled for it. */
#include "base/md5_lanes.h"

#ifdef __AVX512VL__

#define KERNEL md5_blocks_avx512
#include "base/md5_body.h"

md5_kernel md5_kernel_avx512(void)
{
    return __builtin_cpu_supports("avx512vl") ? md5_blocks_avx512 : NULL;
}

#else

md5_kernel md5_kernel_avx512(void)
{
    return NULL;
}

#endif
