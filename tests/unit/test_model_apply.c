/* Applying models against the plain definition, bit for bit, with every kernel
 * and layout of the values. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "model/apply_kernel.h"
#include "test_model_random.h"

enum { TABLE_ROWS = 300 };

/* What a model means, as slowly as it can be said. */
static double apply_slowly(const cm_model *model, const float *row)
{
    double sum = 0;
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        size_t leaf = 0;
        for (uint32_t d = 0; d < tree->depth; d++) {
            cm_split_condition c = tree->splits[d];
            const cm_float_feature *feature = &model->features[c.feature];
            float value = row[c.feature];
            bool above = isnan(value) ? feature->nan_treatment == CM_NAN_AS_TRUE
                                      : value > feature->borders[c.border];
            leaf += above ? (size_t)1 << d : 0;
        }
        sum += tree->leaf_values[leaf];
    }
    return model->scale * sum + model->bias;
}

/* Mostly ordinary values, sometimes a border itself, sometimes an odd one. */
static float random_value(cm_rng *rng, const cm_float_feature *feature)
{
    static const float odd[] = {NAN,      INFINITY, -INFINITY, FLT_MAX,
                                -FLT_MAX, 0,        -0.0f};
    uint32_t kind = below(rng, 10);
    if (kind == 0) {
        return odd[below(rng, sizeof odd / sizeof *odd)];
    }
    if (kind < 4 && feature->n_borders > 0) {
        return feature->borders[below(rng, feature->n_borders)];
    }
    return (float)(cm_rng_unit(rng) * 2.4 - 1.2);
}

static void assert_same_bits(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

/* Row-major values (N, stride), and the same as columns. */
typedef struct table {
    size_t n_features, stride;
    float *rows;
    const float **columns;
    double wanted[TABLE_ROWS];
} table;

static void table_init(table *t, const cm_model *model, cm_rng *rng)
{
    t->n_features = model->n_features;
    t->stride = model->n_features + below(rng, 3);
    t->rows = calloc(t->stride * TABLE_ROWS, sizeof *t->rows);
    t->columns = calloc(t->n_features, sizeof *t->columns);
    for (size_t f = 0; f < t->n_features; f++) {
        float *column = calloc(TABLE_ROWS, sizeof *column);
        for (size_t i = 0; i < TABLE_ROWS; i++) {
            column[i] = random_value(rng, &model->features[f]);
            t->rows[i * t->stride + f] = column[i];
        }
        t->columns[f] = column;
    }
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        t->wanted[i] = apply_slowly(model, t->rows + i * t->stride);
    }
}

static void table_release(table *t)
{
    for (size_t f = 0; f < t->n_features; f++) {
        free((void *)(uintptr_t)t->columns[f]);
    }
    free(t->columns);
    free(t->rows);
}

static void assert_wanted(const table *t, const double *raw, size_t n)
{
    if (n > 0) {
        assert_memory_equal(raw, t->wanted, n * sizeof *raw);
    }
}

/* Any number of rows, out of columns and out of rows. */
static void check_kernel(const cm_model *model, const apply_kernel *kernel,
                         const table *t)
{
    double raw[TABLE_ROWS];
    for (size_t n = 0; n <= TABLE_ROWS; n += n < 40 ? 1 : 57) {
        memset(raw, 0xff, sizeof raw);
        apply_with(kernel, model, &(number_rows){.columns = t->columns}, n,
                   raw);
        assert_wanted(t, raw, n);
        memset(raw, 0xff, sizeof raw);
        apply_with(kernel, model,
                   &(number_rows){.rows = t->rows, .row_stride = t->stride}, n,
                   raw);
        assert_wanted(t, raw, n);
    }
}

static void check_apply(uint64_t seed, const random_shape *shape)
{
    cm_model *model = random_model(seed, shape);
    cm_rng rng = cm_rng_stream(seed, 2);
    table t;
    table_init(&t, model, &rng);
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        double raw = cm_model_apply_row(model, t.rows + i * t.stride);
        assert_same_bits(raw, t.wanted[i]);
    }
    check_kernel(model, &apply_kernel_plain, &t);
    if (__builtin_cpu_supports("avx2")) {
        check_kernel(model, &apply_kernel_avx2, &t);
    }
    table_release(&t);
    cm_model_free(model);
}

/* Every depth of a slot's search tree, several slots a feature, indexes of one
 * and of two bytes, more slots than a tile takes, more trees than a mask, fewer
 * features than a vector. */
static void every_way_of_applying_gives_the_same_bits(void **state)
{
    (void)state;
    static const random_shape shapes[] = {
        {.n_features = 1, .n_trees = 1, .max_borders = 1, .max_depth = 1},
        {.n_features = 24, .n_trees = 50, .max_borders = 20, .max_depth = 6},
        {.n_features = 5, .n_trees = 133, .max_borders = 254, .max_depth = 8},
        {.n_features = 9, .n_trees = 21, .max_borders = 30, .max_depth = 13},
        {.n_features = 3, .n_trees = 200, .max_borders = 900, .max_depth = 9},
        {.n_features = 8, .n_trees = 900, .max_borders = 250, .max_depth = 5},
        {.n_features = 700, .n_trees = 300, .max_borders = 4, .max_depth = 10},
        {.n_features = 700, .n_trees = 90, .max_borders = 40, .max_depth = 8},
        {.n_features = 2, .n_trees = 0, .max_borders = 4, .max_depth = 3},
    };
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        random_shape shape = shapes[s];
        shape.low = -1;
        shape.high = 1;
        check_apply(s + 1, &shape);
    }
}

/* Slots of every size, so that every depth of search is right at its edges. */
static void every_number_of_borders_is_searched_exactly(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 2 * SLOT_BORDERS + 1; n += n < 20 ? 1 : 9) {
        float borders[2 * SLOT_BORDERS + 1];
        cm_split_condition splits[2 * SLOT_BORDERS + 1];
        cm_tree trees[2 * SLOT_BORDERS + 1];
        double leaves[2] = {0, 1};
        cm_float_feature feature = {
            .name = "f",
            .borders = borders,
            .n_borders = n,
            .nan_treatment = n % 2 ? CM_NAN_AS_TRUE : CM_NAN_AS_FALSE,
        };
        for (uint32_t b = 0; b < n; b++) {
            borders[b] = (float)b - 3;
            splits[b] = (cm_split_condition){0, b};
            trees[b] = (cm_tree){1, &splits[b], leaves, NULL};
        }
        cm_model_parts parts = {.n_features = 1,
                                .features = &feature,
                                .n_trees = n,
                                .trees = trees};
        cm_model *model = NULL;
        assert_int_equal(cm_model_build(&model, &parts, NULL), CM_OK);
        cm_rng rng = cm_rng_stream(n, 3);
        table t;
        table_init(&t, model, &rng);
        check_kernel(model, &apply_kernel_plain, &t);
        if (__builtin_cpu_supports("avx2")) {
            check_kernel(model, &apply_kernel_avx2, &t);
        }
        table_release(&t);
        cm_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_of_applying_gives_the_same_bits),
        cmocka_unit_test(every_number_of_borders_is_searched_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
