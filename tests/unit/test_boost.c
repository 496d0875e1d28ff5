/* The trainer as a whole: determinism, limits, callbacks, and agreement with
 * the readable reference. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "ref/ref_train.h"
#include "test_boost_models.h"

static void thread_counts_give_the_same_bits(void **state)
{
    (void)state;
    const int threads[] = {2, 3, 5};
    boost_data data;
    boost_data_init(&data, 70001, 12, MIXED, 1);
    for (int bootstrap = 0; bootstrap <= CM_BOOTSTRAP_NO; bootstrap++) {
        cm_train_options options = options_of(4, 6);
        options.bootstrap = bootstrap;
        options.rsm = 0.8;
        options.n_threads = 1;
        cm_trained *one = must_train(&data.set, &options);
        for (size_t k = 0; k < 3; k++) {
            options.n_threads = threads[k];
            cm_trained *many = must_train(&data.set, &options);
            assert_true(same_models(one, many));
            cm_trained_free(many);
        }
        cm_trained_free(one);
    }
    boost_data_release(&data);
}

static void seeds_give_different_models(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 3000, 12, MIXED, 2);
    cm_train_options options = options_of(5, 4);
    cm_trained *a = must_train(&data.set, &options);
    options.random_seed = 1;
    cm_trained *b = must_train(&data.set, &options);
    assert_false(same_models(a, b));
    cm_trained_free(a);
    cm_trained_free(b);
    boost_data_release(&data);
}

/* Also with cells instead of rows (above 32,768 rows), and a high rate that
 * spreads the scores. */
static void reported_loss_is_that_of_the_trees(void **state)
{
    (void)state;
    const size_t sizes[] = {2, 99, 5000, 50000};
    for (size_t k = 0; k < 4; k++) {
        boost_data data;
        boost_data_init(&data, sizes[k], 12, MIXED, 3);
        data.labels[0] = 0;
        data.labels[1] = 1;
        for (int bootstrap = 0; bootstrap <= CM_BOOTSTRAP_NO; bootstrap++) {
            cm_train_options options = options_of(12, 5);
            options.bootstrap = bootstrap;
            options.learning_rate = 0.6;
            options.boost_from_average = bootstrap % 2 == 0;
            cm_trained *trained = must_train(&data.set, &options);
            assert_near(log_loss_of(&data.set, trained),
                        trained->train_log_loss, 2e-8);
            assert_int_equal(trained->n_trees, 12);
            cm_trained_free(trained);
        }
        boost_data_release(&data);
    }
}

static void leaf_weights_count_rows(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 40000, 12, MIXED, 4);
    cm_train_options options = options_of(2, 6);
    cm_trained *trained = must_train(&data.set, &options);
    for (size_t t = 0; t < trained->n_trees; t++) {
        double counts[64] = {0};
        for (size_t i = 0; i < data.set.n_rows; i++) {
            counts[leaf_of(&data.set, &trained->trees[t], i)]++;
        }
        assert_memory_equal(counts, trained->trees[t].leaf_weights,
                            sizeof(double) << trained->trees[t].depth);
    }
    cm_trained_free(trained);
    boost_data_release(&data);
}

static void compare_with_reference(const boost_data *data,
                                   cm_train_options options)
{
    ref_tree trees[8];
    cm_train_options_resolve(&options, data->set.n_rows, data->set.n_features);
    double loss = ref_train(trees, &data->set, &options);
    cm_trained *trained = must_train(&data->set, &options);
    for (size_t t = 0; t < trained->n_trees; t++) {
        const cm_tree *tree = &trained->trees[t];
        assert_int_equal(tree->depth, trees[t].depth);
        assert_memory_equal(tree->splits, trees[t].splits,
                            tree->depth * sizeof *tree->splits);
        for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
            assert_near(tree->leaf_values[l], trees[t].leaf_values[l], 2e-7);
            assert_true(tree->leaf_weights[l] == trees[t].leaf_weights[l]);
        }
    }
    assert_near(trained->train_log_loss, loss, 1e-8);
    cm_trained_free(trained);
}

