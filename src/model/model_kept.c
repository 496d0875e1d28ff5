#include "model/model_kept.h"

#include <stdlib.h>

#include "model/projection.h"

static cm_status kept_alloc(model_kept *kept, const cm_model_parts *parts,
                            cm_error *err)
{
    size_t n = parts->n_features + parts->n_one_hots + parts->n_ctrs;
    kept->n = n;
    kept->first = cm_alloc(n + 1, sizeof *kept->first, err);
    kept->n_kept = cm_alloc_zero(n, sizeof *kept->n_kept, err);
    kept->feature = cm_alloc(n, sizeof *kept->feature, err);
    kept->table = cm_alloc_zero(parts->n_ctr_tables, sizeof *kept->table, err);
    if (!kept->first || !kept->n_kept || !kept->feature || !kept->table) {
        return CM_ERR_NOMEM;
    }
    kept->first[0] = 0;
    for (size_t f = 0; f < n; f++) {
        kept->first[f + 1] = kept->first[f] + model_n_borders(parts, f);
    }
    kept->border = cm_alloc_zero(kept->first[n], sizeof *kept->border, err);
    return kept->border == NULL ? CM_ERR_NOMEM : CM_OK;
}

static void mark_trees(model_kept *kept, const cm_model_parts *parts)
{
    for (size_t t = 0; t < parts->n_trees; t++) {
        for (uint32_t d = 0; d < parts->trees[t].depth; d++) {
            cm_split_condition c = parts->trees[t].splits[d];
            kept->border[kept->first[c.feature] + c.border] = 1;
        }
    }
}

static bool is_used(const model_kept *kept, size_t feature)
{
    for (uint64_t b = kept->first[feature]; b < kept->first[feature + 1]; b++) {
        if (kept->border[b] != 0) {
            return true;
        }
    }
    return false;
}

/* A table needs the borders and values that its keys combine. */
static void mark_projection(model_kept *kept, const cm_model_parts *parts,
                            const cm_projection *projection)
{
    for (uint32_t i = 0; i < projection->n_float_splits; i++) {
        cm_float_split split = projection->float_splits[i];
        kept->border[kept->first[split.float_feature] +
                     projection_border(parts, split)] = 1;
    }
    for (uint32_t i = 0; i < projection->n_one_hot_splits; i++) {
        uint32_t one_hot;
        uint32_t value =
            projection_value(&one_hot, parts, projection->one_hot_splits[i]);
        kept->border[kept->first[parts->n_features + one_hot] + value] = 1;
    }
}

static void mark_tables(model_kept *kept, const cm_model_parts *parts)
{
    size_t first_ctr = parts->n_features + parts->n_one_hots;
    for (size_t c = 0; c < parts->n_ctrs; c++) {
        if (is_used(kept, first_ctr + c)) {
            kept->table[parts->ctrs[c].table] = 1;
        }
    }
    for (size_t t = 0; t < parts->n_ctr_tables; t++) {
        if (kept->table[t] != 0) {
            mark_projection(kept, parts, &parts->ctr_tables[t].projection);
        }
    }
}

/* Marks become places. */
static void number_all(model_kept *kept, const cm_model_parts *parts, bool all)
{
    uint32_t n_features = 0;
    for (size_t f = 0; f < kept->n; f++) {
        for (uint64_t b = kept->first[f]; b < kept->first[f + 1]; b++) {
            bool keep = all || kept->border[b] != 0;
            kept->border[b] = keep ? kept->n_kept[f]++ : DROPPED;
        }
        bool keep = all || f < parts->n_features || kept->n_kept[f] > 0;
        kept->feature[f] = keep ? n_features++ : DROPPED;
    }
}

static int compare_tables(const void *a, const void *b)
{
    return ctr_table_compare(*(const cm_ctr_table *const *)a,
                             *(const cm_ctr_table *const *)b);
}

/* Equal models are equal files, so tables have an order. */
static cm_status number_tables(model_kept *kept, const cm_model_parts *parts,
                               bool all, cm_error *err)
{
    size_t n = parts->n_ctr_tables;
    const cm_ctr_table **order = cm_alloc(n, sizeof *order, err);
    cm_status status = order == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t t = 0; t < n && status == CM_OK; t++) {
        order[t] = &parts->ctr_tables[t];
    }
    if (status == CM_OK && n > 1) {
        qsort(order, n, sizeof *order, compare_tables);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        size_t t = (size_t)(order[i] - parts->ctr_tables);
        if (i > 0 && ctr_table_compare(order[i - 1], order[i]) == 0) {
            status = cm_fail(err, CM_ERR_DATA,
                             "CTR table %zu combines and counts the same as "
                             "another one",
                             t);
        }
        bool keep = all || kept->table[t] != 0;
        kept->table[t] = keep ? (uint32_t)kept->n_tables++ : DROPPED;
    }
    free(order);
    return status;
}

cm_status model_kept_init(model_kept *kept, const model_source *source,
                          cm_error *err)
{
    *kept = (model_kept){0};
    cm_status status = kept_alloc(kept, &source->parts, err);
    if (status == CM_OK) {
        mark_trees(kept, &source->parts);
        mark_tables(kept, &source->parts);
        number_all(kept, &source->parts, source->keep_unused_borders);
        status = number_tables(kept, &source->parts,
                               source->keep_unused_borders, err);
    }
    return status;
}

void model_kept_release(model_kept *kept)
{
    free(kept->first);
    free(kept->border);
    free(kept->n_kept);
    free(kept->feature);
    free(kept->table);
}
