/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=free */
/* A server's scorer: the bits of cm_score_rows for any number of rows, without
 * an allocation; and why a row gets its probability. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/explain.h"
#include "score/row_scorer.h"
#include "test_base_counting.h"
#include "test_score_fixture.h"

/* A bundle, its scorer and the fixture's rows in the order it takes them. */
typedef struct served {
    cm_bundle *bundle;
    cm_row_scorer *scorer;
    cm_str *fields; /* (FIXTURE_ROWS, n) */
    size_t n;
} served;

static void served_init(served *s, void **state)
{
    const fixture *f = &((scored_folder *)*state)->data;
    cm_bundle_parts parts = fixture_parts(f);
    char version[65];
    cm_error err = {0};
    const char *root = path_in(state, "models");
    expect_ok(cm_bundle_save(root, &parts, version, &err), &err);
    expect_ok(cm_bundle_load(&s->bundle, root, &err), &err);
    expect_ok(cm_row_scorer_new(&s->scorer, s->bundle, &err), &err);
    s->fields = fixture_rows_for(f, s->bundle);
    s->n = cm_score_n_columns(s->bundle);
}

static void served_release(served *s)
{
    free(s->fields);
    cm_row_scorer_free(s->scorer);
    cm_bundle_free(s->bundle);
}

static size_t column_of(const served *s, const char *name)
{
    size_t c = 0;
    while (strcmp(cm_score_columns(s->bundle)[c], name) != 0) {
        c++;
    }
    return c;
}

static void rows_get_the_bits_of_cm_score_rows(void **state)
{
    static double expected[FIXTURE_ROWS], found[FIXTURE_ROWS];
    static const size_t sizes[] = {1,   2,   11,  12,   13,          255,
                                   256, 257, 512, 1000, FIXTURE_ROWS};
    served s;
    cm_error err = {0};
    served_init(&s, state);
    expect_ok(cm_score_rows(s.bundle, s.fields, FIXTURE_ROWS, 2, expected, NULL,
                            NULL, &err),
              &err);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(found, 0xff, sizeof found);
        for (size_t at = 0; at < FIXTURE_ROWS; at += sizes[i]) {
            size_t left = FIXTURE_ROWS - at;
            expect_ok(cm_row_scorer_rows(s.scorer, s.fields + at * s.n,
                                         left < sizes[i] ? left : sizes[i],
                                         found + at, NULL, NULL, &err),
                      &err);
        }
        assert_memory_equal(found, expected, sizeof expected);
    }
    expect_ok(cm_row_scorer_rows(s.scorer, NULL, 0, NULL, NULL, NULL, &err),
              &err);
    served_release(&s);
}

static void a_call_allocates_nothing(void **state)
{
    static double found[FIXTURE_ROWS];
    served s;
    cm_error err = {0};
    size_t row = 0, column = 0;
    served_init(&s, state);
    count_from_here();
    expect_ok(cm_row_scorer_rows(s.scorer, s.fields, FIXTURE_ROWS, found, NULL,
                                 NULL, &err),
              &err);
    s.fields[column_of(&s, "hour")] = CM_STR("noon");
    assert_int_equal(
        cm_row_scorer_rows(s.scorer, s.fields, 1, found, &row, &column, &err),
        CM_ERR_DATA);
    assert_int_equal(most_bytes_held, 0);
    served_release(&s);
}

static void the_first_bad_row_is_named(void **state)
{
    static double found[FIXTURE_ROWS];
    served s;
    cm_error err = {0};
    size_t row = 0, column = 0;
    served_init(&s, state);
    size_t hour = column_of(&s, "hour"), banner = column_of(&s, "banner_pos");
    s.fields[2900 * s.n + hour] = CM_STR("noon");
    s.fields[1234 * s.n + banner] = CM_STR("top");
    assert_int_equal(cm_row_scorer_rows(s.scorer, s.fields, FIXTURE_ROWS, found,
                                        &row, &column, &err),
                     CM_ERR_DATA);
    assert_int_equal(row, 1234);
    assert_int_equal(column, banner);
    assert_non_null(strstr(err.message, "banner_pos"));
    assert_non_null(strstr(err.message, "top"));
    assert_int_equal(cm_row_scorer_rows(s.scorer, s.fields + 2900 * s.n, 1,
                                        found, NULL, NULL, NULL),
                     CM_ERR_DATA);
    served_release(&s);
}

