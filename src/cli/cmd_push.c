/* clickmill push, clickmill fetch; and what they share with pull */
#include "cli/output.h"
#include "cli/repository.h"

enum { MOST_TOLD = 20 };

cm_status cli_sync_options(cm_sync_options *out, const cli_context *c,
                           cm_error *err)
{
    unsigned jobs = 0;
    cm_status status = cli_jobs(c, &jobs, err);
    *out = (cm_sync_options){.targets = c->words,
                             .n = c->n_words,
                             .remote = cli_text(c, "remote"),
                             .jobs = jobs,
                             .run_cache = cli_switch(c, "run-cache"),
                             .all_branches = cli_switch(c, "all-branches"),
                             .all_tags = cli_switch(c, "all-tags"),
                             .all_commits = cli_switch(c, "all-commits")};
    return status;
}

void cli_tell_failed(const cli_context *c, const cm_sync_report *report)
{
    size_t told =
        report->n_failed < MOST_TOLD ? report->n_failed : (size_t)MOST_TOLD;
    for (size_t i = 0; i < told; i++) {
        cm_log_say(&c->log, CM_LOG_ERROR, "%s: %s", report->failed[i].path,
                   report->failed[i].what);
    }
    if (told < report->n_failed) {
        cm_log_say(&c->log, CM_LOG_ERROR,
                   "… and %zu more; --json lists all of them",
                   report->n_failed - told);
    }
}

void cli_put_moved(cm_buf *text, const cm_sync_report *report, const char *done)
{
    if (report->n_moved > 0) {
        cm_buf_addf(text, "%zu file%s %s\n", report->n_moved,
                    report->n_moved == 1 ? "" : "s", done);
    }
}

void cli_put_moved_json(cm_json_writer *w, const cm_sync_report *report,
                        const char *done)
{
    cm_json_put_u64(w, done, report->n_moved);
    cm_json_put_u64(w, "bytes", report->bytes);
    cm_json_begin_array(w, "failed");
    for (size_t i = 0; i < report->n_failed; i++) {
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "path", report->failed[i].path);
        cm_json_put_text(w, "error", report->failed[i].what);
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

static cm_status print_json(const cm_sync_report *report, const char *done,
                            cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cli_put_moved_json(&w, report, done);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

/* Also of one that failed in parts: what went is where it belongs. */
static cm_status print(const cli_context *c, const cm_sync_report *report,
                       const char *done, cm_error *err)
{
    cm_buf text = {0};
    if (cli_switch(c, "json")) {
        return print_json(report, done, err);
    }
    cli_tell_failed(c, report);
    cli_put_moved(&text, report, done);
    if (text.n == 0 && report->n_failed == 0) {
        cm_buf_adds(&text, "Everything is up to date.\n");
    }
    if (text.n == 0) {
        cm_buf_release(&text);
        return CM_OK;
    }
    return cli_print_text(&text, err);
}

typedef cm_status (*sync)(const cm_repo *repo, const cm_sync_options *options,
                          cm_sync_report *report, cm_error *err);

static cm_status run(cli_context *c, sync way, const char *done, cm_error *err)
{
    cm_repo repo;
    cm_sync_options options;
    cm_sync_report report = {0};
    cm_status status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cli_sync_options(&options, c, err);
    }
    if (status == CM_OK) {
        status = way(&repo, &options, &report, err);
    }
    if (status == CM_OK || report.n_failed > 0) {
        cm_status printed =
            print(c, &report, done, status == CM_OK ? err : NULL);
        status = status == CM_OK ? printed : status;
    }
    cm_sync_report_release(&report);
    cm_repo_close(&repo);
    return status;
}

cm_status cli_push(cli_context *c, cm_error *err)
{
    return run(c, cm_push, "pushed", err);
}

cm_status cli_fetch(cli_context *c, cm_error *err)
{
    return run(c, cm_fetch, "fetched", err);
}
