/* Numbers as text, independent of the locale. */
#ifndef CM_BASE_NUM_H
#define CM_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define CM_NUM_TEXT 32 /* room for any number written here, with its NUL */

/* The whole of text must be the number; no white space, no sign '+'.
 * False: not a number or out of range, *out untouched. */
CM_MUST_USE bool cm_parse_u64(cm_str text, uint64_t *out);
CM_MUST_USE bool cm_parse_i64(cm_str text, int64_t *out);
CM_MUST_USE bool cm_parse_double(cm_str text, double *out);

/* Shortest decimal text that reads back as the same value ("0.1", "1e-05",
 * "nan", "inf"); returns its length. */
size_t cm_format_double(char out[CM_NUM_TEXT], double value);
size_t cm_format_float(char out[CM_NUM_TEXT], float value);
size_t cm_format_u64(char out[CM_NUM_TEXT], uint64_t value);
size_t cm_format_i64(char out[CM_NUM_TEXT], int64_t value);
/* For people: "1,234,567". */
size_t cm_format_count(char out[CM_NUM_TEXT], uint64_t value);
/* Seconds since 1970 as "2014-10-21T00:00:00Z"; "" for a year that no calendar
 * of the C library has. */
size_t cm_format_utc(char out[CM_NUM_TEXT], int64_t seconds);

#endif
