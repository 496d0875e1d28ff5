/* MD5 lanes for processors with AVX2; this file alone is compiled for it. */
#include "base/md5_lanes.h"

#ifdef __AVX2__

#define KERNEL md5_blocks_avx2
#include "base/md5_body.h"

md5_kernel md5_kernel_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? md5_blocks_avx2 : NULL;
}

#else

md5_kernel md5_kernel_avx2(void)
{
    return NULL;
}

#endif
