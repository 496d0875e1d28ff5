/* clickmill fit */
#include <string.h>

#include "cli/jobs.h"
#include "base/num.h"
#include "cli/output.h"
#include "pipeline/fit_matrix.h"

static cm_status fit_job(cm_fit_matrix_job *out, const cli_context *c,
                         cm_error *err)
{
    *out = (cm_fit_matrix_job){.x = c->words[0],
                               .y = c->words[1],
                               .weights = cli_text(c, "weights"),
                               .eval_x = cli_text(c, "eval"),
                               .eval_y = cli_second_text(c, "eval"),
                               .model = cli_text(c, "model")};
    cli_fit_options(&out->fit, &c->config, &c->log);
    out->init_model =
        c->config.init_model[0] != '\0' ? c->config.init_model : NULL;
    bool named =
        strcmp(c->config.bootstrap_type, "auto") != 0 || c->config.mvs_reg >= 0;
    if (!named) {
        out->fit.train.bootstrap = CM_BOOTSTRAP_STRATIFIED;
    }
    if (out->model == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--model PATH is needed: where the model goes");
    }
    return CM_OK;
}

static void put_seconds(cm_json_writer *w, const cm_fit_matrix_seconds *s)
{
    cm_json_put_double(w, "load_seconds", s->load);
    cm_json_put_double(w, "train_seconds", s->train);
    cm_json_begin_object(w, "seconds");
    cm_json_put_double(w, "order", s->order);
    cm_json_put_double(w, "borders", s->borders);
    cm_json_put_double(w, "quantize", s->quantize);
    cm_json_put_double(w, "extras", s->extras);
    cm_json_put_double(w, "trees", s->trees);
    cm_json_put_double(w, "build", s->build);
    cm_json_put_double(w, "evaluate", s->evaluate);
    cm_json_put_double(w, "save", s->save);
    cm_json_put_double(w, "total", s->total);
    cm_json_end_object(w);
}

static cm_status print_json(const cm_fit_matrix_result *result,
                            const cm_fit_matrix_job *job, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "model", job->model);
    cm_json_put_u64(&w, "rows", result->n_rows);
    cm_json_put_u64(&w, "clicks", result->n_clicks);
    cm_json_put_u64(&w, "features", result->n_features);
    cm_json_put_u64(&w, "trees", result->n_trees);
    cm_json_put_text(&w, "bootstrap_type",
                     cli_bootstrap_name(result->fit.options.bootstrap));
    cm_json_put_double(&w, "subsample", result->fit.options.subsample);
    if (result->fit.best_trees > 0) {
        cm_curve_put(&w, result->fit.best_trees, &result->fit.curve);
    }
    cm_json_put_double(&w, "log_loss", result->log_loss);
    put_seconds(&w, &result->seconds);
    if (result->n_eval > 0) {
        cm_json_begin_object(&w, "metrics");
        cm_metrics_put(&w, &result->metrics);
        cm_json_end_object(&w);
    }
    cm_json_put_u64(&w, "peak_memory_bytes", cli_peak_memory());
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static void print_bootstrap(const cm_fit_matrix_result *result)
{
    const cm_train_options *options = &result->fit.options;
    const char *name = cli_bootstrap_name(options->bootstrap);
    if (cm_train_samples(options, result->n_rows)) {
        printf("  bootstrap_type %s: splits from a sample of %g %% of the rows "
               "and both labels, leaf values from all\n",
               name, 100 * options->subsample);
    } else if (options->bootstrap == CM_BOOTSTRAP_STRATIFIED) {
        printf(
            "  bootstrap_type %s: too few rows to sample, all of them choose "
            "splits\n",
            name);
    } else {
        printf("  bootstrap_type %s\n", name);
    }
}

static void print_text(const cli_context *c, const cm_fit_matrix_result *result,
                       const cm_fit_matrix_job *job)
{
    const cm_fit_matrix_seconds *s = &result->seconds;
    char rows[32];
    cm_format_count(rows, result->n_rows);
    if (result->n_eval > 0) {
        cli_print_metrics(&result->metrics);
        putchar('\n');
    } else {
        printf("  log_loss of the training rows %.6f\n", result->log_loss);
    }
    printf("  %zu trees over %zu features; %s rows trained\n", result->n_trees,
           result->n_features, rows);
    print_bootstrap(result);
    printf("  model %s\n", job->model);
    cm_info(&c->log,
            "%.2f s: load %.2f, borders %.2f, quantize %.2f, trees %.2f, "
            "evaluate %.2f, save %.2f; %.0f MB of memory at most",
            s->total, s->load, s->borders, s->order + s->quantize,
            s->trees + s->build, s->evaluate, s->save,
            (double)cli_peak_memory() / 1e6);
}

cm_status cli_fit(cli_context *c, cm_error *err)
{
    cm_fit_matrix_job job = {0};
    cm_fit_matrix_result result = {0};
    cm_status status = fit_job(&job, c, err);
    if (status == CM_OK) {
        cm_config_say_unused(&c->config, &c->log);
        status = cm_fit_matrix(&result, &job, err);
    }
    if (status == CM_OK && cli_switch(c, "json")) {
        status = print_json(&result, &job, err);
    } else if (status == CM_OK) {
        print_text(c, &result, &job);
    }
    cm_fit_report_release(&result.fit);
    return status;
}
