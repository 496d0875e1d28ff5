/* Parameters of a run out of the configuration, and those that are only known
 * when the training has seen its data. */
#include "cli/tracking.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/thread.h"

/* ---- the configuration --------------------------------------------------- */

static const char *value_text(cm_config *config, const cm_param *param,
                              cm_error *err)
{
    cm_buf text = {0};
    cm_config_format_value(config, param, &text);
    cm_buf_adds(&text, "");
    const char *kept =
        cm_buf_check(&text, err) == CM_OK
            ? cm_arena_strdup(&config->arena, text.p != NULL ? text.p : "",
                              text.n, err)
            : NULL;
    cm_buf_release(&text);
    return kept;
}

/* Every parameter but those of a server, which no training looks at. */
static cm_status fill_params(cli_tracking *out, cm_config *config,
                             cm_error *err)
{
    cm_track_options *options = &out->options;
    out->params = cm_alloc(CM_N_PARAMS, sizeof *out->params, err);
    for (size_t i = 0; out->params != NULL && i < CM_N_PARAMS; i++) {
        const cm_param *param = &cm_params[i];
        if (param->group == CM_GROUP_SERVING) {
            continue;
        }
        const char *value = value_text(config, param, err);
        if (value == NULL) {
            return CM_ERR_NOMEM;
        }
        out->params[options->n_params++] = (cm_run_pair){param->key, value};
    }
    options->params = out->params;
    return out->params != NULL ? CM_OK : CM_ERR_NOMEM;
}

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

void cli_track_begin(cli_tracking *out, cli_context *c, cm_train_job *job)
{
    cm_config *config = &c->config;
    cm_error err = {0};
    *out = (cli_tracking){
        .options = {.store = config->runs_path,
                    .experiment = config->mlflow_experiment,
                    .name = config->run_name,
                    .command = "clickmill train",
                    .lock_file = "dvc.lock",
                    .register_as = or_null(config->register_model),
                    .alias = or_null(config->model_alias),
                    .log = &c->log}};
    if (config->runs_path[0] == '\0') {
        return;
    }
    cm_config_format(config, &out->config);
    cm_status status = cm_buf_check(&out->config, &err);
    if (status == CM_OK) {
        status = fill_params(out, config, &err);
    }
    if (status != CM_OK) {
        cm_warn(&c->log, "the run is not kept: %s", err.message);
        return;
    }
    out->options.config = (cm_str){out->config.p, out->config.n};
    out->track = cm_track_begin(&out->options, job);
}

/* ---- what the data decided ----------------------------------------------- */

enum { MAX_RESOLVED = 8, RESOLVED_TEXT = 64 };

typedef struct resolved_params {
    cm_run_pair pairs[MAX_RESOLVED];
    char texts[MAX_RESOLVED][RESOLVED_TEXT];
    size_t n;
} resolved_params;

/* Only what the configuration left open. */
static bool is_open(const cm_config *config, int id)
{
    cm_buf text = {0};
    cm_config_format_value(config, &cm_params[id], &text);
    bool open = cm_str_is((cm_str){text.p, text.n}, "auto") ||
                cm_str_is((cm_str){text.p, text.n}, "-1");
    cm_buf_release(&text);
    return open;
}

static void add_text(resolved_params *out, const cm_config *config, int id,
                     const char *value)
{
    char *text = out->texts[out->n];
    if (is_open(config, id)) {
        (void)snprintf(text, RESOLVED_TEXT, "%s", value);
        out->pairs[out->n++] = (cm_run_pair){cm_params[id].key, text};
    }
}

/* CatBoost's own defaults are floats: 0.8, not 0.800000011920929. */
static void add_number(resolved_params *out, const cm_config *config, int id,
                       double value)
{
    char text[CM_NUM_TEXT];
    if ((double)(float)value == value) {
        (void)cm_format_float(text, (float)value);
    } else {
        (void)cm_format_double(text, value);
    }
    add_text(out, config, id, text);
}

/* mvs_reg stays "auto": it changes from tree to tree. */
static void resolve(resolved_params *out, const cm_config *config,
                    const cm_train_options *options)
{
    add_number(out, config, CM_ID_learning_rate, options->learning_rate);
    add_number(out, config, CM_ID_random_strength, options->random_strength);
    add_number(out, config, CM_ID_subsample, options->subsample);
    add_number(out, config, CM_ID_leaf_estimation_iterations,
               options->leaf_estimation_iterations);
    add_text(out, config, CM_ID_bootstrap_type,
             cli_bootstrap_name(options->bootstrap));
    add_text(out, config, CM_ID_score_function,
             cli_score_name(options->score_function));
    add_number(out, config, CM_ID_thread_count,
               cm_thread_count((int)config->thread_count));
}

void cli_track_end(cli_tracking *tracking, cli_context *c,
                   const cm_train_job *job, const cm_train_result *result,
                   cm_status status, const cm_error *err)
{
    resolved_params params = {.n = 0};
    if (status == CM_OK) {
        resolve(&params, &c->config, &result->fit.options);
    }
    cm_track_ending ending = {.status = status,
                              .failure = err,
                              .job = job,
                              .result = result,
                              .params = params.pairs,
                              .n_params = params.n};
    cm_track_end(tracking->track, &ending);
    const char *id = cm_track_run_id(tracking->track);
    if (id != NULL) {
        (void)snprintf(tracking->run_id, sizeof tracking->run_id, "%s", id);
    }
    if (id != NULL && status == CM_OK) {
        cm_info(&c->log, "run %.8s of %s is kept in %s", id,
                c->config.mlflow_experiment, c->config.runs_path);
    }
    cm_track_free(tracking->track);
    cm_buf_release(&tracking->config);
    free(tracking->params);
}
