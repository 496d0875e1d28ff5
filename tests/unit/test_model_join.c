/* Two models as one: the sum of both, to the last bits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/join.h"
#include "test_model_random.h"

static cm_error err;

enum { FEATURES = 7, ROWS = 300 };

/* Leaves added up as a joined model does: all of a, then all of b. */
static double sum_of_both(const cm_model *a, const cm_model *b,
                          const float *row)
{
    const cm_model *const models[2] = {a, b};
    double sum = 0;
    for (int m = 0; m < 2; m++) {
        for (size_t t = 0; t < models[m]->n_trees; t++) {
            const cm_tree *tree = &models[m]->trees[t];
            size_t leaf = 0;
            for (uint32_t d = 0; d < tree->depth; d++) {
                cm_split_condition c = tree->splits[d];
                const cm_float_feature *f = &models[m]->features[c.feature];
                float value = row[c.feature];
                bool above = isnan(value) ? f->nan_treatment == CM_NAN_AS_TRUE
                                          : value > f->borders[c.border];
                leaf |= (size_t)above << d;
            }
            sum += models[m]->scale * tree->leaf_values[leaf];
        }
    }
    return sum + (a->bias + b->bias);
}

static void draw_row(float *row, cm_rng *rng)
{
    for (size_t f = 0; f < FEATURES; f++) {
        row[f] = (float)(cm_rng_unit(rng) * 4 - 2);
        row[f] = cm_rng_unit(rng) < .1 ? NAN : row[f];
    }
}

static bool nan_agrees(const cm_model *a, const cm_model *b)
{
    for (size_t f = 0; f < FEATURES; f++) {
        if (a->features[f].n_borders > 0 && b->features[f].n_borders > 0 &&
            (a->features[f].nan_treatment == CM_NAN_AS_TRUE) !=
                (b->features[f].nan_treatment == CM_NAN_AS_TRUE)) {
            return false;
        }
    }
    return true;
}

static void expect_sum(const cm_model *joined, const cm_model *a,
                       const cm_model *b, uint64_t seed)
{
    cm_rng rng = cm_rng_stream(seed, 9);
    float row[FEATURES];
    assert_int_equal(joined->n_trees, a->n_trees + b->n_trees);
    for (size_t i = 0; i < ROWS; i++) {
        draw_row(row, &rng);
        assert_true(cm_model_apply_row(joined, row) == sum_of_both(a, b, row));
    }
}

static void test_a_joined_model_is_the_sum(void **state)
{
    (void)state;
    size_t joins = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        random_shape shape = {FEATURES, 1 + seed % 9, seed % 2 ? 3 : 40, 5, -2,
                              2,        NULL};
        cm_model *a = random_model(seed * 2, &shape);
        cm_model *b = random_model(seed * 2 + 1, &shape);
        cm_model *joined = NULL;
        cm_status status = cm_model_join(&joined, a, b, NULL, &err);
        if (nan_agrees(a, b)) {
            assert_int_equal(status, CM_OK);
            expect_sum(joined, a, b, seed);
            joins++;
        } else {
            assert_int_equal(status, CM_ERR_DATA);
            assert_non_null(strstr(err.message, "nan_mode"));
        }
        cm_model_free(joined);
        cm_model_free(a);
        cm_model_free(b);
    }
    assert_true(joins > 10);
}

static void refuses(const random_shape *first, const random_shape *second,
                    const char *words)
{
    cm_model *a = random_model(1, first), *b = random_model(2, second);
    cm_model *joined = NULL;
    assert_int_equal(cm_model_join(&joined, a, b, NULL, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, words));
    cm_model_free(a);
    cm_model_free(b);
}

static void test_other_features_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"site", "app"};
    static const char *const others[] = {"site", "device"};
    random_shape two = {2, 3, 5, 3, 0, 1, names};
    random_shape other = {2, 3, 5, 3, 0, 1, others};
    random_shape three = {3, 3, 5, 3, 0, 1, NULL};
    refuses(&two, &three, "has 2 features, the new trees have 3");
    refuses(&two, &other,
            "feature 1 of the model to continue is \"app\", "
            "that of the new trees \"device\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_joined_model_is_the_sum),
        cmocka_unit_test(test_other_features_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
