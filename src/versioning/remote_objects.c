/* Sets of objects, and their way between the cache and a remote. */
#include "versioning/remote_objects.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/cache_store.h"

/* ---- sets ---------------------------------------------------------------- */

static char *path_in_arena(cm_arena *arena, const char *path, const char *name,
                           cm_error *err)
{
    size_t n = strlen(path), m = name != NULL ? strlen(name) + 1 : 0;
    char *out = cm_arena_alloc(arena, n + m + 1, err);
    if (out != NULL) {
        memcpy(out, path, n + 1);
    }
    if (out != NULL && name != NULL) {
        out[n] = '/';
        memcpy(out + n + 1, name, m);
    }
    return out;
}

cm_status object_set_add(object_set *set, const char *object, const char *path,
                         const char *name, cm_error *err)
{
    cm_status status =
        cm_grow(&set->items, set->n, &set->capacity, sizeof *set->items, err);
    char *copy =
        status == CM_OK ? path_in_arena(&set->arena, path, name, err) : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    remote_object *item = &set->items[set->n++];
    *item = (remote_object){.path = copy, .size = UINT64_MAX};
    memcpy(item->object, object, strlen(object) + 1);
    memcpy(item->md5, object, CM_MD5_HEX - 1);
    cm_object_key(item->key, object);
    return CM_OK;
}

/* The first path of an object tells of it. */
static int by_object(const void *a, const void *b)
{
    const remote_object *x = a, *y = b;
    int order = strcmp(x->object, y->object);
    return order != 0 ? order : strcmp(x->path, y->path);
}

cm_status object_set_close(object_set *set, const cm_repo *repo, cm_error *err)
{
    size_t n = 0;
    if (set->n > 0) {
        qsort(set->items, set->n, sizeof *set->items, by_object);
    }
    for (size_t i = 0; i < set->n; i++) {
        if (n == 0 ||
            strcmp(set->items[n - 1].object, set->items[i].object) != 0) {
            set->items[n++] = set->items[i];
        }
    }
    set->n = n;
    for (size_t i = 0; i < n; i++) {
        remote_object *item = &set->items[i];
        char *path = path_in_arena(&set->arena, repo->cache, item->key, err);
        if (path == NULL) {
            return CM_ERR_NOMEM;
        }
        item->cached = path;
        (void)cache_measure(path, item->object, &item->size);
    }
    return CM_OK;
}

static int compare_name(const void *name, const void *item)
{
    return strcmp(name, ((const remote_object *)item)->object);
}

remote_object *object_set_find(const object_set *set, const char *object)
{
    return set->n == 0 ? NULL
                       : bsearch(object, set->items, set->n, sizeof *set->items,
                                 compare_name);
}

void object_set_release(object_set *set)
{
    free(set->items);
    cm_arena_release(&set->arena);
    *set = (object_set){0};
}

/* ---- folders ------------------------------------------------------------- */

static bool is_in_part(const synced_out *out, const char *name)
{
    if (out->part == NULL) {
        return true;
    }
    const char *part = out->part + strlen(out->item->path) + 1;
    size_t n = strlen(part);
    return strncmp(name, part, n) == 0 && (name[n] == '\0' || name[n] == '/');
}

cm_status synced_add_folders(synced *s, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < s->n && status == CM_OK; i++) {
        const cm_tracked *item = s->outs[i].item;
        if (cm_out_is_folder(&item->out)) {
            status = object_set_add(&s->folders, item->out.md5, item->path,
                                    NULL, err);
        }
    }
    return status == CM_OK ? object_set_close(&s->folders, s->repo, err)
                           : status;
}

