/* What is different between two models: settings, borders, trees, scores. */
#include "model/model_diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/settings_diff.h"

/* ---- features ---------------------------------------------------------- */

/* The same name, or both without a name and in the same place. */
static bool same_name(const char *a, size_t i, const char *b, size_t j)
{
    return strcmp(a, b) == 0 && (*a != '\0' || i == j);
}

static bool same_float(const cm_model *a, size_t i, const cm_model *b, size_t j)
{
    return same_name(a->features[i].name, i, b->features[j].name, j);
}

static bool same_cat(const cm_model *a, size_t i, const cm_model *b, size_t j)
{
    return same_name(a->cat_features[i].name, i, b->cat_features[j].name, j);
}

/* The place in b of a's float feature, or b's number of them. */
static size_t find_float(const cm_model *a, size_t i, const cm_model *b)
{
    if (i < b->n_features && same_float(a, i, b, i)) {
        return i;
    }
    size_t j = 0;
    while (j < b->n_features && !same_float(a, i, b, j)) {
        j++;
    }
    return j;
}

/* How many of a's ascending borders b does not have. */
static uint32_t count_missing(const cm_float_feature *a,
                              const cm_float_feature *b)
{
    uint32_t missing = 0, j = 0, n = b != NULL ? b->n_borders : 0;
    for (uint32_t i = 0; i < a->n_borders; i++) {
        while (j < n && b->borders[j] < a->borders[i]) {
            j++;
        }
        missing += j == n || b->borders[j] != a->borders[i];
    }
    return missing;
}

typedef struct change_list {
    size_t n, capacity;
    cm_border_change *changes;
} change_list;

static cm_status add_change(change_list *list, cm_border_change change,
                            cm_error *err)
{
    if (change.added == 0 && change.removed == 0) {
        return CM_OK;
    }
    cm_status status = cm_grow(&list->changes, list->n, &list->capacity,
                               sizeof *list->changes, err);
    if (status == CM_OK) {
        list->changes[list->n++] = change;
    }
    return status;
}

static cm_status compare_floats(change_list *list, const cm_model *a,
                                const cm_model *b, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < a->n_features && status == CM_OK; i++) {
        const cm_float_feature *mine = &a->features[i];
        size_t j = find_float(a, i, b);
        const cm_float_feature *theirs =
            j < b->n_features ? &b->features[j] : NULL;
        cm_border_change change = {mine->name, (uint32_t)i, 0, 0};
        change.removed = count_missing(mine, theirs);
        change.added = theirs != NULL ? count_missing(theirs, mine) : 0;
        status = add_change(list, change, err);
    }
    for (size_t j = 0; j < b->n_features && status == CM_OK; j++) {
        const cm_float_feature *theirs = &b->features[j];
        if (find_float(b, j, a) == a->n_features) {
            status = add_change(list,
                                (cm_border_change){theirs->name, (uint32_t)j,
                                                   theirs->n_borders, 0},
                                err);
        }
    }
    return status;
}

/* How many of a one-hot feature's values the other model does not have. */
static uint32_t count_values_missing(const cm_model *a, size_t one_hot,
                                     const cm_model *b)
{
    const cm_one_hot_feature *mine = &a->one_hots[one_hot];
    uint32_t missing = mine->n_values;
    for (size_t j = 0; j < b->n_one_hots; j++) {
        const cm_one_hot_feature *theirs = &b->one_hots[j];
        if (!same_cat(a, mine->cat_feature, b, theirs->cat_feature)) {
            continue;
        }
        for (uint32_t v = 0; v < mine->n_values; v++) {
            for (uint32_t w = 0; w < theirs->n_values; w++) {
                missing -= mine->values[v] == theirs->values[w];
            }
        }
    }
    return missing;
}

