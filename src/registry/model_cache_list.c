/* What the cache of models holds, and its removal. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "registry/model_cache.h"
#include "registry/record.h"

/* Sizes of the files of a folder, folders below it among them. */
static uint64_t size_of(const char *path, int depth)
{
    enum { MAX_DEPTH = 32 };
    uint64_t size = 0;
    DIR *dir = depth < MAX_DEPTH ? opendir(path) : NULL;
    for (struct dirent *e = dir != NULL ? readdir(dir) : NULL; e != NULL;
         e = readdir(dir)) {
        struct stat about;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            fstatat(dirfd(dir), e->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        char *below =
            S_ISDIR(about.st_mode) ? cm_path_join(path, e->d_name) : NULL;
        size +=
            below != NULL ? size_of(below, depth + 1) : (uint64_t)about.st_size;
        free(below);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return size;
}

static cm_status add_entry(cm_kept_models *out, const char *models,
                           const char *md5, cm_error *err)
{
    struct stat about;
    cm_buf path = {0};
    cm_buf_addf(&path, "%s/%s", models, md5);
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK && stat(path.p, &about) == 0 &&
        S_ISDIR(about.st_mode)) {
        status = cm_grow(&out->items, out->n, &out->capacity,
                         sizeof *out->items, err);
        if (status == CM_OK) {
            cm_kept_model kept = {.size = size_of(path.p, 0),
                                  .used = about.st_mtim.tv_sec};
            cm_buf_adds(&path, "/bundle");
            kept.md5 = cm_arena_strdup(&out->arena, md5, strlen(md5), err);
            kept.folder =
                path.failed ? NULL
                            : cm_arena_strdup(&out->arena, path.p, path.n, err);
            status = kept.md5 != NULL && kept.folder != NULL
                         ? CM_OK
                         : cm_fail(err, CM_ERR_NOMEM, "out of memory");
            out->items[out->n++] = kept;
        }
    }
    cm_buf_release(&path);
    return status;
}

static int later_first(const void *a, const void *b)
{
    const cm_kept_model *x = a, *y = b;
    int order = (y->used > x->used) - (y->used < x->used);
    return order != 0 ? order : strcmp(x->md5, y->md5);
}

static cm_status read_entries(cm_kept_models *out, const char *models,
                              cm_error *err)
{
    cm_status status = CM_OK;
    DIR *dir = opendir(models);
    if (dir == NULL) {
        return errno == ENOENT
                   ? CM_OK
                   : cm_fail_errno(err, "%s: cannot list it", models);
    }
    for (struct dirent *e = readdir(dir); e != NULL && status == CM_OK;
         e = readdir(dir)) {
        cm_str name = cm_str_of(e->d_name);
        if (name.n == CM_OBJECT_TEXT - strlen(".dir") - 1 &&
            record_is_hash(name)) {
            status = add_entry(out, models, e->d_name, err);
        }
    }
    (void)closedir(dir);
    if (out->n > 0) {
        qsort(out->items, out->n, sizeof *out->items, later_first);
    }
    return status;
}

cm_status cm_model_cache_list(cm_kept_models *out,
                              const cm_place_options *options, cm_error *err)
{
    model_cache cache = {0};
    *out = (cm_kept_models){0};
    cm_status status = model_cache_open(&cache, options, err);
    char *models = status == CM_OK ? cm_path_join(cache.root, "models") : NULL;
    if (status == CM_OK && models == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    if (status == CM_OK) {
        out->folder =
            cm_arena_strdup(&out->arena, cache.root, strlen(cache.root), err);
        status =
            out->folder != NULL ? read_entries(out, models, err) : CM_ERR_NOMEM;
    }
    free(models);
    model_cache_release(&cache);
    return status;
}

void cm_kept_models_release(cm_kept_models *kept)
{
    free(kept->items);
    cm_arena_release(&kept->arena);
    *kept = (cm_kept_models){0};
}

/* A bundle that a process has loaded stays with it; one that is being loaded
 * in this moment fails to load. */
cm_status cm_model_cache_prune(cm_kept_models *out, size_t keep,
                               const cm_place_options *options, cm_error *err)
{
    cm_status status = cm_model_cache_list(out, options, err);
    size_t n = out->n < keep ? out->n : keep;
    for (size_t i = n; i < out->n && status == CM_OK; i++) {
        char *entry = cm_path_dir(out->items[i].folder);
        status = entry != NULL ? cm_remove_tree(entry, err)
                               : cm_fail(err, CM_ERR_NOMEM, "out of memory");
        free(entry);
        out->items[i - n] = out->items[i];
    }
    out->n -= status == CM_OK ? n : 0;
    return status;
}
