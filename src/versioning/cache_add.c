/* From the workspace into the cache.  Each file becomes a temporary in the
 * cache (a clone of its blocks, another name of it, or a copy made while it is
 * hashed) and then, when its hash is known, an object. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "versioning/cache_store.h"
#include "versioning/links.h"

enum { BATCH = 1024 };

typedef enum add_way { ADD_CLONE, ADD_LINK, ADD_COPY } add_way;

typedef struct adder {
    const cm_repo *repo;
    cm_file_state *state;
    walk *files;
    const cm_temp_folder *temp;
    linker linker;
    add_way way, after_clone;
    bool wants_copies; /* the first of cache.type is a kind of copy */
    cm_progress *progress;
    walked *batch[BATCH];
    cm_md5_file reads[BATCH];
    char *temps[BATCH];
    size_t n;
} adder;

/* ---- a batch: files, their temporaries, their hashes --------------------- */

/* Whether the file's content could come into temp without a copy. */
static bool stage_without_copy(adder *a, const walked *file, const char *temp)
{
    if (a->way == ADD_CLONE) {
        int error = link_clone(file->path, temp);
        if (!link_cannot(error)) {
            return error == 0;
        }
        a->way = a->after_clone;
    }
    if (a->way == ADD_LINK && !file->is_link && file->stamp.size > 0) {
        int error = link(file->path, temp) != 0 ? errno : 0;
        a->way = link_cannot(error) ? ADD_COPY : a->way;
        return error == 0;
    }
    return false;
}

static cm_status stage(adder *a, walked *file, cm_error *err)
{
    char *temp = cm_temp_folder_name(a->temp, a->n);
    if (temp == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_md5_file *read = &a->reads[a->n];
    *read = (cm_md5_file){.path = temp, .size = file->stamp.size};
    if (!stage_without_copy(a, file, temp)) {
        read->path = file->path;
        read->copy = temp;
    }
    a->temps[a->n] = temp;
    a->batch[a->n++] = file;
    return CM_OK;
}

static cm_status check_read(const walked *file, const cm_md5_file *read,
                            cm_error *err)
{
    struct stat st;
    errno = read->error;
    if (errno == ENOSPC || errno == EDQUOT) {
        return cm_fail(err, CM_ERR_IO,
                       "%s: no room for it in the cache (%s): the disk is "
                       "full; free space, or set cache.dir to another disk",
                       file->path, read->copy);
    }
    if (errno != 0) {
        return cm_fail_errno(err,
                             read->copy_failed
                                 ? "%s: cannot be copied into the cache"
                                 : "%s: cannot read it",
                             file->path);
    }
    file_stamp now = {0};
    if (stat(file->path, &st) == 0) {
        now = file_stamp_of(&st);
    }
    if (now.inode != file->stamp.inode || now.size != file->stamp.size ||
        now.mtime_ns != file->stamp.mtime_ns || read->size != now.size) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s changed while it was read; add it again when "
                       "nothing writes to it",
                       file->path);
    }
    return CM_OK;
}

