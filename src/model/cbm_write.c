/* Writes CatBoost's binary model, .cbm.
 *
 * Tables follow the order of the model and the info map that of its keys, and
 * no time stamp is in it: equal models are equal files. */
#include "model/model.h"

#include "base/file.h"
#include "model/catboost_info.h"
#include "model/cbm_format.h"
#include "model/cbm_view.h"
#include "model/flatbuffer_write.h"

/* ---- features -------------------------------------------------------- */

static size_t put_float_feature(fb_writer *w, const cm_float_feature *feature,
                                size_t index)
{
    const fb_field fields[N_FLOAT_SLOTS] = {
        [FLOAT_HAS_NANS] = fb_byte(feature->has_nans),
        [FLOAT_INDEX] = fb_int((int32_t)index),
        [FLOAT_FLAT_INDEX] = fb_int((int32_t)feature->flat_index),
        [FLOAT_BORDERS] = fb_link(),
        [FLOAT_FEATURE_ID] = fb_link(),
        [FLOAT_NAN_TREATMENT] = fb_byte((uint8_t)feature->nan_treatment),
    };
    size_t table = fb_put_table(w, fields, N_FLOAT_SLOTS);
    fb_set_link(w, table, FLOAT_BORDERS,
                fb_put_vector(w, feature->borders, feature->n_borders,
                              sizeof *feature->borders, 4));
    fb_set_link(w, table, FLOAT_FEATURE_ID,
                fb_put_string(w, cm_str_of(feature->name)));
    return table;
}

static size_t put_float_features(fb_writer *w, const cm_model *model)
{
    size_t list = fb_put_links(w, model->n_features);
    for (size_t f = 0; f < model->n_features; f++) {
        fb_set_element(w, list, f,
                       put_float_feature(w, &model->features[f], f));
    }
    return list;
}

static size_t put_cat_features(fb_writer *w, const cbm_view *view)
{
    const cm_model *model = view->model;
    size_t list = fb_put_links(w, model->n_cat_features);
    for (size_t c = 0; c < model->n_cat_features; c++) {
        const cm_cat_feature *feature = &model->cat_features[c];
        const fb_field fields[N_CAT_SLOTS] = {
            [CAT_INDEX] = fb_int((int32_t)c),
            [CAT_FLAT_INDEX] = fb_int((int32_t)feature->flat_index),
            [CAT_FEATURE_ID] = fb_link(),
            [CAT_USED_IN_MODEL] = fb_byte(view->cat_is_used[c]),
        };
        size_t table = fb_put_table(w, fields, N_CAT_SLOTS);
        fb_set_element(w, list, c, table);
        fb_set_link(w, table, CAT_FEATURE_ID,
                    fb_put_string(w, cm_str_of(feature->name)));
    }
    return list;
}

static size_t put_one_hot_features(fb_writer *w, const cm_model *model)
{
    size_t list = fb_put_links(w, model->n_one_hots);
    for (size_t o = 0; o < model->n_one_hots; o++) {
        const cm_one_hot_feature *feature = &model->one_hots[o];
        const fb_field fields[N_ONE_HOT_SLOTS] = {
            [ONE_HOT_INDEX] = fb_int((int32_t)feature->cat_feature),
            [ONE_HOT_VALUES] = fb_link(),
        };
        size_t table = fb_put_table(w, fields, N_ONE_HOT_SLOTS);
        fb_set_element(w, list, o, table);
        fb_set_link(w, table, ONE_HOT_VALUES,
                    fb_put_vector(w, feature->values, feature->n_values,
                                  sizeof *feature->values, 4));
    }
    return list;
}

static size_t put_ctr(fb_writer *w, const cbm_view *view,
                      const cm_ctr_feature *feature)
{
    const fb_field fields[N_CTR_SLOTS] = {
        [CTR_BASE] = fb_link(),
        [CTR_TARGET_BORDER] = fb_int((int32_t)feature->target_border),
        [CTR_PRIOR_NUM] = fb_float(feature->prior_num),
        [CTR_PRIOR_DENOM] = fb_float(feature->prior_denom),
        [CTR_SHIFT] = fb_float(feature->shift),
        [CTR_SCALE] = fb_float(feature->scale),
    };
    size_t table = fb_put_table(w, fields, N_CTR_SLOTS);
    fb_set_link(w, table, CTR_BASE,
                cbm_put_ctr_base(w, &view->model->ctr_tables[feature->table]));
    return table;
}

