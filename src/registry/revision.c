/* The model of a revision of git: what DVC tracked there, from its cache where
 * it has it, else from the out's remote. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/md5.h"
#include "registry/model_cache.h"
#include "versioning/cache.h"
#include "versioning/stages.h"

enum { MOST_NAMED = 6 };

typedef struct revision {
    const char *rev, *path; /* path relative to the root */
    const cm_place_options *options;
    cm_repo repo;
    cm_tracked_list tracked;
    const cm_tracked *out; /* the one that is the model's */
    const char *within;    /* of the out: where the bundle is wanted */
    cm_storage *cache;     /* DVC's own, as a storage */
    cm_storage *remote;    /* NULL: not asked yet */
    cm_arena arena;
    cm_buf name; /* for errors */
} revision;

/* ---- which out ----------------------------------------------------------- */

/* Whether path is folder, or below it; *rest is what of it is below. */
static bool is_in(const char *path, const char *folder, const char **rest)
{
    size_t n = strlen(folder);
    bool in = strncmp(path, folder, n) == 0 &&
              (n == 0 || path[n] == '\0' || path[n] == '/');
    if (in) {
        *rest = path + n + (n > 0 && path[n] == '/');
    }
    return in;
}

static void put_paths(cm_buf *text, const revision *r, const char *folder)
{
    size_t n = 0;
    const char *rest = NULL;
    for (size_t i = 0; i < r->tracked.n; i++) {
        const char *path = r->tracked.items[i].path;
        if (is_in(path, folder, &rest) && n++ < MOST_NAMED) {
            cm_buf_addf(text, "%s%s", n > 1 ? ", " : "", path);
        }
    }
    cm_buf_adds(text, n > MOST_NAMED ? " …" : "");
}

static cm_status no_out(const revision *r, const char *folder, size_t n,
                        cm_error *err)
{
    cm_buf text = {0};
    put_paths(&text, r, n > 1 ? folder : "");
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK && n > 1) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s has several folders that DVC tracks in %s: %s; "
                         "say which with --model",
                         r->rev, folder[0] == '\0' ? "the repository" : folder,
                         text.p);
    } else if (status == CM_OK && text.n > 0) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s has no model in %s: what DVC tracks there is %s; "
                         "say which with --model",
                         r->rev, folder[0] == '\0' ? "." : folder, text.p);
    } else if (status == CM_OK) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s has no model: DVC tracks nothing there; clickmill "
                         "add the bundle's folder and commit its .dvc file",
                         r->rev);
    }
    cm_buf_release(&text);
    return status;
}

/* The out that is path or has it in it. */
static bool find_above(revision *r)
{
    for (size_t i = 0; i < r->tracked.n && r->out == NULL; i++) {
        const cm_tracked *item = &r->tracked.items[i];
        if (is_in(r->path, item->path, &r->within) &&
            (cm_out_is_folder(&item->out) || item->out.md5[0] == '\0')) {
            r->out = item;
        }
    }
    return r->out != NULL;
}

/* The only folder that is tracked in one of the repository. */
static size_t count_in(revision *r, const char *folder)
{
    size_t n = 0;
    const char *rest = NULL;
    for (size_t i = 0; i < r->tracked.n; i++) {
        const cm_tracked *item = &r->tracked.items[i];
        if (is_in(item->path, folder, &rest) && cm_out_is_folder(&item->out)) {
            r->out = item;
            n++;
        }
    }
    return n;
}

static cm_status find_out(revision *r, cm_error *err)
{
    char *folder = NULL;
    if (find_above(r)) {
        return CM_OK;
    }
    size_t n = count_in(r, r->path);
    if (n == 0) {
        folder = cm_path_dir(r->path);
        if (folder == NULL) {
            return cm_fail(err, CM_ERR_NOMEM, "out of memory");
        }
        folder[0] = strcmp(folder, ".") == 0 ? '\0' : folder[0];
        n = count_in(r, folder);
    }
    cm_status status =
        n == 1 ? CM_OK : no_out(r, folder != NULL ? folder : r->path, n, err);
    free(folder);
    return status;
}

static cm_status check_out(const revision *r, cm_error *err)
{
    if (r->out->out.md5[0] == '\0') {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: %s has no hash there: its stage had not run; name "
                       "a later revision",
                       r->rev, r->out->path);
    }
    return r->out->out.old_hash
               ? cm_fail(err, CM_ERR_UNSUPPORTED,
                         "%s: %s was tracked by DVC 2, whose hashes are others;"
                         " dvc cache migrate, and commit it anew",
                         r->rev, r->out->path)
               : CM_OK;
}

/* ---- where its objects are ----------------------------------------------- */

