/* Links between the cache and the workspace. */
#include "versioning/links.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { COPY_BYTES = 1 << 16 };

/* ---- one link ------------------------------------------------------------ */

/* Runs copy(in, out) on the two files, the second of them new; 0 or errno. */
static int with_files(const char *from, const char *to, int (*copy)(int, int))
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        return errno;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int error = out < 0 ? errno : copy(in, out);
    if (out >= 0 && close(out) != 0 && error == 0) {
        error = errno;
    }
    (void)close(in);
    if (out >= 0 && error != 0) {
        (void)unlink(to);
    }
    return error;
}

static int clone_blocks(int in, int out)
{
    return ioctl(out, FICLONE, in) != 0 ? errno : 0;
}

static int copy_through_memory(int in, int out)
{
    char bytes[COPY_BYTES];
    int error = 0;
    while (error == 0) {
        ssize_t n = read(in, bytes, sizeof bytes);
        if (n == 0) {
            break;
        }
        if (n > 0) {
            error = cm_write_all(out, bytes, (size_t)n);
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    return error;
}

/* By the kernel where it can, else through memory, from where it stopped. */
static int copy_bytes(int in, int out)
{
    ssize_t n = 0;
    do {
        n = copy_file_range(in, NULL, out, NULL, 1 << 30, 0);
    } while (n > 0 || (n < 0 && errno == EINTR));
    return copy_through_memory(in, out);
}

int link_clone(const char *path, const char *copy)
{
    return with_files(path, copy, clone_blocks);
}

static int copy_file(const char *path, const char *copy)
{
    return with_files(path, copy, copy_bytes);
}

static bool is_empty(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size == 0;
}

/* Empty objects are copied: one object may be a great many files, and the
 * number of links to a file is limited. */
static int make_hard_link(const char *object, const char *path)
{
    if (is_empty(object)) {
        return copy_file(object, path);
    }
    int error = link(object, path) != 0 ? errno : 0;
    return error == EMLINK ? copy_file(object, path) : error;
}

static int make_symlink(const char *object, const char *path)
{
    return symlink(object, path) != 0 ? errno : 0;
}

static int make_link(cm_link_type type, const char *object, const char *path)
{
    static int (*const make[])(const char *, const char *) = {
        [CM_LINK_REFLINK] = link_clone,
        [CM_LINK_COPY] = copy_file,
        [CM_LINK_HARDLINK] = make_hard_link,
        [CM_LINK_SYMLINK] = make_symlink};
    return make[type](object, path);
}

bool link_cannot(int error)
{
    return error == EPERM || error == ENOTSUP || error == EOPNOTSUPP ||
           error == EXDEV || error == ENOTTY || error == ENOSYS ||
           error == EINVAL || error == EBADF;
}

void link_set_exec(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & S_IXUSR) == 0) {
        (void)chmod(path, (st.st_mode & 07777) | S_IXUSR);
    }
}

/* ---- what is right ------------------------------------------------------- */

static bool points_to(const char *path, const char *object)
{
    char target[4096];
    ssize_t n = readlink(path, target, sizeof target);
    return n >= 0 && (size_t)n == strlen(object) &&
           memcmp(target, object, (size_t)n) == 0;
}

static bool is_same_file(const struct stat *st, const char *object)
{
    struct stat other;
    return stat(object, &other) == 0 && other.st_dev == st->st_dev &&
           other.st_ino == st->st_ino;
}

bool link_is_right(const cm_repo *repo, const char *path, const char *object)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        return false;
    }
    bool is_symlink = S_ISLNK(st.st_mode);
    bool is_hard = !is_symlink && st.st_nlink > 1;
    for (size_t i = 0; i < repo->n_links; i++) {
        switch (repo->links[i]) {
        case CM_LINK_REFLINK:
        case CM_LINK_COPY:
            if (!is_symlink && !is_hard) {
                return true;
            }
            break;
        case CM_LINK_HARDLINK:
            if (is_hard || (!is_symlink && st.st_size == 0)) {
                return !is_hard || is_same_file(&st, object);
            }
            break;
        case CM_LINK_SYMLINK:
            if (is_symlink) {
                return points_to(path, object);
            }
            break;
        }
    }
    return false;
}

/* ---- many links ---------------------------------------------------------- */

cm_status linker_open(linker *out, const cm_repo *repo, cm_error *err)
{
    *out = (linker){.repo = repo, .temp = {.fd = -1}};
    char *parent = cm_path_join(repo->dvc_dir, "tmp");
    cm_status status = parent == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : cm_make_dirs(parent, err);
    if (status == CM_OK) {
        status = cm_temp_folder_open(&out->temp, parent, err);
    }
    free(parent);
    return status;
}

void linker_close(linker *l)
{
    cm_temp_folder_close(&l->temp);
}

/* The first kind that works, from the first that is not known to fail. */
static cm_status make_any(linker *l, const char *object, const char *temp,
                          const char *path, cm_error *err)
{
    size_t i = atomic_load(&l->first);
    int error = ENOTSUP;
    for (; i < l->repo->n_links; i++) {
        error = make_link(l->repo->links[i], object, temp);
        if (!link_cannot(error)) {
            break;
        }
        atomic_store(&l->first, i + 1);
    }
    if (error == 0) {
        return CM_OK;
    }
    errno = error;
    if (link_cannot(error)) {
        return cm_fail_errno(err,
                             "%s: no kind of link in cache.type works between "
                             "the cache and the workspace; add copy to "
                             "cache.type",
                             path);
    }
    return error == ENOENT
               ? cm_fail(err, CM_ERR_DATA,
                         "%s: its content (%s) is not in the cache; get it "
                         "with clickmill pull",
                         path, object)
               : cm_fail_errno(err, "%s: cannot be taken from the cache", path);
}

/* A name in path's own folder, for one that is a mount of its own. */
static char *name_beside(const linker *l, const char *path)
{
    cm_buf name = {0};
    const char *base = cm_path_base(path);
    cm_buf_add(&name, path, (size_t)(base - path));
    cm_buf_addf(&name, ".%s.%s.tmp", base, cm_path_base(l->temp.path));
    if (name.failed) {
        cm_buf_release(&name);
    }
    return name.p;
}

static cm_status make_beside(linker *l, const char *object, const char *path,
                             cm_error *err)
{
    char *temp = name_beside(l, path);
    cm_status status = temp == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : make_any(l, object, temp, path, err);
    if (status == CM_OK && rename(temp, path) != 0) {
        status = cm_fail_errno(err, "%s: cannot put it in place", path);
        (void)unlink(temp);
    }
    free(temp);
    return status;
}

cm_status linker_make(linker *l, const char *object, const char *path,
                      cm_error *err)
{
    char *temp = cm_temp_folder_name(&l->temp, atomic_fetch_add(&l->n_made, 1));
    cm_status status = temp == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                           : make_any(l, object, temp, path, err);
    if (status == CM_OK && rename(temp, path) != 0) {
        int error = errno;
        (void)unlink(temp);
        errno = error;
        status = error == EXDEV
                     ? make_beside(l, object, path, err)
                     : cm_fail_errno(err, "%s: cannot put it in place", path);
    } else if (status == CM_OK) {
        /* Of two names of one file, rename leaves both. */
        (void)unlink(temp);
    }
    free(temp);
    return status;
}
