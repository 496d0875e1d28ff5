/* What is remembered of outs, and the removal of those that are none now. */
#include "versioning/once_tracked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "codec/json.h"
#include "versioning/cache_store.h"
#include "versioning/git.h"
#include "versioning/paths.h"
#include "versioning/walk.h"

enum { MAX_BYTES = 16 << 20 };

/* ---- lists --------------------------------------------------------------- */

cm_status path_list_add(path_list *list, const char *path, cm_error *err)
{
    cm_status status = cm_grow(&list->items, list->n, &list->capacity,
                               sizeof *list->items, err);
    const char *copy =
        status == CM_OK ? cm_arena_strdup(&list->arena, path, strlen(path), err)
                        : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    list->items[list->n++] = copy;
    return CM_OK;
}

void path_list_release(path_list *list)
{
    free(list->items);
    cm_arena_release(&list->arena);
    *list = (path_list){0};
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ---- the file ------------------------------------------------------------ */

static char *file_of(const cm_repo *repo)
{
    return cm_path_join(repo->dvc_dir, "tmp/clickmill.outs");
}

/* A path that our own program could have written. */
static bool is_inside(const char *path)
{
    bool inside = path[0] != '/' && path[0] != '\0';
    for (const char *at = path; *at != '\0' && inside;) {
        size_t n = strcspn(at, "/");
        inside = !(n <= 2 && strncmp(at, "..", n) == 0);
        at += n + (at[n] == '/');
    }
    return inside;
}

/* A file that is not there or not right is empty. */
static cm_status load(path_list *out, const cm_repo *repo, cm_error *err)
{
    json_t *paths = NULL;
    char *path = file_of(repo);
    cm_status status =
        path == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory") : CM_OK;
    if (status == CM_OK && cm_file_exists(path)) {
        (void)!cm_json_load(&paths, path, MAX_BYTES, NULL);
    }
    for (size_t i = 0; i < json_array_size(paths) && status == CM_OK; i++) {
        const char *text = json_string_value(json_array_get(paths, i));
        if (text != NULL && is_inside(text)) {
            status = path_list_add(out, text, err);
        }
    }
    json_decref(paths);
    free(path);
    return status;
}

/* Sorted, each once. */
static void format(cm_buf *out, path_list *list)
{
    cm_json_writer w = cm_json_writer_of(out, 0);
    if (list->n > 0) {
        qsort(list->items, list->n, sizeof *list->items, compare_paths);
    }
    cm_json_begin_array(&w, NULL);
    for (size_t i = 0; i < list->n; i++) {
        if (i == 0 || strcmp(list->items[i], list->items[i - 1]) != 0) {
            cm_json_put_text(&w, NULL, list->items[i]);
        }
    }
    cm_json_end_array(&w);
    cm_buf_addc(out, '\n');
}

/* Unless it is there already. */
static void save(const cm_repo *repo, path_list *list)
{
    cm_buf text = {0}, there = {0};
    char *path = file_of(repo);
    format(&text, list);
    bool ok = path != NULL && !text.failed;
    bool same = ok && cm_file_exists(path) &&
                cm_read_file(&there, path, MAX_BYTES, NULL) == CM_OK &&
                there.n == text.n && memcmp(there.p, text.p, text.n) == 0;
    if (ok && !same && cm_make_parent(path, NULL) == CM_OK) {
        (void)!cm_write_file(path, (cm_str){text.p, text.n}, NULL);
    }
    free(path);
    cm_buf_release(&text);
    cm_buf_release(&there);
}

void once_tracked_note(const cm_repo *repo, const path_list *paths, bool alone)
{
    path_list all = {0};
    cm_status status = alone ? CM_OK : load(&all, repo, NULL);
    for (size_t i = 0; i < paths->n && status == CM_OK; i++) {
        status = path_list_add(&all, paths->items[i], NULL);
    }
    if (status == CM_OK) {
        save(repo, &all);
    }
    path_list_release(&all);
}

/* ---- what is tracked now ------------------------------------------------- */

/* Whether it is an out now, or part of one, or a folder around one. */
static bool is_in_use(const char *path, const cm_tracked_list *now)
{
    bool used = false;
    for (size_t i = 0; i < now->n && !used; i++) {
        used = path_is_below(path, now->items[i].path) ||
               path_is_below(now->items[i].path, path);
    }
    return used;
}

/* Whether folders above it are links, which may lead anywhere. */
static bool is_behind_link(const cm_repo *repo, const char *path)
{
    bool link = false;
    char *whole = cm_path_join(repo->root, path);
    for (size_t i = strlen(repo->root) + 1;
         whole != NULL && whole[i] != '\0' && !link; i++) {
        struct stat info;
        if (whole[i] == '/') {
            whole[i] = '\0';
            link = lstat(whole, &info) != 0 || !S_ISDIR(info.st_mode);
            whole[i] = '/';
        }
    }
    link = link || whole == NULL;
    free(whole);
    return link;
}

static bool is_saved(const cm_repo *repo, const walk *files)
{
    bool saved = true;
    for (size_t i = 0; i < files->n && saved; i++) {
        saved = cm_cache_has(repo, files->files[i].md5);
    }
    return saved;
}

/* ---- removing ------------------------------------------------------------ */

/* The folder of path and those above it that are empty, down to the walk's
 * own, which is n bytes long. */
static void remove_empty_folders(const char *path, size_t n)
{
    char *folder = cm_path_dir(path);
    while (folder != NULL && strlen(folder) >= n && rmdir(folder) == 0) {
        char *above = cm_path_dir(folder);
        free(folder);
        folder = above;
    }
    free(folder);
}

static cm_status remove_files(const cm_repo *repo, const walk *files,
                              const char *path, cm_error *err)
{
    size_t n = strlen(repo->root) + 1 + strlen(path);
    for (size_t i = 0; i < files->n; i++) {
        const char *file = files->files[i].path;
        if (unlink(file) != 0 && errno != ENOENT) {
            return cm_fail_errno(err, "%s: cannot remove it", file);
        }
        if (files->is_folder) {
            remove_empty_folders(file, n);
        }
    }
    return CM_OK;
}

/* A folder's path ends with '/'. */
static cm_status tell(path_list *removed, const walk *files, const char *path,
                      cm_error *err)
{
    cm_buf shown = {0};
    cm_buf_addf(&shown, "%s%s", path, files->is_folder ? "/" : "");
    cm_status status = cm_buf_check(&shown, err);
    if (status == CM_OK) {
        status = path_list_add(removed, shown.p, err);
    }
    cm_buf_release(&shown);
    return status;
}

static cm_status remove_one(const cm_repo *repo, cm_file_state *state,
                            const char *path, path_list *removed, cm_error *err)
{
    walk files = {0};
    cm_status status = walk_path(&files, repo, path, err);
    if (status == CM_OK && files.found) {
        status = workspace_read(repo, state, &files, err);
    }
    if (status == CM_OK && files.n > 0) {
        if (is_saved(repo, &files)) {
            status = remove_files(repo, &files, path, err);
            if (status == CM_OK) {
                status = tell(removed, &files, path, err);
            }
        } else {
            cm_warn(repo->log,
                    "%s was tracked once and is not now; it stays, since the "
                    "cache lacks content of it",
                    path);
        }
    }
    walk_release(&files);
    return status;
}

cm_status once_tracked_remove(const cm_repo *repo, cm_file_state *state,
                              const cm_tracked_list *now, path_list *removed,
                              cm_error *err)
{
    path_list once = {0};
    cm_git *git = NULL;
    cm_status status = load(&once, repo, err);
    for (size_t i = 0; i < once.n && status == CM_OK; i++) {
        const char *path = once.items[i];
        if (is_in_use(path, now) || is_behind_link(repo, path)) {
            continue;
        }
        if (git == NULL) {
            status = cm_git_open(&git, repo, err);
        }
        if (status == CM_OK &&
            cm_git_check_untracked(git, path, NULL) == CM_OK) {
            status = remove_one(repo, state, path, removed, err);
        }
    }
    cm_git_close(git);
    path_list_release(&once);
    return status;
}
