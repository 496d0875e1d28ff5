/* Writes features_info and ctr_data of CatBoost's JSON model.  A failed
 * allocation shows in the writer's buffer. */
#include "model/catboost_json_put.h"

#include "base/num.h"
#include "model/catboost_json.h"

static const char *treatment_name(cm_nan_treatment treatment)
{
    static const char *const names[] = {
        [CM_NAN_AS_IS] = "AsIs",
        [CM_NAN_AS_FALSE] = "AsFalse",
        [CM_NAN_AS_TRUE] = "AsTrue",
    };
    return names[treatment];
}

static void put_borders(cm_json_writer *w, const float *borders, uint32_t n)
{
    cm_json_begin_array(w, "borders");
    for (uint32_t b = 0; b < n; b++) {
        cm_json_put_double(w, NULL, (double)borders[b]);
    }
    cm_json_end_array(w);
}

static void put_float_feature(cm_json_writer *w,
                              const cm_float_feature *feature, size_t index)
{
    cm_json_begin_object(w, NULL);
    put_borders(w, feature->borders, feature->n_borders);
    cm_json_put_text(w, "feature_id", feature->name);
    cm_json_put_u64(w, "feature_index", index);
    cm_json_put_u64(w, "flat_feature_index", feature->flat_index);
    cm_json_put_bool(w, "has_nans", feature->has_nans);
    cm_json_put_text(w, "nan_value_treatment",
                     treatment_name(feature->nan_treatment));
    cm_json_end_object(w);
}

/* With its one-hot values, which may be none: one_hot is then NULL. */
static void put_cat_feature(cm_json_writer *w, const cm_cat_feature *feature,
                            const cm_one_hot_feature *one_hot, size_t index)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "feature_id", feature->name);
    cm_json_put_u64(w, "feature_index", index);
    cm_json_put_u64(w, "flat_feature_index", feature->flat_index);
    if (one_hot != NULL) {
        cm_json_begin_array(w, "values");
        for (uint32_t v = 0; v < one_hot->n_values; v++) {
            cm_json_put_i64(w, NULL, (int32_t)one_hot->values[v]);
        }
        cm_json_end_array(w);
    }
    cm_json_end_object(w);
}

static void put_cat_features(cm_json_writer *w, const cm_model *model)
{
    const cm_one_hot_feature *next = model->one_hots;
    const cm_one_hot_feature *end = next + model->n_one_hots;
    cm_json_begin_array(w, "categorical_features");
    for (size_t c = 0; c < model->n_cat_features; c++) {
        bool has = next < end && next->cat_feature == c;
        put_cat_feature(w, &model->cat_features[c], has ? next : NULL, c);
        next += has;
    }
    cm_json_end_array(w);
}

/* ---- CTRs ------------------------------------------------------------ */

