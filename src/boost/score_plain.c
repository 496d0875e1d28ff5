/* The score kernel for any x86-64. */
#define CM_SCORE_FUNCTION cm_score_kernel_plain
#include "boost/score_kernel.h"
