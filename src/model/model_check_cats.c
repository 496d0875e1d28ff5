/* The checks of categories, one-hot features, CTR tables and CTR features. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "model/apply_plan.h"
#include "model/model_body.h"
#include "model/projection.h"

enum { MAX_LIST = 1 << 20, MAX_CLASSES = 1 << 16 };

static cm_status check_limits(const cm_model_parts *parts, cm_error *err)
{
    size_t n_derived = parts->n_ctrs;
    if (parts->n_cat_features > MAX_LIST || parts->n_one_hots > MAX_LIST ||
        parts->n_ctr_tables > MAX_LIST || parts->n_ctrs > MAX_LIST) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "the model has %zu categories, %zu one-hot features, "
                       "%zu CTR tables and %zu CTRs; this version takes at "
                       "most %d of each",
                       parts->n_cat_features, parts->n_one_hots,
                       parts->n_ctr_tables, parts->n_ctrs, (int)MAX_LIST);
    }
    for (size_t o = 0; o < parts->n_one_hots; o++) {
        n_derived += parts->one_hots[o].n_values;
    }
    if (n_derived > MAX_DERIVED) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "the model has %zu one-hot values and CTRs; this "
                       "version takes at most %d",
                       n_derived, (int)MAX_DERIVED);
    }
    return CM_OK;
}

static cm_status check_cat_features(const cm_model_parts *parts, cm_error *err)
{
    for (size_t c = 0; c < parts->n_cat_features; c++) {
        if (parts->cat_features[c].name == NULL) {
            return cm_fail(err, CM_ERR_DATA,
                           "categorical feature %zu has no name", c);
        }
    }
    return CM_OK;
}

/* CatBoost's files have the one-hot features in the order of the categories. */
static cm_status check_one_hots(const cm_model_parts *parts, cm_error *err)
{
    for (size_t o = 0; o < parts->n_one_hots; o++) {
        uint32_t cat = parts->one_hots[o].cat_feature;
        if (cat >= parts->n_cat_features) {
            return cm_fail(err, CM_ERR_DATA,
                           "one-hot feature %zu is of categorical feature %u; "
                           "the model has %zu",
                           o, cat, parts->n_cat_features);
        }
        if (o > 0 && cat <= parts->one_hots[o - 1].cat_feature) {
            return cm_fail(err, CM_ERR_DATA,
                           "one-hot feature %zu is of categorical feature %u, "
                           "after one of %u; expected one a category, in the "
                           "order of categories",
                           o, cat, parts->one_hots[o - 1].cat_feature);
        }
    }
    return CM_OK;
}

static cm_status check_float_split(const cm_model_parts *parts, size_t table,
                                   cm_float_split split, cm_error *err)
{
    if (split.float_feature >= parts->n_features ||
        projection_border(parts, split) == NO_PLACE) {
        return cm_fail(err, CM_ERR_DATA,
                       "CTR table %zu combines border %.9g of float feature "
                       "%u, which the model does not have",
                       table, (double)split.border, split.float_feature);
    }
    return CM_OK;
}

static cm_status check_one_hot_split(const cm_model_parts *parts, size_t table,
                                     cm_one_hot_split split, cm_error *err)
{
    uint32_t one_hot;
    if (split.cat_feature >= parts->n_cat_features ||
        projection_value(&one_hot, parts, split) == NO_PLACE) {
        return cm_fail(err, CM_ERR_DATA,
                       "CTR table %zu combines value %" PRId32
                       " of categorical feature %u, which is no one-hot value "
                       "of the model",
                       table, (int32_t)split.value, split.cat_feature);
    }
    return CM_OK;
}

static cm_status check_projection(const cm_model_parts *parts, size_t table,
                                  cm_error *err)
{
    const cm_projection *p = &parts->ctr_tables[table].projection;
    cm_status status = CM_OK;
    for (uint32_t i = 0; i < p->n_cats; i++) {
        if (p->cats[i] >= parts->n_cat_features) {
            return cm_fail(err, CM_ERR_DATA,
                           "CTR table %zu is of categorical feature %u; the "
                           "model has %zu",
                           table, p->cats[i], parts->n_cat_features);
        }
    }
    for (uint32_t i = 0; i < p->n_float_splits && status == CM_OK; i++) {
        status = check_float_split(parts, table, p->float_splits[i], err);
    }
    for (uint32_t i = 0; i < p->n_one_hot_splits && status == CM_OK; i++) {
        status = check_one_hot_split(parts, table, p->one_hot_splits[i], err);
    }
    return status;
}

