/* Transformers against the slow reference, and a worked example by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "features/pairwise_sum.h"
#include "ref/ref_features.h"
#include "test_features_data.h"

/* Everything that is fitted on a dataset, and laid over it. */
typedef struct fitted {
    cm_transformers *counts, *ctr;
    cm_feature_plan *count_plan, *ctr_plan;
    cm_feature_codes *count_codes, *ctr_codes;
} fitted;

static void fit(fitted *out, const test_data *data, int n_threads)
{
    cm_error err = {0};
    const cm_feature_spec *spec = &data_spec;
    assert_int_equal(cm_count_transformers_fit(&out->counts, &data->dataset,
                                               spec, n_threads, &err),
                     CM_OK);
    assert_int_equal(cm_ctr_transformer_fit(&out->ctr, &data->dataset,
                                            out->counts, spec, data->train,
                                            data->n_train, n_threads, &err),
                     CM_OK);
    assert_int_equal(cm_feature_plan_new(&out->count_plan, out->counts, NULL,
                                         spec->count_features, spec->n_count,
                                         "hour", &err),
                     CM_OK);
    assert_int_equal(cm_feature_plan_new(&out->ctr_plan, out->counts, out->ctr,
                                         spec->ctr_features, spec->n_ctr,
                                         "hour", &err),
                     CM_OK);
    assert_int_equal(cm_feature_codes_new(&out->count_codes, out->count_plan,
                                          &data->dataset, n_threads, &err),
                     CM_OK);
    assert_int_equal(cm_feature_codes_new(&out->ctr_codes, out->ctr_plan,
                                          &data->dataset, n_threads, &err),
                     CM_OK);
}

static void fitted_release(fitted *f)
{
    cm_feature_codes_free(f->count_codes);
    cm_feature_codes_free(f->ctr_codes);
    cm_feature_plan_free(f->count_plan);
    cm_feature_plan_free(f->ctr_plan);
    cm_transformers_free(f->counts);
    cm_transformers_free(f->ctr);
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static double fast_value(const fitted *f, size_t feature, size_t row)
{
    return feature < DATA_N_COUNT
               ? cm_feature_value(f->count_codes, feature, row)
               : cm_feature_value(f->ctr_codes, feature - DATA_N_COUNT, row);
}

/* The value the same plan gives for the text of the row's own field. */
static double single_value(const fitted *f, const cm_dataset *dataset,
                           size_t index, size_t row)
{
    bool count = index < DATA_N_COUNT;
    const cm_feature_plan *plan = count ? f->count_plan : f->ctr_plan;
    const cm_feature *feature =
        &plan->features[count ? index : index - DATA_N_COUNT];
    const cm_source *source = &plan->sources[feature->source];
    const cm_column *column = cm_dataset_find(dataset, source->column);
    if (column->kind == CM_COLUMN_TIME) {
        int64_t time = ((const int64_t *)column->values)[row];
        return cm_feature_of_integer(feature,
                                     source->kind == CM_SOURCE_HOUR_OF_DAY
                                         ? cm_hour_of_day(time)
                                         : cm_day_of_week(time));
    }
    uint32_t code = cm_column_code(column, row);
    if (column->kind == CM_COLUMN_INTEGER) {
        return cm_feature_of_integer(feature,
                                     column->dictionary.integers[code]);
    }
    return cm_feature_of_text(
        feature, cm_dictionary_text(&column->dictionary, code, NULL));
}

static void compare_with_reference(const test_data *data, int n_threads)
{
    size_t n = DATA_N_COUNT + DATA_N_CTR;
    double *expected =
        malloc((data->dataset.n_rows * n + 1) * sizeof *expected);
    assert_non_null(expected);
    ref_features(expected, &data->dataset, &data_spec, data->train,
                 data->n_train);
    fitted f = {0};
    fit(&f, data, n_threads);
    for (size_t row = 0; row < data->dataset.n_rows; row++) {
        for (size_t i = 0; i < n; i++) {
            double value = fast_value(&f, i, row);
            assert_true(same(value, expected[row * n + i]));
            assert_true(same(value, single_value(&f, &data->dataset, i, row)));
        }
    }
    fitted_release(&f);
    free(expected);
}

static void equals_reference(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 7, 60, 350, 700};
    static const double rates[] = {.5, .1, .02};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t r = 0; r < 3; r++) {
            test_data data;
            data_init(&data, sizes[s], rates[r], 10 * s + r);
            compare_with_reference(&data, 1 + (int)((s + r) % 3));
            data_release(&data);
        }
    }
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    test_data data;
    fitted one = {0};
    data_init(&data, 140000, .2, 5);
    fit(&one, &data, 1);
    for (int n_threads = 2; n_threads <= 3; n_threads++) {
        fitted more = {0};
        fit(&more, &data, n_threads);
        for (size_t row = 0; row < data.dataset.n_rows; row++) {
            for (size_t i = 0; i < DATA_N_COUNT + DATA_N_CTR; i++) {
                assert_true(
                    same(fast_value(&one, i, row), fast_value(&more, i, row)));
            }
        }
        fitted_release(&more);
    }
    fitted_release(&one);
    data_release(&data);
}

