/* clickmill status */
#include <string.h>

#include "cli/output.h"
#include "cli/repository.h"
#include "versioning/workspace.h"

enum { WHAT_WIDTH = 20 };

/* NULL is the same as NULL. */
static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* How many findings from the i-th on are of its stage, kind and file. */
static size_t group_size(const cm_status_report *report, size_t i)
{
    const cm_finding *first = &report->items[i];
    size_t n = 1;
    while (first->path != NULL && i + n < report->n &&
           same(first[n].stage, first->stage) &&
           same(first[n].kind, first->kind) &&
           same(first[n].file, first->file)) {
        n++;
    }
    return n;
}

/* ---- as JSON ------------------------------------------------------------- */

/* The findings of one kind, those of a file's parameters as a map of it. */
static size_t put_kind(cm_json_writer *w, const cm_status_report *report,
                       size_t i)
{
    const cm_finding *first = &report->items[i];
    if (first->path == NULL) {
        cm_json_put_text(w, NULL, first->kind);
        return i + 1;
    }
    cm_json_begin_object(w, NULL);
    cm_json_begin_object(w, first->kind);
    while (i < report->n && same(report->items[i].stage, first->stage) &&
           same(report->items[i].kind, first->kind)) {
        const char *file = report->items[i].file;
        size_t end = i + group_size(report, i);
        if (file != NULL) {
            cm_json_begin_object(w, file);
        }
        for (; i < end; i++) {
            cm_json_put_text(w, report->items[i].path, report->items[i].what);
        }
        if (file != NULL) {
            cm_json_end_object(w);
        }
    }
    cm_json_end_object(w);
    cm_json_end_object(w);
    return i;
}

/* {"data.dvc": [{"changed outs": {"data": "modified"}}]} */
static void put_json(cm_buf *json, const cm_status_report *report)
{
    cm_json_writer w = cm_json_writer_of(json, 0);
    cm_json_begin_object(&w, NULL);
    for (size_t i = 0; i < report->n;) {
        const char *stage = report->items[i].stage;
        cm_json_begin_array(&w, stage);
        while (i < report->n && same(report->items[i].stage, stage)) {
            i = put_kind(&w, report, i);
        }
        cm_json_end_array(&w);
    }
    cm_json_end_object(&w);
}

/* ---- as text ------------------------------------------------------------- */

static void put_group(cm_buf *text, const cm_finding *first, size_t n)
{
    if (first->path == NULL) {
        cm_buf_addf(text, "\t%s\n", first->kind);
        return;
    }
    if (first->file != NULL) {
        cm_buf_addf(text, "\t\t%s:\n", first->file);
    }
    for (size_t i = 0; i < n; i++) {
        const char *what = first[i].what;
        cm_buf_addf(text, "%s\t\t%s:%*s%s\n", first->file != NULL ? "\t" : "",
                    what, WHAT_WIDTH - 1 - (int)strlen(what), "",
                    first[i].path);
    }
}

static void put_text(cm_buf *text, const cm_status_report *report)
{
    for (size_t i = 0, n = 0; i < report->n; i += n) {
        const cm_finding *f = &report->items[i];
        const cm_finding *before = i > 0 ? f - 1 : NULL;
        bool new_stage = before == NULL || !same(before->stage, f->stage);
        n = group_size(report, i);
        if (new_stage) {
            cm_buf_addf(text, "%s:\n", f->stage);
        }
        if (f->path != NULL && (new_stage || !same(before->kind, f->kind))) {
            cm_buf_addf(text, "\t%s:\n", f->kind);
        }
        put_group(text, f, n);
    }
    if (report->n_stages == 0) {
        cm_buf_adds(text, "Nothing is tracked in this repository yet; begin "
                          "with clickmill add.\n");
    } else if (report->n == 0) {
        cm_buf_adds(text, "Data and pipelines are up to date.\n");
    }
}

/* ---- the cache and a remote ---------------------------------------------- */

static void put_cloud_json(cm_buf *json, const cm_status_report *report)
{
    cm_json_writer w = cm_json_writer_of(json, 0);
    cm_json_begin_object(&w, NULL);
    for (size_t i = 0; i < report->n; i++) {
        cm_json_put_text(&w, report->items[i].path, report->items[i].what);
    }
    cm_json_end_object(&w);
}

static void put_cloud_text(cm_buf *text, const cm_status_report *report,
                           const char *remote)
{
    for (size_t i = 0; i < report->n; i++) {
        const cm_finding *f = &report->items[i];
        cm_buf_addf(text, "\t%s:%*s%s\n", f->what,
                    WHAT_WIDTH - 1 - (int)strlen(f->what), "", f->path);
    }
    if (report->n_stages == 0) {
        put_text(text, report);
    } else if (report->n == 0) {
        cm_buf_addf(text, "Cache and remote '%s' are in sync.\n", remote);
    }
}

static cm_status find_in_cloud(const cli_context *c, const cm_repo *repo,
                               cm_status_report *report, cm_error *err)
{
    cm_cloud_options cloud = {
        .targets = c->words, .n = c->n_words, .remote = cli_text(c, "remote")};
    cm_status status = cli_jobs(c, &cloud.jobs, err);
    return status == CM_OK ? cm_cloud_status(repo, &cloud, report, err)
                           : status;
}

/* ---- the command --------------------------------------------------------- */

static void put_report(const cli_context *c, const cm_repo *repo, bool cloud,
                       const cm_status_report *report, cm_buf *text)
{
    const char *remote = cli_text(c, "remote");
    if (remote == NULL) {
        remote = cm_dvc_config_get(repo->config, "core", "remote");
    }
    if (cli_switch(c, "json")) {
        (cloud ? put_cloud_json : put_json)(text, report);
    } else if (cloud) {
        put_cloud_text(text, report, remote);
    } else {
        put_text(text, report);
    }
}

/* Quiet: the exit code alone tells. */
static cm_status print(cli_context *c, const cm_repo *repo, bool cloud,
                       const cm_status_report *report, cm_error *err)
{
    cm_buf text = {0};
    if (c->config.quiet && !cli_switch(c, "json")) {
        c->differs = report->n > 0;
        return CM_OK;
    }
    put_report(c, repo, cloud, report, &text);
    return cli_switch(c, "json") ? cli_print_json(&text, err)
                                 : cli_print_text(&text, err);
}

cm_status cli_status(cli_context *c, cm_error *err)
{
    cm_repo repo;
    cm_status_report report = {0};
    bool cloud = cli_switch(c, "cloud") || cli_text(c, "remote") != NULL;
    cm_status status = cli_open_repository(c, &repo, err);
    if (status == CM_OK) {
        status = cloud ? find_in_cloud(c, &repo, &report, err)
                       : cm_workspace_status(&repo, c->words, c->n_words,
                                             &report, err);
    }
    if (status == CM_OK) {
        status = print(c, &repo, cloud, &report, err);
    }
    cm_status_report_release(&report);
    cm_repo_close(&repo);
    return status;
}
