/* Text into XML and HTML. */
#ifndef CM_VISUALIZATION_MARKUP_H
#define CM_VISUALIZATION_MARKUP_H

#include "base/str.h"

/* The text as both can hold it: control characters become spaces; bytes that
 * are no UTF-8, and characters that XML has no place for, U+FFFD. */
void cm_add_clean(cm_buf *out, cm_str text);
/* The same with & < > and quotes as entities.  NULL: nothing. */
void cm_add_escaped(cm_buf *out, const char *text);
/* " NAME="VALUE"". */
void cm_add_attribute(cm_buf *out, const char *name, const char *value);

#endif
