/* JSON: jansson reads it, a small deterministic writer writes it. */
#ifndef CM_CODEC_JSON_H
#define CM_CODEC_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* Parses one document; file names it in errors, which give line and column.
 * Duplicate keys and depth over 256 are refused.  Release with json_decref. */
CM_MUST_USE cm_status cm_json_parse(json_t **out, cm_str text, const char *file,
                                    cm_error *err);
CM_MUST_USE cm_status cm_json_load(json_t **out, const char *path,
                                   size_t max_bytes, cm_error *err);

/* Typed look-ups that fail with "file: key.path: found X, expected Y". */
CM_MUST_USE cm_status cm_json_object(const json_t **out, const json_t *parent,
                                     const char *key, const char *file,
                                     cm_error *err);
CM_MUST_USE cm_status cm_json_array(const json_t **out, const json_t *parent,
                                    const char *key, const char *file,
                                    cm_error *err);
CM_MUST_USE cm_status cm_json_string(const char **out, const json_t *parent,
                                     const char *key, const char *file,
                                     cm_error *err);
/* Integers are accepted; so is an integral real. */
CM_MUST_USE cm_status cm_json_number(double *out, const json_t *parent,
                                     const char *key, const char *file,
                                     cm_error *err);
CM_MUST_USE cm_status cm_json_integer(int64_t *out, const json_t *parent,
                                      const char *key, const char *file,
                                      cm_error *err);

/* The writer appends to a buffer and places commas, colons and indentation.
 * Numbers are the shortest that read back equal; NaN and infinities, which
 * JSON lacks, are written as null.  key NULL: an element of an array. */
typedef struct cm_json_writer {
    cm_buf *buf;
    int indent; /* spaces a level; 0: everything on one line */
    int depth;
    bool comma;
} cm_json_writer;

cm_json_writer cm_json_writer_of(cm_buf *buf, int indent);
void cm_json_begin_object(cm_json_writer *w, const char *key);
void cm_json_end_object(cm_json_writer *w);
void cm_json_begin_array(cm_json_writer *w, const char *key);
void cm_json_end_array(cm_json_writer *w);
void cm_json_put_str(cm_json_writer *w, const char *key, cm_str value);
void cm_json_put_text(cm_json_writer *w, const char *key, const char *value);
void cm_json_put_double(cm_json_writer *w, const char *key, double value);
void cm_json_put_float(cm_json_writer *w, const char *key, float value);
void cm_json_put_i64(cm_json_writer *w, const char *key, int64_t value);
void cm_json_put_u64(cm_json_writer *w, const char *key, uint64_t value);
void cm_json_put_bool(cm_json_writer *w, const char *key, bool value);
void cm_json_put_null(cm_json_writer *w, const char *key);
void cm_json_put_raw(cm_json_writer *w, const char *key, cm_str json);
/* A parsed value, keys in its own order. */
void cm_json_put_value(cm_json_writer *w, const char *key, const json_t *value);

/* Appends text as a JSON string in quotes. */
void cm_json_quote(cm_buf *buf, cm_str text);

#endif
