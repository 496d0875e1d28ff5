/* Outs, revision by revision; a listing is read once, when it is first named.
 */
#include "versioning/used_objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "versioning/cache_store.h"
#include "versioning/tracked.h"

typedef struct gathering {
    used_objects *used;
    const cm_repo *repo;
    const used_options *options;
    const char *rev; /* NULL: the workspace */
    cm_snapshot snapshot;
} gathering;

/* ---- a listing that the cache lacks -------------------------------------- */

static cm_status get(const cm_repo *repo, cm_storage *storage,
                     const char *object, bool *found, cm_error *err)
{
    char key[64], md5[CM_MD5_HEX] = "";
    cm_storage_session *session = NULL;
    cm_stored stored = {0};
    char *path = cm_cache_path(repo, object);
    cm_object_key(key, object);
    memcpy(md5, object, CM_MD5_HEX - 1);
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : cm_storage_session_new(&session, storage, err);
    if (status == CM_OK) {
        status = cm_storage_stat(session, key, &stored, err);
    }
    if (status == CM_OK && stored.exists) {
        status = cache_make_place(repo, path, err);
        if (status == CM_OK) {
            status = cm_storage_get(session, key, path, md5, NULL, err);
        }
        if (status == CM_OK) {
            cache_seal(path);
            *found = true;
        }
    }
    cm_storage_session_free(session);
    free(path);
    return status;
}

cm_status object_fetch(const cm_repo *repo, const char *remote,
                       const char *object, bool *found, cm_error *err)
{
    cm_storage_settings settings;
    cm_storage *storage = NULL;
    *found = false;
    cm_status status = cm_repo_remote(repo, remote, &settings, err);
    if (status == CM_OK) {
        status = cm_storage_open(&storage, &settings, err);
    }
    if (status == CM_OK) {
        status = get(repo, storage, object, found, err);
    }
    cm_storage_close(storage);
    return status;
}

static bool has_default_remote(const cm_repo *repo)
{
    return cm_dvc_config_get(repo->config, "core", "remote") != NULL;
}

static cm_status missing(const gathering *g, const cm_tracked *item,
                         cm_error *err)
{
    const char *at = g->rev != NULL ? g->rev : "the workspace";
    if (g->options->force) {
        cm_warn(g->repo->log,
                "%s: the listing %s of folder %s is nowhere; its files are not "
                "kept for it",
                at, item->out.md5, item->path);
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_DATA,
                   "%s: the listing %s of folder %s is neither in the cache "
                   "nor in the remote, so it is not known which files to keep "
                   "for it; nothing was removed; --force goes on without it",
                   at, item->out.md5, item->path);
}

/* Makes sure that the cache has the listing; *there: it does. */
static cm_status need_listing(const gathering *g, const cm_tracked *item,
                              bool *there, cm_error *err)
{
    const char *remote =
        item->out.remote != NULL ? item->out.remote : g->options->remote;
    *there = cm_cache_has(g->repo, item->out.md5);
    cm_status status = CM_OK;
    if (!*there && (remote != NULL || has_default_remote(g->repo))) {
        status = object_fetch(g->repo, remote, item->out.md5, there, err);
    }
    return status == CM_OK && !*there ? missing(g, item, err) : status;
}

/* ---- outs ---------------------------------------------------------------- */

static bool is_remote(const used_remote *r, const gathering *g,
                      const char *name)
{
    return name == NULL || r->name == NULL
               ? name == r->name
               : r->repo == g->repo && strcmp(r->name, name) == 0;
}

/* name NULL: the remote of outs that name none. */
static cm_status find_remote(const gathering *g, const char *name,
                             used_remote **out, cm_error *err)
{
    used_objects *used = g->used;
    for (size_t i = 0; i < used->n; i++) {
        if (is_remote(&used->remotes[i], g, name)) {
            *out = &used->remotes[i];
            return CM_OK;
        }
    }
    cm_status status = cm_grow(&used->remotes, used->n, &used->capacity,
                               sizeof *used->remotes, err);
    const char *copy =
        status == CM_OK && name != NULL
            ? cm_arena_strdup(&used->arena, name, strlen(name), err)
            : NULL;
    if (status != CM_OK || (name != NULL && copy == NULL)) {
        return CM_ERR_NOMEM;
    }
    *out = &used->remotes[used->n++];
    **out = (used_remote){.repo = g->repo, .name = copy};
    return CM_OK;
}

