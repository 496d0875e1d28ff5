/* Sources of imports.  The md5 of a folder of S3 is that of a listing which has
 * ETags in place of hashes. */
#include "versioning/import_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/md5.h"
#include "dvc/python_text.h"
#include "versioning/paths.h"

/* ---- where it is --------------------------------------------------------- */

static cm_status no_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "out of memory for an import");
}

/* "s3://bucket/key" */
static cm_status split_s3(import_source *s, const char *url, cm_error *err)
{
    const char *bucket = url + strlen("s3://");
    const char *slash = strchr(bucket, '/');
    if (strstr(url, "?versionId=") != NULL) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s: clickmill imports no versions of an object; leave "
                       "out ?versionId, or use dvc import-url",
                       url);
    }
    if (slash == NULL || slash == bucket || slash[1] == '\0') {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: expected s3://bucket/key of a file or folder", url);
    }
    s->place = cm_strdup(url, err);
    s->key = cm_strdup(slash + 1, err);
    if (s->place == NULL || s->key == NULL) {
        return CM_ERR_NOMEM;
    }
    s->place[slash - url] = '\0';
    return CM_OK;
}

/* "remote://name/path": the remote's settings and a key below its URL. */
static cm_status find_remote(import_source *s, const cm_repo *repo,
                             const char *url, cm_storage_settings *settings,
                             cm_error *err)
{
    const char *name = url + strlen("remote://");
    size_t n = strcspn(name, "/");
    if (n == 0 || name[n] == '\0' || name[n + 1] == '\0') {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: expected remote://NAME/path of a file or folder",
                       url);
    }
    char *copy = cm_arena_strdup(&s->arena, name, n, err);
    s->key = cm_strdup(name + n + 1, err);
    if (copy == NULL || s->key == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_repo_remote(repo, copy, settings, err);
    if (status == CM_OK) {
        s->place = cm_strdup(settings->url, err);
        status = s->place == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    return status;
}

static cm_status split_path(import_source *s, const char *path,
                            const char *folder, cm_error *err)
{
    char *whole = path_absolute(folder, path);
    s->place = whole != NULL ? cm_path_dir(whole) : NULL;
    s->key = whole != NULL ? cm_strdup(cm_path_base(whole), err) : NULL;
    free(whole);
    return s->place == NULL || s->key == NULL ? no_memory(err) : CM_OK;
}

cm_status import_source_open(import_source *s, const cm_repo *repo,
                             const char *url, const char *folder, unsigned jobs,
                             cm_error *err)
{
    cm_storage_settings settings = {0};
    cm_status status = CM_OK;
    *s = (import_source){.url = url};
    if (strncmp(url, "s3://", 5) == 0) {
        status = split_s3(s, url, err);
    } else if (strncmp(url, "remote://", 9) == 0) {
        status = find_remote(s, repo, url, &settings, err);
    } else if (path_is_url(url)) {
        status = cm_fail(err, CM_ERR_UNSUPPORTED,
                         "%s: clickmill imports from s3://, remote:// and the "
                         "disk; use dvc import-url",
                         url);
    } else {
        status = split_path(s, url, folder, err);
    }
    if (status != CM_OK) {
        return status;
    }
    size_t n = strlen(s->key);
    while (n > 0 && s->key[n - 1] == '/') {
        s->key[--n] = '\0';
    }
    settings.url = s->place;
    settings.jobs = jobs > 0 ? jobs : settings.jobs;
    s->is_s3 = strncmp(s->place, "s3://", 5) == 0;
    return cm_storage_open(&s->storage, &settings, err);
}

void import_source_close(import_source *s)
{
    cm_storage_close(s->storage);
    free(s->place);
    free(s->key);
    free(s->files);
    cm_arena_release(&s->arena);
    *s = (import_source){0};
}

/* ---- what is there ------------------------------------------------------- */

static cm_status add_file(import_source *s, const char *key,
                          const char *relpath, const cm_stored *about,
                          cm_error *err)
{
    cm_status status =
        cm_grow(&s->files, s->n, &s->capacity, sizeof *s->files, err);
    const char *copy = status == CM_OK
                           ? cm_arena_strdup(&s->arena, key, strlen(key), err)
                           : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    source_file *file = &s->files[s->n++];
    *file = (source_file){
        .key = copy, .relpath = copy + (relpath - key), .size = about->size};
    memcpy(file->etag, about->etag, sizeof file->etag);
    return CM_OK;
}

/* Whether a key can be a path below a folder: no part of it is empty, "." or
 * "..". */
static bool is_path(const char *relpath)
{
    for (;;) {
        size_t n = strcspn(relpath, "/");
        if (n == 0 || (n == 1 && relpath[0] == '.') ||
            (n == 2 && relpath[0] == '.' && relpath[1] == '.')) {
            return false;
        }
        if (relpath[n] == '\0') {
            return true;
        }
        relpath += n + 1;
    }
}

static cm_status see_file(void *context, const char *key,
                          const cm_stored *about, cm_error *err)
{
    import_source *s = context;
    const char *relpath = key + strlen(s->key) + 1;
    if (!is_path(relpath)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: the key %s cannot be a path of a file in a folder",
                       s->url, key);
    }
    return add_file(s, key, relpath, about, err);
}

