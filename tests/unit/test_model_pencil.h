/* The model of src/model/README.md: one tree to follow with a pencil. */
#ifndef TEST_MODEL_PENCIL_H
#define TEST_MODEL_PENCIL_H

#include <stdio.h>
#include <stdlib.h>

#include "model/model.h"

typedef struct pencil {
    float site[1], app[1];
    cm_float_feature features[2];
    cm_split_condition splits[2];
    double values[4], weights[4];
    cm_tree tree;
    cm_model_parts parts;
} pencil;

static inline pencil *pencil_init(pencil *p)
{
    *p = (pencil){.site = {.4f},
                  .app = {5},
                  .splits = {{0, 0}, {1, 0}},
                  .values = {.1, .2, .3, .4},
                  .weights = {4, 2, 1, 3}};
    p->features[0] = (cm_float_feature){"site", p->site, 1, 0, 0, false};
    p->features[1] = (cm_float_feature){"app", p->app, 1, 1, 0, false};
    p->tree = (cm_tree){2, p->splits, p->values, p->weights};
    p->parts = (cm_model_parts){.n_features = 2,
                                .features = p->features,
                                .n_trees = 1,
                                .trees = &p->tree,
                                .bias = 1,
                                .class_names = {"0", "1"}};
    return p;
}

static inline cm_model *pencil_build(const pencil *p)
{
    cm_error err = {0};
    cm_model *model = NULL;
    if (cm_model_build(&model, &p->parts, &err) != CM_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return model;
}

#endif
