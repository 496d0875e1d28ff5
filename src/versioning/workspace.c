/* What the workspace holds: hashes by the state, else by reading. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "versioning/cache_store.h"

const cm_log *workspace_log(const cm_repo *repo, uint64_t bytes)
{
    enum { WORTH_SAYING = 64 << 20 };
    return bytes >= WORTH_SAYING ? repo->log : NULL;
}

/* The files whose md5 is not known: to read, and which of the walk they are. */
typedef struct unread {
    cm_md5_file *files;
    size_t *of; /* (n) */
    size_t n;
    uint64_t bytes;
} unread;

static cm_status list_unread(unread *out, cm_file_state *state, walk *w,
                             cm_error *err)
{
    out->files = cm_alloc_zero(w->n, sizeof *out->files, err);
    out->of = cm_alloc(w->n, sizeof *out->of, err);
    if (out->files == NULL || out->of == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < w->n; i++) {
        walked *file = &w->files[i];
        if (file_state_find(state, walk_from_root(w, file), &file->stamp,
                            file->md5)) {
            continue;
        }
        out->files[out->n] =
            (cm_md5_file){.path = file->path, .size = file->stamp.size};
        out->of[out->n++] = i;
        out->bytes += file->stamp.size;
    }
    return CM_OK;
}

static cm_status take_hashes(const unread *list, cm_file_state *state, walk *w,
                             cm_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const cm_md5_file *file = &list->files[i];
        walked *of = &w->files[list->of[i]];
        if (file->error != 0) {
            errno = file->error;
            return cm_fail_errno(err, "%s: cannot read it", file->path);
        }
        memcpy(of->md5, file->md5, sizeof of->md5);
        if (file->size == of->stamp.size) {
            file_state_keep(state, walk_from_root(w, of), &of->stamp, of->md5);
        }
    }
    return CM_OK;
}

cm_status workspace_read(const cm_repo *repo, cm_file_state *state, walk *files,
                         cm_error *err)
{
    unread list = {0};
    cm_status status = list_unread(&list, state, files, err);
    if (status == CM_OK && list.n > 0) {
        cm_progress *progress = cm_progress_new(workspace_log(repo, list.bytes),
                                                "hashing", "bytes", list.bytes);
        status = cm_md5_files(list.files, list.n, 0, progress, err);
        cm_progress_free(progress);
    }
    if (status == CM_OK) {
        status = take_hashes(&list, state, files, err);
    }
    free(list.files);
    free(list.of);
    return status;
}

cm_status workspace_describe(const walk *files, cm_out *out,
                             cm_listing *listing, cm_error *err)
{
    out->md5[0] = '\0';
    out->size = files->size;
    out->has_size = true;
    out->has_nfiles = files->is_folder;
    out->nfiles = files->is_folder ? files->n : 0;
    out->is_exec = false;
    if (!files->is_folder) {
        memcpy(out->md5, files->files[0].md5, CM_MD5_HEX);
        out->is_exec = files->files[0].is_exec;
        return CM_OK;
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < files->n && status == CM_OK; i++) {
        const walked *file = &files->files[i];
        status = cm_listing_add(listing, cm_str_of(walk_relative(files, file)),
                                file->md5, file->stamp.size, err);
    }
    return status;
}

static cm_status hash_walk(const walk *files, cm_out *out, cm_listing *listing,
                           cm_error *err)
{
    cm_buf text = {0};
    cm_status status = workspace_describe(files, out, listing, err);
    if (status == CM_OK && files->is_folder) {
        status = cm_listing_format(listing, &text, out->md5, err);
    }
    cm_buf_release(&text);
    return status;
}

cm_status cm_workspace_hash(const cm_repo *repo, cm_file_state *state,
                            const char *path, cm_out *out, cm_listing *listing,
                            cm_error *err)
{
    walk files;
    cm_listing own = {0};
    out->md5[0] = '\0';
    out->has_size = out->has_nfiles = false;
    if (listing != NULL) {
        *listing = (cm_listing){0};
    }
    cm_status status = walk_path(&files, repo, path, err);
    if (status == CM_OK && files.found) {
        status = workspace_read(repo, state, &files, err);
    }
    if (status == CM_OK && files.found) {
        status = hash_walk(&files, out, listing != NULL ? listing : &own, err);
    }
    cm_listing_release(&own);
    walk_release(&files);
    return status;
}