/* Without a value that has both kinds of rows, everything is NaN. */
static void one_class_gives_nan(void **state)
{
    (void)state;
    for (int rate = 0; rate <= 1; rate++) {
        test_data data;
        fitted f = {0};
        data_init(&data, 50, rate, 3);
        fit(&f, &data, 2);
        for (size_t i = 0; i < DATA_N_CTR; i++) {
            assert_int_equal(f.ctr->tables[i].keys.n, 0);
            assert_true(isnan(f.ctr->tables[i].fallback));
            assert_true(isnan(cm_feature_value(f.ctr_codes, i, 7)));
        }
        fitted_release(&f);
        data_release(&data);
    }
}

/* site of six training rows: x 1, x 0, x 0, y 1, z 0, w 0/1 -> only x and w
 * are kept, with 1/3 and 1/2; all else gets 5/12. */
static void worked_example(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {0, 1, 2, 3, 4, 5};
    static const uint8_t sites[] = {1, 1, 1, 2, 3, 0, 0, 4};
    static const uint8_t clicks[] = {1, 0, 0, 1, 0, 0, 1, 1};
    static const uint32_t train[] = {6, 5, 4, 3, 2, 1, 0};
    static const char *const ctr[] = {"site", "site_count"};
    static const char *const counts[] = {"site_count"};
    cm_column columns[] = {
        {"click", CM_COLUMN_TARGET, 1, clicks, {0}},
        {"site", CM_COLUMN_TEXT, 1, sites, {5, offsets, "wxyzq", NULL}},
    };
    cm_dataset dataset = {8, 2, columns, NULL};
    cm_feature_spec spec = {counts, 1, ctr, 2};
    cm_transformers *c = NULL, *t = NULL;
    assert_int_equal(cm_count_transformers_fit(&c, &dataset, &spec, 1, NULL),
                     CM_OK);
    assert_int_equal(
        cm_ctr_transformer_fit(&t, &dataset, c, &spec, train, 7, 1, NULL),
        CM_OK);
    assert_int_equal(t->n_tables, 2);
    const cm_table *site = &t->tables[0];
    assert_string_equal(site->name, "site");
    assert_string_equal(site->input, "site");
    assert_int_equal(site->key_kind, CM_KEY_TEXT);
    assert_int_equal(site->keys.n, 2);
    assert_memory_equal(site->keys.bytes, "wx", 2);
    assert_true(site->values[0] == .5 && site->values[1] == 1. / 3.);
    assert_true(site->fallback == (.5 + 1. / 3.) / 2);
    /* Counts: w 2, x 3, y 1, z 1, q 1.  Of count 1: y clicked, z did not; q is
     * not a training row. */
    const cm_table *count = &t->tables[1];
    assert_int_equal(count->key_kind, CM_KEY_INTEGER);
    assert_int_equal(count->keys.n, 3);
    assert_int_equal(count->keys.integers[0], 1);
    assert_int_equal(count->keys.integers[2], 3);
    assert_true(count->values[0] == .5);
    assert_true(c->tables[0].fallback == 0);
    cm_transformers_free(c);
    cm_transformers_free(t);
}

