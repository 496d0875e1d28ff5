/* Joining models.  For each feature the borders of both are merged, and each
 * model's conditions are told where its borders went.
 *
 * A model's scale is 1 as trainers make it; any other is multiplied into its
 * leaves. */
#include "model/join.h"

#include <string.h>

#include "model/model_body.h"

typedef struct joiner {
    cm_arena arena;
    const cm_model *models[2];
    cm_float_feature *features;
    uint32_t **position[2]; /* [model][feature][border]: in the merged list */
    cm_tree *trees;
} joiner;

static cm_status check_names(const cm_model *a, const cm_model *b,
                             cm_error *err)
{
    if (a->n_features != b->n_features) {
        return cm_fail(err, CM_ERR_DATA,
                       "the model to continue has %zu features, the new trees "
                       "have %zu",
                       a->n_features, b->n_features);
    }
    for (size_t f = 0; f < a->n_features; f++) {
        const char *old_name = a->features[f].name;
        const char *new_name = b->features[f].name;
        if (strcmp(old_name, new_name) != 0) {
            return cm_fail(err, CM_ERR_DATA,
                           "feature %zu of the model to continue is \"%s\", "
                           "that of the new trees \"%s\"; both need the same "
                           "features in the same order",
                           f, old_name, new_name);
        }
    }
    return CM_OK;
}

static bool same_class(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static cm_status check_models(const cm_model *a, const cm_model *b,
                              cm_error *err)
{
    if (b->n_cat_features > 0) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "the second model has categories; only models of "
                       "numbers can continue another");
    }
    if (!same_class(a->class_names[0], b->class_names[0]) ||
        !same_class(a->class_names[1], b->class_names[1])) {
        return cm_fail(err, CM_ERR_DATA,
                       "the model to continue has other class_names than the "
                       "new trees");
    }
    return check_names(a, b, err);
}

/* As AS_IS compares false, so does AS_FALSE. */
static cm_status join_nan(cm_float_feature *out, const cm_float_feature *a,
                          const cm_float_feature *b, cm_error *err)
{
    bool a_last = a->nan_treatment == CM_NAN_AS_TRUE;
    bool b_last = b->nan_treatment == CM_NAN_AS_TRUE;
    if (a_last != b_last && a->n_borders > 0 && b->n_borders > 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "feature \"%s\": one model puts NaN above all values, "
                       "the other below; train with the same nan_mode",
                       a->name);
    }
    /* Where only one model asks for the feature, it is as that one says. */
    bool from_a = b->n_borders == 0 || (a->n_borders > 0 && a->has_nans);
    out->nan_treatment = from_a ? a->nan_treatment : b->nan_treatment;
    out->has_nans = from_a ? a->has_nans : b->has_nans;
    return CM_OK;
}

/* Both lists ascend, and so does the merged one. */
static void merge_borders(cm_float_feature *out, float *borders,
                          const cm_float_feature *const from[2],
                          uint32_t *const position[2])
{
    uint32_t i[2] = {0, 0}, n = 0;
    while (i[0] < from[0]->n_borders || i[1] < from[1]->n_borders) {
        float next = 0;
        bool found = false;
        for (int m = 0; m < 2; m++) {
            bool left = i[m] < from[m]->n_borders;
            if (left && (!found || from[m]->borders[i[m]] < next)) {
                next = from[m]->borders[i[m]];
                found = true;
            }
        }
        for (int m = 0; m < 2; m++) {
            if (i[m] < from[m]->n_borders && from[m]->borders[i[m]] == next) {
                position[m][i[m]++] = n;
            }
        }
        borders[n++] = next;
    }
    out->borders = borders;
    out->n_borders = n;
}

