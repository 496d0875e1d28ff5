/* Walking a folder: its files by name, then its folders by name. */
#include "versioning/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/folder_names.h"

enum { MAX_DEPTH = 1000 };

typedef struct walker {
    walk *out;
    const cm_repo *repo;
    cm_ignore *ignore;
    cm_buf path; /* of the folder it is in */
    unsigned depth;
} walker;

/* ---- one file ------------------------------------------------------------ */

/* What name is, links followed; *is_link tells.  errno, or 0. */
static int look_at(int folder, const char *name, struct stat *st, bool *is_link)
{
    if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno;
    }
    *is_link = S_ISLNK(st->st_mode);
    return *is_link && fstatat(folder, name, st, 0) != 0 ? errno : 0;
}

static cm_status cannot_look(const char *path, bool is_link, int error,
                             cm_error *err)
{
    if (is_link) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s is a link to nothing; remove it, or name it in "
                       ".dvcignore",
                       path);
    }
    errno = error;
    return cm_fail_errno(err, "%s: cannot look at it", path);
}

static cm_status add_file(walk *out, const char *path, const struct stat *st,
                          bool is_link, cm_error *err)
{
    if (!S_ISREG(st->st_mode)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s is neither a file nor a folder; move it away, or "
                       "name it in .dvcignore",
                       path);
    }
    cm_status status =
        cm_grow(&out->files, out->n, &out->capacity, sizeof *out->files, err);
    char *copy = status == CM_OK
                     ? cm_arena_strdup(&out->arena, path, strlen(path), err)
                     : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    out->files[out->n++] = (walked){.path = copy,
                                    .stamp = file_stamp_of(st),
                                    .is_link = is_link,
                                    .is_exec = (st->st_mode & 0111) != 0,
                                    .has_links = st->st_nlink > 1};
    out->size += (uint64_t)st->st_size;
    return CM_OK;
}

/* ---- a folder ------------------------------------------------------------ */

/* Puts "/name" behind the path; its length before is what cut takes. */
static cm_status enter(walker *w, const char *name, cm_error *err)
{
    cm_buf_addc(&w->path, '/');
    cm_buf_adds(&w->path, name);
    return cm_buf_check(&w->path, err);
}

static void cut(walker *w, size_t length)
{
    w->path.n = length;
    w->path.p[length] = '\0';
}

/* A name in the folder: a file is added, a folder goes to `folders`. */
static cm_status take(walker *w, int folder, const char *name,
                      folder_names *folders, cm_error *err)
{
    struct stat st;
    bool is_link = false, ignored = false;
    const char *path = w->path.p;
    int error = look_at(folder, name, &st, &is_link);
    bool is_folder = error == 0 && S_ISDIR(st.st_mode);
    cm_status status = cm_ignore_check(w->ignore, path + w->out->from_root,
                                       is_folder, &ignored, err);
    if (status != CM_OK || ignored) {
        return status;
    }
    if (error != 0) {
        return cannot_look(path, is_link, error, err);
    }
    if (strcmp(name, ".dvcignore") == 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: there may be no .dvcignore in a tracked folder; "
                       "move its rules to one above",
                       path);
    }
    if (!is_folder) {
        return add_file(w->out, path, &st, is_link, err);
    }
    if (is_link) {
        cm_warn(w->repo->log, "%s is a link to a folder and is left out", path);
        return CM_OK;
    }
    return folder_names_add(folders, name, err);
}

/* The files of the folder; its folders go to `folders`. */
static cm_status take_files(walker *w, folder_names *folders, cm_error *err)
{
    folder_names all;
    size_t length = w->path.n;
    int fd = -1;
    cm_status status = folder_names_read(&all, w->path.p, &fd, err);
    for (size_t i = 0; i < all.n && status == CM_OK; i++) {
        status = enter(w, all.items[i], err);
        if (status == CM_OK) {
            status = take(w, fd, all.items[i], folders, err);
        }
        cut(w, length);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    folder_names_release(&all);
    return status;
}

static cm_status walk_folder(walker *w, cm_error *err)
{
    folder_names folders = {0};
    size_t length = w->path.n;
    if (++w->depth > MAX_DEPTH) {
        return cm_fail(err, CM_ERR_DATA, "%s: more than %d folders deep",
                       w->path.p, MAX_DEPTH);
    }
    cm_status status = take_files(w, &folders, err);
    for (size_t i = 0; i < folders.n && status == CM_OK; i++) {
        status = enter(w, folders.items[i], err);
        if (status == CM_OK) {
            status = walk_folder(w, err);
        }
        cut(w, length);
    }
    folder_names_release(&folders);
    w->depth--;
    return status;
}

/* ---- the start ----------------------------------------------------------- */

static cm_status walk_start(walker *w, const char *path, cm_error *err)
{
    struct stat st;
    bool is_link = false, ignored = false;
    cm_status status = CM_OK;
    w->out->from_root = w->path.n + 1;
    status = enter(w, path, err);
    if (status != CM_OK) {
        return status;
    }
    int error = look_at(AT_FDCWD, w->path.p, &st, &is_link);
    if (!is_link && (error == ENOENT || error == ENOTDIR)) {
        return CM_OK;
    }
    if (error != 0) {
        return cannot_look(w->path.p, is_link, error, err);
    }
    status =
        cm_ignore_check(w->ignore, path, S_ISDIR(st.st_mode), &ignored, err);
    if (status != CM_OK || ignored) {
        return status;
    }
    w->out->found = true;
    w->out->is_folder = S_ISDIR(st.st_mode);
    if (w->out->is_folder) {
        w->out->from_base = w->path.n + 1;
        return walk_folder(w, err);
    }
    w->out->from_base = (size_t)(cm_path_base(w->path.p) - w->path.p);
    return add_file(w->out, w->path.p, &st, is_link, err);
}

cm_status walk_path(walk *out, const cm_repo *repo, const char *path,
                    cm_error *err)
{
    walker w = {.out = out, .repo = repo};
    *out = (walk){0};
    cm_buf_adds(&w.path, strcmp(repo->root, "/") == 0 ? "" : repo->root);
    cm_status status = cm_ignore_open(&w.ignore, repo->root, err);
    if (status == CM_OK) {
        status = walk_start(&w, path, err);
    }
    cm_ignore_close(w.ignore);
    cm_buf_release(&w.path);
    return status;
}

void walk_release(walk *out)
{
    free(out->files);
    cm_arena_release(&out->arena);
    *out = (walk){0};
}
