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

/* The checks alone: finite ascending borders, depths, conditions that exist,
 * finite leaves. */
CM_MUST_USE cm_status model_check(const model_source *source, cm_error *err);

/* count * size bytes of the arena, the product checked. */
void *model_alloc(cm_arena *arena, size_t count, size_t size, cm_error *err);

#endif
