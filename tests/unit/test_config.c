/* The configuration: every key in every spelling, positions, ranges, what has
 * no effect, and where results go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json.h"
#include "config/config.h"
#include "config/paths.h"

static cm_config config;
static cm_error err;

static int set_up(void **state)
{
    (void)state;
    memset(&err, 0, sizeof err);
    return cm_config_init(&config, &err) == CM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    cm_config_release(&config);
    return 0;
}

static cm_status parse(const char *text)
{
    return cm_config_parse(&config, cm_str_of(text), "c.yaml", &err);
}

static cm_status set_flag(const char *name, const char *value)
{
    cm_str word = cm_str_of(name);
    const cm_param *param = cm_config_find_flag(word, 0, NULL, 0, &err);
    return param != NULL ? cm_config_set_flag(&config, param, word,
                                              cm_str_of(value), &err)
                         : CM_ERR_USAGE;
}

static void refuses(const char *text, const char *message)
{
    cm_config fresh;
    cm_error why = {0};
    assert_int_equal(cm_config_init(&fresh, &why), CM_OK);
    assert_int_equal(cm_config_parse(&fresh, cm_str_of(text), "c.yaml", &why),
                     CM_ERR_USAGE);
    assert_string_equal(why.message, message);
    cm_config_release(&fresh);
}

static void test_defaults(void **state)
{
    (void)state;
    assert_int_equal(config.n_estimators, 1000);
    assert_int_equal(config.depth, 6);
    assert_true(config.learning_rate < 0); /* auto */
    assert_true(config.l2_leaf_reg == 3);
    assert_int_equal(config.border_count, 254);
    assert_string_equal(config.bootstrap_type, "auto");
    assert_int_equal(config.ctr_features.n, 24);
    assert_string_equal(config.ctr_features.items[23], "hourly_user_count");
    assert_false(config.use_mlflow);
    assert_false(cm_config_is_set(&config, CM_ID_depth));
    assert_int_equal(cm_config_check(&config, &err), CM_OK);
}

static void test_values_of_a_file(void **state)
{
    (void)state;
    assert_int_equal(parse("input_data_path: \"a b.csv\"\n"
                           "splitting_params:\n"
                           "  val_size: 0.25\n"
                           "  random_state: 7\n"
                           "train_params: {depth: 4, eta: 1e-1,\n"
                           "  iterations: 20, random_state: 9}\n"
                           "feature_params:\n"
                           "  ctr_features: [site_id,\n    C14]\n"
                           "use_mlflow: true\n"),
                     CM_OK);
    assert_string_equal(config.input_data_path, "a b.csv");
    assert_true(config.val_size == 0.25);
    assert_int_equal(config.split_seed, 7);
    assert_int_equal(config.random_seed, 9);
    assert_int_equal(config.depth, 4);
    assert_true(config.learning_rate == 0.1);
    assert_int_equal(config.n_estimators, 20);
    assert_int_equal(config.ctr_features.n, 2);
    assert_string_equal(config.ctr_features.items[1], "C14");
    assert_true(config.use_mlflow);
    assert_int_equal(config.origins[CM_ID_depth].where.line, 5);
    assert_int_equal(config.origins[CM_ID_depth].where.column, 16);
}

static void test_null_is_the_default(void **state)
{
    (void)state;
    assert_int_equal(parse("train_params:\n  depth: null\n  eta: ~\n"), CM_OK);
    assert_int_equal(config.depth, 6);
    assert_false(cm_config_is_set(&config, CM_ID_depth));
    assert_int_equal(parse("train_params:\n"), CM_OK);
}

static void test_the_aliases_of_catboost(void **state)
{
    (void)state;
    static const char *const names[] = {
        "num_boost_round",   "num_trees", "n_estimators",
        "iterations",        "eta",       "max_depth",
        "reg_lambda",        "max_bin",   "random_seed",
        "colsample_bylevel", "objective", "min_child_samples"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = strcmp(names[i], "objective") == 0 ? "Logloss"
                            : names[i][0] == 'c' || names[i][0] == 'e' ? "0.5"
                                                                       : "5";
        char text[128];
        snprintf(text, sizeof text, "train_params:\n  %s: %s\n", names[i],
                 value);
        cm_config fresh;
        assert_int_equal(cm_config_init(&fresh, &err), CM_OK);
        assert_int_equal(
            cm_config_parse(&fresh, cm_str_of(text), "c.yaml", &err), CM_OK);
        cm_config_release(&fresh);
        assert_int_equal(set_flag(names[i], value), CM_OK);
    }
    assert_int_equal(config.n_estimators, 5);
    assert_int_equal(config.depth, 5);
    assert_true(config.l2_leaf_reg == 5);
    assert_true(config.rsm == 0.5);
    assert_int_equal(config.border_count, 5);
    assert_int_equal(config.random_seed, 5);
}

