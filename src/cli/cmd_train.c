/* clickmill train */
#include "cli/jobs.h"
#include "base/num.h"
#include "cli/output.h"
#include "cli/tracking.h"
#include "cli/tracking_server.h"

static void put_paths(cm_json_writer *w, const cm_output_paths *paths)
{
    cm_json_begin_object(w, "paths");
    cm_json_put_text(w, "bundle", paths->root);
    cm_json_put_text(w, "model", paths->paths[CM_OUTPUT_MODEL]);
    cm_json_put_text(w, "transformer", paths->paths[CM_OUTPUT_COUNTS]);
    cm_json_put_text(w, "ctr_transformer", paths->paths[CM_OUTPUT_CTR]);
    cm_json_put_text(w, "metrics", paths->paths[CM_OUTPUT_METRICS]);
    if (paths->dataset != NULL) {
        cm_json_put_text(w, "dataset", paths->dataset);
    }
    cm_json_end_object(w);
}

static void put_seconds(cm_json_writer *w, const cm_train_seconds *seconds)
{
    cm_json_begin_object(w, "seconds");
    cm_json_put_double(w, "load", seconds->load);
    cm_json_put_double(w, "features", seconds->features);
    cm_json_put_double(w, "train", seconds->train);
    cm_json_put_double(w, "evaluate", seconds->evaluate);
    cm_json_put_double(w, "save", seconds->save);
    cm_json_put_double(w, "report", seconds->report);
    cm_json_put_double(w, "total", seconds->total);
    cm_json_end_object(w);
}

static cm_status print_json(const cm_train_result *result,
                            const cm_output_paths *paths, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "version", result->version);
    put_paths(&w, paths);
    cm_json_put_u64(&w, "rows", result->n_rows);
    cm_json_put_u64(&w, "bad_rows", result->dataset.ingest.bad_rows);
    cm_json_put_u64(&w, "train_rows", result->n_train);
    cm_json_put_u64(&w, "validation_rows", result->n_val);
    cm_json_put_u64(&w, "features", result->n_features);
    cm_json_put_u64(&w, "trees", result->n_trees);
    if (result->fit.best_trees > 0) {
        cm_json_put_u64(&w, "best_iteration", result->fit.best_trees - 1);
        cm_json_put_u64(&w, "trees_grown", result->fit.n_grown);
        cm_json_put_bool(&w, "stopped_early", result->fit.stopped);
    }
    cm_json_begin_object(&w, "metrics");
    cm_metrics_put(&w, &result->metrics);
    cm_json_end_object(&w);
    put_seconds(&w, &result->seconds);
    cm_json_put_u64(&w, "peak_memory_bytes", cli_peak_memory());
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static void print_text(const cli_context *c, const cm_train_result *result,
                       const cm_output_paths *paths)
{
    const cm_train_seconds *s = &result->seconds;
    char n_train[32], n_val[32];
    cm_format_count(n_train, result->n_train);
    cm_format_count(n_val, result->n_val);
    cli_print_metrics(&result->metrics);
    printf("\n  %zu trees over %zu features; %s rows trained, %s validated\n",
           result->n_trees, result->n_features, n_train, n_val);
    if (result->fit.n_grown > result->fit.n_kept) {
        printf("  %zu trees were grown, the best %zu are kept\n",
               result->fit.n_grown, result->fit.n_kept);
    }
    printf("  bundle %s, version %s\n", paths->root, result->version);
    for (int i = 0; i < CM_N_OUTPUTS; i++) {
        printf("    %s\n", paths->paths[i]);
    }
    cm_info(&c->log,
            "%.2f s: load %.2f, features %.2f, train %.2f, evaluate %.2f, "
            "save %.2f, report %.2f; %.0f MB of memory at most",
            s->total, s->load, s->features, s->train, s->evaluate, s->save,
            s->report, (double)cli_peak_memory() / 1e6);
    if (result->dataset.ingest.bad_rows > 0) {
        cm_warn(&c->log, "%llu bad rows were left out",
                (unsigned long long)result->dataset.ingest.bad_rows);
    }
}

static cm_status train(cli_context *c, cm_train_job *job,
                       const cm_output_paths *paths, cm_error *err)
{
    cm_train_result result = {0};
    cli_tracking tracking;
    cm_config_say_dataset_path(&c->config, paths, &c->log);
    cm_config_say_output_paths(&c->config, paths, &c->log);
    cm_config_say_unused(&c->config, &c->log);
    cli_track_begin(&tracking, c, job);
    cm_status status = cm_train_pipeline(&result, job, err);
    cli_track_end(&tracking, c, job, &result, status, err);
    if (status == CM_OK && cli_switch(c, "json")) {
        status = print_json(&result, paths, err);
    } else if (status == CM_OK) {
        print_text(c, &result, paths);
    }
    cli_send_run(c, tracking.run_id);
    cm_fit_report_release(&result.fit);
    cm_train_facts_release(&result.facts);
    return status;
}

cm_status cli_train(cli_context *c, cm_error *err)
{
    cm_output_paths paths = {0};
    cm_train_job job = {0};
    cm_status status = cm_config_output_paths(&paths, &c->config, err);
    if (status == CM_OK) {
        status = cli_train_job(&job, c, &paths, err);
    }
    if (status != CM_OK) {
        return status;
    }
    return cli_text(c, "cv") != NULL ? cli_cross_validate(c, &job, err)
                                     : train(c, &job, &paths, err);
}
