/* Reads CatBoost's JSON model: ours, and those CatBoost trained on float
 * features with symmetric trees.  Like CatBoost's own loader it goes by
 * split_index, but it believes no number in the file.
 *
 * Read values live in a reader's arena; model_construct checks them as a whole
 * and copies them into the model. */
#include "model/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "codec/json.h"
#include "model/json_text.h"
#include "model/model_body.h"

enum { MAX_FILE_BYTES = 1 << 30, PLACE_TEXT = 512, GUID_TEXT = 35 };

/* first[f] is the split index of feature f's first border, first[n_features]
 * the number of all borders. */
typedef struct reader {
    const char *file;
    cm_arena arena;
    uint64_t *first;
    char place[PLACE_TEXT]; /* "file: oblivious_trees[3]", for messages */
    char guid[GUID_TEXT + 1];
    model_source source;
} reader;

/* Says where the following look-ups are; returns it. */
static const char *set_place(reader *r, const char *fmt, ...) CM_PRINTF(2, 3);
static const char *set_place(reader *r, const char *fmt, ...)
{
    int n = snprintf(r->place, PLACE_TEXT, "%.300s: ", r->file);
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(r->place + n, PLACE_TEXT - (size_t)n, fmt, args);
    va_end(args);
    return r->place;
}

static cm_status unsupported(const reader *r, const char *what, cm_error *err)
{
    return cm_fail(err, CM_ERR_UNSUPPORTED,
                   "%s: the model has %s; this version takes binary "
                   "classifiers on float features with symmetric trees",
                   r->file, what);
}

/* ---- features -------------------------------------------------------- */

/* Missing and null are an empty array, as CatBoost writes one. */
static const json_t *optional_array(const json_t *parent, const char *key)
{
    const json_t *value = json_object_get(parent, key);
    return json_is_array(value) ? value : NULL;
}

static cm_status read_borders(reader *r, cm_float_feature *feature,
                              const json_t *value, cm_error *err)
{
    const json_t *array = optional_array(value, "borders");
    size_t n = json_array_size(array);
    float *borders = model_alloc(&r->arena, n, sizeof *borders, err);
    if (borders == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t b = 0; b < n; b++) {
        const json_t *border = json_array_get(array, b);
        if (!json_is_number(border)) {
            return cm_fail(err, CM_ERR_DATA, "%s.borders[%zu] is no number",
                           r->place, b);
        }
        borders[b] = (float)json_number_value(border);
    }
    feature->borders = borders;
    feature->n_borders = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    return CM_OK;
}

static cm_status read_treatment(reader *r, cm_float_feature *feature,
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

/* Both indexes must be the place in the list: columns that are no features
 * would shift what apply is given. */
static cm_status check_index(const reader *r, const json_t *value,
                             const char *key, size_t index, cm_error *err)
{
    int64_t found = 0;
    cm_status status = cm_json_integer(&found, value, key, r->place, err);
    if (status == CM_OK && (found < 0 || (size_t)found != index)) {
        status = cm_fail(err, CM_ERR_UNSUPPORTED,
                         "%s.%s is %lld; this version takes models whose "
                         "columns are all float features, in order (%zu here)",
                         r->place, key, (long long)found, index);
    }
    return status;
}

static cm_status read_feature(reader *r, cm_float_feature *feature,
                              const json_t *value, size_t index, cm_error *err)
{
    const char *file = set_place(r, "float_features[%zu]", index);
    const char *name_key =
        json_object_get(value, "feature_id") ? "feature_id" : "feature_name";
    cm_status status =
        cm_json_string(&feature->name, value, name_key, file, err);
    if (status == CM_OK) {
        status = check_index(r, value, "feature_index", index, err);
    }
    if (status == CM_OK) {
        status = check_index(r, value, "flat_feature_index", index, err);
    }
    if (status == CM_OK) {
        status = read_treatment(r, feature, value, err);
    }
    if (status == CM_OK) {
        status = read_borders(r, feature, value, err);
    }
    feature->flat_index = (uint32_t)index;
    feature->has_nans = json_is_true(json_object_get(value, "has_nans"));
    return status;
}

/* CatBoost's other kinds of features. */
static cm_status check_kinds(const reader *r, const json_t *info, cm_error *err)
{
    static const char *const kinds[][2] = {
        {"categorical_features", "categorical features"},
        {"text_features", "text features"},
        {"embedding_features", "embedding features"},
        {"ctrs", "CTR features"},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (json_array_size(optional_array(info, kinds[k][0])) > 0) {
            return unsupported(r, kinds[k][1], err);
        }
    }
    return CM_OK;
}

static cm_status read_features(reader *r, const json_t *root, cm_error *err)
{
    const json_t *info = NULL;
    cm_status status =
        cm_json_object(&info, root, "features_info", r->file, err);
    if (status == CM_OK) {
        status = check_kinds(r, info, err);
    }
    if (status != CM_OK) {
        return status;
    }
    const json_t *array = optional_array(info, "float_features");
    size_t n = json_array_size(array);
    cm_float_feature *features =
        model_alloc(&r->arena, n, sizeof *features, err);
    r->first = model_alloc(&r->arena, n + 1, sizeof *r->first, err);
    if (features == NULL || r->first == NULL) {
        return CM_ERR_NOMEM;
    }
    r->first[0] = 0;
    for (size_t f = 0; f < n && status == CM_OK; f++) {
        status =
            read_feature(r, &features[f], json_array_get(array, f), f, err);
        r->first[f + 1] = r->first[f] + features[f].n_borders;
    }
    r->source.parts.features = features;
    r->source.parts.n_features = n;
    return status;
}

/* ---- trees ----------------------------------------------------------- */

/* The feature whose borders hold this split index, which is below the total. */
static uint32_t feature_of_split(const reader *r, uint64_t index)
{
    size_t low = 0, high = r->source.parts.n_features;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (r->first[middle] <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (uint32_t)low;
}

static cm_status read_split(const reader *r, cm_split_condition *split,
                            const json_t *value, size_t index, cm_error *err)
{
    uint64_t total = r->first[r->source.parts.n_features];
    const json_t *type = json_object_get(value, "split_type");
    int64_t found = 0;
    if (type != NULL &&
        (!json_is_string(type) ||
         strcmp(json_string_value(type), "FloatFeature") != 0)) {
        return unsupported(r, "splits of another type than FloatFeature", err);
    }
    cm_status status =
        cm_json_integer(&found, value, "split_index", r->place, err);
    if (status != CM_OK) {
        return status;
    }
    if (found < 0 || (uint64_t)found >= total) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s.splits[%zu].split_index is %lld, but the features "
                       "have %llu borders in all",
                       r->place, index, (long long)found,
                       (unsigned long long)total);
    }
    split->feature = feature_of_split(r, (uint64_t)found);
    split->border = (uint32_t)((uint64_t)found - r->first[split->feature]);
    return CM_OK;
}

