/* clickmill pull */
#include "cli/output.h"
#include "cli/repository.h"

typedef struct pulling {
    cm_repo repo;
    cm_sync_report fetched;
    cm_checkout_report made;
} pulling;

static cm_status fetch(pulling *p, const cli_context *c, cm_error *err)
{
    cm_sync_options options;
    cm_status status = cli_sync_options(&options, c, err);
    return status == CM_OK ? cm_fetch(&p->repo, &options, &p->fetched, err)
                           : status;
}

static cm_status checkout(pulling *p, const cli_context *c, cm_error *err)
{
    cm_checkout_options options = {
        .targets = c->words, .n = c->n_words, .force = cli_switch(c, "force")};
    return cm_checkout(&p->repo, &options, &p->made, err);
}

static void put_json(cm_buf *json, const pulling *p)
{
    cm_json_writer w = cm_json_writer_of(json, 2);
    cm_json_begin_object(&w, NULL);
    cli_put_moved_json(&w, &p->fetched, "fetched");
    cli_put_checkout_json(&w, &p->made);
    cm_json_end_object(&w);
}

/* Also of one that failed: what was done is done. */
static cm_status print(pulling *p, const cli_context *c, bool done,
                       cm_error *err)
{
    cm_buf text = {0};
    if (cli_switch(c, "json")) {
        put_json(&text, p);
        return cli_print_json(&text, err);
    }
    cli_tell_failed(c, &p->fetched);
    cm_status status = cli_put_checkout(&text, &p->repo, &p->made, err);
    cli_put_moved(&text, &p->fetched, "fetched");
    if (status == CM_OK && text.n == 0 && done) {
        cm_buf_adds(&text, "Everything is up to date.\n");
    }
    if (status != CM_OK || text.n == 0) {
        cm_buf_release(&text);
        return status;
    }
    return cli_print_text(&text, err);
}

cm_status cli_pull(cli_context *c, cm_error *err)
{
    pulling p = {0};
    cm_status status = cli_open_repository(c, &p.repo, err);
    bool opened = status == CM_OK;
    if (status == CM_OK) {
        status = fetch(&p, c, err);
    }
    if (status == CM_OK) {
        status = checkout(&p, c, err);
    }
    if (opened) {
        bool done = status == CM_OK;
        cm_status printed = print(&p, c, done, done ? err : NULL);
        status = done ? printed : status;
    }
    cm_checkout_report_release(&p.made);
    cm_sync_report_release(&p.fetched);
    cm_repo_close(&p.repo);
    return status;
}
