/* `fetch`: the listings of folders, then the files that they name. */
#include <stdlib.h>

#include "versioning/cache_store.h"
#include "versioning/remote_objects.h"

/* Gets what of a closed set the cache lacks. */
static cm_status get_missing(synced *s, object_set *set, cm_error *err)
{
    size_t n = 0;
    remote_object **wanted = cm_alloc(set->n, sizeof(remote_object *), err);
    if (wanted == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < set->n; i++) {
        set->items[i].arrived = set->items[i].size != UINT64_MAX;
        if (!set->items[i].arrived) {
            wanted[n++] = &set->items[i];
        }
    }
    cm_status status = synced_get(s, wanted, n, err);
    free(wanted);
    return status;
}

static cm_status get_set(synced *s, object_set *set, cm_error *err)
{
    cm_status status = object_set_close(set, s->repo, err);
    return status == CM_OK && set->n > 0 ? get_missing(s, set, err) : status;
}

static cm_status get_listings(synced *s, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < s->n && status == CM_OK; i++) {
        const cm_tracked *item = s->outs[i].item;
        if (cm_out_is_folder(&item->out)) {
            status = object_set_add(&s->folders, item->out.md5, item->path,
                                    NULL, err);
        }
    }
    return status == CM_OK ? get_set(s, &s->folders, err) : status;
}

/* Of a folder whose listing did not come nothing can be asked for. */
static cm_status want(synced *s, synced_out *out, cm_error *err)
{
    const cm_tracked *item = out->item;
    if (!cm_out_is_folder(&item->out)) {
        return object_set_add(&s->files, item->out.md5, item->path, NULL, err);
    }
    const remote_object *folder = object_set_find(&s->folders, item->out.md5);
    if (folder == NULL || !folder->arrived) {
        return CM_OK;
    }
    cm_status status =
        cm_cache_listing(s->repo, item->out.md5, &out->listing, err);
    out->has_listing = status == CM_OK;
    return status == CM_OK ? synced_add_files(s, out, err) : status;
}

static cm_status fetch_from(synced *s, cm_error *err)
{
    cm_status status = get_listings(s, err);
    for (size_t i = 0; i < s->n && status == CM_OK; i++) {
        status = want(s, &s->outs[i], err);
    }
    return status == CM_OK ? get_set(s, &s->files, err) : status;
}

cm_status cm_fetch(const cm_repo *repo, const cm_sync_options *options,
                   cm_sync_report *report, cm_error *err)
{
    return sync_remotes(repo, options, false, fetch_from, report, err);
}
