/* Turns the categories of a block of rows into the numbers that trees compare.
 * Private to model.
 *
 * A model's numbers are its float features and then the derived ones: every
 * one-hot value as 0 or 1, whose border is 0.5, and every CTR feature. */
#ifndef CM_MODEL_CATEGORY_VALUES_H
#define CM_MODEL_CATEGORY_VALUES_H

#include "model/ctr_index.h"

enum {
    BLOCK_ROWS = 128,
    MAX_DERIVED = 32768 /* numbers of a model, and of a block on the stack */
};

typedef struct category_plan {
    size_t n_derived;
    const uint32_t *first_value; /* (n_one_hots + 1) its first derived number;
                                    the last is the first CTR's */
    const ctr_index *indexes;    /* (n_ctr_tables) */
    const uint32_t *ctrs;        /* (n_ctrs) those of one table together */
    const uint32_t *first_ctr;   /* (n_ctr_tables + 1) in ctrs */
} category_plan;

CM_MUST_USE cm_status category_plan_init(category_plan *plan,
                                         const cm_model *model, cm_arena *arena,
                                         cm_error *err);

/* Where rows are: in columns, or side by side.  Both count from first on. */
typedef struct number_rows {
    const float *const *columns; /* (n_features), or NULL: in rows */
    const float *rows;           /* (…, row_stride) */
    size_t row_stride;
    const uint32_t *const *cats; /* (n_cat_features) hashes, or NULL */
    const uint32_t *cat_rows;    /* (…, cat_stride) */
    size_t cat_stride;
    size_t first;
    const float *derived; /* (n_derived, stride), or NULL: there are none */
    size_t stride, n_features;
} number_rows;

/* Fills derived (n_derived, n) for n <= BLOCK_ROWS rows. */
void category_values(float *derived, const category_plan *plan,
                     const cm_model *model, const number_rows *rows, size_t n);

/* The values of one number, from row `first` of the block on, *step floats from
 * one to the next. */
static inline const float *number_column(const number_rows *rows,
                                         uint32_t number, size_t first,
                                         size_t *step)
{
    *step = 1;
    if (rows->derived != NULL && number >= rows->n_features) {
        return rows->derived + (number - rows->n_features) * rows->stride +
               first;
    }
    if (rows->columns != NULL) {
        return rows->columns[number] + rows->first + first;
    }
    *step = rows->row_stride;
    return rows->rows + (rows->first + first) * rows->row_stride + number;
}

/* The same of the hashes of a category. */
static inline const uint32_t *cat_column(const number_rows *rows, uint32_t cat,
                                         size_t *step)
{
    *step = rows->cats != NULL ? 1 : rows->cat_stride;
    return rows->cats != NULL
               ? rows->cats[cat] + rows->first
               : rows->cat_rows + rows->first * rows->cat_stride + cat;
}

#endif
