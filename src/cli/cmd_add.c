/* clickmill add */
#include "base/num.h"
#include "cli/output.h"
#include "cli/repository.h"
#include "versioning/workspace.h"

static cm_status print_json(const cm_add_report *report, cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_u64(&w, "added", report->n_added);
    cm_json_put_u64(&w, "files", report->n_objects);
    cm_json_put_u64(&w, "bytes", report->bytes);
    cm_json_begin_array(&w, "changed");
    for (size_t i = 0; i < report->n; i++) {
        cm_json_put_text(&w, NULL, report->files[i]);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static cm_status print_hint(const cm_repo *repo, cm_add_report *report,
                            cm_error *err)
{
    cm_buf text = {0};
    cm_buf_adds(&text, "To track the changes with git, run:\n\n\tgit add");
    cm_status status = CM_OK;
    for (size_t i = 0; i < report->n && status == CM_OK; i++) {
        const char *shown = NULL;
        status =
            cm_repo_shown(repo, report->files[i], &report->arena, &shown, err);
        cm_buf_addf(&text, " %s", status == CM_OK ? shown : "");
    }
    cm_buf_adds(&text, "\n");
    if (status != CM_OK) {
        cm_buf_release(&text);
        return status;
    }
    return cli_print_text(&text, err);
}

cm_status cli_print_added(const cli_context *c, const cm_repo *repo,
                          cm_add_report *report, double seconds, cm_error *err)
{
    if (cli_switch(c, "json")) {
        return print_json(report, err);
    }
    char files[32];
    cm_format_count(files, report->n_objects);
    cm_info(&c->log, "%s file%s, %.1f MB in %.2f s", files,
            report->n_objects == 1 ? "" : "s", (double)report->bytes / 1e6,
            seconds);
    return repo->has_git && !report->staged ? print_hint(repo, report, err)
                                            : CM_OK;
}

cm_status cli_add(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_add_report report = {0};
    cm_add_options options = {
        .targets = c->words, .n = c->n_words, .glob = cli_switch(c, "glob")};
    double start = cm_seconds();
    cm_status status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cm_add(&repo, &options, &report, err);
    }
    if (status == CM_OK) {
        status = cli_print_added(c, &repo, &report, cm_seconds() - start, err);
    }
    cm_add_report_release(&report);
    cm_repo_close(&repo);
    return status;
}
