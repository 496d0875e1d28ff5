/* Walks through JSON text without building values.  Private to model. */
#ifndef CM_MODEL_JSON_SCAN_H
#define CM_MODEL_JSON_SCAN_H

#include <stdbool.h>

#include "base/str.h"

/* Past the string that starts at i; n when it does not end. */
size_t json_skip_string(cm_str text, size_t i);

/* Members of an object and elements of an array, one after the other, in text
 * that nobody parsed.  value is a view of the text, without white space around
 * it; key is without its quotes, escapes as they are. */
typedef struct json_scan {
    cm_str text;
    size_t at;
    cm_str key, value;
    bool damaged; /* the text does not follow JSON where it was looked at */
} json_scan;

/* Of the object or array that is the whole of text. */
json_scan json_scan_of(cm_str text);
/* False at the end, and when damaged. */
bool json_scan_member(json_scan *scan);
bool json_scan_element(json_scan *scan);

#endif