static cm_status open_remote(revision *r, cm_error *err)
{
    cm_storage_settings settings;
    if (r->remote != NULL) {
        return CM_OK;
    }
    cm_status status =
        cm_repo_remote(&r->repo, r->out->out.remote, &settings, err);
    if (status == CM_OK) {
        settings.stop = r->options->stop;
        status = cm_storage_open(&r->remote, &settings, err);
    }
    if (status != CM_OK) {
        cm_error_prefix(err, "%s is not all in the cache %s", r->name.p,
                        r->repo.cache);
    }
    return status;
}

static cm_status read_from(cm_storage *storage, const char *key,
                           size_t max_bytes, cm_buf *out, cm_error *err)
{
    cm_storage_session *session = NULL;
    cm_status status = cm_storage_session_new(&session, storage, err);
    if (status == CM_OK) {
        status = cm_storage_read(session, key, max_bytes, out, err);
    }
    cm_storage_session_free(session);
    return status;
}

/* Of what the cache has damaged the remote may have a good one. */
static bool read_kept(const revision *r, const char *key, size_t max_bytes,
                      cm_buf *out)
{
    char md5[CM_MD5_HEX];
    if (!cm_cache_has(&r->repo, r->out->out.md5) ||
        read_from(r->cache, key, max_bytes, out, NULL) != CM_OK) {
        cm_buf_clear(out);
        return false;
    }
    cm_md5(md5, out->p, out->n);
    bool right = strncmp(md5, r->out->out.md5, sizeof md5 - 1) == 0;
    if (!right) {
        cm_buf_clear(out);
    }
    return right;
}

static cm_status read_object(void *context, const char *key, size_t max_bytes,
                             cm_buf *out, cm_error *err)
{
    revision *r = context;
    if (read_kept(r, key, max_bytes, out)) {
        return CM_OK;
    }
    cm_status status = open_remote(r, err);
    return status == CM_OK ? read_from(r->remote, key, max_bytes, out, err)
                           : status;
}

/* What the cache lacks, or has damaged, comes from the remote. */
static cm_status get_objects(void *context, cm_transfer *transfers, size_t n,
                             cm_error *err)
{
    revision *r = context;
    size_t left = 0;
    cm_error ignored;
    cm_status status =
        cm_storage_get_all(r->cache, transfers, n, NULL, &ignored);
    for (size_t i = 0; i < n; i++) {
        if (transfers[i].status != CM_OK) {
            transfers[left++] = transfers[i];
        }
    }
    if (status == CM_OK || left == 0) {
        return CM_OK;
    }
    status = open_remote(r, err);
    return status == CM_OK ? cm_storage_get_all(r->remote, transfers, left,
                                                r->options->log, err)
                           : status;
}

/* ---- all of it ----------------------------------------------------------- */

static cm_status open_all(revision *r, const char *path, cm_error *err)
{
    cm_status status = cm_repo_open(&r->repo, NULL, r->options->log, err);
    if (status == CM_OK && !r->repo.has_git) {
        status =
            cm_fail(err, CM_ERR_USAGE, "--rev %s: %s is in no git repository",
                    r->rev, r->repo.root);
    }
    if (status == CM_OK) {
        status = cm_repo_path(&r->repo, path, &r->arena, &r->path, err);
    }
    if (status == CM_OK) {
        status = cm_repo_tracked_at(&r->repo, r->rev, &r->tracked, err);
    }
    if (status == CM_OK) {
        cm_storage_settings settings = {.url = r->repo.cache};
        status = cm_storage_open(&r->cache, &settings, err);
    }
    return status;
}

static cm_status fetch(revision *r, cm_fetched_model *out, cm_error *err)
{
    model_cache cache = {0};
    object_source source = {.read = read_object,
                            .get = get_objects,
                            .context = r,
                            .within = r->within};
    cm_buf_addf(&r->name, "%s at %s", r->out->path, r->rev);
    cm_status status = cm_buf_check(&r->name, err);
    if (status == CM_OK) {
        source.name = r->name.p;
        status = model_cache_open(&cache, r->options, err);
    }
    if (status == CM_OK) {
        status = model_cache_get(&out->folder, &out->fetched, &cache,
                                 r->out->out.md5, &source, err);
        memcpy(out->md5, r->out->out.md5, sizeof out->md5);
    }
    model_cache_release(&cache);
    return status;
}

cm_status cm_model_fetch_revision(cm_fetched_model *out, const char *rev,
                                  const char *path,
                                  const cm_place_options *options,
                                  cm_error *err)
{
    revision r = {.rev = rev, .options = options};
    *out = (cm_fetched_model){0};
    cm_status status = open_all(&r, path, err);
    if (status == CM_OK) {
        status = find_out(&r, err);
    }
    if (status == CM_OK) {
        status = check_out(&r, err);
    }
    if (status == CM_OK) {
        status = fetch(&r, out, err);
    }
    cm_storage_close(r.cache);
    cm_storage_close(r.remote);
    cm_tracked_list_release(&r.tracked);
    cm_repo_close(&r.repo);
    cm_arena_release(&r.arena);
    cm_buf_release(&r.name);
    return status;
}
