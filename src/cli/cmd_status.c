/* clickmill status */
#include <string.h>

#include "cli/output.h"
#include "cli/repository.h"
#include "versioning/workspace.h"

enum { WHAT_WIDTH = 20 };

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* {"data.dvc": [{"changed outs": {"data": "modified"}}]} */
static void put_json(cm_buf *json, const cm_status_report *report)
{
    cm_json_writer w = cm_json_writer_of(json, 0);
    cm_json_begin_object(&w, NULL);
    for (size_t i = 0; i < report->n;) {
        const cm_finding *first = &report->items[i];
        cm_json_begin_array(&w, first->stage);
        while (i < report->n && same(report->items[i].stage, first->stage)) {
            const char *kind = report->items[i].kind;
            cm_json_begin_object(&w, NULL);
            cm_json_begin_object(&w, kind);
            for (;
                 i < report->n && same(report->items[i].stage, first->stage) &&
                 same(report->items[i].kind, kind);
                 i++) {
                cm_json_put_text(&w, report->items[i].path,
                                 report->items[i].what);
            }
            cm_json_end_object(&w);
            cm_json_end_object(&w);
        }
        cm_json_end_array(&w);
    }
    cm_json_end_object(&w);
}

static void put_text(cm_buf *text, const cm_status_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        const cm_finding *f = &report->items[i];
        const cm_finding *before = i > 0 ? f - 1 : NULL;
        bool new_stage = before == NULL || !same(before->stage, f->stage);
        if (new_stage) {
            cm_buf_addf(text, "%s:\n", f->stage);
        }
        if (new_stage || !same(before->kind, f->kind)) {
            cm_buf_addf(text, "\t%s:\n", f->kind);
        }
        cm_buf_addf(text, "\t\t%s:%*s%s\n", f->what,
                    WHAT_WIDTH - 1 - (int)strlen(f->what), "", f->path);
    }
    if (report->n_tracked == 0) {
        cm_buf_adds(text, "Nothing is tracked in this repository yet; begin "
                          "with clickmill add.\n");
    } else if (report->n == 0) {
        cm_buf_adds(text, "Data and pipelines are up to date.\n");
    }
}

cm_status cli_status(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_buf text = {0};
    cm_status_report report = {0};
    cm_status status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cm_workspace_status(&repo, c->words, c->n_words, &report, err);
    }
    if (status == CM_OK && cli_switch(c, "json")) {
        put_json(&text, &report);
        status = cli_print_json(&text, err);
    } else if (status == CM_OK) {
        put_text(&text, &report);
        status = cli_print_text(&text, err);
    }
    cm_status_report_release(&report);
    cm_repo_close(&repo);
    return status;
}
