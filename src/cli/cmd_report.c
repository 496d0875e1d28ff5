/* clickmill report */
#include "cli/jobs.h"
#include "cli/output.h"
#include "pipeline/report.h"

static cm_status print_json(const cm_report_summary *summary,
                            const cm_report_job *job, const cm_bundle *bundle,
                            cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "folder", job->report.folder);
    cm_json_put_text(&w, "input", job->dataset.input);
    cm_json_put_text(&w, "version", cm_bundle_version(bundle));
    cm_json_put_u64(&w, "train_rows", summary->n_train);
    cm_json_put_u64(&w, "validation_rows", summary->n_val);
    cm_json_begin_object(&w, "metrics");
    cm_metrics_put(&w, &summary->metrics);
    cm_json_end_object(&w);
    cm_json_put_double(&w, "seconds", summary->seconds);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static cm_status make_job(cm_report_job *job, cli_context *c, cm_error *err)
{
    *job = (cm_report_job){0};
    cm_status status = cli_dataset_options(&job->dataset, c, NULL, err);
    job->dataset.require_target = true;
    cli_feature_options(&job->features, c);
    cli_report_options(&job->report, &c->config);
    if (job->report.folder == NULL) {
        job->report.folder = "reports";
    }
    return status;
}

cm_status cli_report(cli_context *c, cm_error *err)
{
    cm_report_job job;
    cm_report_summary summary = {0};
    cm_bundle *bundle = NULL;
    cm_status status = make_job(&job, c, err);
    if (status == CM_OK) {
        status = cli_load_bundle(&bundle, c, err);
    }
    if (status == CM_OK) {
        status = cm_report_bundle(&summary, bundle, &job, err);
    }
    if (status == CM_OK && cli_switch(c, "json")) {
        status = print_json(&summary, &job, bundle, err);
    } else if (status == CM_OK) {
        cli_print_metrics(&summary.metrics);
        printf("\n  %s/index.html\n", job.report.folder);
        cm_info(&c->log, "made in %.2f s", summary.seconds);
    }
    cm_bundle_free(bundle);
    return status;
}
