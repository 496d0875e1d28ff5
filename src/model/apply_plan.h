/* A model laid out for applying: the borders that trees ask for, grouped in
 * slots of one byte's bins, and conditions as bytes to compare.  Private to
 * model.
 *
 * A slot is one number (category_values.h) and at most 127 of its borders, so
 * that the bin of a value fits a signed byte; numbers with more borders take
 * several slots.
 *
 * A slot's borders are also kept as a search tree for vectors.  Level l has
 * one border for each of the 2^l ways to come there.  Whoever has found k of
 * the borders above it (as a number of l bits) to lie below its value goes on
 * with the border at [k / 8][-k mod 8] of the level's table, groups of eight
 * floats; missing borders are infinite. */
#ifndef CM_MODEL_APPLY_PLAN_H
#define CM_MODEL_APPLY_PLAN_H

#include "base/mem.h"
#include "model/category_values.h"
#include "model/model.h"

enum {
    SLOT_BORDERS = 127,
    SLOT_LEVELS = 7,
    LANES = 8,       /* floats of a vector */
    ROW_BYTES = 128, /* leaf indexes that one mask of a row speaks of */
    ROW_STEP = 4     /* steps of a row's loops taken together */
};

typedef struct apply_slot {
    uint32_t number;
    uint32_t n;           /* borders, 1 to SLOT_BORDERS */
    uint32_t levels;      /* of the search tree: n < 1 << levels */
    bool nan_above;       /* NaN is above every border, else below */
    const float *borders; /* (n), ascending */
    const float *search;  /* see level_at */
} apply_slot;

/* Where the table of a level begins in apply_slot.search. */
static inline uint32_t level_at(uint32_t level)
{
    return level <= 3 ? level * LANES : 2 * LANES + (1u << level);
}

/* value > border, in both forms: minus the bin of the slot < limit. */
typedef struct apply_split {
    uint32_t slot;
    uint32_t number;
    float border;
    int8_t limit;
    bool nan_above;
} apply_split;

/* How a single row is led through all trees at once: the values of eight
 * slots are compared with borders in a vector, and each bin names a mask of
 * the bits its slot sets in the leaf indexes of all trees.  The masks of all
 * slots, joined by OR, are the indexes.  Absent (masks NULL) where the table
 * would be large or an index takes two bytes.
 *
 *   lanes   slots in descending order of n, filled up to whole groups
 *   blocks  of ROW_BYTES trees */
typedef struct apply_row_plan {
    size_t n_groups, n_masks;
    const uint32_t *numbers;   /* (n_groups, LANES) */
    const float *nans;         /* (n_groups, LANES): what NaN counts as */
    const uint32_t *top_masks; /* (n_groups, LANES): of bin n_borders */
    const uint32_t *n_borders; /* (n_groups), multiples of ROW_STEP */
    const float *borders;      /* of all groups, (n_borders, LANES) each */
    const uint8_t *masks;      /* (n_blocks, n_masks, ROW_BYTES) */
} apply_row_plan;

typedef struct apply_plan {
    size_t n_slots;
    const apply_slot *slots;   /* by number, ascending */
    const apply_split *splits; /* of all trees, one after the other */
    apply_row_plan row;
    category_plan categories;
} apply_plan;

/* Lays a complete model out in the arena. */
CM_MUST_USE cm_status apply_plan_init(apply_plan *plan, const cm_model *model,
                                      cm_arena *arena, cm_error *err);

/* The part of a single row, once slots and splits are there. */
CM_MUST_USE cm_status apply_row_plan_init(apply_plan *plan,
                                          const cm_model *model,
                                          cm_arena *arena, cm_error *err);

#endif
