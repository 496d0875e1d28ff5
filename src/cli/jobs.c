/* Configuration to option structs. */
#include "cli/jobs.h"

#include <string.h>
#include <time.h>

#include "base/file.h"

static bool is_word(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

static cm_bad_row bad_row_of(const cm_config *config)
{
    return is_word(config->on_bad_row, "skip")         ? CM_BAD_ROW_SKIP
           : is_word(config->on_bad_row, "quarantine") ? CM_BAD_ROW_QUARANTINE
                                                       : CM_BAD_ROW_FAIL;
}

/* The named file, or one beside the output. */
static cm_status quarantine_of(const char **out, cm_config *config,
                               const char *output, cm_error *err)
{
    const char ending[] = ".bad.csv";
    *out = config->quarantine_path[0] != '\0' ? config->quarantine_path : NULL;
    if (bad_row_of(config) != CM_BAD_ROW_QUARANTINE || *out != NULL) {
        return CM_OK;
    }
    if (output == NULL || is_word(output, "-")) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--on-bad-row quarantine: there is no output to put "
                       "the rows beside; say where with --quarantine PATH");
    }
    size_t n = strlen(output);
    char *path = cm_arena_alloc(&config->arena, n + sizeof ending, err);
    if (path == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(path, output, n);
    memcpy(path + n, ending, sizeof ending);
    *out = path;
    return CM_OK;
}

static cm_status need_input(const cm_config *config, cm_error *err)
{
    if (config->input_data_path[0] == '\0') {
        return cm_fail(err, CM_ERR_USAGE,
                       "no input: give --input PATH, or a --config with "
                       "input_data_path");
    }
    return CM_OK;
}

cm_status cli_dataset_options(cm_make_dataset_options *out, cli_context *c,
                              const char *output, cm_error *err)
{
    cm_config *config = &c->config;
    *out = (cm_make_dataset_options){.input = config->input_data_path,
                                     .schema = config->schema,
                                     .target = config->target_col,
                                     .on_bad_row = bad_row_of(config),
                                     .n_threads = (int)config->thread_count,
                                     .log = &c->log};
    cm_status status = need_input(config, err);
    if (status == CM_OK) {
        status = quarantine_of(&out->quarantine, config, output, err);
    }
    return status;
}

void cli_feature_options(cm_feature_options *out, const cli_context *c)
{
    const cm_config *config = &c->config;
    *out = (cm_feature_options){
        .split_by_time = is_word(config->split, "time"),
        .val_size = config->val_size,
        .split_seed = (uint32_t)config->split_seed,
        .spec = {config->count_features.items, config->count_features.n,
                 config->ctr_features.items, config->ctr_features.n},
        .n_threads = (int)config->thread_count};
}

static int bootstrap_of(const cm_config *config)
{
    const char *type = config->bootstrap_type;
    return is_word(type, "Bayesian")     ? CM_BOOTSTRAP_BAYESIAN
           : is_word(type, "Bernoulli")  ? CM_BOOTSTRAP_BERNOULLI
           : is_word(type, "No")         ? CM_BOOTSTRAP_NO
           : is_word(type, "Stratified") ? CM_BOOTSTRAP_STRATIFIED
                                         : CM_BOOTSTRAP_MVS;
}

/* CatBoost chooses a rate by itself only when the leaves are left to it too;
 * otherwise it takes 0.03. */
static double learning_rate_of(const cm_config *config)
{
    bool leaves_set = cm_config_is_set(config, CM_ID_leaf_estimation_method);
    return config->learning_rate < 0 && leaves_set ? 0.03
                                                   : config->learning_rate;
}

