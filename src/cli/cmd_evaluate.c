/* clickmill evaluate */
#include "cli/jobs.h"
#include "cli/output.h"

static cm_status print_json(const cm_metrics *metrics,
                            const cm_score_log_report *report,
                            const cm_bundle *bundle, const char *input,
                            cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "input", input);
    cm_json_put_text(&w, "version", cm_bundle_version(bundle));
    cm_json_begin_object(&w, "metrics");
    cm_metrics_put(&w, metrics);
    cm_json_end_object(&w);
    cm_json_put_u64(&w, "bad_rows", report->bad_rows);
    cm_json_put_double(&w, "seconds", report->seconds);
    cm_json_put_u64(&w, "peak_memory_bytes", cli_peak_memory());
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static void print_text(const cli_context *c, const cm_metrics *metrics,
                       const cm_score_log_report *report)
{
    cli_print_metrics(metrics);
    cm_info(&c->log, "scored in %.2f s", report->seconds);
    if (report->bad_rows > 0) {
        cm_warn(&c->log, "%llu bad rows were left out",
                (unsigned long long)report->bad_rows);
    }
}

static cm_status read_gates(const cli_context *c, cm_gates *gates,
                            cm_error *err)
{
    cm_status status = cli_double(c, "max-log-loss", &gates->max_log_loss, err);
    if (status == CM_OK) {
        status = cli_double(c, "min-auc", &gates->min_auc, err);
    }
    return status;
}

cm_status cli_evaluate(cli_context *c, cm_error *err)
{
    cm_score_log_options options = {0};
    cm_score_log_report report = {0};
    cm_metrics metrics = {0};
    cm_gates gates = {0};
    cm_bundle *bundle = NULL;
    cm_status status = read_gates(c, &gates, err);
    if (status == CM_OK) {
        status = cli_score_options(&options, c, NULL, err);
    }
    if (status == CM_OK) {
        status = cli_load_bundle(&bundle, c, err);
    }
    if (status == CM_OK) {
        status = cm_evaluate_log(&metrics, &report, bundle, &options, err);
    }
    if (status == CM_OK && cli_switch(c, "json")) {
        status = print_json(&metrics, &report, bundle, options.input, err);
    } else if (status == CM_OK) {
        print_text(c, &metrics, &report);
    }
    if (status == CM_OK) {
        status = cm_check_gates(&metrics, &gates, err);
    }
    cm_bundle_free(bundle);
    return status;
}
