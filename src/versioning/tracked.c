/* Everything that is tracked: .dvc files and dvc.yaml are looked for in the
 * whole repository, but not in what is ignored, nor in folders that are tracked
 * themselves. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/folder_names.h"
#include "versioning/git.h"
#include "versioning/ignore.h"
#include "versioning/paths.h"
#include "versioning/tracked.h"

enum { MAX_DEPTH = 1000 };

typedef struct search {
    const cm_repo *repo;
    cm_ignore *ignore;
    cm_git *git;
    cm_tracked_list *list;
    unsigned depth;
} search;

static const char *keep(cm_arena *arena, const char *text, bool *ok)
{
    char *copy =
        text != NULL ? cm_arena_strdup(arena, text, strlen(text), NULL) : NULL;
    *ok = *ok && (text == NULL || copy != NULL);
    return copy;
}

/* ---- one .dvc file ------------------------------------------------------- */

/* Path of the out of a .dvc file, relative to the root; malloc'ed.  NULL with
 * CM_OK: it lies outside. */
static cm_status out_path(const cm_repo *repo, const char *file,
                          const cm_dvc_file *dvc, char **out, cm_error *err)
{
    char *folder = cm_path_dir(file);
    char *base = folder != NULL ? path_absolute(repo->root, folder) : NULL;
    char *wdir = base != NULL
                     ? path_absolute(base, dvc->wdir != NULL ? dvc->wdir : ".")
                     : NULL;
    char *path = wdir != NULL ? path_absolute(wdir, dvc->out.path) : NULL;
    *out = NULL;
    cm_status status = CM_OK;
    if (path == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
    } else if (path_is_below(path, repo->root)) {
        *out = path_relative(path, repo->root);
        if (*out == NULL) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory");
        }
    }
    free(folder);
    free(base);
    free(wdir);
    free(path);
    return status;
}

cm_status tracked_add(cm_tracked_list *list, const char *path, const char *file,
                      const char *stage, const cm_out *out, cm_error *err)
{
    bool ok = true;
    cm_status status = cm_grow(&list->items, list->n, &list->capacity,
                               sizeof *list->items, err);
    if (status != CM_OK) {
        return status;
    }
    cm_tracked item = {.path = keep(&list->arena, path, &ok),
                       .file = keep(&list->arena, file, &ok),
                       .stage = keep(&list->arena, stage, &ok),
                       .out = *out};
    item.out.path = keep(&list->arena, out->path, &ok);
    item.out.remote = keep(&list->arena, out->remote, &ok);
    item.out.desc = keep(&list->arena, out->desc, &ok);
    item.out.etag = keep(&list->arena, out->etag, &ok);
    if (!ok) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    list->items[list->n++] = item;
    return CM_OK;
}

static cm_status take_dvc_file(search *s, const char *file, cm_error *err)
{
    cm_dvc_file dvc = {0};
    char *absolute = cm_path_join(s->repo->root, file), *path = NULL;
    cm_status status = absolute != NULL
                           ? cm_dvc_file_load(&dvc, absolute, err)
                           : cm_fail(err, CM_ERR_NOMEM, "out of memory");
    if (status == CM_OK && !path_is_url(dvc.out.path)) {
        status = out_path(s->repo, file, &dvc, &path, err);
    }
    if (status == CM_OK && path != NULL) {
        status = tracked_add(s->list, path, file, NULL, &dvc.out, err);
    }
    free(path);
    free(absolute);
    cm_dvc_file_release(&dvc);
    return status;
}

/* ---- the search ---------------------------------------------------------- */

