/* Probabilities as text.  Private to serving. */
#ifndef CM_SERVING_ROWS_NUMBER_H
#define CM_SERVING_ROWS_NUMBER_H

#include "base/num.h"

/* What Python's json.dumps(round(value, precision)) writes, for a value from 0
 * to 1: "0.2136", "0.0", "5e-05"; 17: json.dumps(value).  Returns the length;
 * out has no NUL. */
size_t rows_format_rounded(char out[CM_NUM_TEXT], double value, int precision);

#endif
