/* Models with categories: applying against the plain definition, what building
 * keeps and refuses, and that their JSON comes back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/apply_kernel.h"
#include "model/projection.h"
#include "test_model_categories.h"

enum { N_FLOATS = 2, N_CATS = 2 };

typedef struct row {
    float floats[N_FLOATS];
    uint32_t cats[N_CATS];
} row;

/* Values of training and others, so that keys are found and not found. */
static row random_row(cm_rng *rng)
{
    static const uint32_t hashes[] = {7, 0xfffffff0u, 9, 0x80000000u, 1234567};
    row r;
    for (int f = 0; f < N_FLOATS; f++) {
        bool hole = cm_rng_next(rng) % 5 == 0;
        r.floats[f] = hole ? NAN : (float)(cm_rng_unit(rng) * 6 - 2);
    }
    for (int c = 0; c < N_CATS; c++) {
        r.cats[c] = hashes[cm_rng_next(rng) % 5];
    }
    return r;
}

/* ---- what it means, as slowly as it can be said ----------------------- */

static bool above(const cm_float_feature *feature, float value, float border)
{
    return isnan(value) ? feature->nan_treatment == CM_NAN_AS_TRUE
                        : value > border;
}

static uint64_t slow_key(const cm_model *model, const cm_projection *p,
                         const row *r)
{
    const uint64_t m = 0x4906ba494954cb65;
    uint64_t key = 0;
    for (uint32_t i = 0; i < p->n_cats; i++) {
        int64_t hash = (int32_t)r->cats[p->cats[i]];
        key = m * (key + m * (uint64_t)hash);
    }
    for (uint32_t i = 0; i < p->n_float_splits; i++) {
        cm_float_split s = p->float_splits[i];
        bool yes = above(&model->features[s.float_feature],
                         r->floats[s.float_feature], s.border);
        key = m * (key + m * (yes ? 1 : 0));
    }
    for (uint32_t i = 0; i < p->n_one_hot_splits; i++) {
        cm_one_hot_split s = p->one_hot_splits[i];
        key = m * (key + m * (r->cats[s.cat_feature] == s.value ? 1 : 0));
    }
    return key;
}

static float slow_ctr(const cm_model *model, const cm_ctr_feature *ctr,
                      const row *r)
{
    const cm_ctr_table *t = &model->ctr_tables[ctr->table];
    uint64_t key = slow_key(model, &t->projection, r);
    bool frequency =
        t->type == CM_CTR_COUNTER || t->type == CM_CTR_FEATURE_FREQ;
    float good = 0, total = frequency ? (float)t->denominator : 0;
    for (size_t k = 0; k < t->n_keys; k++) {
        const int32_t *counts = t->counts + k * model_ctr_width(t);
        if (t->keys[k] != key) {
            continue;
        }
        good = t->sums ? t->sums[k] : (float)counts[0];
        total = frequency ? total : (float)counts[0];
        if (t->type == CM_CTR_BORDERS) { /* two classes, target border 0 */
            good = (float)counts[1];
            total = (float)(counts[0] + counts[1]);
        } else if (t->type == CM_CTR_BUCKETS) { /* three classes, the first */
            good = (float)counts[0];
            total = (float)(counts[0] + counts[1] + counts[2]);
        }
    }
    float mean = (good + ctr->prior_num) / (total + ctr->prior_denom);
    return (mean + ctr->shift) * ctr->scale;
}

static bool slow_condition(const cm_model *model, cm_split_condition c,
                           const row *r)
{
    uint32_t f = c.feature;
    if (f < model->n_features) {
        const cm_float_feature *feature = &model->features[f];
        return above(feature, r->floats[f], feature->borders[c.border]);
    }
    f -= (uint32_t)model->n_features;
    if (f < model->n_one_hots) {
        const cm_one_hot_feature *o = &model->one_hots[f];
        return r->cats[o->cat_feature] == o->values[c.border];
    }
    const cm_ctr_feature *ctr = &model->ctrs[f - model->n_one_hots];
    return slow_ctr(model, ctr, r) > ctr->borders[c.border];
}

static double slow_apply(const cm_model *model, const row *r)
{
    double sum = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        size_t leaf = 0;
        for (uint32_t d = 0; d < tree->depth; d++) {
            leaf |= (size_t)slow_condition(model, tree->splits[d], r) << d;
        }
        sum += tree->leaf_values[leaf];
    }
    return model->scale * sum + model->bias;
}

/* ---- models ---------------------------------------------------------- */

