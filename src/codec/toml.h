/* TOML 1.0 as JSON values. */
#ifndef CM_CODEC_TOML_H
#define CM_CODEC_TOML_H

#include "codec/json.h"

/* Parses one document into an object, keys in their order.  Dates and times,
 * inf, nan and integers of more than 64 bits become the texts that stand there.
 * file names it in errors, which give line and column.  Limits: 1 MiB, 32 parts
 * a key, 32 values in each other; a NUL in a text is refused.  Release with
 * json_decref. */
CM_MUST_USE cm_status cm_toml_parse(json_t **out, cm_str text, const char *file,
                                    cm_error *err);

#endif