static void agrees_with_the_reference(void **state)
{
    (void)state;
    const uint16_t n_bins[6] = {12, 5, 2, 9, 1, 2};
    for (int k = 0; k < 16; k++) {
        boost_data data;
        boost_data_init(&data, 700, 6, n_bins, 10 + (uint64_t)k);
        cm_train_options options = options_of(8, k % 4 < 2 ? 3 : 5);
        options.bootstrap = CM_BOOTSTRAP_NO;
        options.random_strength = 0;
        options.score_function = (cm_score_function)(k % 4);
        options.leaf_estimation_method =
            k & 4 ? CM_LEAF_GRADIENT : CM_LEAF_NEWTON;
        options.leaf_estimation_iterations = k & 8 ? 6 : 1;
        options.leaf_estimation_backtracking = k != 9;
        options.l2_leaf_reg = k % 3;
        compare_with_reference(&data, options);
        boost_data_release(&data);
    }
}

/* Weights of 0 to 4, a start, or both; rows and, with 40,000 of them, cells. */
static void agrees_with_the_reference_on_weights(void **state)
{
    (void)state;
    const uint16_t n_bins[4] = {6, 5, 2, 9};
    const size_t sizes[] = {700, 40000};
    for (int k = 0; k < 6; k++) {
        boost_data data;
        size_t n = sizes[k % 2];
        boost_data_init(&data, n, 4, n_bins, 30 + (uint64_t)k);
        float *weights = malloc(n * sizeof *weights);
        double *baseline = malloc(n * sizeof *baseline);
        assert_true(weights != NULL && baseline != NULL);
        for (size_t i = 0; i < n; i++) {
            weights[i] = (float)(i % 5);
            baseline[i] = (double)(i % 7) / 8 - 0.5;
        }
        data.set.weights = k < 4 ? weights : NULL;
        data.set.baseline = k >= 2 ? baseline : NULL;
        cm_train_options options = options_of(4, 3);
        options.bootstrap = CM_BOOTSTRAP_NO;
        options.random_strength = 0;
        options.leaf_estimation_iterations = 3;
        compare_with_reference(&data, options);
        free(weights);
        free(baseline);
        boost_data_release(&data);
    }
}

/* 40,000 rows: leaf values come from cells, not from rows. */
static void agrees_with_the_reference_on_many_rows(void **state)
{
    (void)state;
    const uint16_t n_bins[4] = {6, 5, 2, 9};
    boost_data data;
    boost_data_init(&data, 40000, 4, n_bins, 5);
    cm_train_options options = options_of(5, 3);
    options.bootstrap = CM_BOOTSTRAP_NO;
    options.random_strength = 0;
    options.leaf_estimation_iterations = 10;
    options.learning_rate = 0.5;
    compare_with_reference(&data, options);
    boost_data_release(&data);
}

/* Two features of two bins tell four kinds of rows apart: no tree is deeper
 * than two, and asking for more changes nothing. */
static void stops_at_redundant_splits(void **state)
{
    (void)state;
    const uint16_t n_bins[3] = {2, 1, 2};
    boost_data data;
    boost_data_init(&data, 500, 3, n_bins, 6);
    cm_train_options options = options_of(5, 16);
    cm_trained *trained = must_train(&data.set, &options);
    for (size_t t = 0; t < trained->n_trees; t++) {
        assert_in_range(trained->trees[t].depth, 1, 2);
        for (uint32_t d = 0; d < trained->trees[t].depth; d++) {
            assert_int_not_equal(trained->trees[t].splits[d].feature, 1);
        }
    }
    cm_trained_free(trained);
    boost_data_release(&data);
}

