/* UTF-8 as Python reads names of files: a byte that is none stands for itself
 * as the code point 0xDC00 + byte, and comes back as that byte.
 * Private to this module. */
#ifndef CM_DVC_UTF8_H
#define CM_DVC_UTF8_H

#include <stdint.h>

#include "base/str.h"

enum { UTF8_ALONE = 0xDC00 };

/* The code point at *p, which is before end; moves *p behind it. */
uint32_t utf8_next(const char **p, const char *end);
void utf8_put(cm_buf *out, uint32_t c);

#endif
