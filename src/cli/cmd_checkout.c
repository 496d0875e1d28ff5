/* clickmill checkout */
#include "cli/output.h"
#include "cli/repository.h"

static const char *state_of(const cm_checked_out *item)
{
    return item->missing   ? "missing"
           : item->is_gone ? "deleted"
           : item->is_new  ? "added"
                           : "modified";
}

void cli_put_checkout_json(cm_json_writer *w, const cm_checkout_report *report)
{
    cm_json_put_u64(w, "made", report->n_made);
    cm_json_put_u64(w, "removed", report->n_removed);
    cm_json_begin_array(w, "outs");
    for (size_t i = 0; i < report->n; i++) {
        const cm_checked_out *item = &report->items[i];
        cm_json_begin_object(w, NULL);
        cm_json_put_text(w, "path", item->path);
        cm_json_put_text(w, "state", state_of(item));
        cm_json_end_object(w);
    }
    cm_json_end_array(w);
}

static void put_json(cm_buf *json, const cm_checkout_report *report)
{
    cm_json_writer w = cm_json_writer_of(json, 2);
    cm_json_begin_object(&w, NULL);
    cli_put_checkout_json(&w, report);
    cm_json_end_object(&w);
}

cm_status cli_put_checkout(cm_buf *text, const cm_repo *repo,
                           cm_checkout_report *report, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < report->n && status == CM_OK; i++) {
        const cm_checked_out *item = &report->items[i];
        const char *shown = NULL;
        status = cm_repo_shown(repo, item->path, &report->arena, &shown, err);
        if (status == CM_OK && !item->missing) {
            char letter = item->is_gone ? 'D' : item->is_new ? 'A' : 'M';
            cm_buf_addf(text, "%-8c%s%s\n", letter, shown,
                        item->is_folder ? "/" : "");
        }
    }
    return status;
}

/* Also of one that failed: what was done is done. */
static cm_status print(const cli_context *c, const cm_repo *repo,
                       cm_checkout_report *report, cm_error *err)
{
    cm_buf text = {0};
    if (cli_switch(c, "json")) {
        put_json(&text, report);
        return cli_print_json(&text, err);
    }
    cm_status status = cli_put_checkout(&text, repo, report, err);
    if (status != CM_OK || text.n == 0) {
        cm_buf_release(&text);
        return status;
    }
    return cli_print_text(&text, err);
}

cm_status cli_checkout(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_checkout_report report = {0};
    cm_checkout_options options = {.targets = c->words,
                                   .n = c->n_words,
                                   .force = cli_switch(c, "force"),
                                   .relink = cli_switch(c, "relink"),
                                   .allow_missing =
                                       cli_switch(c, "allow-missing")};
    cm_status status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cm_checkout(&repo, &options, &report, err);
    }
    if (status == CM_OK || report.n > 0) {
        cm_status printed =
            print(c, &repo, &report, status == CM_OK ? err : NULL);
        status = status == CM_OK ? printed : status;
    }
    cm_checkout_report_release(&report);
    cm_repo_close(&repo);
    return status;
}
