/* What push and fetch share: the outs of the targets, remote by remote. */
#include "versioning/sync.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/remote_objects.h"
#include "versioning/revisions.h"
#include "versioning/run_sync.h"
#include "versioning/tracked.h"

typedef struct syncing {
    const cm_repo *repo;
    const cm_sync_options *options;
    bool pushing;
    sync_way way;
    cm_sync_report *report;
    cm_tracked_list tracked;
    bool *done; /* (tracked.n) */
} syncing;

/* Whether an out goes between cache and remote at all. */
static bool takes_part(const syncing *y, const cm_tracked *item)
{
    const cm_out *out = &item->out;
    const char *remote = y->options->remote;
    return !(y->pushing && item->of_other_repo) && out->md5[0] != '\0' &&
           !out->no_cache && !(y->pushing && out->no_push) &&
           (remote == NULL || out->remote == NULL ||
            strcmp(remote, out->remote) == 0);
}

/* NULL: the default one. */
static const char *remote_of(const syncing *y, const cm_out *out)
{
    return y->options->remote != NULL ? y->options->remote : out->remote;
}

/* NULL comes first. */
static int compare_texts(const char *a, const char *b)
{
    return a == NULL || b == NULL ? (a != NULL) - (b != NULL) : strcmp(a, b);
}

cm_status sync_open_remote(const cm_repo *repo, const cm_sync_options *options,
                           const char *name, cm_storage **out, cm_error *err)
{
    cm_storage_settings settings;
    cm_status status = cm_repo_remote(repo, name, &settings, err);
    if (status == CM_OK && options->jobs > 0) {
        settings.jobs = options->jobs;
    }
    return status == CM_OK ? cm_storage_open(out, &settings, err) : status;
}

/* The outs of the remote, from the first of them on. */
static cm_status take_outs(syncing *y, synced *s, size_t first, cm_error *err)
{
    const char *name = remote_of(y, &y->tracked.items[first].out);
    cm_status status = CM_OK;
    s->outs = cm_alloc_zero(y->tracked.n - first, sizeof *s->outs, err);
    if (s->outs == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = first; i < y->tracked.n && status == CM_OK; i++) {
        const cm_tracked *item = &y->tracked.items[i];
        if (y->done[i] || compare_texts(name, remote_of(y, &item->out)) != 0) {
            continue;
        }
        y->done[i] = true;
        synced_out *out = &s->outs[s->n++];
        out->item = item;
        status = tracked_refuse_old(item, err);
        if (status == CM_OK) {
            status =
                tracked_part(y->repo, item, y->options->targets, y->options->n,
                             &y->tracked.arena, &out->part, err);
        }
    }
    return status;
}

/* ---- outs of revisions --------------------------------------------------- */

/* Outs of one content, path and remote go the same way. */
static int by_content(const void *a, const void *b)
{
    const cm_tracked *x = a, *y = b;
    int order = strcmp(x->out.md5, y->out.md5);
    order = order != 0 ? order : compare_texts(x->path, y->path);
    return order != 0 ? order : compare_texts(x->out.remote, y->out.remote);
}

static bool is_asked(const syncing *y, const cm_tracked *item,
                     const char *const *paths)
{
    bool asked = y->options->n == 0;
    for (size_t i = 0; i < y->options->n && !asked; i++) {
        asked = tracked_is_named(item, y->options->targets[i], paths[i]);
    }
    return asked;
}

/* Adds what the first (sorted) of the tracked do not have. */
static cm_status add_new(syncing *y, const cm_tracked_list *at,
                         const char *const *paths, cm_error *err)
{
    cm_tracked_list *all = &y->tracked;
    size_t sorted = all->n;
    cm_status status = CM_OK;
    for (size_t i = 0; i < at->n && status == CM_OK; i++) {
        const cm_tracked *item = &at->items[i];
        bool known = sorted > 0 && bsearch(item, all->items, sorted,
                                           sizeof *item, by_content) != NULL;
        if (!known && is_asked(y, item, paths)) {
            status = tracked_add(all, item, err);
        }
    }
    if (all->n > sorted) {
        qsort(all->items, all->n, sizeof *all->items, by_content);
    }
    return status;
}

/* One that cannot be read is told of, and the others are done, as with dvc. */
static cm_status add_revision(syncing *y, cm_snapshot *snapshot,
                              const char *rev, const char *const *paths,
                              cm_error *err)
{
    cm_tracked_list at = {0};
    cm_error why = {0};
    cm_status status = snapshot_move(snapshot, rev, &why);
    if (status == CM_OK) {
        status = tracked_in(y->repo, snapshot, &at, &why);
    }
    if (status == CM_OK) {
        status = add_new(y, &at, paths, err);
    } else if (status == CM_ERR_NOMEM) {
        status = cm_fail(err, status, "%s", why.message);
    } else {
        cm_warn(y->repo->log, "skipped: %s", why.message);
        status = CM_OK;
    }
    cm_tracked_list_release(&at);
    return status;
}

