/* YAML as DVC's library (ruamel.yaml) writes it, to the byte: block style, two
 * spaces a level, lists not indented below a key, texts in quotes only where
 * they need them, lines broken after column 80 where that library breaks them.
 * And the scalars of YAML 1.2 as JSON values, as that library reads them. */
#ifndef CM_DVC_YAML_TEXT_H
#define CM_DVC_YAML_TEXT_H

#include "codec/json.h"
#include "codec/yaml.h"

/* A whole file: a map, keys in the order of the object.  Texts are UTF-8. */
void cm_yaml_put_document(cm_buf *out, const json_t *map);

/* A float as Python's repr has it: "0.1", "1.0", "1e-05". */
void cm_yaml_put_number(cm_buf *out, double value);

/* The value of a node; keys become texts, and so do numbers that JSON lacks
 * (.nan, .inf, integers of more than 64 bits).  Release with json_decref. */
CM_MUST_USE cm_status cm_yaml_to_json(json_t **out, const cm_yaml *node,
                                      cm_error *err);

#endif