cm_status synced_add_files(synced *s, synced_out *out, cm_error *err)
{
    const cm_tracked *item = out->item;
    if (!cm_out_is_folder(&item->out)) {
        return object_set_add(&s->files, item->out.md5, item->path, NULL, err);
    }
    const remote_object *folder = object_set_find(&s->folders, item->out.md5);
    if (folder == NULL || folder->size == UINT64_MAX) {
        return CM_OK;
    }
    cm_status status =
        cm_cache_listing(s->repo, item->out.md5, &out->listing, err);
    out->has_listing = status == CM_OK;
    for (size_t i = 0; i < out->listing.n && status == CM_OK; i++) {
        const cm_listed *file = &out->listing.entries[i];
        if (is_in_part(out, file->relpath)) {
            status = object_set_add(&s->files, file->md5, item->path,
                                    file->relpath, err);
        }
    }
    return status;
}

cm_status synced_ask(const synced *s, object_set *set, cm_error *err)
{
    size_t n = set->n;
    if (n == 0) {
        return CM_OK;
    }
    const char **keys = cm_alloc(n, sizeof *keys, err);
    uint64_t *sizes = cm_alloc(n, sizeof *sizes, err);
    bool *found = cm_alloc_zero(n, sizeof *found, err);
    cm_status status =
        keys == NULL || sizes == NULL || found == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        keys[i] = set->items[i].key;
        sizes[i] = set->items[i].size;
    }
    if (status == CM_OK) {
        status = cm_storage_find_all(s->storage, keys, sizes, found, n, err);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        set->items[i].arrived = found[i];
    }
    free(keys);
    free(sizes);
    free(found);
    return status;
}

/* ---- the way ------------------------------------------------------------- */

cm_status synced_failed(synced *s, const remote_object *object,
                        const char *what, cm_error *err)
{
    return sync_report_failure(s->report, object->path, what, err);
}

/* whole: what the transfer of all said, for one that was not begun. */
static cm_status take_result(synced *s, remote_object *object,
                             const cm_transfer *transfer, const cm_error *whole,
                             cm_error *err)
{
    if (transfer->status == CM_ERR_NOMEM) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    if (transfer->status != CM_OK) {
        bool said = transfer->error.message[0] != '\0';
        return synced_failed(
            s, object, said ? transfer->error.message : whole->message, err);
    }
    object->arrived = true;
    s->report->n_moved++;
    s->report->bytes += object->size != UINT64_MAX ? object->size : 0;
    return CM_OK;
}

typedef cm_status (*move_all)(cm_storage *storage, cm_transfer *transfers,
                              size_t n, const cm_log *log, cm_error *err);

static cm_status move(synced *s, remote_object **objects, size_t n,
                      move_all all, cm_error *err)
{
    cm_error whole = {0};
    cm_transfer *transfers = cm_alloc_zero(n, sizeof *transfers, err);
    if (transfers == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        const remote_object *o = objects[i];
        transfers[i] =
            (cm_transfer){.key = o->key,
                          .path = o->cached,
                          .md5 = o->md5,
                          .size = o->size != UINT64_MAX ? o->size : 0};
    }
    cm_status status = all(s->storage, transfers, n, s->repo->log, &whole);
    status =
        status == CM_ERR_NOMEM ? cm_fail(err, status, "out of memory") : CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = take_result(s, objects[i], &transfers[i], &whole, err);
    }
    free(transfers);
    return status;
}

cm_status synced_put(synced *s, remote_object **objects, size_t n,
                     cm_error *err)
{
    return n == 0 ? CM_OK : move(s, objects, n, cm_storage_put_all, err);
}

cm_status synced_get(synced *s, remote_object **objects, size_t n,
                     cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = cache_make_place(s->repo, objects[i]->cached, err);
    }
    if (status == CM_OK && n > 0) {
        status = move(s, objects, n, cm_storage_get_all, err);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        remote_object *o = objects[i];
        if (o->arrived) {
            cache_seal(o->cached);
            (void)cache_measure(o->cached, o->object, &o->size);
            s->report->bytes += o->size != UINT64_MAX ? o->size : 0;
        }
    }
    return status;
}

void synced_release(synced *s)
{
    for (size_t i = 0; i < s->n; i++) {
        cm_listing_release(&s->outs[i].listing);
    }
    free(s->outs);
    object_set_release(&s->files);
    object_set_release(&s->folders);
    cm_storage_close(s->storage);
}
