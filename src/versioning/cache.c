/* The cache: where objects lie, which are there, and how one comes in. */
#include "versioning/cache.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/md5.h"
#include "versioning/cache_store.h"

enum {
    OBJECT_MODE = 0444,
    SHARED_FOLDER_MODE = 02775,
    MAX_LISTING_BYTES = 1 << 30
};

void cm_object_key(char out[64], const char *object)
{
    CM_ASSERT(strlen(object) > 2 && strlen(object) < CM_OBJECT_TEXT);
    (void)snprintf(out, 64, "files/md5/%.2s/%s", object, object + 2);
}

char *cm_cache_path(const cm_repo *repo, const char *object)
{
    char key[64];
    cm_object_key(key, object);
    return cm_path_join(repo->cache, key);
}

/* ---- what is there ------------------------------------------------------- */

/* Of an object that may have been written to: right ones become read-only,
 * others go, so that the right content can come. */
static bool verify(const char *path, const char *object)
{
    cm_md5_file file = {.path = path};
    if (cm_md5_files(&file, 1, 1, NULL, NULL) != CM_OK || file.error != 0) {
        return false;
    }
    if (strncmp(file.md5, object, CM_MD5_HEX - 1) != 0) {
        (void)unlink(path);
        return false;
    }
    (void)chmod(path, OBJECT_MODE);
    return true;
}

/* Whether path is the object; read-only ones are trusted, as DVC does. */
static bool look_at(const char *path, const char *object, struct stat *st)
{
    if (stat(path, st) != 0 || !S_ISREG(st->st_mode)) {
        return false;
    }
    return (st->st_mode & 0222) == 0 || verify(path, object);
}

static bool is_object(const char *path, const char *object)
{
    struct stat st;
    return look_at(path, object, &st);
}

bool cm_cache_has(const cm_repo *repo, const char *object)
{
    char key[64], path[PATH_MAX];
    cm_object_key(key, object);
    int n = snprintf(path, sizeof path, "%s/%s", repo->cache, key);
    return n > 0 && (size_t)n < sizeof path && is_object(path, object);
}

bool cache_measure(const char *path, const char *object, uint64_t *size)
{
    struct stat st;
    bool has = look_at(path, object, &st);
    *size = has ? (uint64_t)st.st_size : UINT64_MAX;
    return has;
}

cm_status cm_cache_listing(const cm_repo *repo, const char *object,
                           cm_listing *out, cm_error *err)
{
    cm_buf text = {0};
    char *path = cm_cache_path(repo, object);
    *out = (cm_listing){0};
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status = CM_OK;
    if (!is_object(path, object)) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: the listing of the folder is not in the cache; "
                         "get it with clickmill pull",
                         path);
    }
    if (status == CM_OK) {
        status = cm_read_file(&text, path, MAX_LISTING_BYTES, err);
    }
    if (status == CM_OK) {
        status = cm_listing_parse(out, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    free(path);
    return status;
}

/* ---- folders ------------------------------------------------------------- */

static bool is_shared(const cm_repo *repo)
{
    const char *shared = cm_dvc_config_get(repo->config, "cache", "shared");
    return shared != NULL && strcmp(shared, "group") == 0;
}

static cm_status make_folder(const cm_repo *repo, const char *path,
                             cm_error *err)
{
    cm_status status = cm_make_dirs(path, err);
    if (status == CM_OK && is_shared(repo)) {
        (void)chmod(path, SHARED_FOLDER_MODE);
    }
    return status;
}

static cm_status make_folder_in(const cm_repo *repo, const char *name,
                                cm_error *err)
{
    char *path = cm_path_join(repo->cache, name);
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                       : cm_file_exists(path) ? CM_OK
                                              : make_folder(repo, path, err);
    free(path);
    return status;
}

cm_status cache_open_temp(cm_temp_folder *out, const cm_repo *repo,
                          cm_error *err)
{
    static const char *const folders[] = {"", "files", "files/md5", "tmp"};
    cm_status status = CM_OK;
    *out = (cm_temp_folder){.fd = -1};
    for (size_t i = 0; i < sizeof folders / sizeof *folders && status == CM_OK;
         i++) {
        status = make_folder_in(repo, folders[i], err);
    }
    char *parent = status == CM_OK ? cm_path_join(repo->cache, "tmp") : NULL;
    if (status == CM_OK) {
        status = parent != NULL ? cm_temp_folder_open(out, parent, err)
                                : cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    free(parent);
    return status;
}

/* ---- coming in ----------------------------------------------------------- */

cm_status cache_make_place(const cm_repo *repo, const char *path, cm_error *err)
{
    char *folder = cm_path_dir(path);
    cm_status status =
        folder == NULL           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
        : cm_file_exists(folder) ? CM_OK
                                 : make_folder(repo, folder, err);
    free(folder);
    return status;
}

/* Renames, and makes the folder of two digits when it is not there. */
static cm_status move_in(const cm_repo *repo, const char *temp,
                         const char *path, cm_error *err)
{
    if (rename(temp, path) == 0) {
        return CM_OK;
    }
    cm_status status =
        errno == ENOENT ? cache_make_place(repo, path, err) : CM_OK;
    if (status == CM_OK && rename(temp, path) != 0) {
        return cm_fail_errno(err, "%s: cannot put it into the cache", path);
    }
    return status;
}

cm_status cache_put(const cm_repo *repo, const char *temp, const char *object,
                    cm_error *err)
{
    char *path = cm_cache_path(repo, object);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status = CM_OK;
    if (is_object(path, object)) {
        (void)unlink(temp);
    } else if (chmod(temp, OBJECT_MODE) != 0) {
        status = cm_fail_errno(err, "%s: cannot make it read-only", temp);
    } else {
        status = move_in(repo, temp, path, err);
    }
    free(path);
    return status;
}

void cache_seal(const char *path)
{
    (void)chmod(path, OBJECT_MODE);
}

cm_status cache_put_listing(const cm_repo *repo, const cm_temp_folder *temp,
                            cm_listing *listing, char object[CM_OBJECT_TEXT],
                            cm_error *err)
{
    cm_buf text = {0};
    char *path = cm_path_join(temp->path, "listing");
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : cm_listing_format(listing, &text, object, err);
    if (status == CM_OK && !cm_cache_has(repo, object)) {
        status = cm_write_file(path, (cm_str){text.p, text.n}, err);
        if (status == CM_OK) {
            status = cache_put(repo, path, object, err);
        }
    }
    cm_buf_release(&text);
    free(path);
    return status;
}