static cm_model *construct(const model_source *source)
{
    cm_model *model = NULL;
    cm_error err = {0};
    if (model_construct(&model, source, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return model;
}

static bool has_key(const uint64_t *keys, size_t n, uint64_t key)
{
    for (size_t i = 0; i < n; i++) {
        if (keys[i] == key) {
            return true;
        }
    }
    return false;
}

/* The keys of random rows in place of a table's first ones. */
static uint64_t *keys_of_rows(const cm_model *model, const cm_ctr_table *t,
                              cm_rng *rng)
{
    uint64_t *keys = malloc((t->n_keys + 1) * sizeof *keys);
    memcpy(keys, t->keys, t->n_keys * sizeof *keys);
    for (size_t k = 0; k < t->n_keys / 2; k++) {
        row r = random_row(rng);
        uint64_t key = slow_key(model, &t->projection, &r);
        if (!has_key(keys, t->n_keys, key)) {
            keys[k] = key;
        }
    }
    return keys;
}

/* category_model with keys that rows have. */
static cm_model *model_of_rows(uint64_t seed)
{
    cm_model *model = category_model(seed, 40);
    cm_rng rng = cm_rng_stream(seed, 7);
    model_source source = {.parts = model_parts_of(model),
                           .scale = .5,
                           .keep_unused_borders = true};
    cm_ctr_table tables[CATEGORY_TABLES];
    uint64_t *keys[CATEGORY_TABLES];
    for (size_t t = 0; t < CATEGORY_TABLES; t++) {
        keys[t] = keys_of_rows(model, &model->ctr_tables[t], &rng);
        tables[t] = model->ctr_tables[t];
        tables[t].keys = keys[t];
    }
    source.parts.ctr_tables = tables;
    cm_model *again = construct(&source);
    for (size_t t = 0; t < CATEGORY_TABLES; t++) {
        free(keys[t]);
    }
    cm_model_free(model);
    return again;
}

static void check_kernel(const apply_kernel *kernel, const cm_model *model,
                         const number_rows *rows, size_t n,
                         const double *wanted)
{
    double raw[300] = {0};
    apply_with(kernel, model, rows, n, raw);
    assert_memory_equal(raw, wanted, n * sizeof *raw);
}

/* Rows in columns and side by side, plain and with AVX2. */
static void check_batch(const cm_model *model, const row *rows, size_t n,
                        const double *wanted)
{
    float floats[N_FLOATS][300], float_rows[300 * N_FLOATS];
    uint32_t cats[N_CATS][300], cat_rows[300 * N_CATS];
    const float *columns[N_FLOATS] = {floats[0], floats[1]};
    const uint32_t *cat_columns[N_CATS] = {cats[0], cats[1]};
    for (size_t i = 0; i < n; i++) {
        for (size_t f = 0; f < N_FLOATS; f++) {
            floats[f][i] = float_rows[i * N_FLOATS + f] = rows[i].floats[f];
            cats[f][i] = cat_rows[i * N_CATS + f] = rows[i].cats[f];
        }
    }
    const number_rows layouts[] = {
        {.columns = columns, .cats = cat_columns},
        {.rows = float_rows,
         .row_stride = N_FLOATS,
         .cat_rows = cat_rows,
         .cat_stride = N_CATS},
    };
    for (size_t i = 0; i < 2; i++) {
        check_kernel(&apply_kernel_plain, model, &layouts[i], n, wanted);
        if (__builtin_cpu_supports("avx2")) {
            check_kernel(&apply_kernel_avx2, model, &layouts[i], n, wanted);
        }
    }
}

static void check_rows(const cm_model *model, uint64_t seed, size_t n)
{
    cm_rng rng = cm_rng_stream(seed, 8);
    row rows[300];
    double wanted[300];
    for (size_t i = 0; i < n; i++) {
        rows[i] = random_row(&rng);
        wanted[i] = slow_apply(model, &rows[i]);
        double single =
            cm_model_apply_cats_row(model, rows[i].floats, rows[i].cats);
        assert_memory_equal(&single, &wanted[i], sizeof single);
    }
    check_batch(model, rows, n, wanted);
    check_batch(model, rows, 3, wanted);
}

static void applying_is_the_definition(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 30; seed++) {
        cm_model *model = model_of_rows(seed);
        check_rows(model, seed, 300);
        cm_model_free(model);
    }
}

/* So many derived numbers that a block has few rows, and then too many. */
static void wide_models_are_applied_or_refused(void **state)
{
    (void)state;
    static uint32_t values[40000];
    for (uint32_t v = 0; v < 40000; v++) {
        values[v] = v;
    }
    cm_model *model = model_of_rows(5), *wide = NULL;
    cm_one_hot_feature one_hot = {1, 3000, values};
    cm_split_condition splits[] = {{2, 7}, {2, 2999}, {0, 1}, {3, 0}};
    cm_tree tree = {4, splits, model->trees[0].leaf_values, NULL};
    model_source source = {.parts = model_parts_of(model),
                           .scale = 1,
                           .keep_unused_borders = true};
    source.parts.one_hots = &one_hot;
    source.parts.n_ctr_tables = source.parts.n_ctrs = 1;
    source.parts.trees = &tree;
    source.parts.n_trees = 1;
    wide = construct(&source);
    check_rows(wide, 6, 100);
    cm_model_free(wide);
    one_hot.n_values = 40000;
    cm_error err = {0};
    assert_int_equal(model_construct(&wide, &source, &err), CM_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "40001"));
    cm_model_free(model);
}

