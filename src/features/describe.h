/* Fitted transformers as JSON, for people. */
#ifndef CM_FEATURES_DESCRIBE_H
#define CM_FEATURES_DESCRIBE_H

#include "features/transformers.h"

/* Appends {"kind", "version", "tables": [{"name", "input", "kind", "key_kind",
 * "n_keys", "fallback", "values": {key: value, …}}, …]}.  At most max_keys
 * values of each table, in the order of the keys (0: all of them); a missing
 * value is the key "".  indent: spaces a level, 0 for one line.  NaN is null.
 * Check json with cm_buf_check. */
void cm_transformers_describe(const cm_transformers *transformers,
                              uint32_t max_keys, int indent, cm_buf *json);

#endif