/* Makes the file of the workspace the kind of link that is wanted. */
static cm_status relink(adder *a, walked *file, cm_error *err)
{
    struct stat st;
    char *object = cm_cache_path(a->repo, file->md5);
    if (object == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status = CM_OK;
    bool is_copy = !file->is_link && !file->has_links;
    if (!(a->wants_copies && is_copy) &&
        !link_is_right(a->repo, file->path, object)) {
        status = linker_make(&a->linker, object, file->path, err);
        if (status == CM_OK && stat(file->path, &st) == 0) {
            file->stamp = file_stamp_of(&st);
        }
    }
    if (status == CM_OK && file->is_exec && !a->files->is_folder) {
        link_set_exec(file->path);
    }
    free(object);
    return status;
}

static cm_status store(adder *a, size_t i, cm_error *err)
{
    walked *file = a->batch[i];
    cm_status status = check_read(file, &a->reads[i], err);
    if (status != CM_OK) {
        return status;
    }
    memcpy(file->md5, a->reads[i].md5, sizeof file->md5);
    status = cache_put(a->repo, a->temps[i], file->md5, err);
    if (status == CM_OK) {
        status = relink(a, file, err);
    }
    if (status == CM_OK) {
        file_state_keep(a->state, walk_from_root(a->files, file), &file->stamp,
                        file->md5);
    }
    return status;
}

static cm_status flush(adder *a, cm_error *err)
{
    cm_status status =
        a->n > 0 ? cm_md5_files(a->reads, a->n, 0, a->progress, err) : CM_OK;
    for (size_t i = 0; i < a->n && status == CM_OK; i++) {
        status = store(a, i, err);
    }
    for (size_t i = 0; i < a->n; i++) {
        (void)unlink(a->temps[i]);
        free(a->temps[i]);
    }
    a->n = 0;
    return status;
}

/* ---- all files ----------------------------------------------------------- */

/* Whether nothing has to be read: the file is what it was, and in the cache. */
static bool is_known(adder *a, walked *file)
{
    return file_state_find(a->state, walk_from_root(a->files, file),
                           &file->stamp, file->md5) &&
           cm_cache_has(a->repo, file->md5);
}

static cm_status add_file(adder *a, walked *file, cm_error *err)
{
    if (is_known(a, file)) {
        cm_progress_add(a->progress, file->stamp.size);
        return relink(a, file, err);
    }
    cm_status status = stage(a, file, err);
    return status == CM_OK && a->n == BATCH ? flush(a, err) : status;
}

static cm_status add_all(adder *a, cm_error *err)
{
    cm_status status = linker_open(&a->linker, a->repo, err);
    for (size_t i = 0; i < a->files->n && status == CM_OK; i++) {
        status = add_file(a, &a->files->files[i], err);
    }
    if (status == CM_OK) {
        status = flush(a, err);
    }
    for (size_t i = 0; i < a->n; i++) {
        free(a->temps[i]);
    }
    linker_close(&a->linker);
    return status;
}

cm_status cache_add_files(const cm_repo *repo, cm_file_state *state,
                          walk *files, const cm_temp_folder *temp,
                          cm_error *err)
{
    adder *a = cm_alloc_zero(1, sizeof *a, err);
    if (a == NULL) {
        return CM_ERR_NOMEM;
    }
    a->repo = repo;
    a->state = state;
    a->files = files;
    a->temp = temp;
    cm_link_type first = repo->n_links > 0 ? repo->links[0] : CM_LINK_COPY;
    a->after_clone = first == CM_LINK_HARDLINK ? ADD_LINK : ADD_COPY;
    a->wants_copies = first == CM_LINK_COPY || first == CM_LINK_REFLINK;
    a->progress = cm_progress_new(workspace_log(repo, files->size), "adding",
                                  "bytes", files->size);
    cm_status status = add_all(a, err);
    cm_progress_free(a->progress);
    free(a);
    return status;
}

/* ---- one out ------------------------------------------------------------- */

static cm_status add_walk(const cm_repo *repo, cm_file_state *state,
                          walk *files, cm_out *out, cm_error *err)
{
    cm_temp_folder temp;
    cm_listing listing = {0};
    cm_status status = cache_open_temp(&temp, repo, err);
    if (status == CM_OK) {
        status = cache_add_files(repo, state, files, &temp, err);
    }
    if (status == CM_OK) {
        status = workspace_describe(files, out, &listing, err);
    }
    if (status == CM_OK && files->is_folder) {
        status = cache_put_listing(repo, &temp, &listing, out->md5, err);
    }
    cm_listing_release(&listing);
    cm_temp_folder_close(&temp);
    return status;
}

cm_status cm_cache_add(const cm_repo *repo, cm_file_state *state,
                       const char *path, cm_out *out, cm_error *err)
{
    walk files;
    cm_status status = walk_path(&files, repo, path, err);
    if (status == CM_OK && !files.found) {
        status =
            cm_fail(err, CM_ERR_USAGE,
                    "output '%s' does not exist, or is in .dvcignore", path);
    }
    if (status == CM_OK) {
        status = add_walk(repo, state, &files, out, err);
    }
    walk_release(&files);
    return status;
}
