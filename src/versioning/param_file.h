/* Files of parameters and metrics as JSON values, compared as Python compares
 * them.  Private to versioning. */
#ifndef CM_VERSIONING_PARAM_FILE_H
#define CM_VERSIONING_PARAM_FILE_H

#include "codec/json.h"
#include "dvc/python_text.h"
#include "versioning/snapshot.h"

/* By the end of its name: .json, .toml; .py is CM_ERR_UNSUPPORTED, anything
 * else is YAML.  *out is NULL for a file that is not there. */
CM_MUST_USE cm_status param_file_load(json_t **out, const cm_snapshot *snapshot,
                                      const char *path, cm_error *err);
CM_MUST_USE cm_status param_file_parse(json_t **out, cm_str text,
                                       const char *path, cm_error *err);

/* The value at a dotted key, borrowed; NULL: there is none.  A list takes
 * numbers. */
const json_t *param_get(const json_t *root, const char *key);

/* Python's ==: 1, 1.0 and true are equal, keys have no order. */
bool param_equal(const json_t *a, const json_t *b);

#endif
