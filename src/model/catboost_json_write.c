/* Writes CatBoost's JSON model.
 *
 * No time stamp is in it and keys are sorted, so equal models are equal files.
 * A float border is written as the double it equals: the text then reads back
 * the same whether a reader goes through double or not, and a reader's last
 * bit of a double does not matter to it. */
#include "model/model.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "codec/json.h"
#include "model/catboost_number.h"

static const char *treatment_name(cm_nan_treatment treatment)
{
    static const char *const names[] = {
        [CM_NAN_AS_IS] = "AsIs",
        [CM_NAN_AS_FALSE] = "AsFalse",
        [CM_NAN_AS_TRUE] = "AsTrue",
    };
    return names[treatment];
}

static void put_feature(cm_json_writer *w, const cm_float_feature *feature,
                        size_t index)
{
    cm_json_begin_object(w, NULL);
    cm_json_begin_array(w, "borders");
    for (uint32_t b = 0; b < feature->n_borders; b++) {
        cm_json_put_double(w, NULL, (double)feature->borders[b]);
    }
    cm_json_end_array(w);
    cm_json_put_text(w, "feature_id", feature->name);
    cm_json_put_u64(w, "feature_index", index);
    cm_json_put_u64(w, "flat_feature_index", index);
    cm_json_put_bool(w, "has_nans", feature->has_nans);
    cm_json_put_text(w, "nan_value_treatment",
                     treatment_name(feature->nan_treatment));
    cm_json_end_object(w);
}

static void put_features(cm_json_writer *w, const cm_model *model)
{
    cm_json_begin_object(w, "features_info");
    cm_json_begin_array(w, "float_features");
    for (size_t f = 0; f < model->n_features; f++) {
        put_feature(w, &model->features[f], f);
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
}

static void put_class_params(cm_json_writer *w, const cm_model *model)
{
    bool integers = model->class_names_are_integers;
    cm_json_begin_object(w, "class_params");
    cm_json_put_text(w, "class_label_type", integers ? "Integer" : "String");
    cm_json_begin_array(w, "class_names");
    for (int i = 0; i < 2; i++) {
        cm_str name = cm_str_of(model->class_names[i]);
        integers ? cm_json_put_raw(w, NULL, name)
                 : cm_json_put_str(w, NULL, name);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "class_to_label");
    cm_json_put_i64(w, NULL, 0);
    cm_json_put_i64(w, NULL, 1);
    cm_json_end_array(w);
    cm_json_put_i64(w, "classes_count", 0);
    cm_json_end_object(w);
}

static void put_info(cm_json_writer *w, const cm_model *model)
{
    cm_json_begin_object(w, "model_info");
    if (model->class_names[0] != NULL) {
        put_class_params(w, model);
    }
    cm_json_put_text(w, "loss_function", "Logloss");
    cm_json_put_text(w, "model_guid", model->guid);
    cm_json_put_text(w, "output_options", "{}");
    cm_json_put_raw(w, "params", cm_str_of(model->params_json));
    cm_json_end_object(w);
}

static void put_exact(cm_json_writer *w, double value)
{
    char text[CATBOOST_NUMBER_TEXT];
    size_t n = catboost_format_double(text, value);
    cm_json_put_raw(w, NULL, (cm_str){text, n});
}

static void put_doubles(cm_json_writer *w, const char *key,
                        const double *values, size_t n)
{
    cm_json_begin_array(w, key);
    for (size_t i = 0; i < n; i++) {
        put_exact(w, values[i]);
    }
    cm_json_end_array(w);
}

/* first[f]: the split index of the first border of feature f. */
static void put_split(cm_json_writer *w, const cm_model *model,
                      cm_split_condition split, const uint64_t *first)
{
    const float *borders = model->features[split.feature].borders;
    cm_json_begin_object(w, NULL);
    cm_json_put_double(w, "border", (double)borders[split.border]);
    cm_json_put_u64(w, "float_feature_index", split.feature);
    cm_json_put_u64(w, "split_index", first[split.feature] + split.border);
    cm_json_put_text(w, "split_type", "FloatFeature");
    cm_json_end_object(w);
}

static void put_trees(cm_json_writer *w, const cm_model *model,
                      const uint64_t *first)
{
    cm_json_begin_array(w, "oblivious_trees");
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        size_t n_leaves = (size_t)1 << tree->depth;
        cm_json_begin_object(w, NULL);
        put_doubles(w, "leaf_values", tree->leaf_values, n_leaves);
        put_doubles(w, "leaf_weights", tree->leaf_weights, n_leaves);
        cm_json_begin_array(w, "splits");
        for (uint32_t d = 0; d < tree->depth; d++) {
            put_split(w, model, tree->splits[d], first);
        }
        cm_json_end_array(w);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

static void put_scale_and_bias(cm_json_writer *w, const cm_model *model)
{
    cm_json_begin_array(w, "scale_and_bias");
    put_exact(w, model->scale);
    put_doubles(w, NULL, &model->bias, 1);
    cm_json_end_array(w);
}

cm_status cm_model_format_json(const cm_model *model, cm_buf *out,
                               cm_error *err)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    uint64_t *first = cm_alloc(model->n_features, sizeof *first, err);
    if (first == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t f = 0, n = 0; f < model->n_features; f++) {
        first[f] = n;
        n += model->features[f].n_borders;
    }
    cm_json_begin_object(&w, NULL);
    put_features(&w, model);
    put_info(&w, model);
    put_trees(&w, model, first);
    put_scale_and_bias(&w, model);
    cm_json_end_object(&w);
    cm_buf_addc(out, '\n');
    free(first);
    return cm_buf_check(out, err);
}

cm_status cm_model_save_json(const cm_model *model, const char *path,
                             cm_error *err)
{
    cm_buf text = {0};
    cm_status status = cm_model_format_json(model, &text, err);
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}
