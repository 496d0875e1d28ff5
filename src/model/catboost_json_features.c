/* Reads features_info of CatBoost's JSON model: float features, categories
 * with their one-hot values, and CTR features. */
#include <stdlib.h>
#include <string.h>

#include "model/catboost_info.h"
#include "model/catboost_json.h"
#include "model/projection.h"

enum { MAX_COLUMNS = 1 << 30 };

static cm_status read_treatment(const json_reader *r, cm_float_feature *feature,
                                const json_t *value, cm_error *err)
{
    const char *name = "";
    cm_status status =
        cm_json_string(&name, value, "nan_value_treatment", r->place, err);
    if (status != CM_OK) {
        return status;
    }
    if (strcmp(name, "AsIs") == 0) {
        feature->nan_treatment = CM_NAN_AS_IS;
    } else if (strcmp(name, "AsFalse") == 0) {
        feature->nan_treatment = CM_NAN_AS_FALSE;
    } else if (strcmp(name, "AsTrue") == 0) {
        feature->nan_treatment = CM_NAN_AS_TRUE;
    } else {
        return cm_fail(err, CM_ERR_DATA,
                       "%s.nan_value_treatment is \"%.40s\", expected AsIs, "
                       "AsFalse or AsTrue",
                       r->place, name);
    }
    return CM_OK;
}

/* What float features and categories have in common.  Conditions name features
 * by their place in the list, so the file's own number must be that. */
static cm_status read_input(const char **name, uint32_t *flat_index,
                            const json_reader *r, const json_t *value,
                            size_t index, cm_error *err)
{
    const char *name_key =
        json_object_get(value, "feature_id") ? "feature_id" : "feature_name";
    int64_t found = 0;
    cm_status status = cm_json_string(name, value, name_key, r->place, err);
    if (status == CM_OK) {
        status = cm_json_integer(&found, value, "feature_index", r->place, err);
    }
    if (status == CM_OK && (found < 0 || (size_t)found != index)) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s.feature_index is %lld; this version takes models "
                       "that list every feature, in order (%zu here)",
                       r->place, (long long)found, index);
    }
    return status == CM_OK
               ? json_read_index(flat_index, r, value, "flat_feature_index",
                                 MAX_COLUMNS, err)
               : status;
}

static cm_status read_float_feature(json_reader *r, cm_float_feature *feature,
                                    const json_t *value, size_t index,
                                    cm_error *err)
{
    (void)json_reader_at(r, "float_features[%zu]", index);
    cm_status status =
        read_input(&feature->name, &feature->flat_index, r, value, index, err);
    if (status == CM_OK) {
        status = read_treatment(r, feature, value, err);
    }
    if (status == CM_OK) {
        status = json_read_borders(&feature->borders, &feature->n_borders, r,
                                   value, err);
    }
    feature->has_nans = json_is_true(json_object_get(value, "has_nans"));
    return status;
}

static cm_status read_float_features(json_reader *r, const json_t *info,
                                     cm_error *err)
{
    const json_t *array = json_optional_array(info, "float_features");
    size_t n = json_array_size(array);
    cm_float_feature *features = json_take(r, n, sizeof *features, err);
    cm_status status = features == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t f = 0; f < n && status == CM_OK; f++) {
        status = read_float_feature(r, &features[f], json_array_get(array, f),
                                    f, err);
    }
    r->source.parts.features = features;
    r->source.parts.n_features = n;
    return status;
}

static cm_status read_values(json_reader *r, cm_one_hot_feature *one_hot,
                             const json_t *array, cm_error *err)
{
    size_t n = json_array_size(array);
    uint32_t *values = json_take(r, n, sizeof *values, err);
    if (values == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t v = 0; v < n; v++) {
        const json_t *value = json_array_get(array, v);
        json_int_t hash = json_integer_value(value);
        if (!json_is_integer(value) || hash < INT32_MIN || hash > UINT32_MAX) {
            return cm_fail(err, CM_ERR_DATA,
                           "%s.values[%zu] is no hash, an integer of 32 bits",
                           r->place, v);
        }
        values[v] = (uint32_t)hash;
    }
    one_hot->values = values;
    one_hot->n_values = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    return CM_OK;
}

static cm_status read_cat_features(json_reader *r, const json_t *info,
                                   cm_error *err)
{
    cm_model_parts *parts = &r->source.parts;
    const json_t *array = json_optional_array(info, "categorical_features");
    size_t n = json_array_size(array);
    cm_cat_feature *cats = json_take(r, n, sizeof *cats, err);
    cm_one_hot_feature *one_hots = json_take(r, n, sizeof *one_hots, err);
    cm_status status = cats && one_hots ? CM_OK : CM_ERR_NOMEM;
    for (size_t c = 0; c < n && status == CM_OK; c++) {
        const json_t *value = json_array_get(array, c);
        const json_t *values = json_optional_array(value, "values");
        (void)json_reader_at(r, "categorical_features[%zu]", c);
        status =
            read_input(&cats[c].name, &cats[c].flat_index, r, value, c, err);
        if (status == CM_OK && values != NULL) {
            cm_one_hot_feature *one_hot = &one_hots[parts->n_one_hots++];
            one_hot->cat_feature = (uint32_t)c;
            status = read_values(r, one_hot, values, err);
        }
    }
    parts->cat_features = cats;
    parts->n_cat_features = n;
    parts->one_hots = one_hots;
    return status;
}

