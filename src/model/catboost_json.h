/* What the readers of the parts of CatBoost's JSON model share.  Private to
 * model.
 *
 * Read values live in a reader's arena; model_construct checks them as a whole
 * and copies them into the model. */
#ifndef CM_MODEL_CATBOOST_JSON_H
#define CM_MODEL_CATBOOST_JSON_H

#include "codec/json.h"
#include "model/model_body.h"

enum {
    PLACE_TEXT = 512,
    MIB = 1 << 20,
    MEMORY_FACTOR = 4,      /* most memory: 4 times the file + 40 MiB, */
    MEMORY_BASE = 40 * MIB, /* beside what parsing one tree takes, */
    MEMORY_TREE = 24 * MIB  /* which is at most this */
};

typedef struct json_reader {
    const char *file;
    cm_arena arena;
    size_t budget; /* bytes of memory left */
    bool over_budget;
    char place[PLACE_TEXT]; /* "file: oblivious_trees[3]", for messages */
    cm_ctr_table *tables;   /* (n_ctr_tables of source.parts), by their order */
    char guid[CM_GUID_TEXT]; /* of a file that has none */
    model_source source;
} json_reader;

/* Says where the following look-ups are; returns it. */
const char *json_reader_at(json_reader *r, const char *fmt, ...)
    CM_PRINTF(2, 3);

/* Fails with "PLACE.KEY: message". */
cm_status json_reader_fail(const json_reader *r, const char *key,
                           const char *message, cm_error *err);

/* Fails when bytes more than the budget are asked for: a model of a few bytes
 * a value could take many times its file. */
CM_MUST_USE cm_status json_charge(json_reader *r, size_t bytes, cm_error *err);
/* count * size bytes of the arena; NULL after a failure.  model_construct will
 * copy them, so they count twice. */
void *json_take(json_reader *r, size_t count, size_t size, cm_error *err);

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

/* Parts of the model, in the order they need one another.  ctr_data and trees
 * are texts, n 0 when missing. */
CM_MUST_USE cm_status json_read_tables(json_reader *r, cm_str ctr_data,
                                       cm_error *err);
CM_MUST_USE cm_status json_read_features(json_reader *r, const json_t *root,
                                         cm_error *err);
CM_MUST_USE cm_status json_read_trees(json_reader *r, cm_str trees,
                                      cm_error *err);

#endif
