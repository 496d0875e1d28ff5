#include "model/projection.h"

#include <string.h>

#include "model/model_body.h"

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_float_splits(cm_float_split a, cm_float_split b)
{
    int order = compare_u32(a.float_feature, b.float_feature);
    return order != 0 ? order : (a.border > b.border) - (a.border < b.border);
}

static int compare_one_hot_splits(cm_one_hot_split a, cm_one_hot_split b)
{
    int order = compare_u32(a.cat_feature, b.cat_feature);
    return order != 0 ? order : compare_u32(a.value, b.value);
}

static int compare_counts(const cm_projection *a, const cm_projection *b)
{
    int order = compare_u32(a->n_cats, b->n_cats);
    if (order == 0) {
        order = compare_u32(a->n_float_splits, b->n_float_splits);
    }
    return order != 0 ? order
                      : compare_u32(a->n_one_hot_splits, b->n_one_hot_splits);
}

int projection_compare(const cm_projection *a, const cm_projection *b)
{
    int order = compare_counts(a, b);
    for (uint32_t i = 0; order == 0 && i < a->n_cats; i++) {
        order = compare_u32(a->cats[i], b->cats[i]);
    }
    for (uint32_t i = 0; order == 0 && i < a->n_float_splits; i++) {
        order = compare_float_splits(a->float_splits[i], b->float_splits[i]);
    }
    for (uint32_t i = 0; order == 0 && i < a->n_one_hot_splits; i++) {
        order =
            compare_one_hot_splits(a->one_hot_splits[i], b->one_hot_splits[i]);
    }
    return order;
}

int ctr_table_compare(const cm_ctr_table *a, const cm_ctr_table *b)
{
    int order = projection_compare(&a->projection, &b->projection);
    if (order == 0) {
        order = compare_u32(a->type, b->type);
    }
    return order != 0 ? order : compare_u32(a->target_cut, b->target_cut);
}

bool ctr_table_same_but_cut(const cm_ctr_table *a, const cm_ctr_table *b)
{
    return a->type == b->type &&
           projection_compare(&a->projection, &b->projection) == 0;
}

uint32_t projection_border(const cm_model_parts *parts, cm_float_split split)
{
    const cm_float_feature *feature = &parts->features[split.float_feature];
    uint32_t low = 0, high = feature->n_borders;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (feature->borders[middle] < split.border) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < feature->n_borders && feature->borders[low] == split.border;
    return found ? low : NO_PLACE;
}

uint32_t projection_value(uint32_t *one_hot, const cm_model_parts *parts,
                          cm_one_hot_split split)
{
    uint32_t low = 0, high = (uint32_t)parts->n_one_hots;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (parts->one_hots[middle].cat_feature < split.cat_feature) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *one_hot = low;
    if (low == parts->n_one_hots ||
        parts->one_hots[low].cat_feature != split.cat_feature) {
        return NO_PLACE;
    }
    for (uint32_t v = 0; v < parts->one_hots[low].n_values; v++) {
        if (parts->one_hots[low].values[v] == split.value) {
            return v;
        }
    }
    return NO_PLACE;
}

cm_status projection_copy(cm_projection *to, const cm_projection *from,
                          cm_arena *arena, cm_error *err)
{
    cm_float_split *floats =
        model_alloc(arena, from->n_float_splits, sizeof *floats, err);
    *to = *from;
    to->cats =
        model_copy(from->cats, from->n_cats, sizeof *from->cats, arena, err);
    to->float_splits = floats;
    to->one_hot_splits =
        model_copy(from->one_hot_splits, from->n_one_hot_splits,
                   sizeof *from->one_hot_splits, arena, err);
    if (!to->cats || !floats || !to->one_hot_splits) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < from->n_float_splits; i++) {
        floats[i] = from->float_splits[i];
        floats[i].border += 0.0f; /* -0 becomes 0, as in borders */
    }
    return CM_OK;
}
