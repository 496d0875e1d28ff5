/* The features of real rows: figures that pandas gives for them, and single
 * rows against whole columns. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/ingest.h"
#include "features/lookup.h"

static const char *const counts_of[] = {"device_ip_count", "device_id_count",
                                        "hour_of_day", "day_of_week",
                                        "hourly_user_count"};
static const char *const ctrs_of[] = {"site_id",
                                      "site_domain",
                                      "site_category",
                                      "app_id",
                                      "app_category",
                                      "app_domain",
                                      "device_model",
                                      "device_type",
                                      "device_conn_type",
                                      "device_id_count",
                                      "device_ip_count",
                                      "banner_pos",
                                      "C1",
                                      "C14",
                                      "C15",
                                      "C16",
                                      "C17",
                                      "C18",
                                      "C19",
                                      "C20",
                                      "C21",
                                      "hour_of_day",
                                      "day_of_week",
                                      "hourly_user_count"};

enum { N_COUNT = 5, N_CTR = 24, N_ROWS = 15493 };

static const cm_feature_spec spec = {counts_of, N_COUNT, ctrs_of, N_CTR};

/* What train does up to the model. */
typedef struct avazu {
    char path[1024];
    cm_schema *schema;
    cm_ingest_options options;
    cm_dataset *dataset;
    cm_split split;
    cm_transformers *counts, *ctr;
    cm_feature_plan *plan;
    cm_feature_codes *codes;
} avazu;

/* False when the data is not there. */
static bool find_data(avazu *a)
{
    const char *folder = getenv("CLICKMILL_TEST_DATA");
    snprintf(a->path, sizeof a->path, "%s/avazu/avazu_sample.csv",
             folder != NULL ? folder : "../shared/data");
    if (!cm_file_exists(a->path)) {
        printf("SKIP: no file %s\n", a->path);
        return false;
    }
    return true;
}

static void avazu_init(avazu *a)
{
    assert_int_equal(cm_schema_load(&a->schema, "avazu", NULL), CM_OK);
    a->options = (cm_ingest_options){.input = a->path,
                                     .schema = a->schema,
                                     .require_target = true,
                                     .n_threads = 2};
    assert_int_equal(cm_ingest(&a->dataset, NULL, &a->options, NULL), CM_OK);
    assert_int_equal(a->dataset->n_rows, N_ROWS);
    assert_int_equal(cm_split_random(&a->split, N_ROWS, .2, 42, NULL), CM_OK);
    assert_int_equal(
        cm_count_transformers_fit(&a->counts, a->dataset, &spec, 2, NULL),
        CM_OK);
    assert_int_equal(cm_ctr_transformer_fit(&a->ctr, a->dataset, a->counts,
                                            &spec, a->split.train,
                                            a->split.n_train, 2, NULL),
                     CM_OK);
    assert_int_equal(cm_feature_plan_new(&a->plan, a->counts, a->ctr, ctrs_of,
                                         N_CTR, "hour", NULL),
                     CM_OK);
    assert_int_equal(
        cm_feature_codes_new(&a->codes, a->plan, a->dataset, 2, NULL), CM_OK);
}

static void avazu_release(avazu *a)
{
    cm_feature_codes_free(a->codes);
    cm_feature_plan_free(a->plan);
    cm_transformers_free(a->ctr);
    cm_transformers_free(a->counts);
    cm_split_release(&a->split);
    cm_dataset_free(a->dataset);
    cm_schema_free(a->schema);
}

/* The first row of each part, as features_golden.py writes it. */
static void first_rows_are_those_of_pandas(void **state)
{
    static const double train[N_CTR] = {
        0.12791702679343128, 0.13418196994991652, 0.13634569850039463,
        0.17647058823529413, 0.12198483804272915, 0.11386940097139774,
        0.21247113163972287, 0.17180197334256533, 0.17857142857142858,
        0.06666666666666667, 0.1721886571818359,  0.165068419351363,
        0.17206917528460935, 0.10946196660482375, 0.1636348035009439,
        0.16354460696262083, 0.10880829015544041, 0.13147330389401846,
        0.15361657303370788, 0.18651474949274233, 0.10880829015544041,
        0.15392061955469508, 0.16444132115249474, 0.15392061955469508,
    };
    static const double validation[N_CTR] = {
        0.12791702679343128,
        0.13418196994991652,
        0.13634569850039463,
        0.25721234209642074,
        0.2,
        0.19484760522496372,
        0.5666666666666667,
        0.17180197334256533,
        0.17857142857142858,
        0.1472419928825623,
        0.1721886571818359,
        0.17599465486788185,
        0.14475944382358324,
        0.06418918918918919,
        0.1636348035009439,
        0.16354460696262083,
        0.06291390728476821,
        0.13147330389401846,
        0.045454545454545456,
        0.07436399217221135,
        0.056439942112879886,
        0.17167381974248927,
        0.17698461538461538,
        0.17167381974248927,
    };
    avazu a = {0};
    (void)state;
    if (!find_data(&a)) {
        skip();
    }
    avazu_init(&a);
    for (size_t f = 0; f < N_CTR; f++) {
        assert_true(cm_feature_value(a.codes, f, a.split.train[0]) == train[f]);
        assert_true(cm_feature_value(a.codes, f, a.split.val[0]) ==
                    validation[f]);
    }
    avazu_release(&a);
}

static void compare_rows(const avazu *a, cm_row_reader *reader,
                         const cm_lookup *lookup)
{
    float values[N_CTR];
    size_t row = 0;
    cm_row_batch batch = {0};
    for (;;) {
        assert_int_equal(cm_row_reader_next(reader, &batch, NULL), CM_OK);
        if (batch.n_rows == 0) {
            break;
        }
        for (size_t i = 0; i < batch.n_rows; i++, row++) {
            const cm_str *fields = batch.fields + i * batch.n_fields;
            assert_int_equal(cm_lookup_row(lookup, fields, values, NULL, NULL),
                             CM_OK);
            for (size_t f = 0; f < N_CTR; f++) {
                assert_true(values[f] ==
                            (float)cm_feature_value(a->codes, f, row));
            }
        }
    }
    assert_int_equal(row, N_ROWS);
}

static void texts_give_the_same_as_codes(void **state)
{
    avazu a = {0};
    cm_lookup *lookup = NULL;
    cm_row_reader *reader = NULL;
    size_t n = 0;
    (void)state;
    if (!find_data(&a)) {
        skip();
    }
    avazu_init(&a);
    assert_int_equal(cm_lookup_new(&lookup, a.plan, NULL), CM_OK);
    const char *const *columns = cm_lookup_columns(lookup, &n);
    assert_int_equal(n, 22);
    assert_int_equal(
        cm_row_reader_open(&reader, &a.options, columns, NULL, n, NULL), CM_OK);
    compare_rows(&a, reader, lookup);
    cm_row_reader_close(reader);
    cm_lookup_free(lookup);
    avazu_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_rows_are_those_of_pandas),
        cmocka_unit_test(texts_give_the_same_as_codes),
    };
    return cmocka_run_group_tests_name("features/avazu", tests, NULL, NULL);
}
