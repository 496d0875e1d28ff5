/* SHAP values against their definition, and what must hold for them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/explain.h"
#include "ref/ref_shap.h"
#include "test_model_pencil.h"
#include "test_model_random.h"

static void assert_near(double a, double b, double within)
{
    if (!(fabs(a - b) <= within)) {
        fail_msg("%.17g is not %.17g", a, b);
    }
}

/* Rows of a random model, with the columns that hold them. */
typedef struct test_rows {
    size_t n;
    float *values;         /* (features, n) */
    const float **columns; /* (features) */
} test_rows;

static test_rows random_rows(const cm_model *model, size_t n, uint64_t seed)
{
    test_rows r = {.n = n};
    cm_rng rng = cm_rng_stream(seed, 3);
    r.values = calloc(model->n_features * n, sizeof *r.values);
    r.columns = calloc(model->n_features, sizeof *r.columns);
    for (size_t f = 0; f < model->n_features; f++) {
        r.columns[f] = r.values + f * n;
        for (size_t i = 0; i < n; i++) {
            r.values[f * n + i] = below(&rng, 20) == 0
                                      ? NAN
                                      : (float)cm_rng_unit(&rng) * 2.4f - 1.2f;
        }
    }
    return r;
}

static void rows_release(test_rows *r)
{
    free(r->values);
    free(r->columns);
}

static void row_of(float *out, const test_rows *r, size_t n_features, size_t i)
{
    for (size_t f = 0; f < n_features; f++) {
        out[f] = r->columns[f][i];
    }
}

static double *shap_of(const cm_model *model, const test_rows *r, int n_threads)
{
    cm_error err = {0};
    double *out = calloc(r->n * (model->n_features + 1), sizeof *out);
    cm_explain_rows rows = {
        .n = r->n, .columns = r->columns, .n_threads = n_threads};
    if (cm_model_shap(model, &rows, out, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return out;
}

static void raise_weights(cm_model *model)
{
    for (size_t t = 0; t < model->n_trees; t++) {
        double *weights = (double *)(uintptr_t)model->trees[t].leaf_weights;
        for (size_t l = 0; l < (size_t)1 << model->trees[t].depth; l++) {
            weights[l] += 1;
        }
    }
}

/* Leaves without training rows, and so without a value: in single places, and
 * half trees. */
static void clear_some_weights(cm_model *model, uint64_t seed)
{
    cm_rng rng = cm_rng_stream(seed, 4);
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        size_t n_leaves = (size_t)1 << tree->depth;
        double *weights = (double *)(uintptr_t)tree->leaf_weights;
        for (size_t l = 0; l + 1 < n_leaves; l++) {
            weights[l] *= below(&rng, 3) > 0;
        }
        for (size_t l = 0; t % 3 == 0 && l < n_leaves / 2; l++) {
            weights[l] = 0;
        }
        weights[n_leaves - 1] += 1;
        double *values = (double *)(uintptr_t)tree->leaf_values;
        for (size_t l = 0; l < n_leaves; l++) {
            values[l] = weights[l] == 0 ? 0 : values[l];
        }
    }
}

static void check_against_definition(uint64_t seed, const random_shape *shape,
                                     size_t n, bool with_zeros)
{
    float row[REF_SHAP_FEATURES];
    double wanted[REF_SHAP_FEATURES + 1];
    cm_model *model = random_model(seed, shape);
    test_rows r = random_rows(model, n, seed);
    raise_weights(model);
    if (with_zeros) {
        clear_some_weights(model, seed);
    }
    double *shap = shap_of(model, &r, 1);
    size_t width = shape->n_features + 1;
    for (size_t i = 0; i < n; i++) {
        row_of(row, &r, shape->n_features, i);
        ref_shap(wanted, model, row);
        for (size_t f = 0; f < width; f++) {
            assert_near(shap[i * width + f], wanted[f], 1e-13);
        }
    }
    free(shap);
    rows_release(&r);
    cm_model_free(model);
}

static void values_follow_the_definition(void **state)
{
    (void)state;
    static const random_shape shapes[] = {
        {.n_features = 1, .n_trees = 2, .max_borders = 5, .max_depth = 3},
        {.n_features = 2, .n_trees = 5, .max_borders = 9, .max_depth = 6},
        {.n_features = 4, .n_trees = 9, .max_borders = 3, .max_depth = 5},
        {.n_features = 9, .n_trees = 4, .max_borders = 3, .max_depth = 4},
        {.n_features = 3, .n_trees = 0, .max_borders = 2, .max_depth = 1},
    };
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        random_shape shape = shapes[s];
        shape.low = -1;
        shape.high = 1;
        for (size_t n = 1; n <= 40; n += 13) { /* with and without tables */
            check_against_definition(s + n, &shape, n, false);
            check_against_definition(s + n, &shape, n, true);
        }
    }
}

