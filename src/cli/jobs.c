/* Configuration to option structs. */
#include "cli/jobs.h"

#include <string.h>
#include <time.h>

#include "base/file.h"
#include "cli/model_path.h"

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

void cli_report_options(cm_report_options *out, const cm_config *config)
{
    *out = (cm_report_options){
        .folder = config->report_path[0] != '\0' ? config->report_path : NULL,
        .groups = config->report_columns.items,
        .n_groups = config->report_columns.n,
        .n_threads = (int)config->thread_count};
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
    place_of(&out->place, paths);
    out->init_model =
        c->config.init_model[0] != '\0' ? c->config.init_model : NULL;
    cli_fit_options(&out->fit, &c->config, &c->log);
    cli_report_options(&out->report, &c->config);
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
    const char *path = NULL;
    cm_status status = cli_model_path(&path, c, err);
    return status == CM_OK ? cm_bundle_load(out, path, err) : status;
}
