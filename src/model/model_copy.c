/* Copies the kept parts into a model's arena. */
#include <string.h>

#include "model/model_kept.h"
#include "model/projection.h"

/* What a copy goes from and to. */
typedef struct copier {
    const cm_model_parts *parts;
    const model_kept *kept;
    cm_arena *arena;
    cm_error *err;
} copier;

void *model_alloc(cm_arena *arena, size_t count, size_t size, cm_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        (void)cm_fail(err, CM_ERR_NOMEM,
                      "out of memory: a model asks for %zu times %zu bytes",
                      count, size);
        return NULL;
    }
    return cm_arena_alloc(arena, bytes, err);
}

void *model_copy(const void *from, size_t count, size_t size, cm_arena *arena,
                 cm_error *err)
{
    void *to = model_alloc(arena, count, size, err);
    if (to != NULL && count > 0) {
        memcpy(to, from, count * size);
    }
    return to;
}

static const char *copy_text(const copier *c, const char *text)
{
    return cm_arena_strdup(c->arena, text, strlen(text), c->err);
}

/* The kept borders of a feature of any kind; -0 becomes 0. */
static const float *copy_borders(const copier *c, const float *from, size_t f)
{
    float *to = model_alloc(c->arena, c->kept->n_kept[f], sizeof *to, c->err);
    uint64_t n = c->kept->first[f + 1] - c->kept->first[f];
    for (uint32_t b = 0; to != NULL && b < n; b++) {
        uint32_t place = kept_border(c->kept, f, b);
        if (place != DROPPED) {
            to[place] = from[b] + 0.0f;
        }
    }
    return to;
}

static const uint32_t *copy_values(const copier *c, const uint32_t *from,
                                   size_t f)
{
    uint32_t *to =
        model_alloc(c->arena, c->kept->n_kept[f], sizeof *to, c->err);
    uint64_t n = c->kept->first[f + 1] - c->kept->first[f];
    for (uint32_t b = 0; to != NULL && b < n; b++) {
        uint32_t place = kept_border(c->kept, f, b);
        if (place != DROPPED) {
            to[place] = from[b];
        }
    }
    return to;
}