static cm_status compare_one_hots(change_list *list, const cm_model *a,
                                  const cm_model *b, bool added, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < a->n_one_hots && status == CM_OK; i++) {
        uint32_t cat = a->one_hots[i].cat_feature;
        uint32_t missing = count_values_missing(a, i, b);
        cm_border_change change = {a->cat_features[cat].name, cat,
                                   added ? missing : 0, added ? 0 : missing};
        status = add_change(list, change, err);
    }
    return status;
}

/* ---- CTRs -------------------------------------------------------------- */

static bool same_projection(const cm_model *a, const cm_projection *p,
                            const cm_model *b, const cm_projection *q)
{
    if (p->n_cats != q->n_cats || p->n_float_splits != q->n_float_splits ||
        p->n_one_hot_splits != q->n_one_hot_splits) {
        return false;
    }
    bool same = true;
    for (uint32_t i = 0; i < p->n_cats; i++) {
        same = same && same_cat(a, p->cats[i], b, q->cats[i]);
    }
    for (uint32_t i = 0; i < p->n_float_splits; i++) {
        cm_float_split s = p->float_splits[i], t = q->float_splits[i];
        same = same && s.border == t.border &&
               same_float(a, s.float_feature, b, t.float_feature);
    }
    for (uint32_t i = 0; i < p->n_one_hot_splits; i++) {
        cm_one_hot_split s = p->one_hot_splits[i], t = q->one_hot_splits[i];
        same = same && s.value == t.value &&
               same_cat(a, s.cat_feature, b, t.cat_feature);
    }
    return same;
}

static bool same_table(const cm_model *a, const cm_ctr_table *t,
                       const cm_model *b, const cm_ctr_table *u)
{
    size_t width = t->type == CM_CTR_BORDERS || t->type == CM_CTR_BUCKETS
                       ? t->n_classes
                       : 1;
    return t->type == u->type && t->n_classes == u->n_classes &&
           t->denominator == u->denominator && t->n_keys == u->n_keys &&
           same_projection(a, &t->projection, b, &u->projection) &&
           memcmp(t->keys, u->keys, t->n_keys * sizeof *t->keys) == 0 &&
           memcmp(t->counts, u->counts,
                  t->n_keys * width * sizeof *t->counts) == 0 &&
           (t->sums == NULL) == (u->sums == NULL) &&
           (t->sums == NULL ||
            memcmp(t->sums, u->sums, t->n_keys * sizeof *t->sums) == 0);
}

