/* Labels as both formats write them.  Private to monitoring. */
#ifndef CM_MONITORING_LABEL_TEXT_H
#define CM_MONITORING_LABEL_TEXT_H

#include "base/str.h"

/* Appends text with \ and line ends escaped, and quotes where asked; bytes
 * that are not UTF-8 become U+FFFD, since one of them would spoil the scrape.
 */
void label_text_escape(cm_buf *out, cm_str text, bool quotes);

/* Appends name="value", behind a comma when out is not empty. */
void label_text_add(cm_buf *out, cm_str name, cm_str value);

#endif
