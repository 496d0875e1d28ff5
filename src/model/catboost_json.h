/* What the readers of the parts of CatBoost's JSON model share.  Private to
 * model.
 *
 * Read values live in a reader's arena; model_construct checks them as a whole
 * and copies them into the model. */
#ifndef CM_MODEL_CATBOOST_JSON_H
#define CM_MODEL_CATBOOST_JSON_H

#include "codec/json.h"
#include "model/model_body.h"

enum { PLACE_TEXT = 512 };

typedef struct json_reader {
    const char *file;
    cm_arena arena;
    char place[PLACE_TEXT]; /* "file: oblivious_trees[3]", for messages */
    cm_ctr_table *tables;   /* (n_ctr_tables of source.parts), by their order */
    model_source source;
} json_reader;

/* Says where the following look-ups are; returns it. */
const char *json_reader_at(json_reader *r, const char *fmt, ...)
    CM_PRINTF(2, 3);

/* Fails with "PLACE.KEY: message". */
cm_status json_reader_fail(const json_reader *r, const char *key,
                           const char *message, cm_error *err);

/* Missing and null are an empty array, as CatBoost writes one. */
static inline const json_t *json_optional_array(const json_t *parent,
                                                const char *key)
{
    const json_t *value = json_object_get(parent, key);
    return json_is_array(value) ? value : NULL;
}

/* An integer of [0, limit). */
CM_MUST_USE cm_status json_read_index(uint32_t *out, const json_reader *r,
                                      const json_t *value, const char *key,
                                      uint32_t limit, cm_error *err);
/* A category's hash, which is there as a signed number. */
CM_MUST_USE cm_status json_read_hash(uint32_t *out, const json_reader *r,
                                     const json_t *value, const char *key,
                                     cm_error *err);
CM_MUST_USE cm_status json_read_float(float *out, const json_reader *r,
                                      const json_t *value, const char *key,
                                      cm_error *err);
/* The array `borders` of value; missing is empty. */
CM_MUST_USE cm_status json_read_borders(const float **out, uint32_t *n,
                                        json_reader *r, const json_t *value,
                                        cm_error *err);
CM_MUST_USE cm_status json_read_ctr_type(cm_ctr_type *out, const json_reader *r,
                                         const json_t *value, const char *key,
                                         cm_error *err);
/* CatBoost's name of a type. */
const char *catboost_ctr_type(cm_ctr_type type);
CM_MUST_USE cm_status json_read_projection(cm_projection *out, json_reader *r,
                                           const json_t *elements,
                                           cm_error *err);

/* features_info, model_info aside, in the order they need one another: tables
 * (the text of ctr_data, n 0 when missing), features, trees. */
CM_MUST_USE cm_status json_read_tables(json_reader *r, cm_str ctr_data,
                                       cm_error *err);
CM_MUST_USE cm_status json_read_features(json_reader *r, const json_t *root,
                                         cm_error *err);
CM_MUST_USE cm_status json_read_trees(json_reader *r, const json_t *root,
                                      cm_error *err);

#endif