static void test_unknown_keys_name_the_nearest(void **state)
{
    (void)state;
    refuses("input_data_pat: x\n",
            "c.yaml:1:1: unknown key input_data_pat; did you mean "
            "input_data_path?");
    refuses("train_params:\n  depht: 5\n",
            "c.yaml:2:3: unknown key train_params.depht; did you mean "
            "train_params.depth?");
    refuses("train_parms:\n  depth: 5\n",
            "c.yaml:1:1: unknown key train_parms; did you mean train_params?");
    refuses("depth: 5\n",
            "c.yaml:1:1: unknown key depth; did you mean train_params.depth?");
    refuses("xyzzy: 5\n",
            "c.yaml:1:1: unknown key xyzzy; see clickmill config doc");
    refuses("train_params:\n  iterations: 5\n  n_estimators: 6\n",
            "c.yaml:3:3: n_estimators is given twice: line 2 has it as "
            "iterations");
}

static void test_values_out_of_range(void **state)
{
    (void)state;
    refuses("train_params:\n  depth: 17\n",
            "c.yaml:2:10: train_params.depth: found \"17\", expected an "
            "integer in [1, 16]");
    refuses("train_params:\n  depth: 5.5\n",
            "c.yaml:2:10: train_params.depth: found \"5.5\", expected an "
            "integer in [1, 16]");
    refuses("train_params: {learning_rate: 0}\n",
            "c.yaml:1:31: train_params.learning_rate: found \"0\", expected a "
            "number in (0, 1] or auto");
    refuses("splitting_params: {val_size: .nan}\n",
            "c.yaml:1:30: splitting_params.val_size: found \".nan\", expected "
            "a number in (0, 1)");
    refuses("use_mlflow: maybe\n",
            "c.yaml:1:13: use_mlflow: found \"maybe\", expected true or "
            "false");
    refuses("train_params: {nan_mode: Mean}\n",
            "c.yaml:1:26: train_params.nan_mode: found \"Mean\", expected Min "
            "or Max or Forbidden");
    refuses("schema: [a, b]\n",
            "c.yaml:1:9: schema: found a list, expected one value");
    refuses("train_params: 5\n",
            "c.yaml:1:15: train_params: expected a map of parameters");
    refuses("feature_params: {ctr_features: {a: b}}\n",
            "c.yaml:1:32: feature_params.ctr_features: found a map, expected "
            "a list");
}

static void test_names_of_catboost_that_are_not_taken(void **state)
{
    (void)state;
    refuses("train_params: {grow_policy: Depthwise}\n",
            "c.yaml:1:29: train_params.grow_policy: not supported: CatBoost "
            "knows Depthwise, this program only SymmetricTree");
    refuses("train_params: {has_time: Iter}\n",
            "c.yaml:1:16: not supported: train_params.has_time is a parameter "
            "of CatBoost's that this program does not take");
    assert_int_equal(set_flag("has-time", "Iter"), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "not supported: --has-time"));
}

static void test_flags_win_over_the_file(void **state)
{
    (void)state;
    assert_int_equal(parse("train_params: {depth: 4}\n"), CM_OK);
    assert_int_equal(set_flag("train-params.depth", "7"), CM_OK);
    assert_int_equal(config.depth, 7);
    assert_int_equal(set_flag("train_params.max_depth", "8"), CM_OK);
    assert_int_equal(config.depth, 8);
    assert_int_equal(config.origins[CM_ID_depth].kind, CM_ORIGIN_FLAG);
    assert_int_equal(set_flag("ctr-features", "site_id, C14"), CM_OK);
    assert_int_equal(config.ctr_features.n, 2);
    assert_string_equal(config.ctr_features.items[1], "C14");
}

