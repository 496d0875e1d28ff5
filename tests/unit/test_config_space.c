/* Search spaces: what they may hold, and the points they give. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "config/space.h"

static cm_error err;

static const char usual[] = "depth: [4, 6, 8]\n"
                            "eta: {min: 0.02, max: 0.32, log: true}\n"
                            "l2_leaf_reg: {min: 1, max: 9}\n"
                            "border_count: {min: 30, max: 33}\n"
                            "bootstrap_type: [MVS, Bernoulli]\n";

static double sample(const cm_space *space, size_t d, uint64_t seed, uint64_t i)
{
    cm_buf text = {0};
    double value = 0;
    cm_space_sample(space, d, seed, i, &text);
    assert_true(cm_parse_double((cm_str){text.p, text.n}, &value));
    cm_buf_release(&text);
    return value;
}

static void test_points_lie_in_the_space(void **state)
{
    (void)state;
    cm_space space;
    size_t below = 0, depths[9] = {0}, borders[4] = {0};
    enum { N = 3000 };
    assert_int_equal(cm_space_parse(&space, cm_str_of(usual), "s.yaml", &err),
                     CM_OK);
    assert_int_equal(space.n, 5);
    for (uint64_t i = 0; i < N; i++) {
        double rate = sample(&space, 1, 7, i);
        double count = sample(&space, 3, 7, i);
        depths[(size_t)sample(&space, 0, 7, i)]++;
        assert_true(rate >= .02 && rate <= .32);
        below += rate < .08; /* half way in the logarithm */
        assert_true(sample(&space, 2, 7, i) >= 1);
        assert_true(sample(&space, 2, 7, i) <= 9);
        assert_true(count == floor(count) && count >= 30 && count <= 33);
        borders[(size_t)count - 30]++;
    }
    assert_int_equal(depths[4] + depths[6] + depths[8], N);
    assert_in_range(depths[6], N / 3 - 150, N / 3 + 150);
    assert_in_range(below, N / 2 - 150, N / 2 + 150);
    assert_in_range(borders[3], N / 4 - 150, N / 4 + 150);
    cm_space_release(&space);
}

static void test_a_point_sets_the_configuration(void **state)
{
    (void)state;
    cm_space space;
    cm_config config, again;
    assert_int_equal(cm_space_parse(&space, cm_str_of(usual), "s.yaml", &err),
                     CM_OK);
    assert_int_equal(cm_config_init(&config, &err), CM_OK);
    assert_int_equal(cm_config_init(&again, &err), CM_OK);
    assert_int_equal(cm_space_apply(&space, &config, 1, 5, &err), CM_OK);
    assert_int_equal(cm_space_apply(&space, &again, 1, 5, &err), CM_OK);
    assert_true(config.learning_rate == sample(&space, 1, 1, 5));
    assert_true(config.learning_rate == again.learning_rate);
    assert_int_equal(config.depth, (int64_t)sample(&space, 0, 1, 5));
    assert_string_equal(config.bootstrap_type, again.bootstrap_type);
    assert_int_equal(cm_space_apply(&space, &again, 2, 5, &err), CM_OK);
    assert_true(config.learning_rate != again.learning_rate);
    cm_config_release(&config);
    cm_config_release(&again);
    cm_space_release(&space);
}

static void refuses(const char *text, const char *words)
{
    cm_space space;
    assert_int_not_equal(
        cm_space_parse(&space, cm_str_of(text), "s.yaml", &err), CM_OK);
    cm_space_release(&space);
    if (strstr(err.message, words) == NULL) {
        assert_string_equal(err.message, words);
    }
}

static void test_what_is_no_space(void **state)
{
    (void)state;
    refuses("", "expected a map of parameters to search");
    refuses("depht: [4]\n", "s.yaml:1:1: unknown key depht, near "
                            "train_params.depth; the keys of a space are "
                            "those of train_params");
    refuses("depth: [4, 17]\n", "s.yaml:1:12: train_params.depth: found "
                                "\"17\", expected an integer in [1, 16]");
    refuses("depth: {min: 0, max: 4}\n", "s.yaml:1:14: train_params.depth: "
                                         "found \"0\"");
    refuses("depth: {min: 6, max: 4}\n", "the range from 6 to 4 is empty");
    refuses("rsm: {min: 0.5}\n", "train_params.rsm: max is missing");
    refuses("rsm: {min: 0.5, max: 1, step: 1}\n", "found \"step\"");
    refuses("random_strength: {min: 0, max: 1, log: true}\n",
            "has no logarithm at its start");
    refuses("depth: 4\n", "expected a list of values or {min: A, max: B}");
    refuses("depth: []\n", "the list is empty");
    refuses("depth: [[4]]\n", "expected single values");
    refuses("nan_mode: {min: 1, max: 2}\n", "only numbers have ranges");
    refuses("thread_count: [1, 2]\n", "thread_count is not searched over");
    refuses("depth: [4]\nmax_depth: [5]\n", "max_depth is given twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points_lie_in_the_space),
        cmocka_unit_test(test_a_point_sets_the_configuration),
        cmocka_unit_test(test_what_is_no_space)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
