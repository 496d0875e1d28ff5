/* One-hot values and CTRs of a block of rows.
 *
 *   keys    (n) hashes of what a table combines
 *   found   (n) their buckets in the table, empty where it does not have them
 *   good, total  (n) the two counts whose ratio a CTR is */
#include "model/category_values.h"

#include <math.h>

#include "model/cat_hash.h"
#include "model/model_body.h"

/* ---- plan ------------------------------------------------------------ */

/* Sorts the CTRs by their table. */
static void order_ctrs(uint32_t *ctrs, uint32_t *first, const cm_model *model)
{
    for (size_t t = 0; t <= model->n_ctr_tables; t++) {
        first[t] = 0;
    }
    for (size_t c = 0; c < model->n_ctrs; c++) {
        first[model->ctrs[c].table + 1]++;
    }
    for (size_t t = 0; t < model->n_ctr_tables; t++) {
        first[t + 1] += first[t];
    }
    for (size_t c = model->n_ctrs; c-- > 0;) {
        ctrs[--first[model->ctrs[c].table + 1]] = (uint32_t)c;
    }
    for (size_t t = 0; t < model->n_ctr_tables; t++) {
        first[t] = first[t + 1];
    }
    first[model->n_ctr_tables] = (uint32_t)model->n_ctrs;
}

cm_status category_plan_init(category_plan *plan, const cm_model *model,
                             cm_arena *arena, cm_error *err)
{
    size_t n_tables = model->n_ctr_tables;
    uint32_t *first_value =
        model_alloc(arena, model->n_one_hots + 1, sizeof *first_value, err);
    ctr_index *indexes = model_alloc(arena, n_tables, sizeof *indexes, err);
    uint32_t *ctrs = model_alloc(arena, model->n_ctrs, sizeof *ctrs, err);
    uint32_t *first_ctr =
        model_alloc(arena, n_tables + 1, sizeof *first_ctr, err);
    if (!first_value || !indexes || !ctrs || !first_ctr) {
        return CM_ERR_NOMEM;
    }
    first_value[0] = 0;
    for (size_t o = 0; o < model->n_one_hots; o++) {
        first_value[o + 1] = first_value[o] + model->one_hots[o].n_values;
    }
    order_ctrs(ctrs, first_ctr, model);
    cm_status status = CM_OK;
    for (size_t t = 0; t < n_tables && status == CM_OK; t++) {
        status = ctr_index_init(&indexes[t], &model->ctr_tables[t], arena, err);
    }
    *plan = (category_plan){
        .n_derived = first_value[model->n_one_hots] + model->n_ctrs,
        .first_value = first_value,
        .indexes = indexes,
        .ctrs = ctrs,
        .first_ctr = first_ctr,
    };
    return status;
}

/* ---- keys ------------------------------------------------------------ */

static void add_float_split(uint64_t *keys, const cm_model *model,
                            cm_float_split split, const number_rows *rows,
                            size_t n)
{
    size_t step;
    const float *values = number_column(rows, split.float_feature, 0, &step);
    bool nan_above =
        model->features[split.float_feature].nan_treatment == CM_NAN_AS_TRUE;
    for (size_t i = 0; i < n; i++) {
        float value = values[i * step];
        bool above = (value > split.border) | (nan_above & (bool)isnan(value));
        keys[i] = cm_key_add(keys[i], above);
    }
}

static void make_keys(uint64_t *keys, const cm_model *model,
                      const cm_projection *projection, const number_rows *rows,
                      size_t n)
{
    size_t step;
    for (size_t i = 0; i < n; i++) {
        keys[i] = 0;
    }
    for (uint32_t c = 0; c < projection->n_cats; c++) {
        const uint32_t *hashes = cat_column(rows, projection->cats[c], &step);
        for (size_t i = 0; i < n; i++) {
            keys[i] = cm_key_add_cat(keys[i], hashes[i * step]);
        }
    }
    for (uint32_t s = 0; s < projection->n_float_splits; s++) {
        add_float_split(keys, model, projection->float_splits[s], rows, n);
    }
    for (uint32_t s = 0; s < projection->n_one_hot_splits; s++) {
        cm_one_hot_split split = projection->one_hot_splits[s];
        const uint32_t *hashes = cat_column(rows, split.cat_feature, &step);
        for (size_t i = 0; i < n; i++) {
            keys[i] = cm_key_add(keys[i], hashes[i * step] == split.value);
        }
    }
}

/* All keys are asked for before the first is waited for. */
static void find_buckets(const ctr_bucket **found, const ctr_index *index,
                         const uint64_t *keys, size_t n)
{
    uint64_t starts[BLOCK_ROWS];
    for (size_t i = 0; i < n; i++) {
        starts[i] = ctr_index_start(index, keys[i]);
        __builtin_prefetch(&index->buckets[starts[i]]);
    }
    for (size_t i = 0; i < n; i++) {
        found[i] = ctr_index_find(index, keys[i], starts[i]);
    }
}

