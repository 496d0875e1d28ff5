/* Folders: creating, removing, syncing them, and switching links in them. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/temp_name.h"

enum {
    MAX_DEPTH = 64 /* of a tree to remove: one open folder a level */
};

/* An existing folder is fine; somebody may create it at the same time. */
static cm_status make_dir(const char *path, cm_error *err)
{
    struct stat about;
    if (mkdir(path, 0777) == 0) {
        return CM_OK;
    }
    int reason = errno;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        return CM_OK;
    }
    errno = reason == EEXIST ? ENOTDIR : reason;
    return cm_fail_errno(err, "%s: cannot create the folder", path);
}

cm_status cm_make_dirs(const char *path, cm_error *err)
{
    char *partial = cm_strdup(path, err);
    if (partial == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = CM_OK;
    size_t n = strlen(partial);
    for (size_t i = 1; i < n && status == CM_OK; i++) {
        if (partial[i] == '/') {
            partial[i] = '\0';
            status = make_dir(partial, err);
            partial[i] = '/';
        }
    }
    if (status == CM_OK) {
        status = make_dir(path, err);
    }
    free(partial);
    return status;
}

cm_status cm_make_parent(const char *path, cm_error *err)
{
    char *dir = cm_path_dir(path);
    if (dir == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "%s: no memory for its folder", path);
    }
    cm_status status = cm_make_dirs(dir, err);
    free(dir);
    return status;
}

static cm_status remove_at(int dir, const char *name, int depth,
                           const char *path, cm_error *err);

static cm_status remove_entries(DIR *dir, int depth, const char *path,
                                cm_error *err)
{
    cm_status status = CM_OK;
    struct dirent *entry = readdir(dir);
    while (entry != NULL && status == CM_OK) {
        if (strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            status = remove_at(dirfd(dir), entry->d_name, depth + 1, path, err);
        }
        entry = readdir(dir);
    }
    return status;
}

static cm_status remove_folder(int parent, const char *name, int depth,
                               const char *path, cm_error *err)
{
    if (depth > MAX_DEPTH) {
        return cm_fail(err, CM_ERR_IO,
                       "%s: has folders more than %d deep; remove it by hand",
                       path, MAX_DEPTH);
    }
    int fd =
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        cm_status status =
            cm_fail_errno(err, "%s: cannot open the folder %s", path, name);
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    cm_status status = remove_entries(dir, depth, path, err);
    closedir(dir);
    if (status == CM_OK && unlinkat(parent, name, AT_REMOVEDIR) != 0 &&
        errno != ENOENT) {
        status = cm_fail_errno(err, "%s: cannot remove %s", path, name);
    }
    return status;
}

/* Symbolic links are removed, never followed. */
static cm_status remove_at(int dir, const char *name, int depth,
                           const char *path, cm_error *err)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT) {
        return CM_OK;
    }
    struct stat about;
    int reason = errno;
    if (fstatat(dir, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(about.st_mode)) {
        return remove_folder(dir, name, depth, path, err);
    }
    errno = reason;
    return cm_fail_errno(err, "%s: cannot remove %s", path, name);
}

cm_status cm_remove_tree(const char *path, cm_error *err)
{
    return remove_at(AT_FDCWD, path, 0, path, err);
}

/* Some file systems cannot sync a folder and say EINVAL: nothing is lost that
 * they could have kept. */
cm_status cm_sync_dir(const char *path, cm_error *err)
{
    cm_status status = CM_OK;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return cm_fail_errno(err, "%s: cannot open the folder", path);
    }
    if (fsync(fd) != 0 && errno != EINVAL) {
        status = cm_fail_errno(err, "%s: cannot sync the folder", path);
    }
    close(fd);
    return status;
}

cm_status cm_switch_link(const char *target, const char *link, cm_error *err)
{
    cm_status status = CM_OK;
    bool made = false;
    cm_temp_remove_stale(link);
    char *temp = cm_temp_name(link, cm_temp_counter(&status, 0));
    char *dir = cm_path_dir(link);
    if (temp == NULL || dir == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "%s: no memory to switch it", link);
        goto done;
    }
    if (symlink(target, temp) != 0) {
        status = cm_fail_errno(err, "%s: cannot create the link", link);
        goto done;
    }
    made = true;
    if (rename(temp, link) != 0) {
        status = cm_fail_errno(err, "%s: cannot switch the link to %s", link,
                               target);
        goto done;
    }
    made = false;
    status = cm_sync_dir(dir, err);
done:
    if (made) {
        (void)unlink(temp);
    }
    free(dir);
    free(temp);
    return status;
}
