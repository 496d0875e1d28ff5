/* Lays a model out for applying to single rows, see apply_row_plan. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/apply_kernel.h"
#include "model/model_body.h"

enum { BYTE_DEPTH = 8, MAX_MASK_BYTES = 1 << 20 };

/* Slots in descending order of borders, so that a group's are about as many. */
static int by_borders(const void *a, const void *b)
{
    const apply_slot *x = *(const apply_slot *const *)a;
    const apply_slot *y = *(const apply_slot *const *)b;
    if (x->n != y->n) {
        return x->n < y->n ? 1 : -1;
    }
    return x < y ? -1 : x > y;
}

static bool is_worth_it(const apply_plan *plan, const cm_model *model)
{
    size_t n_masks = 1, n_blocks = (model->n_trees + ROW_BYTES - 1) / ROW_BYTES;
    for (size_t t = 0; t < model->n_trees; t++) {
        if (model->trees[t].depth > BYTE_DEPTH) {
            return false;
        }
    }
    for (size_t s = 0; s < plan->n_slots; s++) {
        n_masks += plan->slots[s].n + 1;
    }
    return plan->n_slots <= MAX_SLOTS &&
           n_masks * n_blocks <= MAX_MASK_BYTES / ROW_BYTES;
}

/* What is filled before it becomes a plan; the meanings are its own. */
typedef struct row_parts {
    const apply_slot **order; /* (n_slots) */
    uint32_t *mask_of;        /* (n_slots): of bin 0 */
    uint32_t *numbers, *top_masks, *n_borders;
    float *nans, *borders;
    uint8_t *masks;
    size_t n_slots, n_groups, n_blocks, n_masks, n_rows;
} row_parts;

/* Borders of every lane of a group: as many as its first slot has. */
static uint32_t rows_of(const row_parts *p, size_t group)
{
    uint32_t n = p->order[group * LANES]->n;
    return (n + ROW_STEP - 1) / ROW_STEP * ROW_STEP;
}

static cm_status order_slots(row_parts *p, const apply_plan *plan,
                             cm_error *err)
{
    p->n_slots = plan->n_slots;
    p->n_groups = (plan->n_slots + LANES - 1) / LANES;
    p->order = cm_alloc(plan->n_slots, sizeof(apply_slot *), err);
    p->mask_of = cm_alloc(plan->n_slots, sizeof *p->mask_of, err);
    if (p->order == NULL || p->mask_of == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t s = 0; s < plan->n_slots; s++) {
        p->order[s] = &plan->slots[s];
        p->mask_of[s] = (uint32_t)p->n_masks;
        p->n_masks += plan->slots[s].n + 1;
    }
    p->n_masks++; /* the last is all zeros, for lanes without a slot */
    qsort(p->order, p->n_slots, sizeof(apply_slot *), by_borders);
    for (size_t g = 0; g < p->n_groups; g++) {
        p->n_rows += rows_of(p, g);
    }
    return CM_OK;
}

/* n masks, at the start of a cache line. */
static uint8_t *alloc_masks(size_t n, cm_arena *arena, cm_error *err)
{
    enum { CACHE_LINE = 64 };
    uint8_t *p = model_alloc(arena, n * ROW_BYTES + CACHE_LINE, 1, err);
    return p == NULL ? NULL : p + (CACHE_LINE - (uintptr_t)p % CACHE_LINE);
}

static cm_status alloc_parts(row_parts *p, cm_arena *arena, cm_error *err)
{
    size_t lanes = p->n_groups * LANES;
    p->numbers = model_alloc(arena, lanes, sizeof *p->numbers, err);
    p->top_masks = model_alloc(arena, lanes, sizeof *p->top_masks, err);
    p->nans = model_alloc(arena, lanes, sizeof *p->nans, err);
    p->n_borders = model_alloc(arena, p->n_groups, sizeof *p->n_borders, err);
    p->borders = model_alloc(arena, p->n_rows * LANES, sizeof *p->borders, err);
    p->masks = alloc_masks(p->n_blocks * p->n_masks, arena, err);
    return p->numbers && p->top_masks && p->nans && p->n_borders &&
                   p->borders && p->masks
               ? CM_OK
               : CM_ERR_NOMEM;
}

static void fill_lane(row_parts *p, size_t lane, float *borders, uint32_t n,
                      const apply_plan *plan)
{
    const apply_slot *slot = lane < p->n_slots ? p->order[lane] : NULL;
    p->numbers[lane] = slot ? slot->number : p->numbers[lane - 1];
    p->nans[lane] = slot && slot->nan_above ? INFINITY : -INFINITY;
    p->top_masks[lane] =
        n + (slot ? p->mask_of[slot - plan->slots] : (uint32_t)p->n_masks - 1);
    for (uint32_t b = 0; b < n; b++) {
        borders[b * LANES] = slot && b < slot->n ? slot->borders[b] : INFINITY;
    }
}

static void fill_groups(row_parts *p, const apply_plan *plan)
{
    float *borders = p->borders;
    for (size_t g = 0; g < p->n_groups; g++) {
        uint32_t n = rows_of(p, g);
        p->n_borders[g] = n;
        for (size_t k = 0; k < LANES; k++) {
            fill_lane(p, g * LANES + k, borders + k, n, plan);
        }
        borders += n * LANES;
    }
}

/* A condition sets its bit in the masks of all bins above its border. */
static void fill_masks(row_parts *p, const apply_plan *plan,
                       const cm_model *model)
{
    const apply_split *split = plan->splits;
    memset(p->masks, 0, p->n_blocks * p->n_masks * ROW_BYTES);
    for (size_t t = 0; t < model->n_trees; t++) {
        uint8_t *block = p->masks + t / ROW_BYTES * p->n_masks * ROW_BYTES;
        for (uint32_t d = 0; d < model->trees[t].depth; d++, split++) {
            uint32_t bin = (uint32_t)(1 - split->limit);
            for (; bin <= plan->slots[split->slot].n; bin++) {
                size_t mask = p->mask_of[split->slot] + bin;
                block[mask * ROW_BYTES + t % ROW_BYTES] |= (uint8_t)(1u << d);
            }
        }
    }
}

cm_status apply_row_plan_init(apply_plan *plan, const cm_model *model,
                              cm_arena *arena, cm_error *err)
{
    row_parts p = {.n_blocks = (model->n_trees + ROW_BYTES - 1) / ROW_BYTES};
    if (!is_worth_it(plan, model)) {
        return CM_OK;
    }
    cm_status status = order_slots(&p, plan, err);
    if (status == CM_OK) {
        status = alloc_parts(&p, arena, err);
    }
    if (status == CM_OK) {
        fill_groups(&p, plan);
        fill_masks(&p, plan, model);
        plan->row = (apply_row_plan){
            .n_groups = p.n_groups,
            .n_masks = p.n_masks,
            .numbers = p.numbers,
            .nans = p.nans,
            .top_masks = p.top_masks,
            .n_borders = p.n_borders,
            .borders = p.borders,
            .masks = p.masks,
        };
    }
    free((void *)p.order);
    free(p.mask_of);
    return status;
}