static cm_status add_revisions(syncing *y, cm_error *err)
{
    const cm_sync_options *o = y->options;
    revision_choice choice = {.all_branches = o->all_branches,
                              .all_tags = o->all_tags,
                              .all_commits = o->all_commits};
    revisions list = {0};
    cm_snapshot snapshot = {0};
    cm_arena *arena = &y->tracked.arena;
    cm_status status = CM_OK;
    if (!revisions_wanted(&choice)) {
        return CM_OK;
    }
    const char **paths = cm_alloc(o->n, sizeof *paths, err);
    status = paths == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < o->n && status == CM_OK; i++) {
        status = cm_repo_path(y->repo, o->targets[i], arena, &paths[i], err);
    }
    if (status == CM_OK) {
        status = revisions_find(&list, y->repo, &choice, err);
    }
    if (status == CM_OK) {
        status = cm_snapshot_open(&snapshot, y->repo, NULL, err);
    }
    if (status == CM_OK && y->tracked.n > 0) {
        qsort(y->tracked.items, y->tracked.n, sizeof *y->tracked.items,
              by_content);
    }
    for (size_t i = 0; i < list.n && status == CM_OK; i++) {
        status = add_revision(y, &snapshot, list.ids[i], paths, err);
    }
    cm_snapshot_close(&snapshot);
    revisions_release(&list);
    free(paths);
    return status;
}

/* ---- remote by remote ---------------------------------------------------- */

static cm_status sync_one(syncing *y, size_t first, cm_error *err)
{
    synced s = {.repo = y->repo, .report = y->report};
    const char *name = remote_of(y, &y->tracked.items[first].out);
    cm_status status = take_outs(y, &s, first, err);
    if (status == CM_OK) {
        status = sync_open_remote(y->repo, y->options, name, &s.storage, err);
    }
    if (status == CM_OK) {
        status = y->way(&s, err);
    }
    synced_release(&s);
    return status;
}

static cm_status sync_all(syncing *y, cm_error *err)
{
    cm_status status = CM_OK;
    size_t n = y->tracked.n;
    y->done = n > 0 ? cm_alloc_zero(n, sizeof *y->done, err) : NULL;
    if (n > 0 && y->done == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        y->done[i] = !takes_part(y, &y->tracked.items[i]);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = y->done[i] ? CM_OK : sync_one(y, i, err);
    }
    return status;
}

cm_status sync_remotes(const cm_repo *repo, const cm_sync_options *options,
                       bool pushing, sync_way way, cm_sync_report *report,
                       cm_error *err)
{
    syncing y = {.repo = repo,
                 .options = options,
                 .pushing = pushing,
                 .way = way,
                 .report = report};
    *report = (cm_sync_report){0};
    cm_status status =
        cm_repo_tracked(repo, options->targets, options->n, &y.tracked, err);
    if (status == CM_OK) {
        status = add_revisions(&y, err);
    }
    if (status == CM_OK) {
        status = sync_all(&y, err);
    }
    if (status == CM_OK && options->run_cache) {
        status = pushing ? run_sync_push(repo, options, report, err)
                         : run_sync_fetch(repo, options, report, err);
    }
    free(y.done);
    cm_tracked_list_release(&y.tracked);
    return status != CM_OK || report->n_failed == 0
               ? status
               : cm_fail(err, CM_ERR_DATA,
                         "%zu object%s could not be %s, the others are in "
                         "place; the next run goes on with what is left",
                         report->n_failed, report->n_failed == 1 ? "" : "s",
                         pushing ? "pushed" : "fetched");
}

cm_status sync_report_failure(cm_sync_report *r, const char *path,
                              const char *what, cm_error *err)
{
    cm_status status =
        cm_grow(&r->failed, r->n_failed, &r->capacity, sizeof *r->failed, err);
    if (status != CM_OK) {
        return status;
    }
    cm_sync_failure failure = {
        .path = cm_arena_strdup(&r->arena, path, strlen(path), err),
        .what = cm_arena_strdup(&r->arena, what, strlen(what), err)};
    if (failure.path == NULL || failure.what == NULL) {
        return CM_ERR_NOMEM;
    }
    r->failed[r->n_failed++] = failure;
    return CM_OK;
}

void cm_sync_report_release(cm_sync_report *report)
{
    free(report->failed);
    cm_arena_release(&report->arena);
    *report = (cm_sync_report){0};
}