static cm_status join_feature(joiner *j, size_t f, cm_error *err)
{
    const cm_float_feature *const from[2] = {&j->models[0]->features[f],
                                             &j->models[1]->features[f]};
    size_t most = (size_t)from[0]->n_borders + from[1]->n_borders;
    float *borders = model_alloc(&j->arena, most, sizeof *borders, err);
    for (int m = 0; m < 2; m++) {
        j->position[m][f] = model_alloc(&j->arena, from[m]->n_borders,
                                        sizeof **j->position[m], err);
        if (borders == NULL || j->position[m][f] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    uint32_t *const position[2] = {j->position[0][f], j->position[1][f]};
    j->features[f] = *from[0];
    merge_borders(&j->features[f], borders, from, position);
    return join_nan(&j->features[f], from[0], from[1], err);
}

/* Conditions on categories keep their place. */
static cm_status copy_splits(joiner *j, int m, cm_tree *out,
                             const cm_tree *tree, cm_error *err)
{
    cm_split_condition *splits =
        model_alloc(&j->arena, tree->depth, sizeof *splits, err);
    if (splits == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t d = 0; d < tree->depth; d++) {
        splits[d] = tree->splits[d];
        if (splits[d].feature < j->models[m]->n_features) {
            splits[d].border =
                j->position[m][splits[d].feature][splits[d].border];
        }
    }
    out->splits = splits;
    return CM_OK;
}

static cm_status scale_leaves(joiner *j, int m, cm_tree *tree, cm_error *err)
{
    double scale = j->models[m]->scale;
    size_t n = (size_t)1 << tree->depth;
    if (scale == 1) {
        return CM_OK;
    }
    double *values = model_alloc(&j->arena, n, sizeof *values, err);
    if (values == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t l = 0; l < n; l++) {
        values[l] = scale * tree->leaf_values[l];
    }
    tree->leaf_values = values;
    return CM_OK;
}

static cm_status join_trees(joiner *j, cm_error *err)
{
    cm_tree *out = j->trees;
    cm_status status = CM_OK;
    for (int m = 0; m < 2; m++) {
        const cm_model *model = j->models[m];
        for (size_t t = 0; t < model->n_trees && status == CM_OK; t++, out++) {
            *out = model->trees[t];
            status = copy_splits(j, m, out, &model->trees[t], err);
            if (status == CM_OK) {
                status = scale_leaves(j, m, out, err);
            }
        }
    }
    return status;
}

static cm_status join_all(joiner *j, cm_error *err)
{
    const cm_model *a = j->models[0], *b = j->models[1];
    size_t n = a->n_features;
    j->features = model_alloc(&j->arena, n, sizeof *j->features, err);
    j->position[0] = model_alloc(&j->arena, n, sizeof *j->position[0], err);
    j->position[1] = model_alloc(&j->arena, n, sizeof *j->position[1], err);
    j->trees =
        model_alloc(&j->arena, a->n_trees + b->n_trees, sizeof *j->trees, err);
    if (j->features == NULL || j->position[0] == NULL ||
        j->position[1] == NULL || j->trees == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = CM_OK;
    for (size_t f = 0; f < n && status == CM_OK; f++) {
        status = join_feature(j, f, err);
    }
    return status == CM_OK ? join_trees(j, err) : status;
}

cm_status cm_model_join(cm_model **out, const cm_model *a, const cm_model *b,
                        const char *params_json, cm_error *err)
{
    joiner j = {.models = {a, b}};
    cm_status status = check_models(a, b, err);
    if (status == CM_OK) {
        status = join_all(&j, err);
    }
    if (status == CM_OK) {
        cm_model_parts parts = {
            .n_features = a->n_features,
            .features = j.features,
            .n_cat_features = a->n_cat_features,
            .n_one_hots = a->n_one_hots,
            .n_ctr_tables = a->n_ctr_tables,
            .n_ctrs = a->n_ctrs,
            .cat_features = a->cat_features,
            .one_hots = a->one_hots,
            .ctr_tables = a->ctr_tables,
            .ctrs = a->ctrs,
            .n_trees = a->n_trees + b->n_trees,
            .trees = j.trees,
            .bias = a->bias + b->bias,
            .class_names = {a->class_names[0], a->class_names[1]},
            .class_names_are_integers = a->class_names_are_integers,
            .params_json = params_json != NULL ? params_json : b->params_json};
        status = cm_model_build(out, &parts, err);
    }
    cm_arena_release(&j.arena);
    return status;
}
