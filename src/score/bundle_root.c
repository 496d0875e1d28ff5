/* The folder that bundles live in: its lock, links and switches.  A process
 * may die between any two system calls here: links change by rename only, and
 * versions get their names when they are whole. */
#include "score/bundle_root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "score/bundle.h"
#include "score/bundle_body.h"

#define STAGE_PREFIX ".tmp-"

enum { MAX_TARGET = 512 };

static cm_status no_memory(const char *path, cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "%s: out of memory", path);
}

/* ---- opening --------------------------------------------------------- */

static cm_status take_lock(bundle_root *root, cm_error *err)
{
    char *path = cm_path_join(root->path, ".lock");
    if (path == NULL) {
        return no_memory(root->path, err);
    }
    cm_status status = CM_OK;
    root->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (root->lock < 0) {
        status = cm_fail_errno(err, "%s: cannot open the lock", path);
    } else {
        while (flock(root->lock, LOCK_EX) != 0 && status == CM_OK) {
            if (errno != EINTR) {
                status = cm_fail_errno(err, "%s: cannot lock", path);
            }
        }
    }
    free(path);
    return status;
}

/* ".tmp-123" of a process that is gone, or of this one before. */
static bool is_stale_stage(const char *name)
{
    size_t n = strlen(STAGE_PREFIX);
    if (strncmp(name, STAGE_PREFIX, n) != 0) {
        return false;
    }
    long pid = strtol(name + n, NULL, 10);
    return pid <= 0 || pid == getpid() ||
           (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static cm_status remove_stale_stages(const bundle_root *root, cm_error *err)
{
    cm_status status = CM_OK;
    DIR *dir = opendir(root->versions);
    if (dir == NULL) {
        return cm_fail_errno(err, "%s: cannot read the folder", root->versions);
    }
    for (struct dirent *entry = readdir(dir); entry != NULL && status == CM_OK;
         entry = readdir(dir)) {
        if (is_stale_stage(entry->d_name)) {
            char *path = cm_path_join(root->versions, entry->d_name);
            status = path == NULL ? no_memory(root->path, err)
                                  : cm_remove_tree(path, err);
            free(path);
        }
    }
    closedir(dir);
    return status;
}

cm_status bundle_root_open(bundle_root *root, const char *path, cm_error *err)
{
    char stage[64];
    *root = (bundle_root){.path = path, .lock = -1};
    (void)snprintf(stage, sizeof stage, STAGE_PREFIX "%ld", (long)getpid());
    root->versions = cm_path_join(path, "versions");
    root->stage =
        root->versions == NULL ? NULL : cm_path_join(root->versions, stage);
    if (root->stage == NULL) {
        return no_memory(path, err);
    }
    cm_status status = cm_make_dirs(root->versions, err);
    if (status == CM_OK) {
        status = take_lock(root, err);
    }
    return status == CM_OK ? remove_stale_stages(root, err) : status;
}

void bundle_root_release(bundle_root *root)
{
    if (root->lock >= 0) {
        close(root->lock);
    }
    free(root->versions);
    free(root->stage);
}

/* ---- links ----------------------------------------------------------- */

/* Where path leads, when it is a link whose target starts with prefix; what
 * follows the prefix, malloc'ed. */
static char *link_target(const char *path, const char *prefix)
{
    char target[MAX_TARGET];
    ssize_t n = readlink(path, target, sizeof target - 1);
    size_t skip = strlen(prefix);
    if (n <= (ssize_t)skip || memcmp(target, prefix, skip) != 0) {
        return NULL;
    }
    target[n] = '\0';
    return cm_strdup(target + skip, NULL);
}

char *bundle_root_version(const bundle_root *root, const char *link)
{
    char *path = cm_path_join(root->path, link);
    char *version = path == NULL ? NULL : link_target(path, "versions/");
    free(path);
    return version;
}

cm_status bundle_root_check_free(const bundle_root *root, const char *name,
                                 const char *target_folder, cm_error *err)
{
    struct stat about;
    cm_status status = CM_OK;
    char *path = cm_path_join(root->path, name);
    if (path == NULL) {
        return no_memory(root->path, err);
    }
    if (lstat(path, &about) == 0) {
        char *ours = link_target(path, target_folder);
        if (ours == NULL) {
            status = cm_fail(
                err, CM_ERR_DATA,
                "%s: found %s that is no part of a bundle, where a link into "
                "the bundle has to be; move it away or give another output "
                "path",
                path,
                S_ISDIR(about.st_mode)   ? "a folder"
                : S_ISLNK(about.st_mode) ? "a link"
                                         : "a file");
        }
        free(ours);
    }
    free(path);
    return status;
}

/* path/name becomes a link to folder/target, unless it is one. */
static cm_status set_link(const bundle_root *root, const char *name,
                          const char *folder, const char *target, cm_error *err)
{
    char text[MAX_TARGET];
    cm_status status = CM_OK;
    (void)snprintf(text, sizeof text, "%s%s", folder, target);
    char *path = cm_path_join(root->path, name);
    if (path == NULL) {
        return no_memory(root->path, err);
    }
    char *now = link_target(path, folder);
    if (now == NULL || strcmp(now, target) != 0) {
        status = cm_switch_link(text, path, err);
    }
    free(now);
    free(path);
    return status;
}

cm_status bundle_root_link(const bundle_root *root, const char *name,
                           cm_error *err)
{
    return set_link(root, name, "current/", name, err);
}

cm_status bundle_root_switch(const bundle_root *root, const char *version,
                             cm_error *err)
{
    cm_status status = CM_OK;
    char *current = bundle_root_version(root, "current");
    if (current != NULL && strcmp(current, version) != 0) {
        status = set_link(root, "previous", "versions/", current, err);
    }
    if (status == CM_OK) {
        status = set_link(root, "current", "versions/", version, err);
    }
    free(current);
    return status;
}

/* ---- versions -------------------------------------------------------- */

static bool is_good_bundle(const char *folder)
{
    cm_bundle *bundle = NULL;
    bool good = cm_bundle_load(&bundle, folder, NULL) == CM_OK;
    cm_bundle_free(bundle);
    return good;
}

cm_status bundle_root_publish(const bundle_root *root, const char *version,
                              cm_error *err)
{
    struct stat about;
    cm_status status = CM_OK;
    char *folder = cm_path_join(root->versions, version);
    if (folder == NULL) {
        return no_memory(root->path, err);
    }
    bool there = lstat(folder, &about) == 0;
    if (there && is_good_bundle(folder)) {
        status = cm_remove_tree(root->stage, err);
    } else if (there) {
        /* Exchanged in one step: current may lead to it. */
        if (renameat2(AT_FDCWD, root->stage, AT_FDCWD, folder,
                      RENAME_EXCHANGE) != 0) {
            status = cm_fail_errno(err, "%s: damaged, and cannot be replaced",
                                   folder);
        } else {
            status = cm_remove_tree(root->stage, err);
        }
    } else if (rename(root->stage, folder) != 0) {
        status = cm_fail_errno(err, "%s: cannot give the new version its name",
                               folder);
    }
    free(folder);
    return status == CM_OK ? cm_sync_dir(root->versions, err) : status;
}
