/* Offsets in a text as places that people can find.  Private to codec. */
#ifndef CM_CODEC_PLACE_H
#define CM_CODEC_PLACE_H

#include "base/error.h"
#include "base/str.h"

/* Columns count characters. */
cm_where text_place(cm_str text, size_t offset, const char *file);

#endif
