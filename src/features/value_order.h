/* Codes in the order of their values, so that equal values stand together.
 * Private to features. */
#ifndef CM_FEATURES_VALUE_ORDER_H
#define CM_FEATURES_VALUE_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The codes whose cell is not 0, by ascending value, NaN last. */
typedef struct cm_value_order {
    uint32_t n;
    uint32_t *codes; /* (n) */
} cm_value_order;

/* values, cells (n_codes); release with cm_value_order_release. */
CM_MUST_USE cm_status cm_value_order_init(cm_value_order *out,
                                          const double *values,
                                          const uint64_t *cells,
                                          uint32_t n_codes, cm_error *err);
void cm_value_order_release(cm_value_order *order);

#endif
