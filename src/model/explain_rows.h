/* Rows as explanations see them: the leaves they fall into, and what they
 * weigh.  Private to model. */
#ifndef CM_MODEL_EXPLAIN_ROWS_H
#define CM_MODEL_EXPLAIN_ROWS_H

#include "model/explain.h"
#include "model/model_body.h"

/* A run of rows with the numbers made of their categories. */
typedef struct row_tile {
    size_t capacity; /* rows */
    size_t n;
    float *derived; /* (derived numbers, n) */
    number_rows rows;
} row_tile;

/* How many rows of a model's are best led through its trees together. */
size_t row_tile_capacity(const cm_model *model);

CM_MUST_USE cm_status row_tile_init(row_tile *tile, const cm_model *model,
                                    cm_error *err);
void row_tile_release(row_tile *tile);

/* Goes to the rows [first, first + n), n <= capacity. */
void row_tile_set(row_tile *tile, const cm_model *model,
                  const cm_explain_rows *rows, size_t first, size_t n);

/* The rows' leaves (n) in a tree whose conditions are splits (depth). */
void row_tile_leaves(uint32_t *leaves, const row_tile *tile,
                     const apply_split *splits, uint32_t depth);

/* What the rows weigh, with the class weights of the model's params where
 * labels are known: *out (n), to be freed. */
CM_MUST_USE cm_status row_weights(double **out, const cm_model *model,
                                  const cm_explain_rows *rows, cm_error *err);

/* Adds up what the rows in each leaf weigh: weights (leaves of all trees, one
 * tree after the other). */
CM_MUST_USE cm_status add_leaf_weights(double *weights, const cm_model *model,
                                       const cm_explain_rows *rows,
                                       cm_error *err);

#endif