/* rsm may leave a level without candidates: the tree ends there. */
static void survives_levels_without_candidates(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 500, 12, MIXED, 7);
    cm_train_options options = options_of(20, 4);
    options.rsm = 0.02;
    cm_trained *trained = must_train(&data.set, &options);
    bool some_short = false;
    for (size_t t = 0; t < trained->n_trees; t++) {
        some_short |= trained->trees[t].depth < 4;
    }
    assert_true(some_short);
    assert_near(log_loss_of(&data.set, trained), trained->train_log_loss, 2e-8);
    cm_trained_free(trained);
    boost_data_release(&data);
}

static void expect_failure(const cm_train_set *set,
                           const cm_train_options *options, cm_status status,
                           const char *text)
{
    cm_trained *trained = NULL;
    cm_error err;
    assert_int_equal(cm_train(&trained, set, options, NULL, NULL, &err),
                     status);
    assert_null(trained);
    assert_int_equal(err.code, status);
    if (strstr(err.message, text) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, text);
    }
}

static void refuses_useless_data(void **state)
{
    (void)state;
    const uint16_t constant[2] = {1, 1};
    boost_data data;
    cm_train_options options = options_of(2, 3);
    boost_data_init(&data, 10, 2, constant, 8);
    data.labels[0] = 0;
    data.labels[1] = 1;
    expect_failure(&data.set, &options, CM_ERR_DATA, "constant");
    data.n_bins[0] = 300;
    expect_failure(&data.set, &options, CM_ERR_DATA, "300 bins");
    data.n_bins[0] = 2;
    data.labels[7] = 2;
    expect_failure(&data.set, &options, CM_ERR_DATA, "row 7 is 2");
    memset(data.labels, 1, 10);
    expect_failure(&data.set, &options, CM_ERR_DATA, "only one unique value");
    memset(data.labels, 0, 10);
    expect_failure(&data.set, &options, CM_ERR_DATA, "only one unique value");
    data.set.n_rows = 1;
    expect_failure(&data.set, &options, CM_ERR_DATA, "only one unique value");
    data.set.n_rows = 0;
    expect_failure(&data.set, &options, CM_ERR_DATA, "0 rows");
    data.set.n_rows = 10;
    data.set.n_features = 0;
    expect_failure(&data.set, &options, CM_ERR_DATA, "0 features");
    boost_data_release(&data);
}

static void refuses_useless_weights_and_starts(void **state)
{
    (void)state;
    boost_data data;
    cm_train_options options = options_of(2, 3);
    boost_data_init(&data, 10, 12, MIXED, 8);
    data.labels[0] = 0;
    data.labels[1] = 1;
    float weights[10] = {0};
    double baseline[10] = {0};
    data.set.weights = weights;
    expect_failure(&data.set, &options, CM_ERR_DATA, "all 10 weights are 0");
    weights[3] = -1;
    expect_failure(&data.set, &options, CM_ERR_DATA, "row 3 is -1");
    weights[3] = NAN;
    expect_failure(&data.set, &options, CM_ERR_DATA, "weight of row 3");
    data.set.weights = NULL;
    data.set.baseline = baseline;
    baseline[9] = INFINITY;
    expect_failure(&data.set, &options, CM_ERR_DATA, "baseline of row 9");
    boost_data_release(&data);
}

static void refuses_an_empty_sample(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 20, 12, MIXED, 9);
    cm_train_options options = options_of(50, 2);
    options.bootstrap = CM_BOOTSTRAP_BERNOULLI;
    options.subsample = 0.001;
    expect_failure(&data.set, &options, CM_ERR_DATA, "larger subsample");
    boost_data_release(&data);
}