/* ---- building -------------------------------------------------------- */

/* One tree that asks for the CTR of table 1, which combines everything. */
static void building_keeps_what_trees_use(void **state)
{
    (void)state;
    cm_model *model = model_of_rows(3), *small = NULL;
    cm_model_parts parts = model_parts_of(model);
    uint32_t ctr = 0;
    while (model->ctr_tables[model->ctrs[ctr].table].type != CM_CTR_BUCKETS) {
        ctr++;
    }
    cm_split_condition split = {3 + ctr, 1};
    cm_tree tree = {1, &split, model->trees[0].leaf_values, NULL};
    parts.trees = &tree;
    parts.n_trees = 1;
    assert_int_equal(cm_model_build(&small, &parts, NULL), CM_OK);
    assert_int_equal(small->n_cat_features, 2);
    assert_int_equal(small->n_ctr_tables, 1);
    assert_int_equal(small->n_ctrs, 1);
    assert_int_equal(small->ctr_tables[0].type, CM_CTR_BUCKETS);
    assert_int_equal(small->ctrs[0].table, 0);
    assert_int_equal(small->ctrs[0].n_borders, 1);
    assert_int_equal(small->features[0].n_borders, 1);
    assert_true(small->features[0].borders[0] == .25f);
    assert_int_equal(small->n_one_hots, 1);
    assert_int_equal(small->one_hots[0].n_values, 1);
    assert_int_equal(small->one_hots[0].values[0], 0xfffffff0u);
    assert_int_equal(small->trees[0].splits[0].feature, 3);
    assert_int_equal(small->trees[0].splits[0].border, 0);
    assert_null(small->class_names[0]); /* a regression */
    check_rows(small, 3, 50);
    cm_model_free(small);
    cm_model_free(model);
}

static void assert_not_built(const cm_model_parts *parts, const char *part)
{
    cm_model *model = NULL;
    cm_error err = {0};
    const model_source source = {
        .parts = *parts, .scale = 1, .keep_unused_borders = true};
    assert_int_not_equal(model_construct(&model, &source, &err), CM_OK);
    assert_null(model);
    if (strstr(err.message, part) == NULL) {
        fail_msg("no \"%s\" in: %s", part, err.message);
    }
}

static void wrong_features_are_refused(void **state)
{
    (void)state;
    cm_model *model = category_model(1, 8);
    cm_model_parts parts = model_parts_of(model);
    cm_one_hot_feature one_hots[2] = {model->one_hots[0], model->one_hots[0]};
    parts.one_hots = one_hots;
    one_hots[0].cat_feature = 2;
    assert_not_built(&parts, "categorical feature 2");
    parts.n_one_hots = 2;
    one_hots[0].cat_feature = 0;
    assert_not_built(&parts, "one a category");
    parts = model_parts_of(model);
    cm_ctr_feature ctrs[CATEGORY_TABLES];
    memcpy(ctrs, model->ctrs, sizeof ctrs);
    parts.ctrs = ctrs;
    ctrs[1].table = CATEGORY_TABLES;
    assert_not_built(&parts, "is of table 6");
    ctrs[1] = model->ctrs[1];
    ctrs[1].scale = INFINITY;
    assert_not_built(&parts, "finite numbers");
    ctrs[1] = model->ctrs[1];
    ctrs[1].borders = (const float[]){3, 2, 1};
    assert_not_built(&parts, "CTR feature 1: border 1");
    for (size_t c = 0; c < CATEGORY_TABLES; c++) {
        ctrs[c] = model->ctrs[c];
        ctrs[c].target_border = 3;
    }
    assert_not_built(&parts, "target border 3");
    cm_model_free(model);
}

