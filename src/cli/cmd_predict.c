/* clickmill predict */
#include <string.h>

#include "cli/jobs.h"
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

static cm_status write_predictions(const cli_context *c,
                                   const cm_bundle *bundle,
                                   const cm_score_log_options *options,
                                   cm_prediction_format format,
                                   cm_score_log_report *report, cm_error *err)
{
    cli_output output = {0};
    cm_status status = cli_output_open(&output, cli_text(c, "output"), err);
    if (status == CM_OK) {
        status =
            cm_predict_log(report, bundle, options, format, &output.sink, err);
    }
    return cli_output_close(&output, status, err);
}

static void say_done(const cli_context *c, const cm_score_log_report *report)
{
    char rows[32];
    cli_format_count(rows, report->rows);
    cm_info(&c->log, "%s rows scored in %.2f s", rows, report->seconds);
    if (report->bad_rows > 0) {
        cm_warn(&c->log, "%llu bad rows were left out",
                (unsigned long long)report->bad_rows);
    }
}

cm_status cli_predict(cli_context *c, cm_error *err)
{
    cm_score_log_options options = {0};
    cm_score_log_report report = {0};
    cm_prediction_format format = CM_PREDICTION_CSV;
    cm_bundle *bundle = NULL;
    cm_status status = read_format(c, &format, err);
    if (status == CM_OK) {
        status = cli_score_options(&options, c, cli_text(c, "output"), err);
    }
    if (status == CM_OK) {
        status = cli_load_bundle(&bundle, c, err);
    }
    if (status == CM_OK) {
        status = write_predictions(c, bundle, &options, format, &report, err);
    }
    if (status == CM_OK) {
        say_done(c, &report);
    }
    cm_bundle_free(bundle);
    return status;
}
