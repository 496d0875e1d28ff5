/* A piece of a log as messages show it: in quotes, cut to 40 characters,
 * control characters and bytes that are not UTF-8 escaped. */
#ifndef CM_DATA_EXCERPT_H
#define CM_DATA_EXCERPT_H

#include "base/str.h"

/* Room for 40 characters of at most four bytes, quotes and "...". */
#define CM_EXCERPT 176

/* Returns out, for use as an argument of a message. */
const char *cm_excerpt(char out[CM_EXCERPT], cm_str text);

#endif
