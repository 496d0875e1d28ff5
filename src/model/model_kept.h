/* Which borders, features and tables of the parts a model keeps, and where
 * they go: all of a file's; of a trainer's those that its trees use, as
 * CatBoost does.  Float features and categories are inputs and stay.
 * Private to model. */
#ifndef CM_MODEL_MODEL_KEPT_H
#define CM_MODEL_MODEL_KEPT_H

#include "model/model_body.h"

#define DROPPED UINT32_MAX

typedef struct model_kept {
    size_t n;          /* features: float, one-hot and CTR together */
    uint64_t *first;   /* (n + 1) where a feature's borders start in border */
    uint32_t *border;  /* place among the kept of its feature, or DROPPED */
    uint32_t *n_kept;  /* (n) borders kept */
    uint32_t *feature; /* (n) place among the kept of all kinds, or DROPPED */
    uint32_t *table;   /* (n_ctr_tables) place among the kept in the order of
                          ctr_table_compare, or DROPPED */
    size_t n_tables;   /* kept */
} model_kept;

/* The parts must have passed model_check.  Fails when two tables combine and
 * count the same.  Release it also after a failure. */
CM_MUST_USE cm_status model_kept_init(model_kept *kept,
                                      const model_source *source,
                                      cm_error *err);
void model_kept_release(model_kept *kept);

/* Copies what is kept into the arena, and the model's lists point there. */
CM_MUST_USE cm_status model_copy_parts(cm_model *model,
                                       const cm_model_parts *parts,
                                       const model_kept *kept, cm_arena *arena,
                                       cm_error *err);

static inline uint32_t kept_border(const model_kept *kept, size_t feature,
                                   uint32_t border)
{
    return kept->border[kept->first[feature] + border];
}

#endif
