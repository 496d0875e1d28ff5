/* How a model is made and what it keeps for itself.  Private to model. */
#ifndef CM_MODEL_MODEL_BODY_H
#define CM_MODEL_MODEL_BODY_H

#include "base/mem.h"
#include "model/apply_plan.h"
#include "model/model.h"

/* Behind cm_model.owner. */
typedef struct model_body {
    cm_arena arena; /* everything the model points to */
    apply_plan plan;
} model_body;

/* What both a trainer and a file give. */
typedef struct model_source {
    cm_model_parts parts;
    double scale;
    const char *guid;         /* NULL: from the content */
    bool keep_unused_borders; /* a file's split indexes stay what they are */
} model_source;

/* Checks everything, copies everything. */
CM_MUST_USE cm_status model_construct(cm_model **out,
                                      const model_source *source,
                                      cm_error *err);

enum { CM_GUID_TEXT = sizeof((cm_model *)0)->guid };

/* A model's name by its content: the first 128 bits of the SHA-256. */
CM_MUST_USE cm_status model_guid_of(char out[CM_GUID_TEXT], cm_str content,
                                    cm_error *err);

/* The checks alone: finite ascending borders, depths, conditions that exist,
 * finite leaves. */
CM_MUST_USE cm_status model_check(const model_source *source, cm_error *err);

/* The part of them about categories, one-hot and CTR features. */
CM_MUST_USE cm_status model_check_cats(const cm_model_parts *parts,
                                       cm_error *err);

/* finite, ascending, at most 65,535; what says whose, such as "feature 3". */
CM_MUST_USE cm_status model_check_borders(const char *what,
                                          const float *borders, uint32_t n,
                                          cm_error *err);

/* count * size bytes of the arena, the product checked; the second copies. */
void *model_alloc(cm_arena *arena, size_t count, size_t size, cm_error *err);
void *model_copy(const void *from, size_t count, size_t size, cm_arena *arena,
                 cm_error *err);

/* A model's lists as parts, for what works on both. */
static inline cm_model_parts model_parts_of(const cm_model *model)
{
    return (cm_model_parts){
        .n_features = model->n_features,
        .features = model->features,
        .n_cat_features = model->n_cat_features,
        .n_one_hots = model->n_one_hots,
        .n_ctr_tables = model->n_ctr_tables,
        .n_ctrs = model->n_ctrs,
        .cat_features = model->cat_features,
        .one_hots = model->one_hots,
        .ctr_tables = model->ctr_tables,
        .ctrs = model->ctrs,
        .n_trees = model->n_trees,
        .trees = model->trees,
    };
}

/* How many conditions a feature of any kind offers, of all three lists. */
static inline uint32_t model_n_borders(const cm_model_parts *parts,
                                       size_t feature)
{
    if (feature < parts->n_features) {
        return parts->features[feature].n_borders;
    }
    feature -= parts->n_features;
    return feature < parts->n_one_hots
               ? parts->one_hots[feature].n_values
               : parts->ctrs[feature - parts->n_one_hots].n_borders;
}

/* Counts a key has. */
static inline uint32_t model_ctr_width(const cm_ctr_table *table)
{
    return table->type == CM_CTR_BORDERS || table->type == CM_CTR_BUCKETS
               ? table->n_classes
               : 1;
}

static inline bool model_ctr_has_sums(cm_ctr_type type)
{
    return type == CM_CTR_BINARIZED_TARGET_MEAN ||
           type == CM_CTR_FLOAT_TARGET_MEAN;
}

#endif
