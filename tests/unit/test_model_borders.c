/* GreedyLogSum borders: against values CatBoost
 * 1.2.10 gave, and at the edges of floats. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/rng.h"
#include "model/borders.h"

enum { MAX = 254 };

static size_t borders_of(float *borders, const float *values,
                         const uint64_t *counts, size_t n, size_t max)
{
    size_t found = 0;
    cm_error err = {0};
    if (cm_borders_greedy_logsum(borders, &found, values, counts, n, max,
                                 &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return found;
}

static void few_values_get_a_border_between_each_two(void **state)
{
    (void)state;
    const float values[] = {-1, 0, .5f, 3};
    const uint64_t counts[] = {7, 1, 100, 2};
    float borders[MAX];
    assert_int_equal(borders_of(borders, values, counts, 4, MAX), 3);
    assert_true(borders[0] == -.5f);
    assert_true(borders[1] == .25f);
    assert_true(borders[2] == 1.75f);
}

static void a_constant_has_none(void **state)
{
    (void)state;
    const float value = 3;
    const uint64_t count = 12;
    float borders[MAX];
    assert_int_equal(borders_of(borders, &value, &count, 1, MAX), 0);
    assert_int_equal(borders_of(borders, &value, &count, 0, MAX), 0);
    assert_int_equal(borders_of(borders, (const float[]){1, 2},
                                (const uint64_t[]){1, 1}, 2, 0),
                     0);
}

/* What CatBoost 1.2.10 makes of these samples (Pool.quantize with that
 * border_count, GreedyLogSum).  Bins of equal gain decide the second and third
 * one: the order of the queue matters. */
static void borders_are_those_of_catboost(void **state)
{
    (void)state;
    float values[1000], borders[MAX];
    uint64_t counts[1000];
    for (int i = 0; i < 1000; i++) {
        values[i] = (float)i;
        counts[i] = 1;
    }
    static const float five[] = {124.5f, 249.5f, 374.5f, 499.5f, 749.5f};
    assert_int_equal(borders_of(borders, values, counts, 1000, 5), 5);
    assert_memory_equal(borders, five, sizeof five);
    static const float eleven[] = {3.5f,  7.5f,  11.5f, 15.5f, 23.5f, 31.5f,
                                   39.5f, 43.5f, 47.5f, 55.5f, 59.5f};
    assert_int_equal(borders_of(borders, values, counts, 64, 11), 11);
    assert_memory_equal(borders, eleven, sizeof eleven);
    for (int i = 0; i < 50; i++) {
        counts[i] = (uint64_t)(1 + i * i % 13);
    }
    static const float seven[] = {6.5f,  11.5f, 19.5f, 24.5f,
                                  32.5f, 36.5f, 44.5f};
    assert_int_equal(borders_of(borders, values, counts, 50, 7), 7);
    assert_memory_equal(borders, seven, sizeof seven);
}

static void edges_of_floats(void **state)
{
    (void)state;
    float borders[MAX];
    const uint64_t counts[] = {1, 1, 1};
    const float tiny[] = {-1e-45f, 0, 1e-45f};
    size_t n = borders_of(borders, tiny, counts, 3, MAX);
    assert_int_equal(n, 1); /* both middles round to zero, and never to -0 */
    assert_true(borders[0] == 0 && !signbit(borders[0]));
    const float huge[] = {-FLT_MAX, 0, FLT_MAX};
    assert_int_equal(borders_of(borders, huge, counts, 3, MAX), 2);
    assert_true(borders[0] == -.5f * FLT_MAX && borders[1] == .5f * FLT_MAX);
}

static void many_values_are_quick_and_ascend(void **state)
{
    (void)state;
    enum { N = 500000 };
    static float values[N], borders[MAX];
    static uint64_t counts[N];
    cm_rng rng = cm_rng_stream(1, 1);
    for (int i = 0; i < N; i++) {
        values[i] = (float)i * .25f;
        counts[i] = 1 + cm_rng_next(&rng) % 1000;
    }
    double start = cm_seconds();
    assert_int_equal(borders_of(borders, values, counts, N, MAX), MAX);
    double took = cm_seconds() - start;
    assert_true(took < 1.0); /* 2 ms; the limit is for loaded machines */
    for (int b = 1; b < MAX; b++) {
        assert_true(borders[b] > borders[b - 1]);
    }
}

static void a_bin_counts_the_borders_below(void **state)
{
    (void)state;
    const float borders[] = {1, 2, 3};
    assert_int_equal(cm_bin_of(borders, 3, 1), 0);
    assert_int_equal(cm_bin_of(borders, 3, 1.5f), 1);
    assert_int_equal(cm_bin_of(borders, 3, 3), 2);
    assert_int_equal(cm_bin_of(borders, 3, INFINITY), 3);
    assert_int_equal(cm_bin_of(borders, 3, -INFINITY), 0);
    assert_int_equal(cm_bin_of(borders, 0, 5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_values_get_a_border_between_each_two),
        cmocka_unit_test(a_constant_has_none),
        cmocka_unit_test(borders_are_those_of_catboost),
        cmocka_unit_test(edges_of_floats),
        cmocka_unit_test(many_values_are_quick_and_ascend),
        cmocka_unit_test(a_bin_counts_the_borders_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
