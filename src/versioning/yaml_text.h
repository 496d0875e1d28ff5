/* YAML as DVC's library (ruamel.yaml) writes it, to the byte: block style, two
 * spaces a level, lists not indented, texts in quotes only where they need
 * them, lines never broken. */
#ifndef CM_VERSIONING_YAML_TEXT_H
#define CM_VERSIONING_YAML_TEXT_H

#include <stdint.h>

#include "codec/json.h"

/* A text as a scalar, plain where it reads back as the same text. */
void cm_yaml_put_text(cm_buf *out, cm_str text, int indent);
/* A float as Python's repr has it. */
void cm_yaml_put_number(cm_buf *out, double value);
/* Any JSON value; of a map or list what follows "key:" on the next lines,
 * indented by indent. */
void cm_yaml_put_value(cm_buf *out, const json_t *value, int indent);

#endif