static void test_unknown_and_ambiguous_flags(void **state)
{
    (void)state;
    assert_int_equal(set_flag("detph", "5"), CM_ERR_USAGE);
    assert_string_equal(err.message,
                        "unknown option --detph; did you mean --depth?");
    assert_int_equal(set_flag("random-state", "5"), CM_ERR_USAGE);
    assert_string_equal(err.message, "--random-state can mean "
                                     "--splitting-params.random-state or "
                                     "--train-params.random-state");
    assert_int_equal(set_flag("depth", "x"), CM_ERR_USAGE);
    assert_string_equal(err.message, "--depth: found \"x\", expected an "
                                     "integer in [1, 16]");
    static const char *const own[] = {"max-log-loss"};
    assert_null(cm_config_find_flag(cm_str_of("max-logloss"), 0, own, 1, &err));
    assert_string_equal(err.message, "unknown option --max-logloss; did you "
                                     "mean --max-log-loss?");
}

static void test_every_short_flag_finds_its_parameter(void **state)
{
    (void)state;
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        cm_buf flag = {0};
        cm_param_add_flag(&cm_params[i], &flag);
        assert_int_equal(cm_buf_check(&flag, &err), CM_OK);
        unsigned group = 1u << cm_params[i].group;
        assert_ptr_equal(
            cm_config_find_flag(cm_str_of(flag.p + 2), group, NULL, 0, &err),
            &cm_params[i]);
        assert_ptr_equal(cm_config_find_flag(cm_str_of(cm_params[i].key), group,
                                             NULL, 0, &err),
                         &cm_params[i]);
        cm_buf_release(&flag);
    }
}

static void test_contradictions(void **state)
{
    (void)state;
    assert_int_equal(parse("train_params: {class_names: [a, b, c]}\n"), CM_OK);
    assert_int_equal(cm_config_check(&config, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "c.yaml:1:16: train_params."
                                        "class_names: found 3 names"));
    assert_int_equal(set_flag("class-names", "0,1"), CM_OK);
    assert_int_equal(set_flag("bootstrap-type", "Bayesian"), CM_OK);
    assert_int_equal(set_flag("subsample", "0.5"), CM_OK);
    assert_int_equal(cm_config_check(&config, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "subsample"));
}

static void contradicts(const char *yaml, const char *words)
{
    cm_config fresh;
    assert_int_equal(cm_config_init(&fresh, &err), CM_OK);
    assert_int_equal(cm_config_parse(&fresh, cm_str_of(yaml), "c.yaml", &err),
                     CM_OK);
    assert_int_equal(cm_config_check(&fresh, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, words));
    cm_config_release(&fresh);
}

static void test_contradictions_around_the_training(void **state)
{
    (void)state;
    contradicts("train_params: {class_weights: [1]}\n",
                "c.yaml:1:16: train_params.class_weights: found 1 numbers");
    contradicts("train_params: {class_weights: [1, -2]}\n",
                "found \"-2\", expected a number in [0, 1e30]");
    contradicts("train_params: {class_weights: [1, 2], scale_pos_weight: 3}\n",
                "keep one");
    contradicts("train_params: {auto_class_weights: Balanced, "
                "scale_pos_weight: 3}\n",
                "keep one");
    contradicts("train_params: {od_type: Iter, od_pval: 0.1}\n",
                "c.yaml:1:31: train_params.od_pval: od_type Iter takes none");
}

static void test_a_map_is_a_list_of_pairs(void **state)
{
    (void)state;
    assert_int_equal(
        parse("train_params:\n  monotone_constraints: {C1: 1, C14: -1}\n"),
        CM_OK);
    assert_int_equal(config.monotone_constraints.n, 2);
    assert_string_equal(config.monotone_constraints.items[0], "C1:1");
    assert_string_equal(config.monotone_constraints.items[1], "C14:-1");
    assert_int_equal(set_flag("monotone-constraints", "1, 0,-1"), CM_OK);
    assert_int_equal(config.monotone_constraints.n, 3);
    refuses("train_params: {class_names: {a: 1}}\n",
            "c.yaml:1:29: train_params.class_names: found a map, expected a "
            "list");
}

static void says(const char *expected)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    cm_log log = {.out = out, .level = CM_LOG_INFO};
    cm_config_say_unused(&config, &log);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void test_settings_without_effect_are_said(void **state)
{
    (void)state;
    says("");
    assert_int_equal(set_flag("bagging-temperature", "0.2"), CM_OK);
    says("bagging_temperature does nothing with bootstrap_type auto, in "
         "CatBoost too: it belongs to Bayesian\n");
    assert_int_equal(set_flag("bootstrap-type", "Bayesian"), CM_OK);
    says("");
    assert_int_equal(set_flag("alias", "champion"), CM_OK);
    says("model_alias: without register_model no version is made that could "
         "have it\n");
}

