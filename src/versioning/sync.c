/* What push and fetch share: the outs of the targets, remote by remote. */
#include "versioning/sync.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/remote_objects.h"
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

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static cm_status open_remote(const syncing *y, const char *name,
                             cm_storage **out, cm_error *err)
{
    cm_storage_settings settings;
    cm_status status = cm_repo_remote(y->repo, name, &settings, err);
    if (status == CM_OK && y->options->jobs > 0) {
        settings.jobs = y->options->jobs;
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
        if (y->done[i] || !same_text(name, remote_of(y, &item->out))) {
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

static cm_status sync_one(syncing *y, size_t first, cm_error *err)
{
    synced s = {.repo = y->repo, .report = y->report};
    const char *name = remote_of(y, &y->tracked.items[first].out);
    cm_status status = take_outs(y, &s, first, err);
    if (status == CM_OK) {
        status = open_remote(y, name, &s.storage, err);
    }
    if (status == CM_OK) {
        status = y->way(&s, err);
    }
    for (size_t i = 0; i < s.n; i++) {
        cm_listing_release(&s.outs[i].listing);
    }
    free(s.outs);
    object_set_release(&s.files);
    object_set_release(&s.folders);
    cm_storage_close(s.storage);
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
        status = sync_all(&y, err);
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

void cm_sync_report_release(cm_sync_report *report)
{
    free(report->failed);
    cm_arena_release(&report->arena);
    *report = (cm_sync_report){0};
}
