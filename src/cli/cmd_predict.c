/* clickmill predict */
#include <string.h>

#include "base/num.h"
#include "cli/jobs.h"
#include "cli/model_path.h"
#include "cli/output.h"

static cm_status read_format(const cli_context *c, cm_prediction_format *out,
                             cm_error *err)
{
    const char *format = cli_text(c, "format");
    *out =
        strcmp(format, "jsonl") == 0 ? CM_PREDICTION_JSONL : CM_PREDICTION_CSV;
    if (*out == CM_PREDICTION_CSV && strcmp(format, "csv") != 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--format: found \"%s\", expected csv or jsonl", format);
    }
    return CM_OK;
}

/* What predictions are made of: a bundle and a log, or a model and a table. */
typedef struct predict_job {
    cm_score_log_options options;
    cm_prediction_format format;
    cm_bundle *bundle;
    cm_model *model; /* NULL: the bundle */
} predict_job;

static bool is_npy(const char *path)
{
    return cm_str_ends_with(cm_str_of(path), ".npy");
}

/* A model file that lies in no bundle works alone, and a matrix needs no
 * transformers whatever the model lies in. */
static cm_status load(predict_job *job, cli_context *c, cm_error *err)
{
    const char *path = cli_text(c, "model");
    bool is_file = path != NULL && cli_text(c, "rev") == NULL &&
                   !cli_model_is_remote(path);
    bool alone =
        is_file && (cm_bundle_is_apart(path) || is_npy(job->options.input));
    return alone ? cm_model_load(&job->model, path, err)
                 : cli_load_bundle(&job->bundle, c, err);
}

static cm_status write_predictions(const cli_context *c, const predict_job *job,
                                   cm_score_log_report *report, cm_error *err)
{
    cli_output output = {0};
    cm_status status = cli_output_open(&output, cli_text(c, "output"), err);
    if (status == CM_OK && job->model != NULL) {
        status = cm_predict_table(report, job->model, job->options.input,
                                  job->format, &output.sink, &c->log, err);
    } else if (status == CM_OK) {
        status = cm_predict_log(report, job->bundle, &job->options, job->format,
                                &output.sink, err);
    }
    return cli_output_close(&output, status, err);
}

static void say_done(const cli_context *c, const cm_score_log_report *report)
{
    char rows[32];
    cm_format_count(rows, report->rows);
    cm_info(&c->log, "%s rows scored in %.2f s", rows, report->seconds);
    if (report->bad_rows > 0) {
        cm_warn(&c->log, "%llu bad rows were left out",
                (unsigned long long)report->bad_rows);
    }
}

cm_status cli_predict(cli_context *c, cm_error *err)
{
    predict_job job = {0};
    cm_score_log_report report = {0};
    cm_status status = read_format(c, &job.format, err);
    if (status == CM_OK) {
        status = cli_score_options(&job.options, c, cli_text(c, "output"), err);
    }
    if (status == CM_OK) {
        status = load(&job, c, err);
    }
    if (status == CM_OK) {
        status = write_predictions(c, &job, &report, err);
    }
    if (status == CM_OK) {
        say_done(c, &report);
    }
    cm_bundle_free(job.bundle);
    cm_model_free(job.model);
    return status;
}