static void test_paths_of_results(void **state)
{
    (void)state;
    cm_output_paths paths;
    assert_int_equal(parse("input_preprocessed_data_path: d/p.csv.gz\n"
                           "output_model_path: m/cat.pkl\n"
                           "output_transformer_path: m/t.pkl\n"
                           "output_ctr_transformer_path: other/c.bin\n"
                           "metric_path: m/metrics.json\n"),
                     CM_OK);
    assert_int_equal(cm_config_output_paths(&paths, &config, &err), CM_OK);
    assert_string_equal(paths.dataset, "d/p.cmds");
    assert_string_equal(paths.root, "m");
    assert_string_equal(paths.paths[CM_OUTPUT_MODEL], "m/cat.json");
    assert_string_equal(paths.names[CM_OUTPUT_COUNTS], "t.cmt");
    assert_string_equal(paths.names[CM_OUTPUT_CTR], "c.bin");
    assert_false(paths.outside[CM_OUTPUT_COUNTS]);
    assert_true(paths.outside[CM_OUTPUT_CTR]);
    assert_int_equal(set_flag("output-ctr-transformer-path", ""), CM_OK);
    assert_int_equal(cm_config_output_paths(&paths, &config, &err), CM_OK);
    assert_string_equal(paths.paths[CM_OUTPUT_CTR], "m/ctr_transformer.cmt");
    assert_false(paths.outside[CM_OUTPUT_CTR]);
    assert_int_equal(set_flag("metric-path", "m/cat.json"), CM_OK);
    assert_int_equal(cm_config_output_paths(&paths, &config, &err),
                     CM_ERR_USAGE);
    assert_int_equal(set_flag("metric-path", "m/bundle.json"), CM_OK);
    assert_int_equal(cm_config_output_paths(&paths, &config, &err),
                     CM_ERR_USAGE);
}

/* What config show prints is a configuration with the same values. */
static void test_shown_values_load_again(void **state)
{
    (void)state;
    cm_buf shown = {0}, again = {0}, first = {0};
    cm_config copy;
    assert_int_equal(parse("input_data_path: 'it''s #1.csv'\n"
                           "train_params: {depth: 4, subsample: .5}\n"),
                     CM_OK);
    cm_config_format(&config, &shown);
    cm_config_format_result_json(&config, &first);
    assert_int_equal(cm_config_init(&copy, &err), CM_OK);
    assert_int_equal(
        cm_config_parse(&copy, (cm_str){shown.p, shown.n}, "shown", &err),
        CM_OK);
    cm_config_format_result_json(&copy, &again);
    assert_string_equal(first.p, again.p);
    json_t *value = NULL;
    assert_int_equal(
        cm_json_parse(&value, (cm_str){first.p, first.n}, "json", &err), CM_OK);
    json_decref(value);
    cm_config_release(&copy);
    cm_buf_release(&shown);
    cm_buf_release(&again);
    cm_buf_release(&first);
}

static void test_the_document_has_every_parameter(void **state)
{
    (void)state;
    cm_buf doc = {0};
    cm_config_format_doc(&doc);
    assert_int_equal(cm_buf_check(&doc, &err), CM_OK);
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        char row[128];
        snprintf(row, sizeof row, "| `%s` |", cm_params[i].key);
        assert_non_null(strstr(doc.p, row));
    }
    cm_buf_release(&doc);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_values_of_a_file),
        TEST(test_null_is_the_default),
        TEST(test_the_aliases_of_catboost),
        TEST(test_unknown_keys_name_the_nearest),
        TEST(test_values_out_of_range),
        TEST(test_names_of_catboost_that_are_not_taken),
        TEST(test_flags_win_over_the_file),
        TEST(test_unknown_and_ambiguous_flags),
        TEST(test_every_short_flag_finds_its_parameter),
        TEST(test_contradictions),
        TEST(test_contradictions_around_the_training),
        TEST(test_a_map_is_a_list_of_pairs),
        TEST(test_settings_without_effect_are_said),
        TEST(test_paths_of_results),
        TEST(test_shown_values_load_again),
        TEST(test_the_document_has_every_parameter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