static cm_status read_leaves(reader *r, const double **out, const json_t *array,
                             const char *key, size_t n, cm_error *err)
{
    if (json_array_size(array) != n) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s.%s has %zu numbers; its splits ask for %zu",
                       r->place, key, json_array_size(array), n);
    }
    double *values = model_alloc(&r->arena, n, sizeof *values, err);
    if (values == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_number(value)) {
            return cm_fail(err, CM_ERR_DATA, "%s.%s[%zu] is no number",
                           r->place, key, i);
        }
        values[i] = json_number_value(value);
    }
    *out = values;
    return CM_OK;
}

static cm_status read_tree(reader *r, cm_tree *tree, const json_t *value,
                           size_t index, cm_error *err)
{
    const json_t *splits = optional_array(value, "splits");
    const json_t *leaves = NULL;
    const json_t *weights = optional_array(value, "leaf_weights");
    const char *file = set_place(r, "oblivious_trees[%zu]", index);
    size_t depth = json_array_size(splits);
    cm_status status = cm_json_array(&leaves, value, "leaf_values", file, err);
    if (status != CM_OK) {
        return status;
    }
    if (depth > CM_MAX_DEPTH) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s has %zu splits; this version takes at most %d",
                       r->place, depth, (int)CM_MAX_DEPTH);
    }
    cm_split_condition *conditions =
        model_alloc(&r->arena, depth, sizeof *conditions, err);
    status = conditions == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t d = 0; d < depth && status == CM_OK; d++) {
        status =
            read_split(r, &conditions[d], json_array_get(splits, d), d, err);
    }
    *tree = (cm_tree){.depth = (uint32_t)depth, .splits = conditions};
    size_t n_leaves = (size_t)1 << depth;
    if (status == CM_OK) {
        status = read_leaves(r, &tree->leaf_values, leaves, "leaf_values",
                             n_leaves, err);
    }
    if (status == CM_OK && weights != NULL) {
        status = read_leaves(r, &tree->leaf_weights, weights, "leaf_weights",
                             n_leaves, err);
    }
    return status;
}

static cm_status read_trees(reader *r, const json_t *root, cm_error *err)
{
    const json_t *array = NULL;
    if (json_object_get(root, "trees") != NULL) {
        return unsupported(r, "trees that are not symmetric", err);
    }
    cm_status status =
        cm_json_array(&array, root, "oblivious_trees", r->file, err);
    if (status != CM_OK) {
        return status;
    }
    size_t n = json_array_size(array);
    cm_tree *trees = model_alloc(&r->arena, n, sizeof *trees, err);
    if (trees == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t t = 0; t < n && status == CM_OK; t++) {
        status = read_tree(r, &trees[t], json_array_get(array, t), t, err);
    }
    r->source.parts.trees = trees;
    r->source.parts.n_trees = n;
    return status;
}