static int by_relpath(const void *a, const void *b)
{
    return strcmp(((const source_file *)a)->relpath,
                  ((const source_file *)b)->relpath);
}

static cm_status list_folder(import_source *s, cm_storage_session *session,
                             cm_error *err)
{
    cm_stored first;
    cm_buf prefix = {0};
    cm_buf_addf(&prefix, "%s/", s->key);
    cm_status status = cm_buf_check(&prefix, err);
    if (status == CM_OK) {
        status = cm_storage_list_stored(session, prefix.p, see_file, s, err);
    }
    cm_buf_release(&prefix);
    s->is_folder = true;
    if (status == CM_OK && s->n > 0) {
        qsort(s->files, s->n, sizeof *s->files, by_relpath);
        /* A listing does not say how its objects are encrypted. */
        status = cm_storage_stat(session, s->files[0].key, &first, err);
        s->etags_are_md5 = status == CM_OK && first.etag_is_md5;
    }
    return status;
}

static cm_status look_at(import_source *s, cm_storage_session *session,
                         cm_error *err)
{
    cm_stored about = {0};
    size_t n = strlen(s->url);
    cm_status status = s->url[n - 1] == '/'
                           ? CM_OK
                           : cm_storage_stat(session, s->key, &about, err);
    if (status != CM_OK || !about.exists) {
        return status == CM_OK ? list_folder(s, session, err) : status;
    }
    s->etags_are_md5 = about.etag_is_md5;
    return add_file(s, s->key, s->key + strlen(s->key), &about, err);
}

/* ---- what a .dvc file says of it ----------------------------------------- */

/* The listing with ETags, as a JSON text. */
static cm_status put_listing(cm_buf *out, const import_source *s, cm_error *err)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; i < s->n && ok; i++) {
        json_t *entry = json_pack("{s:s, s:s}", "etag", s->files[i].etag,
                                  "relpath", s->files[i].relpath);
        ok = json_array_append_new(list, entry) == 0;
    }
    if (ok) {
        cm_python_json(out, list, true);
    }
    json_decref(list);
    return ok ? cm_buf_check(out, err) : no_memory(err);
}

static cm_status describe(import_source *s, cm_error *err)
{
    cm_buf listing = {0};
    cm_out *about = &s->about;
    *about = (cm_out){.path = s->url, .has_size = true};
    for (size_t i = 0; i < s->n; i++) {
        about->size += s->files[i].size;
    }
    about->has_nfiles = s->is_folder;
    about->nfiles = s->is_folder ? s->n : 0;
    if (!s->is_s3 || !s->is_folder) {
        about->etag = s->is_s3 ? s->files[0].etag : NULL;
        return CM_OK;
    }
    cm_status status = put_listing(&listing, s, err);
    if (status == CM_OK) {
        char md5[CM_MD5_HEX];
        cm_md5(md5, listing.p, listing.n);
        memcpy(about->md5, md5, sizeof md5 - 1);
        memcpy(about->md5 + sizeof md5 - 1, ".dir", sizeof ".dir");
    }
    cm_buf_release(&listing);
    return status;
}

cm_status import_source_look(import_source *s, cm_error *err)
{
    cm_storage_session *session = NULL;
    s->n = 0;
    s->is_folder = false;
    s->about = (cm_out){0};
    cm_status status = cm_storage_session_new(&session, s->storage, err);
    if (status == CM_OK) {
        status = look_at(s, session, err);
    }
    cm_storage_session_free(session);
    return status == CM_OK && s->n > 0 ? describe(s, err) : status;
}

cm_status import_source_demand(import_source *s, cm_error *err)
{
    cm_status status = import_source_look(s, err);
    return status == CM_OK && s->n == 0
               ? cm_fail(err, CM_ERR_USAGE, "'%s' does not exist", s->url)
               : status;
}

bool import_source_is(const import_source *s, const cm_out *dep)
{
    const char *was = dep->etag != NULL ? dep->etag : "";
    const char *is = s->about.etag != NULL ? s->about.etag : "";
    return s->n > 0 && strcmp(dep->md5, s->about.md5) == 0 &&
           strcmp(was, is) == 0;
}

/* ---- getting it ---------------------------------------------------------- */

static cm_status make_transfers(import_source *s, const char *path,
                                cm_transfer *transfers, cm_error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const source_file *file = &s->files[i];
        char *to = s->is_folder ? cm_path_join(path, file->relpath)
                                : cm_strdup(path, NULL);
        const char *kept =
            to != NULL ? cm_arena_strdup(&s->arena, to, strlen(to), NULL)
                       : NULL;
        free(to);
        if (kept == NULL) {
            return no_memory(err);
        }
        transfers[i] = (cm_transfer){
            .key = file->key,
            .path = kept,
            .md5 = s->etags_are_md5 && strlen(file->etag) == CM_MD5_HEX - 1
                       ? file->etag
                       : NULL,
            .size = file->size};
    }
    return CM_OK;
}

cm_status import_source_get(import_source *s, const char *path,
                            const cm_log *log, cm_error *err)
{
    cm_transfer *transfers = cm_alloc_zero(s->n, sizeof *transfers, err);
    if (transfers == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = make_transfers(s, path, transfers, err);
    if (status == CM_OK) {
        status = cm_storage_get_all(s->storage, transfers, s->n, log, err);
    }
    free(transfers);
    return status;
}