static size_t put_ctr_features(fb_writer *w, const cbm_view *view)
{
    const cm_model *model = view->model;
    static const fb_field fields[N_CTR_FEATURE_SLOTS] = {
        [CTR_FEATURE_CTR] = {4, 0},
        [CTR_FEATURE_BORDERS] = {4, 0},
    };
    size_t list = fb_put_links(w, model->n_ctrs);
    for (size_t c = 0; c < model->n_ctrs; c++) {
        const cm_ctr_feature *feature = &model->ctrs[c];
        size_t table = fb_put_table(w, fields, N_CTR_FEATURE_SLOTS);
        fb_set_element(w, list, c, table);
        fb_set_link(w, table, CTR_FEATURE_CTR, put_ctr(w, view, feature));
        fb_set_link(w, table, CTR_FEATURE_BORDERS,
                    fb_put_vector(w, feature->borders, feature->n_borders,
                                  sizeof *feature->borders, 4));
    }
    return list;
}

/* ---- trees ----------------------------------------------------------- */

/* The tables of the three vectors, all with one int a tree or split. */
static void put_tree_shapes(fb_writer *w, const cbm_view *view, size_t trees)
{
    const cm_model *model = view->model;
    size_t n_splits = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        n_splits += model->trees[t].depth;
    }
    fb_set_link(w, trees, TREES_SPLITS, fb_open_vector(w, n_splits, 4));
    for (size_t t = 0; t < model->n_trees; t++) {
        for (uint32_t d = 0; d < model->trees[t].depth; d++) {
            cm_split_condition c = model->trees[t].splits[d];
            int32_t index = (int32_t)(view->first[c.feature] + c.border);
            fb_add_elements(w, &index, 1, sizeof index);
        }
    }
    fb_set_link(w, trees, TREES_SIZES, fb_open_vector(w, model->n_trees, 4));
    for (size_t t = 0; t < model->n_trees; t++) {
        fb_add_elements(w, &model->trees[t].depth, 1, sizeof(int32_t));
    }
    fb_set_link(w, trees, TREES_START_OFFSETS,
                fb_open_vector(w, model->n_trees, 4));
    int32_t start = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        fb_add_elements(w, &start, 1, sizeof start);
        start += (int32_t)model->trees[t].depth;
    }
}

static void put_leaves(fb_writer *w, const cm_model *model, size_t trees)
{
    size_t n = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        n += (size_t)1 << model->trees[t].depth;
    }
    fb_set_link(w, trees, TREES_LEAF_VALUES, fb_open_vector(w, n, 8));
    for (size_t t = 0; t < model->n_trees; t++) {
        fb_add_elements(w, model->trees[t].leaf_values,
                        (size_t)1 << model->trees[t].depth, sizeof(double));
    }
    fb_set_link(w, trees, TREES_LEAF_WEIGHTS, fb_open_vector(w, n, 8));
    for (size_t t = 0; t < model->n_trees; t++) {
        fb_add_elements(w, model->trees[t].leaf_weights,
                        (size_t)1 << model->trees[t].depth, sizeof(double));
    }
}

static size_t put_trees(fb_writer *w, const cbm_view *view)
{
    const cm_model *model = view->model;
    const fb_field fields[N_TREES_SLOTS] = {
        [TREES_APPROX_DIMENSION] = fb_int(1),
        [TREES_SPLITS] = fb_link(),
        [TREES_SIZES] = fb_link(),
        [TREES_START_OFFSETS] = fb_link(),
        [TREES_CAT_FEATURES] = fb_link(),
        [TREES_FLOAT_FEATURES] = fb_link(),
        [TREES_ONE_HOT_FEATURES] = fb_link(),
        [TREES_CTR_FEATURES] = fb_link(),
        [TREES_LEAF_VALUES] = fb_link(),
        [TREES_LEAF_WEIGHTS] = fb_link(),
        [TREES_SCALE] = fb_double(model->scale),
        [TREES_MULTI_BIAS] = fb_link(),
    };
    size_t trees = fb_put_table(w, fields, N_TREES_SLOTS);
    put_tree_shapes(w, view, trees);
    fb_set_link(w, trees, TREES_CAT_FEATURES, put_cat_features(w, view));
    fb_set_link(w, trees, TREES_FLOAT_FEATURES, put_float_features(w, model));
    fb_set_link(w, trees, TREES_ONE_HOT_FEATURES,
                put_one_hot_features(w, model));
    fb_set_link(w, trees, TREES_CTR_FEATURES, put_ctr_features(w, view));
    put_leaves(w, model, trees);
    fb_set_link(w, trees, TREES_MULTI_BIAS,
                fb_put_vector(w, &model->bias, 1, sizeof model->bias, 8));
    return trees;
}

