/* Values of CatBoost's JSON model, each checked for its range. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/catboost_json.h"

const char *json_reader_at(json_reader *r, const char *fmt, ...)
{
    int n = snprintf(r->place, PLACE_TEXT, "%.300s: ", r->file);
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(r->place + n, PLACE_TEXT - (size_t)n, fmt, args);
    va_end(args);
    return r->place;
}

cm_status json_reader_fail(const json_reader *r, const char *key,
                           const char *message, cm_error *err)
{
    return cm_fail(err, CM_ERR_DATA, "%s.%s: %s", r->place, key, message);
}

cm_status json_charge(json_reader *r, size_t bytes, cm_error *err)
{
    if (bytes > r->budget) {
        r->over_budget = true;
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: the model would take more memory than %d times "
                       "the file and %d MiB, as its values are very short; "
                       "save it as .cbm",
                       r->file, (int)MEMORY_FACTOR,
                       (int)((MEMORY_BASE + MEMORY_TREE) / MIB));
    }
    r->budget -= bytes;
    return CM_OK;
}

void *json_take(json_reader *r, size_t count, size_t size, cm_error *err)
{
    enum { ROUNDING = 32 };
    size_t bytes;
    if (__builtin_mul_overflow(count, 2 * size, &bytes) ||
        bytes > SIZE_MAX - ROUNDING) {
        bytes = SIZE_MAX;
    } else {
        bytes += ROUNDING;
    }
    return json_charge(r, bytes, err) == CM_OK
               ? model_alloc(&r->arena, count, size, err)
               : NULL;
}

static cm_status read_integer(int64_t *out, const json_reader *r,
                              const json_t *value, const char *key, int64_t low,
                              int64_t high, cm_error *err)
{
    cm_status status = cm_json_integer(out, value, key, r->place, err);
    if (status == CM_OK && (*out < low || *out > high)) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s.%s is %lld, expected %lld to %lld", r->place, key,
                         (long long)*out, (long long)low, (long long)high);
    }
    return status;
}

cm_status json_read_index(uint32_t *out, const json_reader *r,
                          const json_t *value, const char *key, uint32_t limit,
                          cm_error *err)
{
    int64_t found = 0;
    cm_status status =
        read_integer(&found, r, value, key, 0, (int64_t)limit - 1, err);
    *out = (uint32_t)found;
    return status;
}

cm_status json_read_hash(uint32_t *out, const json_reader *r,
                         const json_t *value, const char *key, cm_error *err)
{
    int64_t found = 0;
    cm_status status =
        read_integer(&found, r, value, key, INT32_MIN, UINT32_MAX, err);
    *out = (uint32_t)found;
    return status;
}

cm_status json_read_float(float *out, const json_reader *r, const json_t *value,
                          const char *key, cm_error *err)
{
    double found = 0;
    cm_status status = cm_json_number(&found, value, key, r->place, err);
    *out = (float)found;
    return status;
}

cm_status json_read_borders(const float **out, uint32_t *n, json_reader *r,
                            const json_t *value, cm_error *err)
{
    const json_t *array = json_optional_array(value, "borders");
    size_t count = json_array_size(array);
    float *borders = json_take(r, count, sizeof *borders, err);
    if (borders == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t b = 0; b < count; b++) {
        const json_t *border = json_array_get(array, b);
        if (!json_is_number(border)) {
            return cm_fail(err, CM_ERR_DATA, "%s.borders[%zu] is no number",
                           r->place, b);
        }
        borders[b] = (float)json_number_value(border);
    }
    *out = borders;
    *n = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
    return CM_OK;
}

/* In the order of cm_ctr_type. */
static const char *const ctr_types[] = {
    "Borders",
    "Buckets",
    "BinarizedTargetMeanValue",
    "FloatTargetMeanValue",
    "Counter",
    "FeatureFreq",
};

const char *catboost_ctr_type(cm_ctr_type type)
{
    return ctr_types[type];
}

cm_status json_read_ctr_type(cm_ctr_type *out, const json_reader *r,
                             const json_t *value, const char *key,
                             cm_error *err)
{
    const char *name = "";
    cm_status status = cm_json_string(&name, value, key, r->place, err);
    for (size_t t = 0; t < sizeof ctr_types / sizeof *ctr_types; t++) {
        if (status == CM_OK && strcmp(name, ctr_types[t]) == 0) {
            *out = (cm_ctr_type)t;
            return CM_OK;
        }
    }
    return status != CM_OK
               ? status
               : cm_fail(err, CM_ERR_DATA,
                         "%s.%s is \"%.40s\", expected Borders, Buckets, "
                         "BinarizedTargetMeanValue, FloatTargetMeanValue, "
                         "Counter or FeatureFreq",
                         r->place, key, name);
}

/* ---- projections ----------------------------------------------------- */

typedef struct projection_lists {
    uint32_t *cats;
    cm_float_split *float_splits;
    cm_one_hot_split *one_hot_splits;
} projection_lists;

static cm_status read_element(cm_projection *p, const projection_lists *lists,
                              const json_reader *r, const json_t *element,
                              cm_error *err)
{
    const char *kind = "";
    cm_status status =
        cm_json_string(&kind, element, "combination_element", r->place, err);
    if (status != CM_OK) {
        return status;
    }
    if (strcmp(kind, "cat_feature_value") == 0) {
        return json_read_index(&lists->cats[p->n_cats++], r, element,
                               "cat_feature_index", INT32_MAX, err);
    }
    if (strcmp(kind, "float_feature") == 0) {
        cm_float_split *split = &lists->float_splits[p->n_float_splits++];
        status = json_read_index(&split->float_feature, r, element,
                                 "float_feature_index", INT32_MAX, err);
        return status == CM_OK
                   ? json_read_float(&split->border, r, element, "border", err)
                   : status;
    }
    if (strcmp(kind, "cat_feature_exact_value") == 0) {
        cm_one_hot_split *split = &lists->one_hot_splits[p->n_one_hot_splits++];
        status = json_read_index(&split->cat_feature, r, element,
                                 "cat_feature_index", INT32_MAX, err);
        return status == CM_OK
                   ? json_read_hash(&split->value, r, element, "value", err)
                   : status;
    }
    return cm_fail(err, CM_ERR_DATA,
                   "%s: combination_element is \"%.40s\", expected "
                   "cat_feature_value, float_feature or "
                   "cat_feature_exact_value",
                   r->place, kind);
}

cm_status json_read_projection(cm_projection *out, json_reader *r,
                               const json_t *elements, cm_error *err)
{
    size_t n = json_array_size(elements);
    projection_lists lists = {
        .cats = json_take(r, n, sizeof *lists.cats, err),
        .float_splits = json_take(r, n, sizeof *lists.float_splits, err),
        .one_hot_splits = json_take(r, n, sizeof *lists.one_hot_splits, err),
    };
    *out = (cm_projection){0};
    if (!lists.cats || !lists.float_splits || !lists.one_hot_splits) {
        return CM_ERR_NOMEM;
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = read_element(out, &lists, r, json_array_get(elements, i), err);
    }
    out->cats = lists.cats;
    out->float_splits = lists.float_splits;
    out->one_hot_splits = lists.one_hot_splits;
    return status;
}
