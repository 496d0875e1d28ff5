/* `checkout`: plans for all outs, then the doing of them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "versioning/checkout.h"
#include "versioning/once_tracked.h"
#include "versioning/tracked.h"
#include "versioning/workspace.h"

typedef struct job {
    const cm_repo *repo;
    const cm_checkout_options *options;
    cm_checkout_report *report;
    cm_tracked_list tracked;
    checkout_plan *plans; /* (tracked.n) */
    size_t n_plans;
    cm_file_state *state;
    linker linker;
    path_list gone; /* what was tracked once, and is removed */
} job;

/* ---- plans --------------------------------------------------------------- */

static cm_status plan_one(job *j, const cm_tracked *item, cm_error *err)
{
    const char *part = NULL;
    if (item->out.no_cache) {
        return CM_OK;
    }
    if (item->out.md5[0] == '\0') {
        cm_warn(j->repo->log, "%s has no hash yet (%s), and is not checked out",
                item->path, item->file);
        return CM_OK;
    }
    cm_status status = tracked_refuse_old(item, err);
    if (status == CM_OK) {
        status = tracked_part(j->repo, item, j->options->targets, j->options->n,
                              &j->tracked.arena, &part, err);
    }
    if (status == CM_OK) {
        checkout_plan *plan = &j->plans[j->n_plans++];
        status = checkout_plan_make(plan, j->repo, j->state, item->path, part,
                                    &item->out, j->options->relink, err);
    }
    return status;
}

static cm_status plan_all(job *j, cm_error *err)
{
    j->plans = cm_alloc_zero(j->tracked.n, sizeof *j->plans, err);
    cm_status status = j->plans == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < j->tracked.n && status == CM_OK; i++) {
        status = plan_one(j, &j->tracked.items[i], err);
    }
    if (status == CM_OK && !j->options->force) {
        status = checkout_refuse_loss(j->plans, j->n_plans, err);
    }
    return status;
}

/* ---- doing --------------------------------------------------------------- */

static cm_status tell(job *j, const checkout_plan *plan, cm_error *err)
{
    cm_checkout_report *r = j->report;
    const char *path = plan->path + strlen(j->repo->root) + 1;
    cm_status status =
        cm_grow(&r->items, r->n, &r->capacity, sizeof *r->items, err);
    char *copy = status == CM_OK
                     ? cm_arena_strdup(&r->arena, path, strlen(path), err)
                     : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    r->items[r->n++] = (cm_checked_out){.path = copy,
                                        .is_folder = plan->is_folder,
                                        .is_new = !plan->was_there,
                                        .missing = plan->missing.n > 0};
    return CM_OK;
}

static cm_status do_one(job *j, const checkout_plan *plan, cm_error *err)
{
    if (plan->missing.n > 0) {
        return tell(j, plan, err);
    }
    bool changes = checkout_plan_changes(plan);
    cm_status status = checkout_do(plan, j->state, &j->linker, err);
    if (status == CM_OK && changes) {
        j->report->n_made += plan->make.n;
        j->report->n_removed += plan->remove.n;
        status = tell(j, plan, err);
    }
    return status;
}

/* The first out that lacks something; the others are done. */
static cm_status tell_missing(const job *j, cm_error *err)
{
    for (size_t i = 0; i < j->n_plans; i++) {
        if (j->plans[i].missing.n > 0 && !j->options->allow_missing) {
            return checkout_refuse_missing(&j->plans[i], err);
        }
    }
    return CM_OK;
}

static cm_status do_all(job *j, cm_error *err)
{
    cm_status status = linker_open(&j->linker, j->repo, err);
    for (size_t i = 0; i < j->n_plans && status == CM_OK; i++) {
        status = do_one(j, &j->plans[i], err);
    }
    linker_close(&j->linker);
    return status == CM_OK ? tell_missing(j, err) : status;
}

/* ---- outs that are none now ---------------------------------------------- */

static cm_status tell_gone(job *j, cm_error *err)
{
    cm_checkout_report *r = j->report;
    cm_status status = CM_OK;
    for (size_t i = 0; i < j->gone.n && status == CM_OK; i++) {
        const char *path = j->gone.items[i];
        size_t n = strlen(path);
        bool is_folder = path[n - 1] == '/';
        status = cm_grow(&r->items, r->n, &r->capacity, sizeof *r->items, err);
        char *copy = status == CM_OK
                         ? cm_arena_strdup(&r->arena, path, n - is_folder, err)
                         : NULL;
        if (copy == NULL) {
            return CM_ERR_NOMEM;
        }
        r->items[r->n++] = (cm_checked_out){
            .path = copy, .is_folder = is_folder, .is_gone = true};
    }
    return status;
}

static cm_status note_outs(const job *j, cm_error *err)
{
    path_list now = {0};
    cm_status status = CM_OK;
    for (size_t i = 0; i < j->tracked.n && status == CM_OK; i++) {
        const cm_tracked *item = &j->tracked.items[i];
        if (!item->out.no_cache && item->out.md5[0] != '\0') {
            status = path_list_add(&now, item->path, err);
        }
    }
    if (status == CM_OK) {
        once_tracked_note(j->repo, &now, true);
    }
    path_list_release(&now);
    return status;
}

/* Of all outs: those of before go, those of now are remembered. */
static cm_status do_everything(job *j, cm_error *err)
{
    bool all = j->options->n == 0;
    cm_status status = CM_OK;
    if (all) {
        status =
            once_tracked_remove(j->repo, j->state, &j->tracked, &j->gone, err);
    }
    if (status == CM_OK) {
        status = do_all(j, err);
    }
    cm_status told = tell_gone(j, status == CM_OK ? err : NULL);
    status = status == CM_OK ? told : status;
    return status == CM_OK && all ? note_outs(j, err) : status;
}

cm_status cm_checkout(const cm_repo *repo, const cm_checkout_options *options,
                      cm_checkout_report *out, cm_error *err)
{
    job j = {.repo = repo, .options = options, .report = out};
    *out = (cm_checkout_report){0};
    cm_status status =
        cm_repo_tracked(repo, options->targets, options->n, &j.tracked, err);
    if (status == CM_OK) {
        status = cm_file_state_open(&j.state, repo, err);
    }
    if (status == CM_OK) {
        status = plan_all(&j, err);
    }
    if (status == CM_OK) {
        status = do_everything(&j, err);
    }
    path_list_release(&j.gone);
    for (size_t i = 0; i < j.n_plans; i++) {
        checkout_plan_release(&j.plans[i]);
    }
    free(j.plans);
    cm_file_state_close(j.state);
    cm_tracked_list_release(&j.tracked);
    return status;
}

void cm_checkout_report_release(cm_checkout_report *report)
{
    free(report->items);
    cm_arena_release(&report->arena);
    *report = (cm_checkout_report){0};
}
