/* Which columns of a matrix have NaN.  Private to model. */
#ifndef CM_MODEL_NAN_SCAN_H
#define CM_MODEL_NAN_SCAN_H

#include "base/error.h"
#include "codec/array.h"

/* (n_columns) 1 where a column has NaN.  malloc'ed. */
CM_MUST_USE cm_status nan_scan(uint8_t **out, const cm_array *x, int n_threads,
                               cm_error *err);

#endif
