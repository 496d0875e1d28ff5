/* Lays a model out for applying. */
#include "model/apply_plan.h"

#include <stdlib.h>

#include "model/model_body.h"

static size_t slots_of(const cm_float_feature *feature)
{
    return (feature->n_borders + (SLOT_BORDERS - 1u)) / SLOT_BORDERS;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Fills slots and first, the first slot of every feature. */
static void fill_slots(apply_slot *slots, uint32_t *first,
                       const cm_model *model)
{
    uint32_t n = 0;
    for (uint32_t f = 0; f < model->n_features; f++) {
        const cm_float_feature *feature = &model->features[f];
        first[f] = n;
        for (uint32_t b = 0; b < feature->n_borders; b += SLOT_BORDERS) {
            slots[n++] = (apply_slot){
                .feature = f,
                .n = smaller(feature->n_borders - b, SLOT_BORDERS),
                .borders = feature->borders + b,
                .nan_above = feature->nan_treatment == CM_NAN_AS_TRUE,
            };
        }
    }
}

static void fill_splits(apply_split *splits, const uint32_t *first,
                        const cm_model *model)
{
    for (size_t t = 0; t < model->n_trees; t++) {
        for (uint32_t d = 0; d < model->trees[t].depth; d++) {
            cm_split_condition c = model->trees[t].splits[d];
            const cm_float_feature *feature = &model->features[c.feature];
            *splits++ = (apply_split){
                .slot = first[c.feature] + c.border / SLOT_BORDERS,
                .feature = c.feature,
                .border = feature->borders[c.border],
                .at_least = (uint8_t)(c.border % SLOT_BORDERS + 1),
                .nan_above = feature->nan_treatment == CM_NAN_AS_TRUE,
            };
        }
    }
}

cm_status apply_plan_init(apply_plan *plan, const cm_model *model,
                          cm_arena *arena, cm_error *err)
{
    size_t n_slots = 0, n_splits = 0;
    for (size_t f = 0; f < model->n_features; f++) {
        n_slots += slots_of(&model->features[f]);
    }
    for (size_t t = 0; t < model->n_trees; t++) {
        n_splits += model->trees[t].depth;
    }
    apply_slot *slots = model_alloc(arena, n_slots, sizeof *slots, err);
    apply_split *splits = model_alloc(arena, n_splits, sizeof *splits, err);
    uint32_t *first = cm_alloc(model->n_features, sizeof *first, err);
    if (slots == NULL || splits == NULL || first == NULL) {
        free(first);
        return CM_ERR_NOMEM;
    }
    fill_slots(slots, first, model);
    fill_splits(splits, first, model);
    free(first);
    *plan = (apply_plan){n_slots, slots, splits};
    return CM_OK;
}
