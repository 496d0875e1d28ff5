/* Lays a model out for applying.
 *
 *   number  what trees compare with borders: see category_values.h
 *   rank    (borders of one number) a border's position among those that some
 *           tree asks for, or UNUSED */
#include "model/apply_plan.h"

#include <math.h>
#include <stdlib.h>

#include "model/model_body.h"

static const uint32_t UNUSED = UINT32_MAX;
static const float half = 0.5f; /* between 0 and 1 of a one-hot value */

typedef struct number {
    const float *borders;
    uint32_t n_borders, n_used;
    uint32_t first_slot;
    bool nan_above;
    uint32_t *rank; /* (n_borders); 1 for used ones until they are ranked */
} number;

typedef struct layout {
    const cm_model *model;
    const category_plan *categories;
    number *numbers; /* (n_numbers) */
    uint32_t *ranks; /* of all numbers */
    size_t n_numbers, n_borders, n_slots, n_splits;
} layout;

static void add_number(layout *l, const float *borders, uint32_t n,
                       bool nan_above)
{
    l->numbers[l->n_numbers++] =
        (number){.borders = borders, .n_borders = n, .nan_above = nan_above};
    l->n_borders += n;
}

static void add_numbers(layout *l, const cm_model *model)
{
    for (size_t f = 0; f < model->n_features; f++) {
        const cm_float_feature *feature = &model->features[f];
        add_number(l, feature->borders, feature->n_borders,
                   feature->nan_treatment == CM_NAN_AS_TRUE);
    }
    for (size_t o = 0; o < model->n_one_hots; o++) {
        for (uint32_t v = 0; v < model->one_hots[o].n_values; v++) {
            add_number(l, &half, 1, false);
        }
    }
    for (size_t c = 0; c < model->n_ctrs; c++) {
        add_number(l, model->ctrs[c].borders, model->ctrs[c].n_borders, false);
    }
}

/* The number a condition is about; *border becomes the border among its. */
static number *number_of(const layout *l, cm_split_condition c,
                         uint32_t *border)
{
    uint32_t n_features = (uint32_t)l->model->n_features;
    uint32_t n_one_hots = (uint32_t)l->model->n_one_hots;
    const uint32_t *first_value = l->categories->first_value;
    *border = c.border;
    if (c.feature < n_features) {
        return &l->numbers[c.feature];
    }
    uint32_t derived = c.feature - n_features;
    if (derived < n_one_hots) {
        *border = 0;
        return &l->numbers[n_features + first_value[derived] + c.border];
    }
    return &l->numbers[n_features + first_value[n_one_hots] +
                       (derived - n_one_hots)];
}

/* Marks the borders that trees ask for; counts conditions. */
static void mark_used(layout *l)
{
    for (size_t t = 0; t < l->model->n_trees; t++) {
        const cm_tree *tree = &l->model->trees[t];
        l->n_splits += tree->depth;
        for (uint32_t d = 0; d < tree->depth; d++) {
            uint32_t border;
            number_of(l, tree->splits[d], &border)->rank[border] = 1;
        }
    }
}

/* Turns marks into ranks; counts slots. */
static void rank_used(layout *l)
{
    for (number *i = l->numbers; i < l->numbers + l->n_numbers; i++) {
        for (uint32_t b = 0; b < i->n_borders; b++) {
            i->rank[b] = i->rank[b] ? i->n_used++ : UNUSED;
        }
        i->first_slot = (uint32_t)l->n_slots;
        l->n_slots += (i->n_used + SLOT_BORDERS - 1u) / SLOT_BORDERS;
    }
}

static void layout_release(layout *l)
{
    free(l->numbers);
    free(l->ranks);
}

static cm_status layout_init(layout *l, const cm_model *model,
                             const category_plan *categories, cm_error *err)
{
    size_t n = model->n_features + categories->n_derived;
    *l = (layout){.model = model, .categories = categories};
    l->numbers = cm_alloc(n, sizeof *l->numbers, err);
    if (l->numbers == NULL) {
        return CM_ERR_NOMEM;
    }
    add_numbers(l, model);
    l->ranks = cm_alloc_zero(l->n_borders, sizeof *l->ranks, err);
    if (l->ranks == NULL) {
        return CM_ERR_NOMEM;
    }
    uint32_t *rank = l->ranks;
    for (size_t i = 0; i < l->n_numbers; i++) {
        l->numbers[i].rank = rank;
        rank += l->numbers[i].n_borders;
    }
    mark_used(l);
    rank_used(l);
    return CM_OK;
}

