/* Files into a run's folder, and what is there. */
#include "tracking/run_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tracking/run_file.h"
#include "tracking/run_limits.h"

enum { STEP = 256 << 10, MAX_DEPTH = 32 };

/* ---- copying ------------------------------------------------------------- */

static cm_status place(char **out, const char *folder, const char *path,
                       cm_error *err)
{
    *out = NULL;
    if (!run_is_inside(cm_str_of(path))) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: is no path below the folder of a run", path);
    }
    *out = cm_path_join(folder, path);
    return *out == NULL ? cm_fail(err, CM_ERR_NOMEM, "%s: no memory", path)
                        : cm_make_parent(*out, err);
}

static cm_status copy_bytes(cm_atomic_file *file, int fd, const char *from,
                            cm_error *err)
{
    if (cm_atomic_clone(file, fd)) {
        return CM_OK;
    }
    char *bytes = cm_alloc(STEP, 1, err);
    cm_status status = bytes == NULL ? CM_ERR_NOMEM : CM_OK;
    ssize_t got = 1;
    while (status == CM_OK && got != 0) {
        got = read(fd, bytes, STEP);
        if (got > 0) {
            cm_atomic_write(file, bytes, (size_t)got);
        } else if (got < 0 && errno != EINTR) {
            status = cm_fail_errno(err, "%s: cannot read", from);
        }
    }
    free(bytes);
    return status;
}

static cm_status copy_to(const char *to, const char *from, cm_error *err)
{
    cm_atomic_file *file = NULL;
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return cm_fail_errno(err, "%s: cannot open for reading", from);
    }
    cm_status status = cm_atomic_open(&file, to, err);
    if (status == CM_OK) {
        status = copy_bytes(file, fd, from, err);
    }
    close(fd);
    if (status != CM_OK) {
        cm_atomic_abandon(file);
        return status;
    }
    return cm_atomic_commit_unsynced(file, 0, err);
}

cm_status run_files_copy(const char *folder, const char *path, const char *from,
                         cm_error *err)
{
    char *to = NULL;
    cm_status status = place(&to, folder, path, err);
    if (status == CM_OK) {
        status = copy_to(to, from, err);
    }
    free(to);
    return status;
}

cm_status run_files_share(const char *folder, const char *path,
                          const char *from, cm_error *err)
{
    char *to = NULL;
    cm_status status = place(&to, folder, path, err);
    if (status == CM_OK &&
        linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) != 0) {
        status = copy_to(to, from, err);
    }
    free(to);
    return status;
}

cm_status run_files_write(const char *folder, const char *path, cm_str text,
                          cm_error *err)
{
    char *to = NULL;
    cm_atomic_file *file = NULL;
    cm_status status = place(&to, folder, path, err);
    if (status == CM_OK) {
        status = cm_atomic_open(&file, to, err);
    }
    if (status == CM_OK) {
        cm_atomic_write(file, text.p, text.n);
        status = cm_atomic_commit_unsynced(file, 0, err);
    }
    free(to);
    return status;
}

/* ---- listing ------------------------------------------------------------- */

typedef struct listing {
    cm_arena *arena;
    cm_run_artifact *files;
    size_t n, room;
} listing;

static cm_status list_folder(listing *l, int parent, const char *name,
                             const char *prefix, int depth, cm_error *err);

/* Also of a temporary that a writer left behind. */
static bool is_passed_over(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || strcmp(name, "..") == 0 ||
                              cm_str_ends_with(cm_str_of(name), ".tmp"));
}

static cm_status list_entry(listing *l, int dir, const char *name,
                            const char *prefix, int depth, cm_error *err)
{
    struct stat about;
    if (is_passed_over(name) ||
        fstatat(dir, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
        return CM_OK;
    }
    char *path =
        prefix[0] != '\0' ? cm_path_join(prefix, name) : cm_strdup(name, err);
    cm_status status = path == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK && S_ISDIR(about.st_mode)) {
        status = list_folder(l, dir, name, path, depth + 1, err);
    } else if (status == CM_OK && S_ISREG(about.st_mode)) {
        status = cm_grow(&l->files, l->n, &l->room, sizeof *l->files, err);
        const char *kept =
            status == CM_OK ? run_copy(l->arena, path, err) : NULL;
        status = kept == NULL ? CM_ERR_NOMEM : CM_OK;
        if (status == CM_OK) {
            l->files[l->n++] = (cm_run_artifact){kept, (uint64_t)about.st_size};
        }
    }
    free(path);
    return status;
}

static cm_status no_folder(const char *name, int error, cm_error *err)
{
    errno = error;
    return error == ENOENT ? CM_OK
           : error == ENOMEM
               ? cm_fail(err, CM_ERR_NOMEM, "%s: no memory to list it", name)
               : cm_fail_errno(err, "%s: cannot open the folder", name);
}

static cm_status list_folder(listing *l, int parent, const char *name,
                             const char *prefix, int depth, cm_error *err)
{
    if (depth > MAX_DEPTH) {
        return cm_fail(err, CM_ERR_DATA, "%s: folders more than %d deep", name,
                       (int)MAX_DEPTH);
    }
    int fd =
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        cm_status status = no_folder(name, errno, err);
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    cm_status status = CM_OK;
    for (struct dirent *entry = readdir(dir); entry != NULL && status == CM_OK;
         entry = readdir(dir)) {
        status = list_entry(l, dirfd(dir), entry->d_name, prefix, depth, err);
    }
    closedir(dir);
    return status;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const cm_run_artifact *)a)->path,
                  ((const cm_run_artifact *)b)->path);
}

cm_status run_files_list(const char *folder, cm_arena *arena,
                         cm_run_artifact **out, size_t *n, cm_error *err)
{
    listing l = {.arena = arena};
    *out = NULL;
    *n = 0;
    cm_status status = list_folder(&l, AT_FDCWD, folder, "", 0, err);
    if (status == CM_OK && l.n > 0) {
        qsort(l.files, l.n, sizeof *l.files, compare_paths);
        *out = cm_arena_alloc(arena, l.n * sizeof **out, err);
        status = *out != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (status == CM_OK && l.n > 0) {
        memcpy(*out, l.files, l.n * sizeof **out);
        *n = l.n;
    }
    free(l.files);
    return status;
}