static void train_options(cm_train_options *out, const cm_config *config)
{
    cm_train_options_init(out);
    out->iterations = (uint32_t)config->n_estimators;
    out->learning_rate = learning_rate_of(config);
    out->depth = (uint32_t)config->depth;
    out->l2_leaf_reg =
        cm_config_is_set(config, CM_ID_l2_leaf_reg) ? config->l2_leaf_reg : -1;
    out->random_strength = config->random_strength;
    out->bootstrap = bootstrap_of(config);
    out->bagging_temperature = config->bagging_temperature;
    out->subsample = config->subsample;
    out->mvs_reg = config->mvs_reg;
    out->rsm = config->rsm;
    out->score_function =
        is_word(config->score_function, "L2") ? CM_SCORE_L2 : CM_SCORE_COSINE;
    out->leaf_estimation_method =
        is_word(config->leaf_estimation_method, "Gradient") ? CM_LEAF_GRADIENT
                                                            : CM_LEAF_NEWTON;
    out->leaf_estimation_iterations = (int)config->leaf_estimation_iterations;
    out->leaf_estimation_backtracking =
        !is_word(config->leaf_estimation_backtracking, "No");
    out->min_data_in_leaf = (uint32_t)config->min_data_in_leaf;
    out->boost_from_average = config->boost_from_average;
    out->random_seed = (uint64_t)config->random_seed;
    out->n_threads = (int)config->thread_count;
}

void cli_fit_options(cm_fit_options *out, const cli_context *c)
{
    const cm_config *config = &c->config;
    *out = (cm_fit_options){.border_count = (uint32_t)config->border_count,
                            .nan_mode = is_word(config->nan_mode, "Max")
                                            ? CM_NAN_MODE_MAX
                                        : is_word(config->nan_mode, "Forbidden")
                                            ? CM_NAN_MODE_FORBIDDEN
                                            : CM_NAN_MODE_MIN,
                            .class_names = {config->class_names.items[0],
                                            config->class_names.items[1]},
                            .log = &c->log};
    train_options(&out->train, config);
}

static const char *link_of(const cm_output_paths *paths, int output)
{
    return paths->outside[output] ? paths->paths[output] : NULL;
}

static void place_of(cm_bundle_place *out, const cm_output_paths *paths)
{
    *out = (cm_bundle_place){.root = paths->root,
                             .model_file = paths->names[CM_OUTPUT_MODEL],
                             .counts_file = paths->names[CM_OUTPUT_COUNTS],
                             .ctr_file = paths->names[CM_OUTPUT_CTR],
                             .metrics_file = paths->names[CM_OUTPUT_METRICS],
                             .counts_link = link_of(paths, CM_OUTPUT_COUNTS),
                             .ctr_link = link_of(paths, CM_OUTPUT_CTR),
                             .metrics_link = link_of(paths, CM_OUTPUT_METRICS)};
}

cm_status cli_train_job(cm_train_job *out, cli_context *c,
                        const cm_output_paths *paths, cm_error *err)
{
    const char *beside =
        paths->dataset != NULL ? paths->dataset : paths->paths[CM_OUTPUT_MODEL];
    *out = (cm_train_job){.created = (int64_t)time(NULL)};
    cm_status status = cli_dataset_options(&out->dataset, c, beside, err);
    if (status != CM_OK) {
        return status;
    }
    out->dataset.output = paths->dataset;
    out->dataset.require_target = true;
    cli_feature_options(&out->features, c);
    cli_fit_options(&out->fit, c);
    place_of(&out->place, paths);
    cm_buf json = {0};
    cm_config_format_result_json(&c->config, &json);
    status = cm_buf_check(&json, err);
    if (status == CM_OK) {
        out->config_json =
            cm_arena_strdup(&c->config.arena, json.p, json.n, err);
        status = out->config_json != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    cm_buf_release(&json);
    return status;
}

cm_status cli_score_options(cm_score_log_options *out, cli_context *c,
                            const char *output, cm_error *err)
{
    cm_config *config = &c->config;
    *out = (cm_score_log_options){
        .input = config->input_data_path,
        .schema =
            cm_config_is_set(config, CM_ID_schema) ? config->schema : NULL,
        .on_bad_row = bad_row_of(config),
        .n_threads = (int)config->thread_count,
        .log = &c->log};
    cm_status status = need_input(config, err);
    if (status == CM_OK) {
        status = quarantine_of(&out->quarantine, config, output, err);
    }
    return status;
}

cm_status cli_load_bundle(cm_bundle **out, cli_context *c, cm_error *err)
{
    const char *path = cli_text(c, "model");
    cm_output_paths paths = {0};
    cm_status status = CM_OK;
    if (path == NULL) {
        status = cm_config_output_paths(&paths, &c->config, err);
        path = paths.paths[CM_OUTPUT_MODEL];
    }
    return status == CM_OK ? cm_bundle_load(out, path, err) : status;
}
