/* Lays a model out for applying. */
#include "model/apply_plan.h"

#include <stdlib.h>

#include "model/model_body.h"

/* What trees compare with borders: a float feature, a one-hot value, a CTR. */
typedef struct number {
    const float *borders;
    uint32_t n_borders;
    uint32_t first_slot;
    bool nan_above;
} number;

static const float half = 0.5f; /* between 0 and 1 of a one-hot value */

/* Fills numbers in their order; their slots follow one another. */
static size_t fill_numbers(number *numbers, const cm_model *model)
{
    number *at = numbers;
    for (size_t f = 0; f < model->n_features; f++) {
        const cm_float_feature *feature = &model->features[f];
        *at++ = (number){
            .borders = feature->borders,
            .n_borders = feature->n_borders,
            .nan_above = feature->nan_treatment == CM_NAN_AS_TRUE,
        };
    }
    for (size_t o = 0; o < model->n_one_hots; o++) {
        for (uint32_t v = 0; v < model->one_hots[o].n_values; v++) {
            *at++ = (number){.borders = &half, .n_borders = 1};
        }
    }
    for (size_t c = 0; c < model->n_ctrs; c++) {
        const cm_ctr_feature *ctr = &model->ctrs[c];
        *at++ = (number){.borders = ctr->borders, .n_borders = ctr->n_borders};
    }
    uint32_t n_slots = 0;
    for (number *i = numbers; i < at; i++) {
        i->first_slot = n_slots;
        n_slots += (i->n_borders + (SLOT_BORDERS - 1u)) / SLOT_BORDERS;
    }
    return n_slots;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void fill_slots(apply_slot *slots, const number *numbers, size_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < numbers[i].n_borders; b += SLOT_BORDERS) {
            *slots++ = (apply_slot){
                .number = i,
                .n = smaller(numbers[i].n_borders - b, SLOT_BORDERS),
                .borders = numbers[i].borders + b,
                .nan_above = numbers[i].nan_above,
            };
        }
    }
}

/* The number a condition is about; *border becomes the border among its. */
static uint32_t number_of(const category_plan *plan, const cm_model *model,
                          cm_split_condition c, uint32_t *border)
{
    uint32_t n_features = (uint32_t)model->n_features;
    uint32_t n_one_hots = (uint32_t)model->n_one_hots;
    *border = c.border;
    if (c.feature < n_features) {
        return c.feature;
    }
    uint32_t derived = c.feature - n_features;
    if (derived < n_one_hots) {
        *border = 0;
        return n_features + plan->first_value[derived] + c.border;
    }
    return n_features + plan->first_value[n_one_hots] + (derived - n_one_hots);
}

static void fill_splits(apply_split *splits, const category_plan *plan,
                        const number *numbers, const cm_model *model)
{
    for (size_t t = 0; t < model->n_trees; t++) {
        for (uint32_t d = 0; d < model->trees[t].depth; d++) {
            uint32_t border;
            uint32_t i =
                number_of(plan, model, model->trees[t].splits[d], &border);
            *splits++ = (apply_split){
                .slot = numbers[i].first_slot + border / SLOT_BORDERS,
                .number = i,
                .border = numbers[i].borders[border],
                .at_least = (uint8_t)(border % SLOT_BORDERS + 1),
                .nan_above = numbers[i].nan_above,
            };
        }
    }
}

cm_status apply_plan_init(apply_plan *plan, const cm_model *model,
                          cm_arena *arena, cm_error *err)
{
    size_t n_splits = 0;
    cm_status status = category_plan_init(&plan->categories, model, arena, err);
    if (status != CM_OK) {
        return status;
    }
    size_t n_numbers = model->n_features + plan->categories.n_derived;
    number *numbers = cm_alloc(n_numbers, sizeof *numbers, err);
    if (numbers == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t t = 0; t < model->n_trees; t++) {
        n_splits += model->trees[t].depth;
    }
    plan->n_slots = fill_numbers(numbers, model);
    apply_slot *slots = model_alloc(arena, plan->n_slots, sizeof *slots, err);
    apply_split *splits = model_alloc(arena, n_splits, sizeof *splits, err);
    plan->slots = slots;
    plan->splits = splits;
    if (slots != NULL && splits != NULL) {
        fill_slots(slots, numbers, n_numbers);
        fill_splits(splits, &plan->categories, numbers, model);
    }
    free(numbers);
    return slots == NULL || splits == NULL ? CM_ERR_NOMEM : CM_OK;
}