static uint32_t levels_of(uint32_t n)
{
    uint32_t levels = 1;
    while (n >> levels != 0) {
        levels++;
    }
    return levels;
}

/* The search tree of a slot; missing borders are infinite. */
static const float *search_tree(const apply_slot *slot, cm_arena *arena,
                                cm_error *err)
{
    size_t size = level_at(slot->levels);
    float *search = model_alloc(arena, size, sizeof *search, err);
    for (size_t i = 0; search != NULL && i < size; i++) {
        search[i] = INFINITY;
    }
    for (uint32_t l = 0; search != NULL && l < slot->levels; l++) {
        float *table = search + level_at(l);
        uint32_t span = 1u << (slot->levels - 1 - l);
        for (uint32_t k = 0; k < 1u << l; k++) {
            uint32_t border = (2 * k + 1) * span - 1;
            if (border < slot->n) {
                table[k / LANES * LANES + (0u - k) % LANES] =
                    slot->borders[border];
            }
        }
    }
    return search;
}

/* The slots of one number, whose used borders are given. */
static cm_status fill_slots(apply_slot *slots, const layout *l, uint32_t index,
                            const float *borders, cm_arena *arena,
                            cm_error *err)
{
    const number *i = &l->numbers[index];
    apply_slot *slot = slots + i->first_slot;
    for (uint32_t b = 0; b < i->n_used; b += SLOT_BORDERS, slot++) {
        uint32_t left = i->n_used - b;
        uint32_t n = left < SLOT_BORDERS ? left : SLOT_BORDERS;
        *slot = (apply_slot){
            .number = index,
            .n = n,
            .levels = levels_of(n),
            .nan_above = i->nan_above,
            .borders = borders + b,
        };
        slot->search = search_tree(slot, arena, err);
        if (slot->search == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return CM_OK;
}

static cm_status fill_all_slots(apply_slot *slots, const layout *l,
                                cm_arena *arena, cm_error *err)
{
    cm_status status = CM_OK;
    for (uint32_t n = 0; n < l->n_numbers && status == CM_OK; n++) {
        const number *i = &l->numbers[n];
        float *used = model_alloc(arena, i->n_used, sizeof *used, err);
        if (used == NULL) {
            return CM_ERR_NOMEM;
        }
        for (uint32_t b = 0; b < i->n_borders; b++) {
            if (i->rank[b] != UNUSED) {
                used[i->rank[b]] = i->borders[b];
            }
        }
        status = fill_slots(slots, l, n, used, arena, err);
    }
    return status;
}

static void fill_splits(apply_split *splits, const layout *l)
{
    for (size_t t = 0; t < l->model->n_trees; t++) {
        for (uint32_t d = 0; d < l->model->trees[t].depth; d++) {
            uint32_t border;
            const number *i =
                number_of(l, l->model->trees[t].splits[d], &border);
            uint32_t rank = i->rank[border];
            *splits++ = (apply_split){
                .slot = i->first_slot + rank / SLOT_BORDERS,
                .number = (uint32_t)(i - l->numbers),
                .border = i->borders[border],
                .limit = (int8_t) - (int32_t)(rank % SLOT_BORDERS),
                .nan_above = i->nan_above,
            };
        }
    }
}

static cm_status fill_plan(apply_plan *plan, const layout *l, cm_arena *arena,
                           cm_error *err)
{
    apply_slot *slots = model_alloc(arena, l->n_slots, sizeof *slots, err);
    apply_split *splits = model_alloc(arena, l->n_splits, sizeof *splits, err);
    if (slots == NULL || splits == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = fill_all_slots(slots, l, arena, err);
    fill_splits(splits, l);
    plan->n_slots = l->n_slots;
    plan->slots = slots;
    plan->splits = splits;
    return status;
}

cm_status apply_plan_init(apply_plan *plan, const cm_model *model,
                          cm_arena *arena, cm_error *err)
{
    layout l = {0};
    cm_status status = category_plan_init(&plan->categories, model, arena, err);
    if (status == CM_OK) {
        status = layout_init(&l, model, &plan->categories, err);
    }
    if (status == CM_OK) {
        status = fill_plan(plan, &l, arena, err);
    }
    if (status == CM_OK) {
        status = apply_row_plan_init(plan, model, arena, err);
    }
    layout_release(&l);
    return status;
}
