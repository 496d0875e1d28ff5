/* Files that appear whole or not at all: written beside the final name under
 * a lock, synced, renamed, and the folder synced. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/temp_name.h"

/* The buffer stays in a core's cache. */
enum { BUFFER_SIZE = 1 << 18, NAME_ATTEMPTS = 16 };

struct cm_atomic_file {
    char *path;
    char *temp; /* NULL: path is a device or pipe, written directly */
    int fd;
    int error;     /* errno of the first failed write, 0: none */
    uint64_t size; /* bytes accepted */
    size_t used;   /* bytes in buffer */
    char buffer[BUFFER_SIZE];
};

static void file_free(cm_atomic_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    free(file->temp);
    free(file->path);
    free(file);
}

/* True when fd is ours alone: locked, and not removed as stale in the moment
 * before the lock.  A file system without locks is trusted. */
static bool lock_temp(int fd)
{
    struct stat about;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return errno != EWOULDBLOCK;
    }
    return fstat(fd, &about) == 0 && about.st_nlink > 0;
}

static cm_status open_temp(cm_atomic_file *file, cm_error *err)
{
    for (unsigned attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
        free(file->temp);
        file->temp = cm_temp_name(file->path, cm_temp_counter(file, attempt));
        if (file->temp == NULL) {
            return cm_fail(err, CM_ERR_NOMEM, "%s: no memory to write it",
                           file->path);
        }
        file->fd =
            open(file->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file->fd < 0 && errno == ENOENT) {
            return cm_fail(err, CM_ERR_IO,
                           "%s: cannot create it, its folder does not exist; "
                           "create the folder first",
                           file->path);
        }
        if (file->fd < 0 && errno != EEXIST) {
            return cm_fail_errno(err, "%s: cannot create it (as %s)",
                                 file->path, file->temp);
        }
        if (file->fd >= 0 && lock_temp(file->fd)) {
            return CM_OK;
        }
        if (file->fd >= 0) {
            close(file->fd);
            file->fd = -1;
        }
    }
    return cm_fail(err, CM_ERR_IO,
                   "%s: no free temporary name beside it; remove old files "
                   "named .%s.*.tmp",
                   file->path, cm_path_base(file->path));
}

/* Renaming over a device such as /dev/null would destroy it. */
static cm_status open_special(cm_atomic_file *file, cm_error *err)
{
    file->fd = open(file->path, O_WRONLY | O_CLOEXEC);
    if (file->fd < 0) {
        return cm_fail_errno(err, "%s: cannot open for writing", file->path);
    }
    return CM_OK;
}

static cm_status open_any(cm_atomic_file *file, cm_error *err)
{
    struct stat about;
    if (stat(file->path, &about) == 0 && S_ISDIR(about.st_mode)) {
        return cm_fail(err, CM_ERR_IO,
                       "%s: is a folder, a file is to be written; choose "
                       "another name",
                       file->path);
    }
    if (stat(file->path, &about) == 0 && !S_ISREG(about.st_mode)) {
        return open_special(file, err);
    }
    cm_temp_remove_stale(file->path);
    return open_temp(file, err);
}

cm_status cm_atomic_open(cm_atomic_file **out, const char *path, cm_error *err)
{
    *out = NULL;
    cm_atomic_file *file = cm_alloc(1, sizeof *file, err);
    if (file == NULL) {
        return CM_ERR_NOMEM;
    }
    file->temp = NULL;
    file->fd = -1;
    file->error = 0;
    file->size = 0;
    file->used = 0;
    cm_status status = CM_ERR_NOMEM;
    file->path = cm_strdup(path, err);
    if (file->path != NULL) {
        status = open_any(file, err);
    }
    if (status != CM_OK) {
        file_free(file);
        return status;
    }
    *out = file;
    return CM_OK;
}

int cm_write_all(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno != EINTR) {
            return errno;
        }
        if (done > 0) {
            at += done;
            n -= (size_t)done;
        }
    }
    return 0;
}