/* ---- values ---------------------------------------------------------- */

/* Two counts, good and bad ones; an empty bucket has zeros. */
static void pair_counts(float *good, float *total, int class,
                        const ctr_bucket *const *found, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t *counts = found[i]->of.counts;
        good[i] = (float)counts[class];
        total[i] = (float)(counts[0] + counts[1]);
    }
}

/* The rows of classes [from, to) among all rows of a key. */
static void class_counts(float *good, float *total, const cm_ctr_table *table,
                         uint32_t from, uint32_t to,
                         const ctr_bucket *const *found, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t in = 0, all = 0;
        if (found[i]->key != NO_KEY) {
            const int32_t *counts =
                table->counts + found[i]->of.place * table->n_classes;
            for (uint32_t c = 0; c < table->n_classes; c++) {
                in += c >= from && c < to ? counts[c] : 0;
                all += counts[c];
            }
        }
        good[i] = (float)in;
        total[i] = (float)all;
    }
}

static void target_counts(float *good, float *total, const cm_ctr_table *table,
                          uint32_t target, const ctr_bucket *const *found,
                          size_t n)
{
    bool above = table->type == CM_CTR_BORDERS;
    if (table->n_classes == 2) {
        pair_counts(good, total, above || target == 1, found, n);
    } else if (above) {
        class_counts(good, total, table, target + 1, table->n_classes, found,
                     n);
    } else {
        class_counts(good, total, table, target, target + 1, found, n);
    }
}

static void mean_counts(float *good, float *total,
                        const ctr_bucket *const *found, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        good[i] = found[i]->of.mean.sum;
        total[i] = (float)found[i]->of.mean.count;
    }
}

static void frequency_counts(float *good, float *total,
                             const cm_ctr_table *table,
                             const ctr_bucket *const *found, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        good[i] = (float)found[i]->of.counts[0];
        total[i] = (float)table->denominator;
    }
}

/* Source: CatBoost's static CTR provider, also for the keys it does not have;
 * every step in single precision, as it rounds them. */
static void ctr_values(float *out, const cm_ctr_feature *ctr,
                       const cm_ctr_table *table,
                       const ctr_bucket *const *found, size_t n)
{
    float good[BLOCK_ROWS], total[BLOCK_ROWS];
    switch (table->type) {
    case CM_CTR_BORDERS:
    case CM_CTR_BUCKETS:
        target_counts(good, total, table, ctr->target_border, found, n);
        break;
    case CM_CTR_BINARIZED_TARGET_MEAN:
    case CM_CTR_FLOAT_TARGET_MEAN:
        mean_counts(good, total, found, n);
        break;
    case CM_CTR_COUNTER:
    case CM_CTR_FEATURE_FREQ:
        frequency_counts(good, total, table, found, n);
        break;
    }
    for (size_t i = 0; i < n; i++) {
        float mean = (good[i] + ctr->prior_num) / (total[i] + ctr->prior_denom);
        out[i] = (mean + ctr->shift) * ctr->scale;
    }
}

static void one_hot_values(float *out, const cm_one_hot_feature *feature,
                           const number_rows *rows, size_t n)
{
    size_t step;
    const uint32_t *hashes = cat_column(rows, feature->cat_feature, &step);
    for (uint32_t v = 0; v < feature->n_values; v++) {
        for (size_t i = 0; i < n; i++) {
            *out++ = hashes[i * step] == feature->values[v] ? 1.0f : 0.0f;
        }
    }
}

static void table_values(float *out, const category_plan *plan, size_t t,
                         const cm_model *model, const number_rows *rows,
                         size_t n)
{
    const cm_ctr_table *table = &model->ctr_tables[t];
    uint64_t keys[BLOCK_ROWS];
    const ctr_bucket *found[BLOCK_ROWS];
    make_keys(keys, model, &table->projection, rows, n);
    find_buckets(found, &plan->indexes[t], keys, n);
    for (uint32_t i = plan->first_ctr[t]; i < plan->first_ctr[t + 1]; i++) {
        uint32_t c = plan->ctrs[i];
        ctr_values(out + c * n, &model->ctrs[c], table, found, n);
    }
}

void category_values(float *derived, const category_plan *plan,
                     const cm_model *model, const number_rows *rows, size_t n)
{
    for (size_t o = 0; o < model->n_one_hots; o++) {
        const cm_one_hot_feature *feature = &model->one_hots[o];
        one_hot_values(derived + plan->first_value[o] * n, feature, rows, n);
    }
    float *ctrs = derived + plan->first_value[model->n_one_hots] * n;
    for (size_t t = 0; t < model->n_ctr_tables; t++) {
        if (plan->first_ctr[t] < plan->first_ctr[t + 1]) {
            table_values(ctrs, plan, t, model, rows, n);
        }
    }
}
