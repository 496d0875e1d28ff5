/* The sweep's loops for AVX2. */
#define CM_SWEEP_KERNELS cm_sweep_kernels_avx2
#include "boost/sweep_kernel_body.h"
