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
#include "model/catboost_info.h"
#include "model/catboost_json_put.h"
#include "model/catboost_number.h"
#include "model/projection.h"
#include "model/split_index.h"

static void put_info(cm_json_writer *w, const catboost_info *info)
{
    cm_json_begin_object(w, "model_info");
    for (size_t i = 0; i < info->n; i++) {
        bool json = cm_str_ends_with(cm_str_of(info->keys[i]), "params");
        json ? cm_json_put_raw(w, info->keys[i], info->values[i])
             : cm_json_put_str(w, info->keys[i], info->values[i]);
    }
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

/* first[f]: the split index of the first border of feature f, of any kind.
 * Only split_index counts; the rest is for readers. */
static void put_split(cm_json_writer *w, const cm_model *model,
                      cm_split_condition split, const uint64_t *first)
{
    size_t f = split.feature;
    uint64_t index = first[f] + split.border;
    cm_json_begin_object(w, NULL);
    if (f < model->n_features) {
        double border = (double)model->features[f].borders[split.border];
        cm_json_put_double(w, "border", border);
        cm_json_put_u64(w, "float_feature_index", f);
        cm_json_put_u64(w, "split_index", index);
        cm_json_put_text(w, "split_type", "FloatFeature");
    } else if (f < model->n_features + model->n_one_hots) {
        const cm_one_hot_feature *o = &model->one_hots[f - model->n_features];
        cm_json_put_u64(w, "cat_feature_index", o->cat_feature);
        cm_json_put_u64(w, "split_index", index);
        cm_json_put_text(w, "split_type", "OneHotFeature");
        cm_json_put_i64(w, "value", (int32_t)o->values[split.border]);
    } else {
        const cm_ctr_feature *c =
            &model->ctrs[f - model->n_features - model->n_one_hots];
        cm_json_put_double(w, "border", (double)c->borders[split.border]);
        cm_json_put_u64(w, "ctr_target_border_idx", c->target_border);
        cm_json_put_u64(w, "split_index", index);
        cm_json_put_text(w, "split_type", "OnlineCtr");
    }
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

static uint64_t *first_indexes(const cm_model *model, cm_error *err)
{
    const cm_model_parts parts = model_parts_of(model);
    uint64_t *first =
        cm_alloc(split_index_features(&parts) + 1, sizeof *first, err);
    if (first != NULL) {
        split_index_fill(first, &parts);
    }
    return first;
}

/* The tables are sorted. */
static cm_status check_tables(const cm_model *model, cm_error *err)
{
    for (size_t t = 1; t < model->n_ctr_tables; t++) {
        if (ctr_table_same_but_cut(&model->ctr_tables[t - 1],
                                   &model->ctr_tables[t])) {
            return cm_fail(err, CM_ERR_UNSUPPORTED,
                           "CTR tables %zu and %zu of the model differ by the "
                           "cut of the target only, which CatBoost's JSON does "
                           "not have; write the model as .cbm",
                           t - 1, t);
        }
    }
    return CM_OK;
}

cm_status cm_model_format_json(const cm_model *model, cm_buf *out,
                               cm_error *err)
{
    if (check_tables(model, err) != CM_OK) {
        return CM_ERR_UNSUPPORTED;
    }
    cm_json_writer w = cm_json_writer_of(out, 0);
    uint64_t *first = first_indexes(model, err);
    if (first == NULL) {
        return CM_ERR_NOMEM;
    }
    catboost_info info;
    catboost_info_init(&info, model);
    cm_json_begin_object(&w, NULL);
    catboost_json_put_tables(&w, model);
    catboost_json_put_features(&w, model);
    put_info(&w, &info);
    put_trees(&w, model, first);
    put_scale_and_bias(&w, model);
    cm_json_end_object(&w);
    cm_buf_addc(out, '\n');
    out->failed = out->failed || info.class_params.failed;
    catboost_info_release(&info);
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
