/* The score kernel for machines with AVX2. */
#define CM_SCORE_FUNCTION cm_score_kernel_avx2
#include "boost/score_kernel.h"