static void put_projection(cm_json_writer *w, const char *key,
                           const cm_projection *p)
{
    cm_json_begin_array(w, key);
    for (uint32_t i = 0; i < p->n_cats; i++) {
        cm_json_begin_object(w, NULL);
        cm_json_put_u64(w, "cat_feature_index", p->cats[i]);
        cm_json_put_text(w, "combination_element", "cat_feature_value");
        cm_json_end_object(w);
    }
    for (uint32_t i = 0; i < p->n_float_splits; i++) {
        cm_float_split split = p->float_splits[i];
        cm_json_begin_object(w, NULL);
        cm_json_put_double(w, "border", (double)split.border);
        cm_json_put_text(w, "combination_element", "float_feature");
        cm_json_put_u64(w, "float_feature_index", split.float_feature);
        cm_json_end_object(w);
    }
    for (uint32_t i = 0; i < p->n_one_hot_splits; i++) {
        cm_one_hot_split split = p->one_hot_splits[i];
        cm_json_begin_object(w, NULL);
        cm_json_put_u64(w, "cat_feature_index", split.cat_feature);
        cm_json_put_text(w, "combination_element", "cat_feature_exact_value");
        cm_json_put_i64(w, "value", (int32_t)split.value);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

/* What names a table in ctr_data: JSON within a JSON string. */
static void format_identifier(cm_buf *out, const cm_ctr_table *table)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    cm_buf_clear(out);
    cm_json_begin_object(&w, NULL);
    put_projection(&w, "identifier", &table->projection);
    cm_json_put_text(&w, "type", catboost_ctr_type(table->type));
    cm_json_end_object(&w);
}

static void put_ctr(cm_json_writer *w, const cm_ctr_feature *ctr,
                    const cm_ctr_table *table, cm_buf *identifier)
{
    format_identifier(identifier, table);
    cm_json_begin_object(w, NULL);
    put_borders(w, ctr->borders, ctr->n_borders);
    cm_json_put_text(w, "ctr_type", catboost_ctr_type(table->type));
    put_projection(w, "elements", &table->projection);
    cm_json_put_text(w, "identifier", identifier->failed ? "" : identifier->p);
    cm_json_put_double(w, "prior_denomerator", (double)ctr->prior_denom);
    cm_json_put_double(w, "prior_numerator", (double)ctr->prior_num);
    cm_json_put_double(w, "scale", (double)ctr->scale);
    cm_json_put_double(w, "shift", (double)ctr->shift);
    cm_json_put_u64(w, "target_border_idx", ctr->target_border);
    cm_json_end_object(w);
    w->buf->failed = w->buf->failed || identifier->failed;
}

void catboost_json_put_features(cm_json_writer *w, const cm_model *model)
{
    cm_buf identifier = {0};
    cm_json_begin_object(w, "features_info");
    if (model->n_cat_features > 0) {
        put_cat_features(w, model);
    }
    if (model->n_ctrs > 0) {
        cm_json_begin_array(w, "ctrs");
        for (size_t c = 0; c < model->n_ctrs; c++) {
            const cm_ctr_feature *ctr = &model->ctrs[c];
            put_ctr(w, ctr, &model->ctr_tables[ctr->table], &identifier);
        }
        cm_json_end_array(w);
    }
    cm_json_begin_array(w, "float_features");
    for (size_t f = 0; f < model->n_features; f++) {
        put_float_feature(w, &model->features[f], f);
    }
    cm_json_end_array(w);
    cm_json_end_object(w);
    cm_buf_release(&identifier);
}

/* Keys are strings: CatBoost reads only those as unsigned. */
static void put_rows(cm_json_writer *w, const cm_ctr_table *table)
{
    char text[CM_NUM_TEXT];
    uint32_t n_counts = model_ctr_width(table);
    for (size_t k = 0; k < table->n_keys; k++) {
        size_t n = cm_format_u64(text, table->keys[k]);
        cm_json_put_str(w, NULL, (cm_str){text, n});
        if (table->sums != NULL) {
            cm_json_put_double(w, NULL, (double)table->sums[k]);
        }
        for (uint32_t c = 0; c < n_counts; c++) {
            cm_json_put_i64(w, NULL, table->counts[k * n_counts + c]);
        }
    }
}

void catboost_json_put_tables(cm_json_writer *w, const cm_model *model)
{
    cm_buf identifier = {0};
    if (model->n_ctr_tables == 0) {
        return;
    }
    cm_json_begin_object(w, "ctr_data");
    for (size_t t = 0; t < model->n_ctr_tables; t++) {
        const cm_ctr_table *table = &model->ctr_tables[t];
        uint32_t stride = model_ctr_width(table) + (table->sums ? 2 : 1);
        format_identifier(&identifier, table);
        cm_json_begin_object(w, identifier.failed ? "" : identifier.p);
        cm_json_put_i64(w, "counter_denominator", table->denominator);
        cm_json_begin_array(w, "hash_map");
        put_rows(w, table);
        cm_json_end_array(w);
        cm_json_put_u64(w, "hash_stride", stride);
        cm_json_end_object(w);
    }
    cm_json_end_object(w);
    w->buf->failed = w->buf->failed || identifier.failed;
    cm_buf_release(&identifier);
}