static void wrong_tables_are_refused(void **state)
{
    (void)state;
    cm_model *model = category_model(1, 8);
    cm_model_parts parts = model_parts_of(model);
    cm_ctr_table tables[CATEGORY_TABLES];
    const cm_float_split no_border = {0, .3f};
    const cm_one_hot_split no_value = {1, 7};
    const uint32_t no_cat = 2;
    uint64_t keys[8];
    int32_t counts[8 * 3];
    parts.ctr_tables = tables;
#define RESET() memcpy(tables, model->ctr_tables, sizeof tables)
    RESET();
    tables[5].projection.cats = &no_cat;
    tables[5].projection.n_cats = 1;
    assert_not_built(&parts, "categorical feature 2");
    RESET();
    tables[5].projection.float_splits = &no_border;
    tables[5].projection.n_float_splits = 1;
    assert_not_built(&parts, "border 0.3");
    RESET();
    tables[5].projection.one_hot_splits = &no_value;
    tables[5].projection.n_one_hot_splits = 1;
    assert_not_built(&parts, "no one-hot value");
    RESET();
    tables[2] = tables[1];
    assert_not_built(&parts, "the same");
    RESET();
    memcpy(keys, tables[0].keys, sizeof keys);
    keys[3] = keys[5];
    tables[0].keys = keys;
    assert_not_built(&parts, "twice");
    keys[3] = UINT64_MAX;
    assert_not_built(&parts, "all ones");
    RESET();
    memset(counts, 0, sizeof counts);
    counts[2] = -1;
    tables[0].counts = counts;
    assert_not_built(&parts, "negative");
    RESET();
    tables[0].type = (cm_ctr_type)6;
    assert_not_built(&parts, "known type");
#undef RESET
    cm_model_free(model);
}

static uint64_t unmix(uint64_t mixed)
{
    uint64_t inverse = 1; /* of the multiplier, modulo 2^64 */
    for (int i = 0; i < 6; i++) {
        inverse *= 2 - 0x9e3779b97f4a7c15 * inverse;
    }
    mixed *= inverse;
    return mixed ^ mixed >> 32;
}

/* Keys that all start at one bucket would be searched for quadratically. */
static void keys_made_to_collide_are_refused(void **state)
{
    (void)state;
    enum { N = 6000 };
    static uint64_t keys[N];
    static int32_t counts[N];
    cm_model *model = category_model(1, 8);
    cm_model_parts parts = model_parts_of(model);
    cm_ctr_table tables[CATEGORY_TABLES];
    memcpy(tables, model->ctr_tables, sizeof tables);
    for (uint64_t k = 0; k < N; k++) {
        uint64_t mixed = k << 32; /* its low half is the bucket */
        keys[k] = unmix(mixed | k);
    }
    for (size_t t = 0; t < CATEGORY_TABLES; t++) {
        if (tables[t].type == CM_CTR_COUNTER) {
            tables[t].n_keys = N;
            tables[t].keys = keys;
            tables[t].counts = counts;
        }
    }
    parts.ctr_tables = tables;
    assert_not_built(&parts, "collide");
    cm_model_free(model);
}

/* ---- JSON ------------------------------------------------------------ */

static cm_buf text_of(const cm_model *model)
{
    cm_buf text = {0};
    assert_int_equal(cm_model_format_json(model, &text, NULL), CM_OK);
    return text;
}

static cm_model *parse(cm_str text)
{
    cm_model *model = NULL;
    cm_error err = {0};
    if (cm_model_parse_json(&model, text, "m.json", &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void a_model_comes_back(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 10; seed++) {
        cm_model *model = model_of_rows(seed);
        cm_buf text = text_of(model);
        cm_model *again = parse((cm_str){text.p, text.n});
        cm_buf twice = text_of(again);
        check_rows(again, seed, 30);
        assert_int_equal(text.n, twice.n);
        assert_memory_equal(text.p, twice.p, text.n);
        assert_int_equal(again->cat_features[1].flat_index, 3);
        assert_string_equal(again->cat_features[1].name, "d\xc3\xa9vice");
        cm_buf_release(&text);
        cm_buf_release(&twice);
        cm_model_free(model);
        cm_model_free(again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applying_is_the_definition),
        cmocka_unit_test(wide_models_are_applied_or_refused),
        cmocka_unit_test(building_keeps_what_trees_use),
        cmocka_unit_test(wrong_features_are_refused),
        cmocka_unit_test(wrong_tables_are_refused),
        cmocka_unit_test(keys_made_to_collide_are_refused),
        cmocka_unit_test(a_model_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