/* The same number of the same combination, whatever is in its table. */
static bool same_ctr(const cm_model *a, const cm_ctr_feature *c,
                     const cm_model *b, const cm_ctr_feature *d)
{
    const cm_ctr_table *t = &a->ctr_tables[c->table];
    const cm_ctr_table *u = &b->ctr_tables[d->table];
    return c->target_border == d->target_border &&
           c->prior_num == d->prior_num && c->prior_denom == d->prior_denom &&
           c->shift == d->shift && c->scale == d->scale && t->type == u->type &&
           same_projection(a, &t->projection, b, &u->projection);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t count_ctrs_apart(const cm_model *a, const cm_model *b)
{
    size_t apart = 0;
    for (size_t i = 0; i < larger(a->n_ctrs, b->n_ctrs); i++) {
        apart += i >= a->n_ctrs || i >= b->n_ctrs ||
                 !same_ctr(a, &a->ctrs[i], b, &b->ctrs[i]);
    }
    for (size_t i = 0; i < larger(a->n_ctr_tables, b->n_ctr_tables); i++) {
        apart += i >= a->n_ctr_tables || i >= b->n_ctr_tables ||
                 !same_table(a, &a->ctr_tables[i], b, &b->ctr_tables[i]);
    }
    return apart;
}

/* ---- trees ------------------------------------------------------------- */

static bool same_condition(const cm_model *a, cm_split_condition c,
                           const cm_model *b, cm_split_condition d)
{
    if (c.feature < a->n_features || d.feature < b->n_features) {
        return c.feature < a->n_features && d.feature < b->n_features &&
               same_float(a, c.feature, b, d.feature) &&
               a->features[c.feature].borders[c.border] ==
                   b->features[d.feature].borders[d.border];
    }
    size_t i = c.feature - a->n_features, j = d.feature - b->n_features;
    if (i < a->n_one_hots || j < b->n_one_hots) {
        return i < a->n_one_hots && j < b->n_one_hots &&
               same_cat(a, a->one_hots[i].cat_feature, b,
                        b->one_hots[j].cat_feature) &&
               a->one_hots[i].values[c.border] ==
                   b->one_hots[j].values[d.border];
    }
    const cm_ctr_feature *x = &a->ctrs[i - a->n_one_hots];
    const cm_ctr_feature *y = &b->ctrs[j - b->n_one_hots];
    return same_ctr(a, x, b, y) && x->borders[c.border] == y->borders[d.border];
}

static bool same_shape(const cm_model *a, const cm_tree *t, const cm_model *b,
                       const cm_tree *u)
{
    bool same = t->depth == u->depth;
    for (uint32_t d = 0; d < t->depth && same; d++) {
        same = same_condition(a, t->splits[d], b, u->splits[d]);
    }
    return same;
}

static void compare_trees(cm_model_diff *diff, const cm_model *a,
                          const cm_model *b)
{
    size_t n = a->n_trees < b->n_trees ? a->n_trees : b->n_trees;
    size_t n_leaves = 0;
    double sum = 0;
    bool same = true;
    for (size_t i = 0; i < n; i++) {
        const cm_tree *t = &a->trees[i], *u = &b->trees[i];
        if (!same_shape(a, t, b, u)) {
            same = false;
            continue;
        }
        for (size_t l = 0; l < (size_t)1 << t->depth; l++) {
            double apart = fabs(t->leaf_values[l] - u->leaf_values[l]);
            diff->max_leaf = fmax(diff->max_leaf, apart);
            sum += apart;
            same = same && apart == 0;
        }
        n_leaves += (size_t)1 << t->depth;
        diff->n_comparable++;
        diff->n_same += same;
    }
    diff->mean_leaf = n_leaves > 0 ? sum / (double)n_leaves : 0;
}

/* ---- all --------------------------------------------------------------- */

cm_status cm_model_diff_init(cm_model_diff *out, const cm_model *a,
                             const cm_model *b, cm_error *err)
{
    change_list borders = {0};
    *out = (cm_model_diff){.n_ctrs = count_ctrs_apart(a, b)};
    cm_status status =
        compare_settings(&out->settings, &out->n_settings, a, b, err);
    if (status == CM_OK) {
        status = compare_floats(&borders, a, b, err);
    }
    if (status == CM_OK) {
        status = compare_one_hots(&borders, a, b, false, err);
    }
    if (status == CM_OK) {
        status = compare_one_hots(&borders, b, a, true, err);
    }
    compare_trees(out, a, b);
    out->borders = borders.changes;
    out->n_borders = borders.n;
    out->equal = out->n_settings == 0 && out->n_borders == 0 &&
                 out->n_ctrs == 0 && a->n_features == b->n_features &&
                 a->n_trees == b->n_trees && out->n_same == a->n_trees;
    if (status != CM_OK) {
        cm_model_diff_release(out);
    }
    return status;
}

void cm_model_diff_release(cm_model_diff *diff)
{
    free_settings(diff->settings, diff->n_settings);
    free(diff->borders);
    *diff = (cm_model_diff){0};
}

cm_score_distance cm_score_distance_of(const double *a, const double *b,
                                       size_t n)
{
    cm_score_distance distance = {0};
    size_t n_apart = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double apart = fabs(a[i] - b[i]);
        distance.max = fmax(distance.max, apart);
        sum += apart;
        n_apart += apart > 1e-9;
    }
    distance.mean = n > 0 ? sum / (double)n : 0;
    distance.share_apart = n > 0 ? (double)n_apart / (double)n : 0;
    return distance;
}
