/* Single values of a log: which texts are values of which kind. */
#ifndef CM_DATA_VALUE_H
#define CM_DATA_VALUE_H

#include "data/dataset.h"

/* A whole number, or nothing, which is CM_MISSING_INTEGER. */
CM_MUST_USE bool cm_value_integer(cm_str text, int64_t *value);

/* An ID that 64 bits hold exactly: no leading zero. */
CM_MUST_USE bool cm_value_id(cm_str text, uint64_t *value);

/* Any text up to the limit of a field is an ID and a TEXT. */
CM_MUST_USE bool cm_value_is(cm_str text, cm_column_kind kind);

/* What cm_value_is wants, for messages. */
const char *cm_value_expected(cm_column_kind kind);

#endif
