/* Monotone constraints: a list by position, or pairs of a name and a
 * direction. */
#include "pipeline/monotone.h"

#include <string.h>

#include "base/num.h"

static cm_status parse_direction(int8_t *out, cm_str text, const char *item,
                                 cm_error *err)
{
    int64_t value = 0;
    if (!cm_parse_i64(text, &value) || value < -1 || value > 1) {
        return cm_fail(err, CM_ERR_USAGE,
                       "monotone_constraints: found \"%s\", expected 1 (never "
                       "falls), -1 (never rises) or 0 (free)",
                       item);
    }
    *out = (int8_t)value;
    return CM_OK;
}

static cm_status find_feature(size_t *out, cm_str name,
                              const char *const *names, size_t n, cm_error *err)
{
    uint64_t position = 0;
    for (size_t i = 0; i < n; i++) {
        if (cm_str_is(name, names[i])) {
            *out = i;
            return CM_OK;
        }
    }
    if (cm_parse_u64(name, &position) && position < n) {
        *out = (size_t)position;
        return CM_OK;
    }
    const char *nearest = cm_nearest_word(name, names, n);
    return cm_fail(err, CM_ERR_USAGE,
                   "monotone_constraints: the model has no feature \"%.*s\"%s%s"
                   "%s",
                   CM_STR_ARG(name), nearest != NULL ? "; did you mean " : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

static cm_status parse_pairs(int8_t *out, const char *const *items,
                             size_t n_items, const char *const *names,
                             size_t n_names, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n_items && status == CM_OK; i++) {
        const char *colon = strrchr(items[i], ':');
        size_t feature = 0;
        if (colon == NULL) {
            return cm_fail(err, CM_ERR_USAGE,
                           "monotone_constraints: found \"%s\", expected "
                           "NAME:1 or NAME:-1 as the items before it",
                           items[i]);
        }
        status = find_feature(&feature,
                              (cm_str){items[i], (size_t)(colon - items[i])},
                              names, n_names, err);
        if (status == CM_OK) {
            status = parse_direction(&out[feature], cm_str_of(colon + 1),
                                     items[i], err);
        }
    }
    return status;
}

cm_status cm_monotone_parse(int8_t *out, const char *const *items,
                            size_t n_items, const char *const *names,
                            size_t n_names, cm_error *err)
{
    memset(out, 0, n_names);
    if (n_items == 0 || strchr(items[0], ':') != NULL) {
        return parse_pairs(out, items, n_items, names, n_names, err);
    }
    if (n_items != n_names) {
        return cm_fail(err, CM_ERR_USAGE,
                       "monotone_constraints: found %zu directions, expected "
                       "one for each of the %zu features, or NAME:1 pairs",
                       n_items, n_names);
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < n_items && status == CM_OK; i++) {
        status = parse_direction(&out[i], cm_str_of(items[i]), items[i], err);
    }
    return status;
}