/* The sum of a key's counts is a number of rows that CatBoost keeps in 32
 * bits. */
static cm_status check_counts(const cm_ctr_table *table, size_t index,
                              cm_error *err)
{
    uint32_t width = model_ctr_width(table);
    bool has_sums = model_ctr_has_sums(table->type);
    for (size_t k = 0; k < table->n_keys; k++) {
        int64_t total = 0;
        bool negative = false;
        for (uint32_t c = 0; c < width; c++) {
            negative = negative || table->counts[k * width + c] < 0;
            total += table->counts[k * width + c];
        }
        bool finite = !has_sums || isfinite(table->sums[k]);
        if (table->keys[k] == UINT64_MAX || negative || total > INT32_MAX ||
            !finite) {
            return cm_fail(err, CM_ERR_DATA,
                           "CTR table %zu: key %" PRIu64 " (%zu) has %s; "
                           "expected counts of 0 to 2147483647 in all, finite "
                           "sums, and no key of all ones",
                           index, table->keys[k], k,
                           !finite    ? "a sum that is not finite"
                           : negative ? "a negative count"
                                      : "too large a count or key");
        }
    }
    return CM_OK;
}

static cm_status check_table(const cm_model_parts *parts, size_t index,
                             cm_error *err)
{
    const cm_ctr_table *table = &parts->ctr_tables[index];
    bool classes =
        table->type == CM_CTR_BORDERS || table->type == CM_CTR_BUCKETS;
    if (table->n_keys > INT32_MAX) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "CTR table %zu has %zu keys; this version takes at most "
                       "%d",
                       index, table->n_keys, (int)INT32_MAX);
    }
    if (table->type > CM_CTR_FEATURE_FREQ || table->denominator < 0 ||
        (classes && (table->n_classes < 2 || table->n_classes > MAX_CLASSES)) ||
        (model_ctr_has_sums(table->type) && table->sums == NULL)) {
        return cm_fail(err, CM_ERR_DATA,
                       "CTR table %zu has type %d, %u target classes, "
                       "denominator %" PRId32 " and %s; expected a known type "
                       "(0 to 5), 2 to %d classes for Borders and Buckets, no "
                       "negative denominator, and sums for target means",
                       index, (int)table->type, table->n_classes,
                       table->denominator, table->sums ? "sums" : "no sums",
                       (int)MAX_CLASSES);
    }
    cm_status status = check_projection(parts, index, err);
    return status == CM_OK ? check_counts(table, index, err) : status;
}

static cm_status check_ctr(const cm_model_parts *parts, size_t index,
                           cm_error *err)
{
    const cm_ctr_feature *ctr = &parts->ctrs[index];
    char what[64];
    if (ctr->table >= parts->n_ctr_tables) {
        return cm_fail(err, CM_ERR_DATA,
                       "CTR feature %zu is of table %u; the model has %zu",
                       index, ctr->table, parts->n_ctr_tables);
    }
    const cm_ctr_table *table = &parts->ctr_tables[ctr->table];
    uint32_t targets = table->type == CM_CTR_BORDERS   ? table->n_classes - 1
                       : table->type == CM_CTR_BUCKETS ? table->n_classes
                                                       : UINT32_MAX;
    if (ctr->target_border >= targets || !isfinite(ctr->prior_num) ||
        !isfinite(ctr->prior_denom) || !isfinite(ctr->shift) ||
        !isfinite(ctr->scale)) {
        return cm_fail(err, CM_ERR_DATA,
                       "CTR feature %zu has target border %u, prior %g/%g, "
                       "shift %g and scale %g; expected a target border below "
                       "%u and finite numbers",
                       index, ctr->target_border, (double)ctr->prior_num,
                       (double)ctr->prior_denom, (double)ctr->shift,
                       (double)ctr->scale, targets);
    }
    (void)snprintf(what, sizeof what, "CTR feature %zu", index);
    return model_check_borders(what, ctr->borders, ctr->n_borders, err);
}

cm_status model_check_cats(const cm_model_parts *parts, cm_error *err)
{
    cm_status status = check_limits(parts, err);
    if (status == CM_OK) {
        status = check_cat_features(parts, err);
    }
    if (status == CM_OK) {
        status = check_one_hots(parts, err);
    }
    for (size_t t = 0; t < parts->n_ctr_tables && status == CM_OK; t++) {
        status = check_table(parts, t, err);
    }
    for (size_t c = 0; c < parts->n_ctrs && status == CM_OK; c++) {
        status = check_ctr(parts, c, err);
    }
    return status;
}