static cm_status copy_floats(const copier *c, cm_model *model)
{
    size_t n = c->parts->n_features;
    cm_float_feature *to = model_alloc(c->arena, n, sizeof *to, c->err);
    for (size_t f = 0; to != NULL && f < n; f++) {
        to[f] = c->parts->features[f];
        to[f].name = copy_text(c, to[f].name);
        to[f].borders = copy_borders(c, to[f].borders, f);
        to[f].n_borders = c->kept->n_kept[f];
        if (to[f].name == NULL || to[f].borders == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    model->features = to;
    model->n_features = n;
    return to == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status copy_cats(const copier *c, cm_model *model)
{
    size_t n = c->parts->n_cat_features;
    cm_cat_feature *to = model_alloc(c->arena, n, sizeof *to, c->err);
    for (size_t f = 0; to != NULL && f < n; f++) {
        to[f] = c->parts->cat_features[f];
        to[f].name = copy_text(c, to[f].name);
        if (to[f].name == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    model->cat_features = to;
    model->n_cat_features = n;
    return to == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status copy_one_hots(const copier *c, cm_model *model)
{
    size_t n = c->parts->n_one_hots, first = c->parts->n_features;
    cm_one_hot_feature *to = model_alloc(c->arena, n, sizeof *to, c->err);
    model->one_hots = to;
    for (size_t f = 0; to != NULL && f < n; f++) {
        if (c->kept->feature[first + f] == DROPPED) {
            continue;
        }
        cm_one_hot_feature *copy = &to[model->n_one_hots++];
        *copy = c->parts->one_hots[f];
        copy->values = copy_values(c, copy->values, first + f);
        copy->n_values = c->kept->n_kept[first + f];
        if (copy->values == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return to == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status copy_table(const copier *c, cm_ctr_table *to,
                            const cm_ctr_table *from)
{
    size_t n = from->n_keys;
    *to = *from;
    to->n_classes = model_ctr_width(from);
    to->keys = model_copy(from->keys, n, sizeof *to->keys, c->arena, c->err);
    to->counts = model_copy(from->counts, n, sizeof *to->counts * to->n_classes,
                            c->arena, c->err);
    to->sums = NULL;
    if (model_ctr_has_sums(from->type)) {
        to->sums =
            model_copy(from->sums, n, sizeof *to->sums, c->arena, c->err);
    }
    if (!to->keys || !to->counts ||
        (model_ctr_has_sums(from->type) && !to->sums)) {
        return CM_ERR_NOMEM;
    }
    return projection_copy(&to->projection, &from->projection, c->arena,
                           c->err);
}

static cm_status copy_tables(const copier *c, cm_model *model)
{
    size_t n = c->parts->n_ctr_tables;
    cm_ctr_table *to = model_alloc(c->arena, n, sizeof *to, c->err);
    cm_status status = to == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t t = 0; t < n && status == CM_OK; t++) {
        if (c->kept->table[t] != DROPPED) {
            status =
                copy_table(c, &to[c->kept->table[t]], &c->parts->ctr_tables[t]);
        }
    }
    model->ctr_tables = to;
    model->n_ctr_tables = c->kept->n_tables;
    return status;
}

static cm_status copy_ctrs(const copier *c, cm_model *model)
{
    size_t n = c->parts->n_ctrs;
    size_t first = c->parts->n_features + c->parts->n_one_hots;
    cm_ctr_feature *to = model_alloc(c->arena, n, sizeof *to, c->err);
    model->ctrs = to;
    for (size_t f = 0; to != NULL && f < n; f++) {
        if (c->kept->feature[first + f] == DROPPED) {
            continue;
        }
        cm_ctr_feature *copy = &to[model->n_ctrs++];
        *copy = c->parts->ctrs[f];
        copy->table = c->kept->table[copy->table];
        copy->borders = copy_borders(c, copy->borders, first + f);
        copy->n_borders = c->kept->n_kept[first + f];
        if (copy->borders == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    return to == NULL ? CM_ERR_NOMEM : CM_OK;
}

/* Adding zero makes -0, which JSON text does not keep, a plain zero. */
static const double *copy_doubles(const copier *c, const double *from, size_t n)
{
    double *to = model_alloc(c->arena, n, sizeof *to, c->err);
    for (size_t i = 0; to != NULL && i < n; i++) {
        to[i] = from == NULL ? 0 : from[i] + 0.0;
    }
    return to;
}

static cm_status copy_tree(const copier *c, cm_tree *to, const cm_tree *from)
{
    size_t n_leaves = (size_t)1 << from->depth;
    cm_split_condition *splits =
        model_alloc(c->arena, from->depth, sizeof *splits, c->err);
    to->depth = from->depth;
    to->splits = splits;
    to->leaf_values = copy_doubles(c, from->leaf_values, n_leaves);
    to->leaf_weights = copy_doubles(c, from->leaf_weights, n_leaves);
    if (splits == NULL || to->leaf_values == NULL || to->leaf_weights == NULL) {
        return CM_ERR_NOMEM;
    }
    for (uint32_t d = 0; d < from->depth; d++) {
        cm_split_condition s = from->splits[d];
        splits[d].feature = c->kept->feature[s.feature];
        splits[d].border = kept_border(c->kept, s.feature, s.border);
    }
    return CM_OK;
}

static cm_status copy_trees(const copier *c, cm_model *model)
{
    size_t n = c->parts->n_trees;
    cm_tree *to = model_alloc(c->arena, n, sizeof *to, c->err);
    cm_status status = to == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t t = 0; t < n && status == CM_OK; t++) {
        status = copy_tree(c, &to[t], &c->parts->trees[t]);
    }
    model->trees = to;
    model->n_trees = n;
    return status;
}

cm_status model_copy_parts(cm_model *model, const cm_model_parts *parts,
                           const model_kept *kept, cm_arena *arena,
                           cm_error *err)
{
    typedef cm_status (*copy_part)(const copier *, cm_model *);
    static const copy_part all[] = {copy_floats, copy_cats, copy_one_hots,
                                    copy_tables, copy_ctrs, copy_trees};
    const copier c = {parts, kept, arena, err};
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && status == CM_OK; i++) {
        status = all[i](&c, model);
    }
    return status;
}