/* The golden sums are of 1, 1/2, 1/3, … by NumPy 2.4. */
static void sums_like_numpy(void **state)
{
    (void)state;
    enum { MOST = 70000 };
    double *values = malloc(MOST * sizeof *values);
    assert_non_null(values);
    cm_rng rng = cm_rng_stream(1, 2);
    for (size_t i = 0; i < MOST; i++) {
        values[i] = cm_rng_unit(&rng);
    }
    for (size_t n = 0; n < 1100; n++) {
        assert_true(cm_pairwise_sum(values, n) == ref_sum(values, n));
    }
    for (size_t n = 1100; n < MOST; n = n * 5 / 3 + 1) {
        assert_true(cm_pairwise_sum(values, n) == ref_sum(values, n));
    }
    for (size_t i = 0; i < MOST; i++) {
        values[i] = 1.0 / (1.0 + (double)i);
    }
    static const struct {
        size_t n;
        double sum;
    } golden[] = {
        {1, 0x1.0000000000000p+0},    {2, 0x1.8000000000000p+0},
        {7, 0x1.4be2be2be2be2p+1},    {8, 0x1.5be2be2be2be2p+1},
        {9, 0x1.6a1ba1ba1ba1bp+1},    {16, 0x1.b0bbba47475d4p+1},
        {100, 0x1.4bfdfe4591243p+2},  {127, 0x1.5b38ae9541ca6p+2},
        {128, 0x1.5bb8ae9541ca7p+2},  {129, 0x1.5c37b09149ba9p+2},
        {257, 0x1.883504d2ee7e2p+2},  {1000, 0x1.df11f45f4e61ap+2},
        {4097, 0x1.1ca6b0cd81c29p+3}, {8192, 0x1.32d273ee79fcap+3},
        {8193, 0x1.32d373e67a3cap+3}, {69999, 0x1.77787f195c964p+3},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        assert_true(cm_pairwise_sum(values, golden[i].n) == golden[i].sum);
    }
    free(values);
}

static void expect_usage_error(const char *count, const char *ctr,
                               const char *part)
{
    test_data data;
    data_init(&data, 20, .5, 1);
    cm_transformers *counts = NULL, *ctrs = NULL;
    cm_error err = {0};
    cm_feature_spec spec = {&count, count != NULL, &ctr, ctr != NULL};
    cm_status status =
        cm_count_transformers_fit(&counts, &data.dataset, &spec, 1, &err);
    if (status == CM_OK) {
        status = cm_ctr_transformer_fit(&ctrs, &data.dataset, counts, &spec,
                                        data.train, data.n_train, 1, &err);
    }
    assert_int_equal(status, CM_ERR_USAGE);
    assert_int_equal(err.code, CM_ERR_USAGE);
    if (strstr(err.message, part) == NULL) {
        print_message("%s\n", err.message);
    }
    assert_non_null(strstr(err.message, part));
    assert_null(ctrs);
    cm_transformers_free(counts);
    data_release(&data);
}

static void names_are_checked(void **state)
{
    (void)state;
    expect_usage_error("modell_count", NULL, "did you mean \"model_count\"?");
    expect_usage_error("hour_of_dax", NULL, "did you mean \"hour_of_day\"?");
    expect_usage_error("click_count", NULL, "\"click_count\"");
    expect_usage_error(NULL, "sitte", "did you mean \"site\"?");
    expect_usage_error(NULL, "wholly_unlike", "known are: ");
    expect_usage_error(NULL, "ip_count", "add it there");
    expect_usage_error(NULL, "hour_of_day", "add it there");
    expect_usage_error("ip_count", "ip_cuont", "did you mean \"ip_count\"?");
    expect_usage_error(NULL, "hour", "is the time column");
    expect_usage_error(NULL, "click", "is the target column");
}