/* The numbers of a row and its raw value agree, deep trees included. */
static void values_add_up(void **state)
{
    (void)state;
    static const random_shape shape = {.n_features = 300,
                                       .n_trees = 30,
                                       .max_borders = 20,
                                       .max_depth = 13,
                                       .low = -1,
                                       .high = 1};
    enum { N = 150 };
    cm_model *model = random_model(5, &shape);
    raise_weights(model);
    test_rows r = random_rows(model, N, 5);
    double raw[N], *shap = shap_of(model, &r, 2);
    cm_model_apply(model, r.columns, N, raw);
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t f = 0; f <= shape.n_features; f++) {
            sum += shap[i * (shape.n_features + 1) + f];
        }
        assert_near(sum, raw[i], 1e-12);
    }
    free(shap);
    rows_release(&r);
    cm_model_free(model);
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    static const random_shape shape = {.n_features = 12,
                                       .n_trees = 40,
                                       .max_borders = 9,
                                       .max_depth = 10,
                                       .low = -1,
                                       .high = 1};
    enum { N = 700 };
    cm_model *model = random_model(7, &shape);
    clear_some_weights(model, 7);
    test_rows r = random_rows(model, N, 7);
    double *one = shap_of(model, &r, 1), *four = shap_of(model, &r, 4);
    assert_memory_equal(one, four, N * 13 * sizeof *one);
    free(one);
    free(four);
    rows_release(&r);
    cm_model_free(model);
}

/* ---- a tree to follow with a pencil ------------------------------------- */

static void the_worked_example_holds(void **state)
{
    (void)state;
    pencil p;
    cm_model *model = pencil_build(pencil_init(&p));
    float site = .5f, app = 6;
    const float *columns[] = {&site, &app};
    double out[3];
    cm_explain_rows rows = {.n = 1, .columns = columns, .n_threads = 1};
    assert_int_equal(cm_model_shap(model, &rows, out, NULL), CM_OK);
    assert_near(out[0], .0375, 1e-15);
    assert_near(out[1], .1325, 1e-15);
    assert_near(out[2], 1.23, 1e-15);
    assert_int_equal(cm_model_input_count(model), 2);
    assert_string_equal(cm_model_input_name(model, 1), "app");
    assert_null(cm_model_input_name(model, 2));
    cm_model_free(model);
}

static void trees_without_weights_are_refused(void **state)
{
    (void)state;
    pencil p;
    cm_model *model = pencil_build(pencil_init(&p));
    double *weights = (double *)(uintptr_t)model->trees[0].leaf_weights;
    memset(weights, 0, 4 * sizeof *weights);
    cm_explainer *explainer = NULL;
    cm_error err = {0};
    assert_int_equal(cm_explainer_new_for(&explainer, model, NULL, &err),
                     CM_ERR_DATA);
    assert_null(explainer);
    assert_non_null(strstr(err.message, "tree 0"));
    assert_non_null(strstr(err.message, "leaf_weights"));
    cm_model_free(model);
}

/* ---- clickmill.h ------------------------------------------------------- */

enum { CLICKS = 3, INPUTS = 4 }; /* of examples/clicks.cbm */

static const float numbers[CLICKS * 3] = {.5f, 20,  -1, 2.25f, 3,
                                          -1,  NAN, 12, -1};
static const char *const texts[CLICKS * 2] = {"games",   "phone", "news",
                                              "desktop", "mail",  "tablet"};

static cm_model *load_clicks(void)
{
    cm_error err = {0};
    cm_model *model = NULL;
    if (cm_model_load(&model, "examples/clicks.cbm", &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(cm_model_input_count(model), INPUTS);
    return model;
}

static void texts_and_hashes_explain_alike(void **state)
{
    (void)state;
    cm_model *model = load_clicks();
    uint32_t hashes[CLICKS * 2];
    double by_text[CLICKS][INPUTS + 1], by_hash[CLICKS][INPUTS + 1];
    double ready[CLICKS][INPUTS + 1], raw[CLICKS];
    cm_explainer *explainer = NULL;
    for (size_t i = 0; i < CLICKS * 2; i++) {
        hashes[i] = cm_category_hash(texts[i], strlen(texts[i]));
    }
    cm_model_input input = {.count = CLICKS,
                            .numbers = numbers,
                            .number_stride = 3,
                            .texts = texts};
    assert_int_equal(cm_model_predict(model, &input, CM_PREDICT_RAW, raw, NULL),
                     CM_OK);
    assert_int_equal(cm_model_explain(model, &input, by_text[0], NULL), CM_OK);
    assert_int_equal(cm_explainer_new(&explainer, model, NULL), CM_OK);
    assert_int_equal(cm_explainer_explain(explainer, &input, ready[0], NULL),
                     CM_OK);
    input.texts = NULL;
    input.hashes = hashes;
    assert_int_equal(cm_model_explain(model, &input, by_hash[0], NULL), CM_OK);
    assert_memory_equal(by_text, by_hash, sizeof by_text);
    assert_memory_equal(by_text, ready, sizeof by_text);
    for (size_t i = 0; i < CLICKS; i++) {
        double sum = 0;
        for (size_t j = 0; j <= INPUTS; j++) {
            sum += by_text[i][j];
        }
        assert_near(sum, raw[i], 1e-12);
    }
    cm_explainer_free(explainer);
    cm_model_free(model);
}

static void rows_without_their_parts_are_refused(void **state)
{
    (void)state;
    cm_model *model = load_clicks();
    double out[CLICKS * (INPUTS + 1)];
    cm_error err = {0};
    cm_model_input input = {.count = CLICKS, .numbers = numbers};
    assert_int_equal(cm_model_explain(model, &input, out, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "2 categories"));
    input = (cm_model_input){.count = CLICKS, .texts = texts};
    assert_int_equal(cm_model_explain(model, &input, out, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "2 numbers"));
    cm_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_follow_the_definition),
        cmocka_unit_test(values_add_up),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(the_worked_example_holds),
        cmocka_unit_test(trees_without_weights_are_refused),
        cmocka_unit_test(texts_and_hashes_explain_alike),
        cmocka_unit_test(rows_without_their_parts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
