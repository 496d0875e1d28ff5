/* A model with every kind of feature and table, its statistics random. */
#ifndef TEST_MODEL_CATEGORIES_H
#define TEST_MODEL_CATEGORIES_H

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/model_body.h"

enum { CATEGORY_TABLES = 6, CATEGORY_DEPTH = 4 };

static inline void fill_category_table(cm_ctr_table *table, cm_arena *arena,
                                       cm_rng *rng, size_t n_keys)
{
    uint32_t width = model_ctr_width(table);
    uint64_t *keys = cm_arena_alloc(arena, n_keys * sizeof *keys, NULL);
    int32_t *counts =
        cm_arena_alloc(arena, n_keys * width * sizeof *counts, NULL);
    float *sums = cm_arena_alloc(arena, n_keys * sizeof *sums, NULL);
    for (size_t k = 0; k < n_keys; k++) {
        keys[k] = cm_rng_next(rng);
        sums[k] = (float)(cm_rng_next(rng) % 100) / 8;
        for (uint32_t c = 0; c < width; c++) {
            counts[k * width + c] = (int32_t)(cm_rng_next(rng) % 50);
        }
    }
    table->n_keys = n_keys;
    table->keys = keys;
    table->counts = counts;
    table->sums = model_ctr_has_sums(table->type) ? sums : NULL;
}

/* What the tables' keys combine: one category, or all there is. */
static const float category_borders[] = {-.5f, .25f, 2};
static const float category_ctr_borders[] = {.125f, .5f, 3};
static const uint32_t category_values_seen[] = {7, 0xfffffff0u};
static const uint32_t category_places[] = {0, 1};
static const cm_float_split category_float_splits[] = {{0, .25f}, {1, 2}};
static const cm_one_hot_split category_one_hot_splits[] = {{0, 0xfffffff0u}};

static inline cm_projection category_projection(uint32_t table)
{
    cm_projection whole = {2,
                           2,
                           1,
                           category_places,
                           category_float_splits,
                           category_one_hot_splits};
    cm_projection one = {.n_cats = 1, .cats = category_places + 1};
    return table % 2 ? whole : one;
}

/* Two float features, two categories, one of them one-hot too, and a table of
 * each type with a CTR feature each. */
static inline cm_model *category_model(uint64_t seed, size_t n_keys)
{
    enum { N_FEATURES = 2 + 1 + CATEGORY_TABLES };
    cm_arena arena = {0};
    cm_rng rng = cm_rng_stream(seed, 2);
    const cm_float_feature features[] = {
        {"a", category_borders, 3, 0, CM_NAN_AS_FALSE, true},
        {"b", category_borders, 3, 2, CM_NAN_AS_IS, false}};
    const cm_cat_feature cats[] = {{"site", 1}, {"d\xc3\xa9vice", 3}};
    const cm_one_hot_feature one_hot = {0, 2, category_values_seen};
    cm_ctr_table tables[CATEGORY_TABLES];
    cm_ctr_feature ctrs[CATEGORY_TABLES];
    for (uint32_t t = 0; t < CATEGORY_TABLES; t++) {
        tables[t] = (cm_ctr_table){.projection = category_projection(t),
                                   .type = (cm_ctr_type)t,
                                   .n_classes = t < 2 ? 2 + t : 1,
                                   .denominator = t < 4 ? 0 : 60};
        fill_category_table(&tables[t], &arena, &rng, n_keys);
        ctrs[t] =
            (cm_ctr_feature){t, 0, .5f, 1, 0, 15, 3, category_ctr_borders};
    }
    cm_split_condition splits[3][CATEGORY_DEPTH];
    double leaves[3][1 << CATEGORY_DEPTH];
    cm_tree trees[3];
    for (int t = 0; t < 3; t++) {
        for (int d = 0; d < CATEGORY_DEPTH; d++) {
            uint32_t feature = (uint32_t)(cm_rng_next(&rng) % N_FEATURES);
            splits[t][d] = (cm_split_condition){
                feature,
                (uint32_t)(cm_rng_next(&rng) % (feature == 2 ? 2 : 3))};
        }
        for (int l = 0; l < 1 << CATEGORY_DEPTH; l++) {
            leaves[t][l] = cm_rng_unit(&rng) - .5;
        }
        trees[t] = (cm_tree){CATEGORY_DEPTH, splits[t], leaves[t], leaves[t]};
    }
    const model_source source = {.parts = {.n_features = 2,
                                           .features = features,
                                           .n_cat_features = 2,
                                           .n_one_hots = 1,
                                           .n_ctr_tables = CATEGORY_TABLES,
                                           .n_ctrs = CATEGORY_TABLES,
                                           .cat_features = cats,
                                           .one_hots = &one_hot,
                                           .ctr_tables = tables,
                                           .ctrs = ctrs,
                                           .n_trees = 3,
                                           .trees = trees,
                                           .bias = .5,
                                           .class_names = {"none", "click"}},
                                 .scale = 2,
                                 .guid = "1-2-3-4",
                                 .keep_unused_borders = true};
    cm_model *model = NULL;
    cm_error err = {0};
    if (model_construct(&model, &source, &err) != CM_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    cm_arena_release(&arena);
    return model;
}

#endif
