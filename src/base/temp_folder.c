/* Folders of temporaries.  As with temporary files, a lock that the kernel
 * drops with the process tells the living from the dead. */
#include "base/temp_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { ATTEMPTS = 100 };

static const char prefix[] = "clickmill.";

static int open_locked(int parent, const char *name)
{
    int fd =
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Best effort; NULL is fine. */
static void remove_all(const char *path)
{
    cm_status status = path != NULL ? cm_remove_tree(path, NULL) : CM_OK;
    (void)status;
}

/* Best effort: what cannot be removed stays. */
static void remove_stale(const char *parent)
{
    DIR *dir = opendir(parent);
    if (dir == NULL) {
        return;
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strncmp(e->d_name, prefix, sizeof prefix - 1) != 0) {
            continue;
        }
        int fd = open_locked(dirfd(dir), e->d_name);
        char *path = fd >= 0 ? cm_path_join(parent, e->d_name) : NULL;
        remove_all(path);
        free(path);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    (void)closedir(dir);
}

static char *name_of(const char *parent, unsigned attempt)
{
    cm_buf name = {0};
    cm_buf_addf(&name, "%s/%s%ld.%u", parent, prefix, (long)getpid(), attempt);
    if (name.failed) {
        cm_buf_release(&name);
    }
    return name.p;
}

/* Whether the folder is there and ours: another process may have taken it for
 * a stale one in the moment before the lock. */
static bool make_one(cm_temp_folder *folder)
{
    struct stat st;
    if (mkdir(folder->path, 0777) != 0) {
        return false;
    }
    folder->fd = open_locked(AT_FDCWD, folder->path);
    if (folder->fd >= 0 && (fstat(folder->fd, &st) != 0 || st.st_nlink == 0)) {
        (void)close(folder->fd);
        folder->fd = -1;
    }
    if (folder->fd < 0) {
        (void)rmdir(folder->path);
        errno = EEXIST;
    }
    return folder->fd >= 0;
}

cm_status cm_temp_folder_open(cm_temp_folder *out, const char *parent,
                              cm_error *err)
{
    *out = (cm_temp_folder){.fd = -1};
    remove_stale(parent);
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        free(out->path);
        out->path = name_of(parent, i);
        if (out->path == NULL) {
            return cm_fail(err, CM_ERR_NOMEM, "out of memory");
        }
        if (make_one(out)) {
            return CM_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    cm_status status = cm_fail_errno(
        err, "%s: cannot create a folder for temporaries", out->path);
    free(out->path);
    out->path = NULL;
    return status;
}

char *cm_temp_folder_name(const cm_temp_folder *folder, size_t i)
{
    cm_buf name = {0};
    cm_buf_addf(&name, "%s/%zu", folder->path, i);
    if (name.failed) {
        cm_buf_release(&name);
    }
    return name.p;
}

void cm_temp_folder_close(cm_temp_folder *folder)
{
    remove_all(folder->path);
    if (folder->fd >= 0) {
        (void)close(folder->fd);
    }
    free(folder->path);
    *folder = (cm_temp_folder){.fd = -1};
}
