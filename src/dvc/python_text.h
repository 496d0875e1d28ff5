/* Texts and values as Python writes and orders them. */
#ifndef CM_DVC_PYTHON_TEXT_H
#define CM_DVC_PYTHON_TEXT_H

#include "codec/json.h"

/* A text as json.dumps has it: in quotes, all of it ASCII. */
void python_quote(cm_buf *out, const char *text);
/* json.dumps(sort_keys=sorted). */
void cm_python_json(cm_buf *out, const json_t *value, bool sorted);
/* str(): None, True, 1.0, text as it is, ['a', 1]. */
void cm_python_str(cm_buf *out, const json_t *value);

#endif
