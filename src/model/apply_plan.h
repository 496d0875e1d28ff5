/* A model laid out for applying: borders grouped in slots of one byte's bins,
 * conditions as bytes to compare.  Private to model.
 *
 * A slot is one number (category_values.h) and at most 255 of its borders, so
 * that the bin of a value fits a byte; numbers with more take several slots. */
#ifndef CM_MODEL_APPLY_PLAN_H
#define CM_MODEL_APPLY_PLAN_H

#include "base/mem.h"
#include "model/category_values.h"
#include "model/model.h"

enum { SLOT_BORDERS = 255 };

typedef struct apply_slot {
    uint32_t number;
    uint32_t n; /* borders, 1 to SLOT_BORDERS */
    const float *borders;
    bool nan_above; /* NaN is above every border, else below */
} apply_slot;

/* value > border, in both forms: bin(slot) >= at_least. */
typedef struct apply_split {
    uint32_t slot;
    uint32_t number;
    float border;
    uint8_t at_least;
    bool nan_above;
} apply_split;

typedef struct apply_plan {
    size_t n_slots;
    const apply_slot *slots;
    const apply_split *splits; /* of all trees, one after the other */
    category_plan categories;
} apply_plan;

/* Lays a complete model out in the arena. */
CM_MUST_USE cm_status apply_plan_init(apply_plan *plan, const cm_model *model,
                                      cm_arena *arena, cm_error *err);

#endif
