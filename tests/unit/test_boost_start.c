/* Trainings that go on from something, and monotone constraints. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "boost/monotone.h"
#include "test_boost_models.h"

/* The bits that an undisturbed training would have given, after any tree. */
static void goes_on_where_it_stopped(void **state)
{
    (void)state;
    const size_t sizes[] = {3000, 70000};
    for (int k = 0; k < 2; k++) {
        boost_data data;
        boost_data_init(&data, sizes[k], 12, MIXED, 41);
        for (int bootstrap = 0; bootstrap <= CM_BOOTSTRAP_NO; bootstrap++) {
            cm_train_options options = options_of(9, 5);
            options.bootstrap = bootstrap;
            cm_trained *whole = must_train(&data.set, &options);
            cm_train_set rest = data.set;
            rest.first_trees = whole->trees;
            rest.n_first_trees = 3 + (size_t)bootstrap;
            cm_trained *resumed = must_train(&rest, &options);
            assert_true(same_models(whole, resumed));
            cm_trained_free(whole);
            cm_trained_free(resumed);
        }
        boost_data_release(&data);
    }
}

static void expect_refusal(const cm_train_set *set, const char *text)
{
    cm_train_options options = options_of(2, 2);
    cm_trained *trained = NULL;
    cm_error err;
    assert_int_equal(cm_train(&trained, set, &options, NULL, NULL, &err),
                     CM_ERR_DATA);
    assert_null(trained);
    assert_non_null(strstr(err.message, text));
}

static void refuses_trees_that_do_not_fit(void **state)
{
    (void)state;
    const double values[8] = {0};
    const cm_split_condition good[3] = {{0, 3}, {1, 2}, {2, 0}};
    const cm_split_condition border[1] = {{2, 1}}, feature[1] = {{12, 0}};
    const cm_tree trees[3] = {{1, good, values, values},
                              {1, good, values, values},
                              {1, good, values, values}};
    cm_tree tree = {3, good, values, values};
    boost_data data;
    boost_data_init(&data, 500, 12, MIXED, 42);
    data.set.first_trees = trees;
    data.set.n_first_trees = 3;
    expect_refusal(&data.set, "3 trees to go on from");
    data.set.first_trees = &tree;
    data.set.n_first_trees = 1;
    expect_refusal(&data.set, "tree 0 to go on from does not fit");
    tree.depth = 1;
    tree.splits = border;
    expect_refusal(&data.set, "does not fit");
    tree.splits = feature;
    expect_refusal(&data.set, "does not fit");
    boost_data_release(&data);
}

/* A second training that starts from the first one's scores is as good as one
 * of both lengths. */
static void baseline_continues_a_model(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 5000, 12, MIXED, 43);
    cm_train_options options = options_of(10, 4);
    cm_trained *first = must_train(&data.set, &options);
    double *baseline = malloc(data.set.n_rows * sizeof *baseline);
    assert_non_null(baseline);
    for (size_t i = 0; i < data.set.n_rows; i++) {
        baseline[i] = 0;
        for (size_t t = 0; t < first->n_trees; t++) {
            const cm_tree *tree = &first->trees[t];
            baseline[i] += tree->leaf_values[leaf_of(&data.set, tree, i)];
        }
    }
    data.set.baseline = baseline;
    options.random_seed = 9;
    cm_trained *second = must_train(&data.set, &options);
    data.set.baseline = NULL;
    options.iterations = 20;
    cm_trained *both = must_train(&data.set, &options);
    assert_true(second->train_log_loss < first->train_log_loss);
    assert_near(second->train_log_loss, both->train_log_loss, 5e-3);
    free(baseline);
    cm_trained_free(first);
    cm_trained_free(second);
    cm_trained_free(both);
    boost_data_release(&data);
}

static double score_at(const cm_trained *trained, uint32_t moved, int bin,
                       const boost_data *data, size_t row)
{
    double score = 0;
    for (size_t t = 0; t < trained->n_trees; t++) {
        const cm_tree *tree = &trained->trees[t];
        size_t leaf = 0;
        for (uint32_t d = 0; d < tree->depth; d++) {
            uint32_t f = tree->splits[d].feature;
            uint32_t at = f == moved ? (uint32_t)bin : data->bins[f][row];
            leaf |= (size_t)(at > tree->splits[d].border) << d;
        }
        score += tree->leaf_values[leaf];
    }
    return score;
}

static int falls_of(const cm_trained *trained, uint32_t feature, int direction,
                    const boost_data *data)
{
    int falls = 0;
    for (size_t row = 0; row < 200; row++) {
        double last = score_at(trained, feature, 0, data, row);
        for (int bin = 1; bin < data->n_bins[feature]; bin++) {
            double next = score_at(trained, feature, bin, data, row);
            falls += direction * (next - last) < 0;
            last = next;
        }
    }
    return falls;
}

static void constraints_hold_everywhere(void **state)
{
    (void)state;
    const int8_t monotone[12] = {1, 0, 0, -1, 1, 0, 0, 0, -1, 0, 0, 0};
    boost_data data;
    boost_data_init(&data, 4000, 12, MIXED, 44);
    cm_train_options options = options_of(30, 6);
    cm_trained *free_model = must_train(&data.set, &options);
    data.set.monotone = monotone;
    cm_trained *bound = must_train(&data.set, &options);
    int falls = 0;
    for (uint32_t f = 0; f < 12; f++) {
        if (monotone[f] != 0) {
            assert_int_equal(falls_of(bound, f, monotone[f], &data), 0);
            falls += falls_of(free_model, f, monotone[f], &data);
        }
    }
    assert_true(falls > 0);
    assert_near(bound->train_log_loss, log_loss_of(&data.set, bound), 2e-8);
    assert_true(bound->train_log_loss < log(2));
    cm_trained_free(free_model);
    cm_trained_free(bound);
    boost_data_release(&data);
}

static void projection_pools_by_weight(void **state)
{
    (void)state;
    const int8_t monotone[2] = {1, 0};
    const cm_split_condition splits[2] = {{0, 3}, {1, 1}};
    double values[4] = {3, 1, -1, 5};
    const double weights[4] = {1, 3, 2, 2};
    cm_monotone_project(values, weights, splits, 2, monotone);
    const double expected[4] = {1.5, 1.5, -1, 5};
    assert_memory_equal(values, expected, sizeof values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_where_it_stopped),
        cmocka_unit_test(refuses_trees_that_do_not_fit),
        cmocka_unit_test(baseline_continues_a_model),
        cmocka_unit_test(constraints_hold_everywhere),
        cmocka_unit_test(projection_pools_by_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