static bool is_out(const cm_tracked_list *list, const char *path)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->items[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether DVC or git ignore it. */
static cm_status is_ignored(search *s, const char *path, bool is_folder,
                            bool *ignored, cm_error *err)
{
    cm_status status =
        cm_ignore_check(s->ignore, path, is_folder, ignored, err);
    if (status != CM_OK || *ignored || s->git == NULL) {
        return status;
    }
    cm_buf asked = {0};
    cm_buf_addf(&asked, "%s%s", path, is_folder ? "/" : "");
    status = cm_buf_check(&asked, err);
    if (status == CM_OK) {
        status = cm_git_is_ignored(s->git, asked.p, ignored, err);
    }
    cm_buf_release(&asked);
    return status;
}

static bool is_folder_at(int fd, const char *name)
{
    struct stat st;
    return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(st.st_mode);
}

static bool is_dvc_name(const char *name)
{
    return strcmp(name, "dvc.yaml") == 0 ||
           (strlen(name) > 4 && cm_str_ends_with(cm_str_of(name), ".dvc"));
}

static char *below(const char *folder, const char *name)
{
    return folder[0] == '\0' ? cm_strdup(name, NULL)
                             : cm_path_join(folder, name);
}

static cm_status search_folder(search *s, const char *folder, cm_error *err);

static cm_status take_file(search *s, const char *path, cm_error *err)
{
    return cm_str_ends_with(cm_str_of(path), ".dvc")
               ? take_dvc_file(s, path, err)
               : tracked_add_stages(s->list, s->repo, path, err);
}

typedef cm_status (*visit)(search *s, const char *path, cm_error *err);

static cm_status visit_folder(search *s, const char *path, cm_error *err)
{
    return is_out(s->list, path) ? CM_OK : search_folder(s, path, err);
}

/* Visits one name of the folder, unless it is ignored. */
static cm_status visit_one(search *s, const char *folder, const char *name,
                           bool is_folder, cm_error *err)
{
    bool ignored = false;
    char *path = below(folder, name);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status = is_ignored(s, path, is_folder, &ignored, err);
    visit what = is_folder ? visit_folder : take_file;
    if (status == CM_OK && !ignored) {
        status = what(s, path, err);
    }
    free(path);
    return status;
}

/* .dvc files and dvc.yaml first: they say which folders are not to be entered.
 */
static cm_status visit_names(search *s, const char *folder, int fd,
                             const folder_names *names, cm_error *err)
{
    cm_status status = CM_OK;
    for (int folders = 0; folders <= 1; folders++) {
        for (size_t i = 0; i < names->n && status == CM_OK; i++) {
            const char *name = names->items[i];
            bool wanted = folders == 1
                              ? is_folder_at(fd, name)
                              : is_dvc_name(name) && !is_folder_at(fd, name);
            if (wanted) {
                status = visit_one(s, folder, name, folders == 1, err);
            }
        }
    }
    return status;
}

static cm_status search_folder(search *s, const char *folder, cm_error *err)
{
    folder_names names = {0};
    int fd = -1;
    char *path = folder[0] != '\0' ? cm_path_join(s->repo->root, folder)
                                   : cm_strdup(s->repo->root, NULL);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status =
        ++s->depth > MAX_DEPTH
            ? cm_fail(err, CM_ERR_DATA, "%s: more than %d folders deep", path,
                      MAX_DEPTH)
            : folder_names_read(&names, path, &fd, err);
    if (status == CM_OK) {
        status = visit_names(s, folder, fd, &names, err);
    }
    s->depth--;
    if (fd >= 0) {
        (void)close(fd);
    }
    folder_names_release(&names);
    free(path);
    return status;
}

static cm_status find_all(const cm_repo *repo, cm_tracked_list *list,
                          cm_error *err)
{
    search s = {.repo = repo, .list = list};
    cm_status status = cm_ignore_open(&s.ignore, repo->root, err);
    if (status == CM_OK) {
        status = cm_git_open(&s.git, repo, err);
    }
    if (status == CM_OK) {
        status = search_folder(&s, "", err);
    }
    cm_git_close(s.git);
    cm_ignore_close(s.ignore);
    return status;
}

/* ---- targets ------------------------------------------------------------- */

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* path is the target relative to the root. */
static bool names_item(const cm_tracked *item, const char *target,
                       const char *path)
{
    return strcmp(item->file, path) == 0 || is_below(path, item->path) ||
           (item->stage != NULL && strcmp(item->stage, target) == 0);
}

static cm_status unknown_target(const cm_tracked_list *list, const char *target,
                                cm_error *err)
{
    const char *nearest = NULL;
    const char **words = cm_alloc(list->n, sizeof *words, NULL);
    for (size_t i = 0; i < list->n && words != NULL; i++) {
        words[i] = list->items[i].path;
    }
    if (words != NULL) {
        nearest = cm_nearest_word(cm_str_of(target), words, list->n);
    }
    cm_status status =
        nearest != NULL
            ? cm_fail(err, CM_ERR_USAGE,
                      "'%s' is no .dvc file, stage or tracked path; is '%s' "
                      "meant?",
                      target, nearest)
            : cm_fail(err, CM_ERR_USAGE,
                      "'%s' is no .dvc file, stage or tracked path", target);
    free(words);
    return status;
}

static cm_status mark(const cm_repo *repo, cm_tracked_list *list,
                      const char *target, bool *wanted, cm_error *err)
{
    const char *path = NULL;
    bool found = false;
    cm_status status = cm_repo_path(repo, target, &list->arena, &path, err);
    for (size_t i = 0; i < list->n && status == CM_OK; i++) {
        bool named = names_item(&list->items[i], target, path);
        wanted[i] = wanted[i] || named;
        found = found || named;
    }
    return status == CM_OK && !found ? unknown_target(list, target, err)
                                     : status;
}

/* Leaves those of the list that a target names. */
static cm_status narrow(const cm_repo *repo, cm_tracked_list *list,
                        const char *const *targets, size_t n, cm_error *err)
{
    cm_status status = CM_OK;
    size_t left = 0;
    bool *wanted = cm_alloc_zero(list->n, sizeof *wanted, err);
    if (wanted == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = mark(repo, list, targets[i], wanted, err);
    }
    for (size_t i = 0; i < list->n && status == CM_OK; i++) {
        if (wanted[i]) {
            list->items[left++] = list->items[i];
        }
    }
    list->n = status == CM_OK ? left : list->n;
    free(wanted);
    return status;
}

cm_status cm_repo_tracked(const cm_repo *repo, const char *const *targets,
                          size_t n, cm_tracked_list *out, cm_error *err)
{
    *out = (cm_tracked_list){0};
    cm_status status = find_all(repo, out, err);
    if (status == CM_OK && n > 0) {
        status = narrow(repo, out, targets, n, err);
    }
    if (status != CM_OK) {
        cm_tracked_list_release(out);
    }
    return status;
}

void cm_tracked_list_release(cm_tracked_list *list)
{
    free(list->items);
    cm_arena_release(&list->arena);
    *list = (cm_tracked_list){0};
}