static void features_have_the_models_names(void **state)
{
    served s;
    size_t n = 0;
    served_init(&s, state);
    const char *const *names = cm_score_features(s.bundle, &n);
    assert_int_equal(n, FIXTURE_FEATURES);
    for (size_t f = 0; f < n; f++) {
        assert_string_equal(names[f], fixture_features[f]);
    }
    served_release(&s);
}

/* The values that a model of ours is explained with, by another way: a column
 * a feature. */
static void explain_columns(double *shap, const cm_model *model,
                            const double *values)
{
    float numbers[FIXTURE_FEATURES];
    const float *columns[FIXTURE_FEATURES];
    cm_error err = {0};
    for (size_t f = 0; f < FIXTURE_FEATURES; f++) {
        numbers[f] = (float)values[f];
        columns[f] = &numbers[f];
    }
    cm_explain_rows row = {.n = 1, .columns = columns, .n_threads = 1};
    expect_ok(cm_model_shap(model, &row, shap, &err), &err);
}

static void an_explanation_adds_up(void **state)
{
    served s;
    cm_error err = {0};
    const fixture *f = &((scored_folder *)*state)->data;
    served_init(&s, state);
    for (size_t i = 0; i < FIXTURE_ROWS; i += 101) {
        double values[FIXTURE_FEATURES], shap[FIXTURE_FEATURES + 1];
        double expected[FIXTURE_FEATURES + 1];
        double raw = NAN, probability = NAN, sum = 0;
        expect_ok(cm_row_scorer_explain(s.scorer, s.fields + i * s.n, values,
                                        shap, &raw, NULL, &err),
                  &err);
        expect_ok(cm_row_scorer_rows(s.scorer, s.fields + i * s.n, 1,
                                     &probability, NULL, NULL, &err),
                  &err);
        assert_true(cm_sigmoid(raw) == probability);
        for (size_t j = 0; j < FIXTURE_FEATURES; j++) {
            assert_true(values[j] ==
                        (double)(float)cm_feature_value(f->codes, j, i));
            sum += shap[j];
        }
        assert_true(fabs(sum + shap[FIXTURE_FEATURES] - raw) < 1e-9);
        explain_columns(expected, f->model, values);
        for (size_t j = 0; j <= FIXTURE_FEATURES; j++) {
            assert_true(fabs(shap[j] - expected[j]) < 1e-12);
        }
    }
    served_release(&s);
}

static void a_bad_field_is_not_explained(void **state)
{
    served s;
    cm_error err = {0};
    double values[FIXTURE_FEATURES], shap[FIXTURE_FEATURES + 1], raw;
    size_t column = 0;
    served_init(&s, state);
    size_t hour = column_of(&s, "hour");
    s.fields[hour] = CM_STR("noon");
    assert_int_equal(cm_row_scorer_explain(s.scorer, s.fields, values, shap,
                                           &raw, &column, &err),
                     CM_ERR_DATA);
    assert_int_equal(column, hour);
    served_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_get_the_bits_of_cm_score_rows),
        cmocka_unit_test(a_call_allocates_nothing),
        cmocka_unit_test(the_first_bad_row_is_named),
        cmocka_unit_test(features_have_the_models_names),
        cmocka_unit_test(an_explanation_adds_up),
        cmocka_unit_test(a_bad_field_is_not_explained),
    };
    return cmocka_run_group_tests(tests, scored_setup, scored_teardown);
}
