/* The row loops for machines with AVX2. */
#define CM_ROW_KERNELS cm_row_kernels_avx2
#include "boost/row_kernel_body.h"
