/* `status --cloud`: the cache beside a remote. */
#include <stdlib.h>
#include <string.h>

#include "versioning/remote_objects.h"
#include "versioning/tracked.h"
#include "versioning/used_objects.h"
#include "versioning/workspace.h"

typedef struct comparing {
    const cm_repo *repo;
    const cm_cloud_options *options;
    cm_status_report *report;
    cm_tracked_list tracked;
    synced s;
} comparing;

static bool takes_part(const cm_tracked *item)
{
    const cm_out *out = &item->out;
    return out->md5[0] != '\0' && !out->no_cache && !out->no_push &&
           out->remote == NULL && !item->of_other_repo;
}

/* A listing that the cache lacks comes from the remote, as far as it is there.
 */
static cm_status want_listing(const comparing *c, const cm_tracked *item,
                              cm_error *err)
{
    bool found = false;
    return !cm_out_is_folder(&item->out) || cm_cache_has(c->repo, item->out.md5)
               ? CM_OK
               : object_fetch(c->repo, c->options->remote, item->out.md5,
                              &found, err);
}

static cm_status take_outs(comparing *c, cm_error *err)
{
    cm_tracked_list *tracked = &c->tracked;
    const cm_cloud_options *o = c->options;
    cm_status status = cm_repo_tracked(c->repo, o->targets, o->n, tracked, err);
    if (status == CM_OK) {
        c->s.outs = cm_alloc_zero(tracked->n, sizeof *c->s.outs, err);
        status = c->s.outs == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    c->report->n_stages = tracked->n;
    for (size_t i = 0; i < tracked->n && status == CM_OK; i++) {
        const cm_tracked *item = &tracked->items[i];
        if (!takes_part(item)) {
            continue;
        }
        synced_out *out = &c->s.outs[c->s.n++];
        out->item = item;
        status = tracked_refuse_old(item, err);
        if (status == CM_OK) {
            status = tracked_part(c->repo, item, o->targets, o->n,
                                  &tracked->arena, &out->part, err);
        }
        if (status == CM_OK) {
            status = want_listing(c, item, err);
        }
    }
    return status;
}

static cm_status open_remote(comparing *c, cm_error *err)
{
    cm_storage_settings settings;
    cm_status status =
        cm_repo_remote(c->repo, c->options->remote, &settings, err);
    if (status == CM_OK && c->options->jobs > 0) {
        settings.jobs = c->options->jobs;
    }
    return status == CM_OK ? cm_storage_open(&c->s.storage, &settings, err)
                           : status;
}

static cm_status gather(comparing *c, cm_error *err)
{
    synced *s = &c->s;
    cm_status status = synced_add_folders(s, err);
    for (size_t i = 0; i < s->n && status == CM_OK; i++) {
        status = synced_add_files(s, &s->outs[i], err);
    }
    if (status == CM_OK) {
        status = object_set_close(&s->files, s->repo, err);
    }
    if (status == CM_OK) {
        status = synced_ask(s, &s->folders, err);
    }
    return status == CM_OK ? synced_ask(s, &s->files, err) : status;
}

/* ---- findings ------------------------------------------------------------ */

static const char *judge(const remote_object *object)
{
    bool here = object->size != UINT64_MAX, there = object->arrived;
    return here && there ? NULL : here ? "new" : there ? "deleted" : "missing";
}

static cm_status add_findings(comparing *c, const object_set *set,
                              const char *what, cm_error *err)
{
    cm_status_report *r = c->report;
    cm_status status = CM_OK;
    for (size_t i = 0; i < set->n && status == CM_OK; i++) {
        const char *found = judge(&set->items[i]);
        if (found == NULL || strcmp(found, what) != 0) {
            continue;
        }
        status = cm_grow(&r->items, r->n, &r->capacity, sizeof *r->items, err);
        if (status == CM_OK) {
            cm_finding *finding = &r->items[r->n++];
            *finding = (cm_finding){.what = what};
            status = cm_repo_shown(c->repo, set->items[i].path, &r->arena,
                                   &finding->path, err);
        }
    }
    return status;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const cm_finding *)a)->path, ((const cm_finding *)b)->path);
}

static cm_status report_all(comparing *c, cm_error *err)
{
    static const char *const whats[] = {"deleted", "new", "missing"};
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof whats / sizeof *whats && status == CM_OK;
         i++) {
        size_t first = c->report->n;
        status = add_findings(c, &c->s.folders, whats[i], err);
        if (status == CM_OK) {
            status = add_findings(c, &c->s.files, whats[i], err);
        }
        if (status == CM_OK && c->report->n > first) {
            qsort(c->report->items + first, c->report->n - first,
                  sizeof *c->report->items, by_path);
        }
    }
    return status;
}

cm_status cm_cloud_status(const cm_repo *repo, const cm_cloud_options *options,
                          cm_status_report *report, cm_error *err)
{
    comparing c = {.repo = repo,
                   .options = options,
                   .report = report,
                   .s = {.repo = repo}};
    *report = (cm_status_report){0};
    cm_status status = open_remote(&c, err);
    if (status == CM_OK) {
        status = take_outs(&c, err);
    }
    if (status == CM_OK) {
        status = gather(&c, err);
    }
    if (status == CM_OK) {
        status = report_all(&c, err);
    }
    for (size_t i = 0; i < c.s.n; i++) {
        cm_listing_release(&c.s.outs[i].listing);
    }
    free(c.s.outs);
    object_set_release(&c.s.files);
    object_set_release(&c.s.folders);
    cm_storage_close(c.s.storage);
    cm_tracked_list_release(&c.tracked);
    return status;
}