static void names_stand_once(void **state)
{
    (void)state;
    static const char *const twice[] = {"site", "slot", "site"};
    test_data data;
    data_init(&data, 20, .5, 1);
    cm_feature_spec spec = {NULL, 0, twice, 3};
    cm_transformers *counts = NULL, *ctr = NULL;
    cm_error err = {0};
    assert_int_equal(
        cm_count_transformers_fit(&counts, &data.dataset, &spec, 1, &err),
        CM_OK);
    assert_int_equal(cm_ctr_transformer_fit(&ctr, &data.dataset, counts, &spec,
                                            data.train, data.n_train, 1, &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "twice"));
    cm_transformers_free(counts);
    data_release(&data);
}

/* A fitted plan meets another log: its values fall back, its kinds must fit. */
static void another_log(void **state)
{
    (void)state;
    test_data data, other;
    fitted f = {0};
    cm_error err = {0};
    cm_feature_codes *codes = NULL;
    data_init(&data, 300, .3, 8);
    data_init(&other, 100, .3, 9);
    fit(&f, &data, 2);
    int64_t strangers[40];
    for (int i = 0; i < 40; i++) {
        strangers[i] = 1000 + i;
    }
    other.columns[DATA_MODEL].dictionary.integers = strangers;
    assert_int_equal(
        cm_feature_codes_new(&codes, f.ctr_plan, &other.dataset, 2, &err),
        CM_OK);
    for (size_t row = 0; row < 100; row++) {
        assert_true(cm_feature_value(codes, 5, row) ==
                    f.ctr->tables[5].fallback);
    }
    cm_feature_codes_free(codes);
    codes = NULL;
    other.columns[DATA_MODEL].kind = CM_COLUMN_TEXT;
    assert_int_equal(
        cm_feature_codes_new(&codes, f.ctr_plan, &other.dataset, 1, &err),
        CM_ERR_DATA);
    assert_non_null(strstr(err.message, "\"model\" is of kind text"));
    other.columns[DATA_MODEL].name = "modem";
    assert_int_equal(
        cm_feature_codes_new(&codes, f.ctr_plan, &other.dataset, 1, &err),
        CM_ERR_DATA);
    assert_non_null(strstr(err.message, "no column \"model\""));
    assert_null(codes);
    fitted_release(&f);
    data_release(&data);
    data_release(&other);
}

static void plans_check_names(void **state)
{
    (void)state;
    static const char *const unknown[] = {"ipp_count"};
    static const char *const hour[] = {"hour_of_day"};
    test_data data;
    fitted f = {0};
    cm_error err = {0};
    cm_feature_plan *plan = NULL;
    data_init(&data, 100, .3, 8);
    fit(&f, &data, 1);
    assert_int_equal(
        cm_feature_plan_new(&plan, f.counts, f.ctr, unknown, 1, "hour", &err),
        CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "did you mean \"ip_count\"?"));
    assert_int_equal(
        cm_feature_plan_new(&plan, f.counts, NULL, hour, 1, NULL, &err),
        CM_ERR_DATA);
    assert_non_null(strstr(err.message, "time column"));
    assert_null(plan);
    /* ip and ip_count, the hour and its users: one source each. */
    assert_int_equal(f.ctr_plan->n_features, DATA_N_CTR);
    assert_int_equal(f.ctr_plan->n_sources, 6);
    fitted_release(&f);
    data_release(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_reference),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(one_class_gives_nan),
        cmocka_unit_test(worked_example),
        cmocka_unit_test(sums_like_numpy),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(names_stand_once),
        cmocka_unit_test(another_log),
        cmocka_unit_test(plans_check_names),
    };
    return cmocka_run_group_tests_name("features/transformers", tests, NULL,
                                       NULL);
}
