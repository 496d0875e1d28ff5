/* Leaves of tiles of rows, a comparison a condition and row; and weights. */
#include "model/explain_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/json_text.h"

static const apply_plan *plan_of(const cm_model *model)
{
    return &((const model_body *)model->owner)->plan;
}

size_t row_tile_capacity(const cm_model *model)
{
    size_t n_derived = plan_of(model)->categories.n_derived;
    size_t most = n_derived == 0 ? BLOCK_ROWS : MAX_DERIVED / n_derived;
    return most < 1 ? 1 : most < BLOCK_ROWS ? most : BLOCK_ROWS;
}

cm_status row_tile_init(row_tile *tile, const cm_model *model, cm_error *err)
{
    *tile = (row_tile){.capacity = row_tile_capacity(model)};
    tile->derived = cm_alloc(plan_of(model)->categories.n_derived,
                             tile->capacity * sizeof *tile->derived, err);
    return tile->derived ? CM_OK : CM_ERR_NOMEM;
}

void row_tile_release(row_tile *tile)
{
    free(tile->derived);
    *tile = (row_tile){0};
}

void row_tile_set(row_tile *tile, const cm_model *model,
                  const cm_explain_rows *rows, size_t first, size_t n)
{
    tile->n = n;
    tile->rows = (number_rows){.columns = rows->columns,
                               .rows = rows->rows,
                               .row_stride = rows->row_stride,
                               .cats = rows->cats,
                               .cat_rows = rows->cat_rows,
                               .cat_stride = rows->cat_stride,
                               .first = first,
                               .derived = tile->derived,
                               .stride = n,
                               .n_features = model->n_features};
    category_values(tile->derived, &plan_of(model)->categories, model,
                    &tile->rows, n);
}

static void add_above(uint32_t *leaves, const float *values, size_t n,
                      float border, uint32_t bit)
{
    for (size_t i = 0; i < n; i++) {
        leaves[i] |= values[i] > border ? bit : 0;
    }
}

/* NaN counts as above. */
static void add_not_below(uint32_t *leaves, const float *values, size_t n,
                          float border, uint32_t bit)
{
    for (size_t i = 0; i < n; i++) {
        leaves[i] |= values[i] <= border ? 0 : bit;
    }
}

/* The values of one number side by side. */
static const float *gather(float *out, const row_tile *tile, uint32_t number)
{
    size_t step;
    const float *values = number_column(&tile->rows, number, 0, &step);
    if (step == 1) {
        return values;
    }
    for (size_t i = 0; i < tile->n; i++) {
        out[i] = values[i * step];
    }
    return out;
}

void row_tile_leaves(uint32_t *leaves, const row_tile *tile,
                     const apply_split *splits, uint32_t depth)
{
    float gathered[BLOCK_ROWS];
    memset(leaves, 0, tile->n * sizeof *leaves);
    for (uint32_t d = 0; d < depth; d++) {
        const apply_split *split = &splits[d];
        const float *values = gather(gathered, tile, split->number);
        (split->nan_above ? add_not_below : add_above)(leaves, values, tile->n,
                                                       split->border, 1u << d);
    }
}

/* ---- weights ----------------------------------------------------------- */

/* Class weights are 1 unless the params say otherwise. */
static cm_status read_class_weights(double out[2], const cm_model *model,
                                    cm_error *err)
{
    json_t *params = NULL;
    out[0] = out[1] = 1;
    if (model->params_json == NULL) {
        return CM_OK;
    }
    cm_status status = json_text_parse(&params, cm_str_of(model->params_json),
                                       "model params", err);
    if (status != CM_OK) {
        return status;
    }
    const json_t *weights = json_object_get(
        json_object_get(params, "data_processing_options"), "class_weights");
    for (size_t c = 0; c < 2 && json_array_size(weights) == 2; c++) {
        const json_t *weight = json_array_get(weights, c);
        out[c] = json_is_number(weight) ? json_number_value(weight) : 1;
    }
    json_decref(params);
    return CM_OK;
}

cm_status row_weights(double **out, const cm_model *model,
                      const cm_explain_rows *rows, cm_error *err)
{
    double by_class[2];
    double *weights = cm_alloc(rows->n, sizeof *weights, err);
    cm_status status =
        weights ? read_class_weights(by_class, model, err) : CM_ERR_NOMEM;
    for (size_t i = 0; i < rows->n && status == CM_OK; i++) {
        weights[i] = rows->weights ? (double)rows->weights[i] : 1;
        if (rows->labels != NULL) {
            weights[i] *= by_class[rows->labels[i] > 0.5f];
        }
    }
    *out = weights;
    return status;
}

static void add_tile(double *weights, const cm_model *model,
                     const row_tile *tile, const double *of_rows)
{
    uint32_t leaves[BLOCK_ROWS];
    const apply_split *splits = plan_of(model)->splits;
    for (size_t t = 0; t < model->n_trees; t++) {
        uint32_t depth = model->trees[t].depth;
        row_tile_leaves(leaves, tile, splits, depth);
        for (size_t i = 0; i < tile->n; i++) {
            weights[leaves[i]] += of_rows[i];
        }
        weights += (size_t)1 << depth;
        splits += depth;
    }
}

cm_status add_leaf_weights(double *weights, const cm_model *model,
                           const cm_explain_rows *rows, cm_error *err)
{
    row_tile tile = {0};
    double *of_rows = NULL;
    cm_status status = row_weights(&of_rows, model, rows, err);
    if (status == CM_OK) {
        status = row_tile_init(&tile, model, err);
    }
    for (size_t i = 0; i < rows->n && status == CM_OK; i += tile.capacity) {
        size_t left = rows->n - i;
        row_tile_set(&tile, model, rows, i,
                     left < tile.capacity ? left : tile.capacity);
        add_tile(weights, model, &tile, of_rows + i);
    }
    row_tile_release(&tile);
    free(of_rows);
    return status;
}
