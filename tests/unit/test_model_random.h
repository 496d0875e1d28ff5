/* Random models of any shape, to prove things that hold for all of them. */
#ifndef TEST_MODEL_RANDOM_H
#define TEST_MODEL_RANDOM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/model.h"

typedef struct random_shape {
    size_t n_features, n_trees;
    uint32_t max_borders, max_depth;
    float low, high; /* of borders */
    const char *const *names;
} random_shape;

static inline uint32_t below(cm_rng *rng, uint32_t n)
{
    return n == 0 ? 0 : (uint32_t)(cm_rng_next(rng) % n);
}

static inline float *random_borders(cm_arena *arena, cm_rng *rng,
                                    const random_shape *shape, uint32_t n)
{
    float *borders = cm_arena_alloc(arena, n * sizeof *borders, NULL);
    float step = (shape->high - shape->low) / (float)(n + 1);
    for (uint32_t b = 0; b < n; b++) {
        float jitter = (float)cm_rng_unit(rng) * .9f;
        borders[b] = shape->low + step * ((float)b + jitter);
    }
    return borders;
}

static inline cm_float_feature *random_features(cm_arena *arena, cm_rng *rng,
                                                const random_shape *shape)
{
    cm_float_feature *features =
        cm_arena_alloc(arena, shape->n_features * sizeof *features, NULL);
    for (size_t f = 0; f < shape->n_features; f++) {
        char name[32];
        int n = snprintf(name, sizeof name, "feature_%zu", f);
        uint32_t borders = 1 + below(rng, shape->max_borders);
        features[f] = (cm_float_feature){
            .name = shape->names
                        ? shape->names[f]
                        : cm_arena_strdup(arena, name, (size_t)n, NULL),
            .borders = random_borders(arena, rng, shape, borders),
            .n_borders = borders,
            .flat_index = (uint32_t)f,
            .nan_treatment = (cm_nan_treatment)below(rng, 3),
        };
        features[f].has_nans = features[f].nan_treatment != CM_NAN_AS_IS;
    }
    return features;
}

static inline cm_tree random_tree(cm_arena *arena, cm_rng *rng,
                                  const random_shape *shape,
                                  const cm_float_feature *features)
{
    uint32_t depth = below(rng, shape->max_depth + 1);
    size_t n_leaves = (size_t)1 << depth;
    cm_split_condition *splits =
        cm_arena_alloc(arena, (depth + 1) * sizeof *splits, NULL);
    double *values = cm_arena_alloc(arena, n_leaves * sizeof *values, NULL);
    double *weights = cm_arena_alloc(arena, n_leaves * sizeof *weights, NULL);
    for (uint32_t d = 0; d < depth; d++) {
        splits[d].feature = below(rng, (uint32_t)shape->n_features);
        splits[d].border = below(rng, features[splits[d].feature].n_borders);
    }
    for (size_t l = 0; l < n_leaves; l++) {
        values[l] = (cm_rng_unit(rng) - .5) * .2;
        weights[l] = (double)below(rng, 1000);
    }
    return (cm_tree){depth, splits, values, weights};
}

static inline cm_model *random_model(uint64_t seed, const random_shape *shape)
{
    cm_arena arena = {0};
    cm_rng rng = cm_rng_stream(seed, 1);
    cm_float_feature *features = random_features(&arena, &rng, shape);
    cm_tree *trees =
        cm_arena_alloc(&arena, shape->n_trees * sizeof *trees + 1, NULL);
    for (size_t t = 0; t < shape->n_trees; t++) {
        trees[t] = random_tree(&arena, &rng, shape, features);
    }
    cm_model_parts parts = {
        .n_features = shape->n_features,
        .features = features,
        .n_trees = shape->n_trees,
        .trees = trees,
        .bias = -.1,
        .class_names = {"0", "1"},
        .class_names_are_integers = true,
    };
    cm_model *model = NULL;
    cm_error err = {0};
    if (cm_model_build(&model, &parts, &err) != CM_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    cm_arena_release(&arena);
    return model;
}

#endif
