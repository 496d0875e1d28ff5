/* The checks every model passes before it is used, whoever made it. */
#include "model/model_body.h"

#include <math.h>
#include <stdio.h>

enum {
    MAX_FEATURES = 1 << 20,
    MAX_TREES = 1 << 24,
    MAX_FEATURE_BORDERS = 65535 /* CatBoost's limit */
};

cm_status model_check_borders(const char *what, const float *borders,
                              uint32_t n, cm_error *err)
{
    if (n > MAX_FEATURE_BORDERS) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s has %u borders; expected at most %d", what, n,
                       (int)MAX_FEATURE_BORDERS);
    }
    for (uint32_t b = 0; b < n; b++) {
        if (!isfinite(borders[b]) || (b > 0 && borders[b] <= borders[b - 1])) {
            return cm_fail(err, CM_ERR_DATA,
                           "%s: border %u is %.9g; borders must be finite and "
                           "ascend",
                           what, b, (double)borders[b]);
        }
    }
    return CM_OK;
}

static cm_status check_feature(const cm_float_feature *feature, size_t index,
                               cm_error *err)
{
    char what[128];
    if (feature->name == NULL) {
        return cm_fail(err, CM_ERR_DATA, "feature %zu has no name", index);
    }
    (void)snprintf(what, sizeof what, "feature %zu (%.80s)", index,
                   feature->name);
    return model_check_borders(what, feature->borders, feature->n_borders, err);
}

static cm_status check_leaves(const cm_tree *tree, size_t index, cm_error *err)
{
    for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
        double weight = tree->leaf_weights ? tree->leaf_weights[l] : 0;
        if (!isfinite(tree->leaf_values[l]) || !isfinite(weight)) {
            return cm_fail(err, CM_ERR_DATA,
                           "tree %zu: leaf %zu has value %g and weight %g; "
                           "both must be finite",
                           index, l, tree->leaf_values[l], weight);
        }
    }
    return CM_OK;
}

static cm_status check_tree(const cm_model_parts *parts, size_t index,
                            cm_error *err)
{
    const cm_tree *tree = &parts->trees[index];
    size_t n_features = parts->n_features + parts->n_one_hots + parts->n_ctrs;
    if (tree->depth > CM_MAX_DEPTH) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "tree %zu has depth %u; this version takes at most %d",
                       index, tree->depth, (int)CM_MAX_DEPTH);
    }
    for (uint32_t d = 0; d < tree->depth; d++) {
        cm_split_condition c = tree->splits[d];
        if (c.feature >= n_features ||
            c.border >= model_n_borders(parts, c.feature)) {
            return cm_fail(err, CM_ERR_DATA,
                           "tree %zu: split %u asks for border %u of feature "
                           "%u, which the model does not have",
                           index, d, c.border, c.feature);
        }
    }
    return check_leaves(tree, index, err);
}

cm_status model_check(const model_source *source, cm_error *err)
{
    const cm_model_parts *parts = &source->parts;
    cm_status status = CM_OK;
    if (parts->n_features > MAX_FEATURES || parts->n_trees > MAX_TREES) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "the model has %zu features and %zu trees; this version "
                       "takes at most %d and %d",
                       parts->n_features, parts->n_trees, (int)MAX_FEATURES,
                       (int)MAX_TREES);
    }
    if (!isfinite(source->scale) || !isfinite(parts->bias)) {
        return cm_fail(err, CM_ERR_DATA,
                       "the model has scale %g and bias %g; both must be "
                       "finite",
                       source->scale, parts->bias);
    }
    for (size_t f = 0; f < parts->n_features && status == CM_OK; f++) {
        status = check_feature(&parts->features[f], f, err);
    }
    if (status == CM_OK) {
        status = model_check_cats(parts, err);
    }
    for (size_t t = 0; t < parts->n_trees && status == CM_OK; t++) {
        status = check_tree(parts, t, err);
    }
    return status;
}