static cm_status add_listing(const gathering *g, used_remote *remote,
                             const char *object, cm_error *err)
{
    cm_listing listing = {0};
    cm_status status = cm_cache_listing(g->repo, object, &listing, err);
    for (size_t i = 0; i < listing.n && status == CM_OK; i++) {
        status =
            object_names_add(&remote->names, listing.entries[i].md5, NULL, err);
    }
    cm_listing_release(&listing);
    return status;
}

static bool takes_part(const cm_tracked *item)
{
    const cm_out *out = &item->out;
    return out->md5[0] != '\0' && !out->no_cache && !out->old_hash &&
           !item->of_other_repo;
}

static cm_status add_item(const gathering *g, const cm_tracked *item,
                          cm_error *err)
{
    used_remote *remote = NULL;
    const char *object = item->out.md5;
    bool there = true;
    if (!takes_part(item)) {
        return CM_OK;
    }
    cm_status status = find_remote(g, item->out.remote, &remote, err);
    if (status != CM_OK || object_names_have(&remote->names, object)) {
        return status;
    }
    if (cm_out_is_folder(&item->out)) {
        status = need_listing(g, item, &there, err);
        if (status == CM_OK && there) {
            status = add_listing(g, remote, object, err);
        }
    }
    return status == CM_OK && there
               ? object_names_add(&remote->names, object, NULL, err)
               : status;
}

/* ---- revisions ----------------------------------------------------------- */

static cm_status add_revision(gathering *g, cm_error *err)
{
    cm_tracked_list list = {0};
    cm_status status =
        g->rev != NULL ? snapshot_move(&g->snapshot, g->rev, err) : CM_OK;
    if (status == CM_OK) {
        status = tracked_in(g->repo, &g->snapshot, &list, err);
    }
    for (size_t i = 0; i < list.n && status == CM_OK; i++) {
        status = add_item(g, &list.items[i], err);
    }
    cm_tracked_list_release(&list);
    return status;
}

static cm_status add_or_skip(gathering *g, cm_error *err)
{
    cm_error why = {0};
    cm_status status = add_revision(g, &why);
    if (status == CM_OK) {
        return CM_OK;
    }
    if (!g->options->skip_failed || status == CM_ERR_NOMEM) {
        return cm_fail(err, status, "%s", why.message);
    }
    cm_warn(g->repo->log, "skipped: %s", why.message);
    g->used->n_skipped++;
    return CM_OK;
}

cm_status used_objects_add(used_objects *used, const cm_repo *repo,
                           const used_options *options, cm_error *err)
{
    gathering g = {.used = used, .repo = repo, .options = options};
    used_remote *unnamed = NULL;
    revisions revs = {0};
    cm_status status = cm_snapshot_open(&g.snapshot, repo, NULL, err);
    if (status == CM_OK) {
        status = find_remote(&g, NULL, &unnamed, err);
    }
    if (status == CM_OK) {
        status = add_or_skip(&g, err);
    }
    if (status == CM_OK && revisions_wanted(&options->choice)) {
        status = revisions_find(&revs, repo, &options->choice, err);
    }
    for (size_t i = 0; i < revs.n && status == CM_OK; i++) {
        g.rev = revs.ids[i];
        status = add_or_skip(&g, err);
    }
    revisions_release(&revs);
    cm_snapshot_close(&g.snapshot);
    return status;
}

void used_objects_release(used_objects *used)
{
    for (size_t i = 0; i < used->n; i++) {
        object_names_release(&used->remotes[i].names);
    }
    free(used->remotes);
    cm_arena_release(&used->arena);
    *used = (used_objects){0};
}