static void refuses_wrong_options(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 200, 12, MIXED, 10);
    cm_train_options good = options_of(2, 3), bad = good;
    bad.iterations = 0;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "iterations");
    bad = good, bad.depth = 17;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "depth is 17");
    bad = good, bad.depth = 0;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "depth");
    bad = good, bad.rsm = 0;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "rsm");
    bad = good, bad.subsample = 1.5;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "subsample");
    bad = good, bad.random_strength = 1e31;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "random_strength");
    bad = good, bad.learning_rate = NAN;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "learning_rate");
    bad = good, bad.bootstrap = 9;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "bootstrap");
    bad = good, bad.bootstrap = CM_BOOTSTRAP_NO, bad.subsample = 0.5;
    expect_failure(&data.set, &bad, CM_ERR_USAGE, "takes every row");
    boost_data_release(&data);
}

typedef struct watcher {
    uint32_t calls, last_call;
    cm_train_verdict verdict; /* at the last call */
    double last_loss;
} watcher;

static cm_train_verdict watch(void *context, const cm_train_progress *p)
{
    watcher *w = context;
    w->calls++;
    assert_int_equal(p->iteration, w->calls);
    assert_int_equal(p->iterations, 10);
    assert_true(p->train_log_loss < w->last_loss);
    assert_true(p->tree->depth > 0);
    w->last_loss = p->train_log_loss;
    return w->calls == w->last_call ? w->verdict : CM_TRAIN_GO_ON;
}

static void callbacks_follow_and_stop(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 2000, 12, MIXED, 11);
    cm_train_options options = options_of(10, 3);
    cm_trained *trained = NULL;
    cm_error err;
    watcher all = {.last_loss = log(2)};
    watcher some = {0, 4, CM_TRAIN_STOP, log(2)};
    watcher none = {0, 4, CM_TRAIN_ABORT, log(2)};
    assert_int_equal(cm_train(&trained, &data.set, &options, watch, &all, &err),
                     CM_OK);
    assert_int_equal(all.calls, 10);
    assert_true(all.last_loss == trained->train_log_loss);
    cm_trained_free(trained);
    assert_int_equal(
        cm_train(&trained, &data.set, &options, watch, &some, &err), CM_OK);
    assert_int_equal(trained->n_trees, 4);
    cm_trained_free(trained);
    assert_int_equal(
        cm_train(&trained, &data.set, &options, watch, &none, &err),
        CM_ERR_INTERRUPTED);
    assert_null(trained);
    assert_int_equal(none.calls, 4);
    assert_non_null(strstr(err.message, "4 of 10 trees"));
    boost_data_release(&data);
}

/* Very uneven weights overflow the first units, which are then made coarser. */
static void heavy_weights_do_not_overflow(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 20000, 12, MIXED, 12);
    cm_train_options options = options_of(3, 4);
    options.bootstrap = CM_BOOTSTRAP_BAYESIAN;
    options.bagging_temperature = 6;
    cm_trained *trained = must_train(&data.set, &options);
    assert_true(trained->train_log_loss < log(2));
    cm_trained_free(trained);
    options.bootstrap = CM_BOOTSTRAP_MVS;
    options.mvs_reg = 0;
    options.subsample = 0.05;
    trained = must_train(&data.set, &options);
    assert_true(trained->train_log_loss < log(2));
    cm_trained_free(trained);
    boost_data_release(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread_counts_give_the_same_bits),
        cmocka_unit_test(seeds_give_different_models),
        cmocka_unit_test(reported_loss_is_that_of_the_trees),
        cmocka_unit_test(leaf_weights_count_rows),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(agrees_with_the_reference_on_weights),
        cmocka_unit_test(agrees_with_the_reference_on_many_rows),
        cmocka_unit_test(stops_at_redundant_splits),
        cmocka_unit_test(survives_levels_without_candidates),
        cmocka_unit_test(refuses_useless_data),
        cmocka_unit_test(refuses_useless_weights_and_starts),
        cmocka_unit_test(refuses_an_empty_sample),
        cmocka_unit_test(refuses_wrong_options),
        cmocka_unit_test(callbacks_follow_and_stop),
        cmocka_unit_test(heavy_weights_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
