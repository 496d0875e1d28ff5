/* clickmill import-url, clickmill update */
#include "cli/output.h"
#include "cli/repository.h"
#include "versioning/import.h"

cm_status cli_import_url(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_add_report report = {0};
    cm_import_options options = {.url = c->words[0],
                                 .out = c->n_words > 1 ? c->words[1] : NULL,
                                 .no_exec = cli_switch(c, "no-exec"),
                                 .no_download = cli_switch(c, "no-download"),
                                 .force = cli_switch(c, "force")};
    double start = cm_seconds();
    cm_status status = cli_jobs(c, &options.jobs, err);
    if (status == CM_OK && options.no_exec && options.no_download) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "--no-exec and --no-download exclude each other");
    }
    if (status != CM_OK) {
        return status;
    }
    status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cm_import_url(&repo, &options, &report, err);
    }
    if (status == CM_OK) {
        status = cli_print_added(c, &repo, &report, cm_seconds() - start, err);
    }
    cm_add_report_release(&report);
    cm_repo_close(&repo);
    return status;
}

static cm_status print_updated(const cli_context *c, const cm_repo *repo,
                               cm_add_report *report, double seconds,
                               cm_error *err)
{
    if (report->n_added > 0 || cli_switch(c, "json")) {
        return cli_print_added(c, repo, report, seconds, err);
    }
    cm_buf text = {0};
    cm_buf_adds(&text, "Everything is up to date.\n");
    return cli_print_text(&text, err);
}

cm_status cli_update(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_add_report report = {0};
    cm_update_options options = {.targets = c->words,
                                 .n = c->n_words,
                                 .no_download = cli_switch(c, "no-download"),
                                 .force = cli_switch(c, "force")};
    double start = cm_seconds();
    cm_status status = cli_jobs(c, &options.jobs, err);
    if (status != CM_OK) {
        return status;
    }
    status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cm_update(&repo, &options, &report, err);
    }
    if (status == CM_OK) {
        status = print_updated(c, &repo, &report, cm_seconds() - start, err);
    }
    cm_add_report_release(&report);
    cm_repo_close(&repo);
    return status;
}
