/* The sweep's loops for any x86-64, and the choice between the two. */
#define CM_SWEEP_KERNELS cm_sweep_kernels_plain
#include "boost/sweep_kernel_body.h"

const cm_sweep_kernels *cm_sweep_kernels_best(void)
{
    return __builtin_cpu_supports("avx2") ? &cm_sweep_kernels_avx2
                                          : &cm_sweep_kernels_plain;
}