/* [scale, [bias]], or [scale, bias] as old versions wrote it. */
static cm_status read_scale_and_bias(reader *r, const json_t *root,
                                     cm_error *err)
{
    const json_t *array = json_object_get(root, "scale_and_bias");
    const json_t *bias = json_array_get(array, 1);
    r->source.scale = 1;
    if (array == NULL) {
        return CM_OK;
    }
    if (json_array_size(bias) > 1) {
        return unsupported(r, "several outputs (multi-class)", err);
    }
    if (json_is_array(bias)) {
        bias = json_array_get(bias, 0);
    }
    if (!json_is_number(json_array_get(array, 0)) || !json_is_number(bias)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: scale_and_bias: expected [scale, [bias]], two "
                       "numbers",
                       r->file);
    }
    r->source.scale = json_number_value(json_array_get(array, 0));
    r->source.parts.bias = json_number_value(bias);
    return CM_OK;
}

/* ---- model_info ------------------------------------------------------ */

static cm_status read_class_name(reader *r, int i, const json_t *name,
                                 cm_error *err)
{
    char number[32];
    const char *text = json_string_value(name);
    if (json_is_integer(name)) {
        (void)snprintf(number, sizeof number, "%lld",
                       (long long)json_integer_value(name));
        text = number;
    }
    if (text == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: class_names[%d]: expected an integer or a string",
                       r->file, i);
    }
    r->source.parts.class_names[i] =
        cm_arena_strdup(&r->arena, text, strlen(text), err);
    r->source.parts.class_names_are_integers = json_is_integer(name);
    return r->source.parts.class_names[i] == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status read_class_names(reader *r, const json_t *info, cm_error *err)
{
    const json_t *params = json_object_get(info, "class_params");
    const json_t *names = optional_array(params, "class_names");
    r->source.parts.class_names_are_integers = true;
    r->source.parts.class_names[0] = "0";
    r->source.parts.class_names[1] = "1";
    if (names == NULL) {
        return CM_OK;
    }
    if (json_array_size(names) != 2 ||
        json_typeof(json_array_get(names, 0)) !=
            json_typeof(json_array_get(names, 1))) {
        return unsupported(r, "other than two classes of one kind", err);
    }
    cm_status status = read_class_name(r, 0, json_array_get(names, 0), err);
    return status == CM_OK
               ? read_class_name(r, 1, json_array_get(names, 1), err)
               : status;
}

static cm_status check_loss(const reader *r, const json_t *info, cm_error *err)
{
    const json_t *params = json_object_get(info, "params");
    const json_t *loss = json_object_get(params, "loss_function");
    const char *type = json_string_value(json_object_get(loss, "type"));
    if (type != NULL && strcmp(type, "Logloss") != 0 &&
        strcmp(type, "CrossEntropy") != 0) {
        return unsupported(r, "a loss function other than Logloss", err);
    }
    return CM_OK;
}

static cm_status read_info(reader *r, const json_t *root, cm_str text,
                           cm_error *err)
{
    static const char *const path[] = {"model_info", "params"};
    const json_t *info = json_object_get(root, "model_info");
    const char *guid = json_string_value(json_object_get(info, "model_guid"));
    cm_status status = check_loss(r, info, err);
    if (status == CM_OK) {
        status = read_class_names(r, info, err);
    }
    if (guid != NULL && strlen(guid) == GUID_TEXT) {
        memcpy(r->guid, guid, GUID_TEXT + 1);
        r->source.guid = r->guid;
    }
    if (status == CM_OK && json_is_object(json_object_get(info, "params"))) {
        cm_str params = json_text_find(text, path, 2);
        r->source.parts.params_json =
            params.n == 0 ? NULL
                          : cm_arena_strdup(&r->arena, params.p, params.n, err);
    }
    return status;
}

/* ---- the whole ------------------------------------------------------- */

static cm_status read_root(reader *r, const json_t *root, cm_str text,
                           cm_error *err)
{
    cm_status status = read_info(r, root, text, err);
    if (status == CM_OK) {
        status = read_features(r, root, err);
    }
    if (status == CM_OK) {
        status = read_trees(r, root, err);
    }
    if (status == CM_OK) {
        status = read_scale_and_bias(r, root, err);
    }
    return status;
}

cm_status cm_model_parse_json(cm_model **out, cm_str text, const char *file,
                              cm_error *err)
{
    json_t *root = NULL;
    reader r = {.file = file, .source = {.keep_unused_borders = true}};
    *out = NULL;
    cm_status status = json_text_parse(&root, text, file, err);
    if (status == CM_OK && !json_is_object(root)) {
        status =
            cm_fail(err, CM_ERR_DATA,
                    "%s: expected a CatBoost model, which is an object", file);
    }
    if (status == CM_OK) {
        status = read_root(&r, root, text, err);
    }
    if (status == CM_OK) {
        status = model_construct(out, &r.source, err);
        if (status != CM_OK) {
            cm_error_prefix(err, "%s", file);
        }
    }
    json_decref(root);
    cm_arena_release(&r.arena);
    return status;
}

cm_status cm_model_load_json(cm_model **out, const char *path, cm_error *err)
{
    cm_buf text = {0};
    *out = NULL;
    cm_status status = cm_read_file(&text, path, MAX_FILE_BYTES, err);
    if (status == CM_OK) {
        status = cm_model_parse_json(out, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    return status;
}