static void write_out(cm_atomic_file *file, const void *bytes, size_t n)
{
    if (file->error == 0) {
        file->error = cm_write_all(file->fd, bytes, n);
    }
}

static void flush(cm_atomic_file *file)
{
    write_out(file, file->buffer, file->used);
    file->used = 0;
}

void cm_atomic_write(cm_atomic_file *file, const void *bytes, size_t n)
{
    file->size += n;
    if (n > BUFFER_SIZE - file->used) {
        flush(file);
    }
    if (n >= BUFFER_SIZE) {
        write_out(file, bytes, n);
    } else if (n > 0) {
        memcpy(file->buffer + file->used, bytes, n);
        file->used += n;
    }
}

bool cm_atomic_clone(cm_atomic_file *file, int from)
{
    struct stat about;
    if (file->temp == NULL || file->size > 0 || fstat(from, &about) != 0 ||
        ioctl(file->fd, FICLONE, from) != 0) {
        return false;
    }
    file->size = (uint64_t)about.st_size;
    return true;
}

uint64_t cm_atomic_size(const cm_atomic_file *file)
{
    return file->size;
}

const char *cm_atomic_written(cm_atomic_file *file)
{
    flush(file);
    return file->error != 0     ? NULL
           : file->temp != NULL ? file->temp
                                : file->path;
}

static cm_status write_failed(const cm_atomic_file *file, cm_error *err)
{
    errno = file->error;
    if (errno == ENOSPC || errno == EDQUOT) {
        return cm_fail(err, CM_ERR_IO,
                       "%s: the disk is full (%" PRIu64 " bytes were to be "
                       "written); free space or choose another folder, the "
                       "old file is untouched",
                       file->path, file->size);
    }
    return cm_fail_errno(err, "%s: cannot write", file->path);
}

/* The close is checked too: network file systems report errors there. */
static void finish(cm_atomic_file *file, unsigned mode, bool sync)
{
    flush(file);
    bool regular = file->error == 0 && file->temp != NULL;
    if (regular && mode != 0 && fchmod(file->fd, mode) != 0) {
        file->error = errno;
    }
    if (regular && sync && fsync(file->fd) != 0) {
        file->error = errno;
    }
    if (close(file->fd) != 0 && file->error == 0) {
        file->error = errno;
    }
    file->fd = -1;
}

static cm_status sync_parent(const char *path, cm_error *err)
{
    char *dir = cm_path_dir(path);
    if (dir == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "%s: no memory to sync it", path);
    }
    cm_status status = cm_sync_dir(dir, err);
    free(dir);
    return status;
}

static cm_status commit(cm_atomic_file *file, unsigned mode, bool sync,
                        cm_error *err)
{
    cm_status status = CM_OK;
    finish(file, mode, sync);
    if (file->error != 0) {
        status = write_failed(file, err);
    } else if (file->temp != NULL && rename(file->temp, file->path) != 0) {
        status = cm_fail_errno(err, "%s: cannot put it in place", file->path);
    } else if (file->temp != NULL) {
        status = sync ? sync_parent(file->path, err) : CM_OK;
        goto done;
    }
    if (status != CM_OK && file->temp != NULL) {
        (void)unlink(file->temp);
    }
done:
    file_free(file);
    return status;
}

cm_status cm_atomic_commit(cm_atomic_file *file, cm_error *err)
{
    return commit(file, 0, true, err);
}

cm_status cm_atomic_commit_unsynced(cm_atomic_file *file, unsigned mode,
                                    cm_error *err)
{
    return commit(file, mode, false, err);
}

void cm_atomic_abandon(cm_atomic_file *file)
{
    if (file != NULL && file->temp != NULL) {
        (void)unlink(file->temp);
    }
    file_free(file);
}

cm_status cm_write_file(const char *path, cm_str bytes, cm_error *err)
{
    cm_atomic_file *file = NULL;
    cm_status status = cm_atomic_open(&file, path, err);
    if (status != CM_OK) {
        return status;
    }
    cm_atomic_write(file, bytes.p, bytes.n);
    return cm_atomic_commit(file, err);
}
