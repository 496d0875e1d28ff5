/* `fetch`: the listings of folders, then the files that they name. */
#include <stdlib.h>

#include "versioning/remote_objects.h"

/* Gets what of a closed set the cache lacks. */
static cm_status get_missing(synced *s, object_set *set, cm_error *err)
{
    size_t n = 0;
    if (set->n == 0) {
        return CM_OK;
    }
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

/* Of a folder whose listing did not come nothing can be asked for. */
static cm_status fetch_from(synced *s, cm_error *err)
{
    cm_status status = synced_add_folders(s, err);
    if (status == CM_OK) {
        status = get_missing(s, &s->folders, err);
    }
    for (size_t i = 0; i < s->n && status == CM_OK; i++) {
        status = synced_add_files(s, &s->outs[i], err);
    }
    if (status == CM_OK) {
        status = object_set_close(&s->files, s->repo, err);
    }
    return status == CM_OK ? get_missing(s, &s->files, err) : status;
}

cm_status cm_fetch(const cm_repo *repo, const cm_sync_options *options,
                   cm_sync_report *report, cm_error *err)
{
    return sync_remotes(repo, options, false, fetch_from, report, err);
}