/* ---- info map -------------------------------------------------------- */

static size_t put_key_value(fb_writer *w, const char *key, cm_str value)
{
    static const fb_field fields[N_KEY_VALUE_SLOTS] = {
        [KEY_VALUE_KEY] = {4, 0},
        [KEY_VALUE_VALUE] = {4, 0},
    };
    size_t table = fb_put_table(w, fields, N_KEY_VALUE_SLOTS);
    fb_set_link(w, table, KEY_VALUE_KEY, fb_put_string(w, cm_str_of(key)));
    fb_set_link(w, table, KEY_VALUE_VALUE, fb_put_string(w, value));
    return table;
}

/* What the JSON has as model_info, every value as text. */
static size_t put_info_map(fb_writer *w, const catboost_info *info)
{
    size_t list = fb_put_links(w, info->n);
    for (size_t i = 0; i < info->n; i++) {
        fb_set_element(w, list, i,
                       put_key_value(w, info->keys[i], info->values[i]));
    }
    return list;
}

/* ---- the whole ------------------------------------------------------- */

static size_t put_core(fb_writer *w, const cbm_view *view,
                       const catboost_info *info)
{
    bool has_parts = view->model->n_ctr_tables > 0;
    const fb_field fields[N_CORE_SLOTS] = {
        [CORE_FORMAT_VERSION] = fb_link(),
        [CORE_MODEL_TREES] = fb_link(),
        [CORE_INFO_MAP] = fb_link(),
        [CORE_MODEL_PART_IDS] = has_parts ? fb_link() : (fb_field){0},
    };
    size_t core = fb_put_table(w, fields, N_CORE_SLOTS);
    fb_set_link(w, core, CORE_FORMAT_VERSION,
                fb_put_string(w, CM_STR(CBM_FORMAT_VERSION)));
    fb_set_link(w, core, CORE_MODEL_TREES, put_trees(w, view));
    fb_set_link(w, core, CORE_INFO_MAP, put_info_map(w, info));
    if (has_parts) {
        size_t ids = fb_put_links(w, 1);
        fb_set_link(w, core, CORE_MODEL_PART_IDS, ids);
        fb_set_element(w, ids, 0, fb_put_string(w, CM_STR(CBM_CTR_PART)));
    }
    return core;
}

static cm_status format_core(const cbm_view *view, cm_buf *out, cm_error *err)
{
    fb_writer w;
    catboost_info info;
    size_t size_at = cbm_open_part(out);
    fb_begin(&w, out);
    catboost_info_init(&info, view->model);
    size_t core = put_core(&w, view, &info);
    cm_status status = cm_buf_check(&info.class_params, err);
    catboost_info_release(&info);
    return status == CM_OK ? cbm_close_part(&w, core, size_at, err) : status;
}

cm_status cm_model_format_cbm(const cm_model *model, cm_buf *out, cm_error *err)
{
    cbm_view view;
    cm_status status = cbm_view_init(&view, model, err);
    if (status == CM_OK) {
        cm_buf_adds(out, CBM_MAGIC);
        status = format_core(&view, out, err);
    }
    if (status == CM_OK && model->n_ctr_tables > 0) {
        status = cbm_format_ctr_part(model, out, err);
    }
    cbm_view_release(&view);
    return status;
}

cm_status cm_model_save_cbm(const cm_model *model, const char *path,
                            cm_error *err)
{
    cm_buf bytes = {0};
    cm_status status = cm_model_format_cbm(model, &bytes, err);
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){bytes.p, bytes.n}, err);
    }
    cm_buf_release(&bytes);
    return status;
}