/* ---- CTRs ------------------------------------------------------------ */

static int compare_tables(const void *a, const void *b)
{
    return ctr_table_compare(a, b);
}

/* The tables are sorted. */
static cm_status find_table(const json_reader *r, cm_ctr_feature *ctr,
                            const cm_ctr_table *wanted, cm_error *err)
{
    size_t n = r->source.parts.n_ctr_tables;
    const cm_ctr_table *table =
        n == 0
            ? NULL
            : bsearch(wanted, r->tables, n, sizeof *r->tables, compare_tables);
    if (table == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: ctr_data has no %s table for its elements",
                       r->place, catboost_ctr_type(wanted->type));
    }
    ctr->table = (uint32_t)(table - r->tables);
    return CM_OK;
}

static cm_status read_ctr_numbers(const json_reader *r, cm_ctr_feature *ctr,
                                  const json_t *value, cm_error *err)
{
    const struct {
        float *to;
        const char *key;
    } numbers[] = {
        {&ctr->prior_num, "prior_numerator"},
        {&ctr->prior_denom, "prior_denomerator"}, /* the format's spelling */
        {&ctr->shift, "shift"},
        {&ctr->scale, "scale"},
    };
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (status == CM_OK) {
            status =
                json_read_float(numbers[i].to, r, value, numbers[i].key, err);
        }
    }
    return status == CM_OK
               ? json_read_index(&ctr->target_border, r, value,
                                 "target_border_idx", INT32_MAX, err)
               : status;
}

static cm_status read_ctr(json_reader *r, cm_ctr_feature *ctr,
                          const json_t *value, size_t index, cm_error *err)
{
    const json_t *elements = NULL;
    cm_ctr_table wanted = {0};
    const char *place = json_reader_at(r, "ctrs[%zu]", index);
    cm_status status = cm_json_array(&elements, value, "elements", place, err);
    if (status == CM_OK) {
        status = json_read_projection(&wanted.projection, r, elements, err);
    }
    if (status == CM_OK) {
        status = json_read_ctr_type(&wanted.type, r, value, "ctr_type", err);
    }
    if (status == CM_OK) {
        status = find_table(r, ctr, &wanted, err);
    }
    if (status == CM_OK) {
        status = read_ctr_numbers(r, ctr, value, err);
    }
    return status == CM_OK ? json_read_borders(&ctr->borders, &ctr->n_borders,
                                               r, value, err)
                           : status;
}

static cm_status read_ctrs(json_reader *r, const json_t *info, cm_error *err)
{
    cm_model_parts *parts = &r->source.parts;
    const json_t *array = json_optional_array(info, "ctrs");
    size_t n = json_array_size(array);
    cm_ctr_feature *ctrs = json_take(r, n, sizeof *ctrs, err);
    cm_status status = ctrs == NULL ? CM_ERR_NOMEM : CM_OK;
    if (parts->n_ctr_tables > 1) {
        qsort(r->tables, parts->n_ctr_tables, sizeof *r->tables,
              compare_tables);
    }
    for (size_t c = 0; c < n && status == CM_OK; c++) {
        status = read_ctr(r, &ctrs[c], json_array_get(array, c), c, err);
    }
    parts->ctrs = ctrs;
    parts->n_ctrs = n;
    return status;
}

/* ---- all ------------------------------------------------------------- */

/* CatBoost's other kinds of features. */
static cm_status check_kinds(const json_reader *r, const json_t *info,
                             cm_error *err)
{
    static const char *const kinds[][2] = {
        {"text_features", "text features"},
        {"embedding_features", "embedding features"},
        {"estimated_features", "features estimated from texts"},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (json_array_size(json_optional_array(info, kinds[k][0])) > 0) {
            return catboost_unsupported(r->file, kinds[k][1], err);
        }
    }
    return CM_OK;
}

cm_status json_read_features(json_reader *r, const json_t *root, cm_error *err)
{
    const json_t *info = NULL;
    cm_status status =
        cm_json_object(&info, root, "features_info", r->file, err);
    if (status == CM_OK) {
        status = check_kinds(r, info, err);
    }
    if (status == CM_OK) {
        status = read_float_features(r, info, err);
    }
    if (status == CM_OK) {
        status = read_cat_features(r, info, err);
    }
    return status == CM_OK ? read_ctrs(r, info, err) : status;
}
