/* Reads the trees of CatBoost's JSON model.  Like CatBoost's own loader it goes
 * by split_index, but it believes no number in the file. */
#include <string.h>

#include "model/catboost_info.h"
#include "model/catboost_json.h"
#include "model/json_scan.h"
#include "model/json_text.h"
#include "model/split_index.h"

/* As in split_index.h. */
typedef struct split_indexes {
    uint64_t *first;
    size_t n;
} split_indexes;

static cm_status split_indexes_init(split_indexes *out, json_reader *r,
                                    cm_error *err)
{
    out->n = split_index_features(&r->source.parts);
    out->first = json_take(r, out->n + 1, sizeof *out->first, err);
    if (out->first == NULL) {
        return CM_ERR_NOMEM;
    }
    split_index_fill(out->first, &r->source.parts);
    return CM_OK;
}

/* Missing is fine: CatBoost does not look. */
static bool is_known_split(const json_t *type)
{
    static const char *const known[] = {"FloatFeature", "OneHotFeature",
                                        "OnlineCtr"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (json_is_string(type) &&
            strcmp(json_string_value(type), known[i]) == 0) {
            return true;
        }
    }
    return type == NULL;
}

static cm_status read_split(const json_reader *r, const split_indexes *indexes,
                            cm_split_condition *split, const json_t *value,
                            size_t index, cm_error *err)
{
    uint64_t total = indexes->first[indexes->n];
    int64_t found = 0;
    if (!is_known_split(json_object_get(value, "split_type"))) {
        return catboost_unsupported(
            r->file,
            "splits of another type than FloatFeature, OneHotFeature and "
            "OnlineCtr",
            err);
    }
    cm_status status =
        cm_json_integer(&found, value, "split_index", r->place, err);
    if (status != CM_OK) {
        return status;
    }
    if (found < 0 || (uint64_t)found >= total) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s.splits[%zu].split_index is %lld, but the features "
                       "have %llu borders and values in all",
                       r->place, index, (long long)found,
                       (unsigned long long)total);
    }
    *split = split_index_find(indexes->first, indexes->n, (uint64_t)found);
    return CM_OK;
}

static cm_status read_leaves(json_reader *r, const double **out,
                             const json_t *array, const char *key, size_t n,
                             cm_error *err)
{
    if (json_array_size(array) != n) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s.%s has %zu numbers; its splits ask for %zu",
                       r->place, key, json_array_size(array), n);
    }
    double *values = json_take(r, n, sizeof *values, err);
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

static cm_status read_tree(json_reader *r, const split_indexes *indexes,
                           cm_tree *tree, const json_t *value, size_t index,
                           cm_error *err)
{
    const json_t *splits = json_optional_array(value, "splits");
    const json_t *leaves = NULL;
    const json_t *weights = json_optional_array(value, "leaf_weights");
    const char *place = json_reader_at(r, "oblivious_trees[%zu]", index);
    size_t depth = json_array_size(splits);
    cm_status status = cm_json_array(&leaves, value, "leaf_values", place, err);
    if (status != CM_OK) {
        return status;
    }
    if (depth > CM_MAX_DEPTH) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s has %zu splits; this version takes at most %d",
                       r->place, depth, (int)CM_MAX_DEPTH);
    }
    cm_split_condition *conditions =
        json_take(r, depth, sizeof *conditions, err);
    status = conditions == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t d = 0; d < depth && status == CM_OK; d++) {
        status = read_split(r, indexes, &conditions[d],
                            json_array_get(splits, d), d, err);
    }
    /* The model has weights and a plan for applying in any case. */
    if (status == CM_OK) {
        status =
            json_charge(r, (sizeof(double) << depth) + 64 * (1 + depth), err);
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

/* A tree of values for one tree of the model at a time. */
static cm_status parse_tree(json_reader *r, const split_indexes *indexes,
                            cm_tree *tree, cm_str text, size_t index,
                            cm_error *err)
{
    json_t *value = NULL;
    (void)json_reader_at(r, "oblivious_trees[%zu]", index);
    if (json_text_bytes(text) > MEMORY_TREE) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s has too many values; this version takes trees of "
                       "depth %d",
                       r->place, (int)CM_MAX_DEPTH);
    }
    cm_status status = json_text_parse(&value, text, r->place, err);
    if (status == CM_OK) {
        status = read_tree(r, indexes, tree, value, index, err);
    }
    json_decref(value);
    return status;
}

static size_t count_trees(cm_str text, bool *damaged)
{
    json_scan scan = json_scan_of(text);
    size_t n = 0;
    while (json_scan_element(&scan)) {
        n++;
    }
    *damaged = scan.damaged;
    return n;
}

cm_status json_read_trees(json_reader *r, cm_str text, cm_error *err)
{
    split_indexes indexes;
    bool damaged = true;
    size_t n = 0;
    if (text.n > 0 && text.p[0] == '[') {
        n = count_trees(text, &damaged);
    }
    if (damaged) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: oblivious_trees: expected an array of trees, found "
                       "%s",
                       r->file,
                       text.n == 0        ? "nothing"
                       : text.p[0] == '[' ? "one that is no valid JSON"
                                          : "something else");
    }
    cm_tree *trees = json_take(r, n, sizeof *trees, err);
    if (trees == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = split_indexes_init(&indexes, r, err);
    json_scan scan = json_scan_of(text);
    for (size_t t = 0; t < n && status == CM_OK && json_scan_element(&scan);
         t++) {
        status = parse_tree(r, &indexes, &trees[t], scan.value, t, err);
    }
    r->source.parts.trees = trees;
    r->source.parts.n_trees = n;
    return status;
}
