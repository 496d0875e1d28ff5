/* The parts of the stages that can be seen without a log: links, gates,
 * targets, CatBoost's parameters, the metrics file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "pipeline/fit_model.h"
#include "pipeline/metrics_json.h"
#include "pipeline/save_bundle.h"
#include "pipeline/score_log.h"

static cm_error err;
static char folder[] = "/tmp/clickmill-test-XXXXXX";
static char *came_from;

static int enter_folder(void **state)
{
    (void)state;
    came_from = getcwd(NULL, 0);
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    int result = chdir(came_from);
    free(came_from);
    return cm_remove_tree(folder, &err) == CM_OK ? result : -1;
}

static void links_to(const char *path, const char *root, const char *expected)
{
    char target[256] = "";
    assert_int_equal(cm_make_dirs(root, &err), CM_OK);
    assert_int_equal(cm_link_into_bundle(path, root, "m.json", &err), CM_OK);
    ssize_t n = readlink(path, target, sizeof target - 1);
    assert_true(n > 0);
    target[n] = '\0';
    assert_string_equal(target, expected);
}

static void test_links_are_relative(void **state)
{
    (void)state;
    links_to("reports/m.json", "models", "../models/current/m.json");
    links_to("m.json", "models", "models/current/m.json");
    links_to("models/deep/er/m.json", "models", "../../current/m.json");
    links_to("a/b/m.json", "a/bc", "../bc/current/m.json");
    links_to("a/bc2/m.json", "a/bc", "../bc/current/m.json");
}

/* The bundle makes the links of its own folder, however it is spelt. */
static void test_no_link_in_the_bundles_own_folder(void **state)
{
    (void)state;
    assert_int_equal(cm_make_dirs("own", &err), CM_OK);
    assert_int_equal(
        cm_link_into_bundle("./own/../own/x.json", "own", "x.json", &err),
        CM_OK);
    assert_int_not_equal(access("own/x.json", F_OK), 0);
}

static void test_gates(void **state)
{
    (void)state;
    cm_metrics metrics = {.log_loss = 0.42, .roc_auc = 0.7};
    cm_gates none = {NAN, NAN};
    cm_gates equal = {0.42, 0.7};
    cm_gates loss = {0.41, NAN};
    cm_gates both = {0.41, 0.71};
    assert_int_equal(cm_check_gates(&metrics, &none, &err), CM_OK);
    assert_int_equal(cm_check_gates(&metrics, &equal, &err), CM_OK);
    assert_int_equal(cm_check_gates(&metrics, &loss, &err), CM_ERR_GATE);
    assert_string_equal(err.message, "gate not met: log_loss 0.42 is above "
                                     "--max-log-loss 0.41");
    assert_int_equal(cm_check_gates(&metrics, &both, &err), CM_ERR_GATE);
    assert_non_null(strstr(err.message, "; roc_auc 0.7 is not at least "
                                        "--min-auc 0.71"));
    metrics.roc_auc = NAN;
    assert_int_equal(cm_check_gates(&metrics, &equal, &err), CM_ERR_GATE);
}

static void test_another_target(void **state)
{
    (void)state;
    cm_schema *base = NULL;
    cm_target_schema schema;
    assert_int_equal(cm_schema_load(&base, "avazu", &err), CM_OK);

    assert_int_equal(cm_target_schema_init(&schema, base, "click", &err),
                     CM_OK);
    assert_ptr_equal(schema.schema.columns, base->columns);
    cm_target_schema_release(&schema);

    assert_int_equal(cm_target_schema_init(&schema, base, "bought", &err),
                     CM_OK);
    assert_string_equal(
        cm_schema_of_kind(&schema.schema, CM_COLUMN_TARGET)->name, "bought");
    assert_null(cm_schema_find(&schema.schema, CM_STR("click")));
    cm_target_schema_release(&schema);

    assert_int_equal(cm_target_schema_init(&schema, base, "banner_pos", &err),
                     CM_OK);
    assert_string_equal(
        cm_schema_of_kind(&schema.schema, CM_COLUMN_TARGET)->name,
        "banner_pos");
    assert_int_equal(cm_schema_find(&schema.schema, CM_STR("click"))->kind,
                     CM_COLUMN_INTEGER);
    cm_target_schema_release(&schema);
    cm_schema_free(base);
}

static double number_at(const json_t *value, const char *first,
                        const char *second)
{
    const json_t *found =
        json_object_get(json_object_get(value, first), second);
    assert_true(json_is_number(found));
    return json_number_value(found);
}

static void test_the_parameters_of_catboost(void **state)
{
    (void)state;
    cm_fit_options options = {.border_count = 128,
                              .nan_mode = CM_NAN_MODE_MAX,
                              .class_names = {"no", "yes"}};
    cm_train_options_init(&options.train);
    options.train.iterations = 7;
    options.train.depth = 4;
    options.train.bootstrap = CM_BOOTSTRAP_BAYESIAN;
    options.train.bagging_temperature = 0.25;
    cm_train_options_resolve(&options.train, 1000, 24);
    cm_buf text = {0};
    json_t *params = NULL;
    cm_catboost_params_format(&text, &options, NULL, 0);
    assert_int_equal(cm_buf_check(&text, &err), CM_OK);
    assert_int_equal(
        cm_json_parse(&params, (cm_str){text.p, text.n}, "params", &err),
        CM_OK);
    assert_true(number_at(params, "boosting_options", "iterations") == 7);
    assert_true(number_at(params, "tree_learner_options", "max_leaves") == 16);
    const json_t *learner = json_object_get(params, "tree_learner_options");
    assert_true(number_at(learner, "bootstrap", "bagging_temperature") == 0.25);
    assert_null(
        json_object_get(json_object_get(learner, "bootstrap"), "subsample"));
    const json_t *data = json_object_get(params, "data_processing_options");
    assert_string_equal(json_string_value(json_array_get(
                            json_object_get(data, "class_names"), 1)),
                        "yes");
    assert_true(
        number_at(data, "float_features_binarization", "border_count") == 128);
    json_decref(params);
    cm_buf_release(&text);
}

static void test_the_metrics_file_starts_with_the_five(void **state)
{
    (void)state;
    cm_metrics metrics = {.rows = 10, .f1_weighted = 0.5, .roc_auc = NAN};
    cm_buf text = {0};
    cm_json_writer w = cm_json_writer_of(&text, 0);
    cm_json_begin_object(&w, NULL);
    cm_metrics_put(&w, &metrics);
    cm_json_end_object(&w);
    assert_int_equal(cm_buf_check(&text, &err), CM_OK);
    const char start[] = "{\"f1_score\":0.5,\"log_loss\":0,\"precision\":0,"
                         "\"recall\":0,\"roc_auc_score\":null,\"rows\":10,";
    assert_memory_equal(text.p, start, sizeof start - 1);
    cm_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links_are_relative),
        cmocka_unit_test(test_no_link_in_the_bundles_own_folder),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_another_target),
        cmocka_unit_test(test_the_parameters_of_catboost),
        cmocka_unit_test(test_the_metrics_file_starts_with_the_five)};
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
