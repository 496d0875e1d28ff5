/* `push`: files first, and a listing when all that it names is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "versioning/remote_objects.h"

enum { MAX_MESSAGE = sizeof((cm_error *)NULL)->message };

static cm_status gather(synced *s, cm_error *err)
{
    cm_status status = synced_add_folders(s, err);
    for (size_t i = 0; i < s->n && status == CM_OK; i++) {
        s->outs[i].part = NULL; /* a listing goes with all its files */
        status = synced_add_files(s, &s->outs[i], err);
    }
    return status == CM_OK ? object_set_close(&s->files, s->repo, err) : status;
}

static cm_status lacks(synced *s, const remote_object *object, cm_error *err)
{
    char what[MAX_MESSAGE];
    (void)snprintf(what, sizeof what,
                   "its object %s is neither in the cache (%s) nor in %s; get "
                   "it from where the file was added, or add it again",
                   object->object, object->cached, cm_storage_name(s->storage));
    return synced_failed(s, object, what, err);
}

static cm_status send_files(synced *s, cm_error *err)
{
    cm_status status = CM_OK;
    size_t n = 0;
    remote_object **wanted = cm_alloc(s->files.n, sizeof(remote_object *), err);
    if (wanted == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < s->files.n && status == CM_OK; i++) {
        remote_object *file = &s->files.items[i];
        if (!file->arrived && file->size == UINT64_MAX) {
            status = lacks(s, file, err);
        } else if (!file->arrived) {
            wanted[n++] = file;
        }
    }
    status = status == CM_OK ? synced_put(s, wanted, n, err) : status;
    free(wanted);
    return status;
}

static const synced_out *out_of(const synced *s, const char *object)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->outs[i].item->out.md5, object) == 0) {
            return &s->outs[i];
        }
    }
    return NULL;
}

static size_t count_missing(const synced *s, const cm_listing *listing)
{
    size_t n = 0;
    for (size_t i = 0; i < listing->n; i++) {
        const remote_object *file =
            object_set_find(&s->files, listing->entries[i].md5);
        n += file == NULL || !file->arrived;
    }
    return n;
}

/* Adds a listing to wanted, or says why not. */
static cm_status want_folder(synced *s, remote_object *folder,
                             remote_object **wanted, size_t *n, cm_error *err)
{
    char what[MAX_MESSAGE];
    const synced_out *out = out_of(s, folder->object);
    if (out == NULL || !out->has_listing) {
        return lacks(s, folder, err);
    }
    size_t missing = count_missing(s, &out->listing);
    if (missing == 0) {
        wanted[(*n)++] = folder;
        return CM_OK;
    }
    (void)snprintf(what, sizeof what,
                   "its listing was not pushed, since %zu of its %zu files are "
                   "not in %s",
                   missing, out->listing.n, cm_storage_name(s->storage));
    return synced_failed(s, folder, what, err);
}

static cm_status send_folders(synced *s, cm_error *err)
{
    cm_status status = CM_OK;
    size_t n = 0;
    remote_object **wanted =
        cm_alloc(s->folders.n, sizeof(remote_object *), err);
    if (wanted == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < s->folders.n && status == CM_OK; i++) {
        remote_object *folder = &s->folders.items[i];
        if (!folder->arrived) {
            status = want_folder(s, folder, wanted, &n, err);
        }
    }
    status = status == CM_OK ? synced_put(s, wanted, n, err) : status;
    free(wanted);
    return status;
}

cm_status synced_push(synced *s, cm_error *err)
{
    cm_status status = gather(s, err);
    if (status == CM_OK) {
        status = synced_ask(s, &s->files, err);
    }
    if (status == CM_OK) {
        status = synced_ask(s, &s->folders, err);
    }
    if (status == CM_OK) {
        status = send_files(s, err);
    }
    return status == CM_OK ? send_folders(s, err) : status;
}

cm_status cm_push(const cm_repo *repo, const cm_sync_options *options,
                  cm_sync_report *report, cm_error *err)
{
    return sync_remotes(repo, options, true, synced_push, report, err);
}
