/* Scoring: texts and codes give the same bits, with any number of threads;
 * what is wrong with a row is said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "clickmill.h"
#include "test_score_fixture.h"

static cm_bundle *saved_bundle(void **state)
{
    const fixture *f = &((scored_folder *)*state)->data;
    cm_bundle_parts parts = fixture_parts(f);
    cm_bundle *bundle = NULL;
    char version[65];
    cm_error err = {0};
    const char *root = path_in(state, "models");
    expect_ok(cm_bundle_save(root, &parts, version, &err), &err);
    expect_ok(cm_bundle_load(&bundle, root, &err), &err);
    return bundle;
}

static void texts_and_codes_give_the_same_bits(void **state)
{
    static double of_texts[FIXTURE_ROWS], of_codes[FIXTURE_ROWS];
    const fixture *f = &((scored_folder *)*state)->data;
    cm_bundle *bundle = saved_bundle(state);
    cm_str *fields = fixture_rows_for(f, bundle);
    cm_error err = {0};
    expect_ok(cm_score_codes(f->model, f->codes, f->rows, FIXTURE_ROWS, 1,
                             of_codes, &err),
              &err);
    for (int threads = 1; threads <= 4; threads++) {
        memset(of_texts, 0, sizeof of_texts);
        expect_ok(cm_score_rows(bundle, fields, FIXTURE_ROWS, threads, of_texts,
                                NULL, NULL, &err),
                  &err);
        assert_memory_equal(of_texts, of_codes, sizeof of_codes);
        memset(of_texts, 0, sizeof of_texts);
        expect_ok(cm_score_codes(f->model, f->codes, f->rows, FIXTURE_ROWS,
                                 threads, of_texts, &err),
                  &err);
        assert_memory_equal(of_texts, of_codes, sizeof of_codes);
    }
    double low = 1, high = 0;
    for (size_t i = 0; i < FIXTURE_ROWS; i++) {
        low = of_codes[i] < low ? of_codes[i] : low;
        high = of_codes[i] > high ? of_codes[i] : high;
    }
    assert_true(low > 0 && high < 1 && high - low > .01);
    free(fields);
    cm_bundle_free(bundle);
}

static void a_row_does_not_depend_on_its_neighbours(void **state)
{
    static double all[FIXTURE_ROWS];
    double one;
    const fixture *f = &((scored_folder *)*state)->data;
    cm_bundle *bundle = saved_bundle(state);
    cm_str *fields = fixture_rows_for(f, bundle);
    size_t n = cm_score_n_columns(bundle);
    cm_error err = {0};
    expect_ok(
        cm_score_rows(bundle, fields, FIXTURE_ROWS, 2, all, NULL, NULL, &err),
        &err);
    for (size_t i = 0; i < FIXTURE_ROWS; i += 41) {
        expect_ok(
            cm_score_rows(bundle, fields + i * n, 1, 1, &one, NULL, NULL, &err),
            &err);
        assert_memory_equal(&one, &all[i], sizeof one);
    }
    expect_ok(cm_score_rows(bundle, fields, 0, 0, all, NULL, NULL, &err), &err);
    free(fields);
    cm_bundle_free(bundle);
}

static void the_first_bad_row_is_named(void **state)
{
    static double out[FIXTURE_ROWS];
    const fixture *f = &((scored_folder *)*state)->data;
    cm_bundle *bundle = saved_bundle(state);
    cm_str *fields = fixture_rows_for(f, bundle);
    size_t n = cm_score_n_columns(bundle), hour = 0;
    while (strcmp(cm_score_columns(bundle)[hour], "hour") != 0) {
        hour++;
    }
    fields[2900 * n + hour] = CM_STR("noon");
    fields[1234 * n + hour] = CM_STR("yesterday");
    for (int threads = 1; threads <= 4; threads++) {
        size_t row = 0, column = 0;
        cm_error err = {0};
        assert_int_equal(cm_score_rows(bundle, fields, FIXTURE_ROWS, threads,
                                       out, &row, &column, &err),
                         CM_ERR_DATA);
        assert_int_equal(row, 1234);
        assert_int_equal(column, hour);
        assert_non_null(strstr(err.message, "yesterday"));
    }
    free(fields);
    cm_bundle_free(bundle);
}

static void unseen_values_are_no_error(void **state)
{
    double out = -1;
    const fixture *f = &((scored_folder *)*state)->data;
    cm_bundle *bundle = saved_bundle(state);
    cm_str *fields = fixture_rows_for(f, bundle);
    cm_error err = {0};
    for (size_t c = 0; c < cm_score_n_columns(bundle); c++) {
        if (strcmp(cm_score_columns(bundle)[c], "site_id") == 0 ||
            strcmp(cm_score_columns(bundle)[c], "device_ip") == 0) {
            fields[c] = CM_STR("never seen");
        }
    }
    expect_ok(cm_score_rows(bundle, fields, 1, 1, &out, NULL, NULL, &err),
              &err);
    assert_true(out > 0 && out < 1);
    free(fields);
    cm_bundle_free(bundle);
}

static void codes_of_other_features_are_refused(void **state)
{
    double out;
    const fixture *f = &((scored_folder *)*state)->data;
    random_shape shape = {
        .n_features = 2, .n_trees = 1, .max_borders = 1, .max_depth = 1};
    cm_model *model = random_model(1, &shape);
    cm_error err = {0};
    assert_int_equal(cm_score_codes(model, f->codes, f->rows, 1, 1, &out, &err),
                     CM_ERR_DATA);
    cm_model_free(model);
}

static void the_version_is_the_header_s(void **state)
{
    (void)state;
    assert_string_equal(cm_version(), CM_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_codes_give_the_same_bits),
        cmocka_unit_test(a_row_does_not_depend_on_its_neighbours),
        cmocka_unit_test(the_first_bad_row_is_named),
        cmocka_unit_test(unseen_values_are_no_error),
        cmocka_unit_test(codes_of_other_features_are_refused),
        cmocka_unit_test(the_version_is_the_header_s),
    };
    return cmocka_run_group_tests(tests, scored_setup, scored_teardown);
}
