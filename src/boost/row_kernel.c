/* The row loops for any x86-64, and the choice between the two. */
#define CM_ROW_KERNELS cm_row_kernels_plain
#include "boost/row_kernel_body.h"

const cm_row_kernels *cm_row_kernels_best(void)
{
    return __builtin_cpu_supports("avx2") ? &cm_row_kernels_avx2
                                          : &cm_row_kernels_plain;
}
