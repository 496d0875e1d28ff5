/* Where a path leads to: the folder of a bundle's version, and how that folder
 * looks to somebody who waits for another. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "score/bundle_body.h"

static bool has_file(const char *folder, const char *name)
{
    char *path = cm_path_join(folder, name);
    bool found = path != NULL && cm_file_exists(path);
    free(path);
    return found;
}

bool cm_bundle_is_apart(const char *path)
{
    struct stat about;
    bool apart = false;
    char *resolved = realpath(path, NULL);
    if (resolved != NULL && stat(resolved, &about) == 0 &&
        !S_ISDIR(about.st_mode)) {
        char *folder = cm_path_dir(resolved);
        apart = folder != NULL && !has_file(folder, BUNDLE_MANIFEST);
        free(folder);
    }
    free(resolved);
    return apart;
}

/* folder/current with its links resolved, when it leads to a bundle. */
static char *current_of(const char *folder)
{
    char *link = cm_path_join(folder, "current");
    char *resolved = link == NULL ? NULL : realpath(link, NULL);
    free(link);
    if (resolved != NULL && !has_file(resolved, BUNDLE_MANIFEST)) {
        free(resolved);
        resolved = NULL;
    }
    return resolved;
}

cm_status cm_bundle_find(char **out, const char *path, cm_error *err)
{
    struct stat about;
    char *folder = NULL;
    *out = NULL;
    char *resolved = realpath(path, NULL);
    if (resolved == NULL) {
        return cm_fail_errno(err, "%s: no bundle there; train a model first",
                             path);
    }
    if (stat(resolved, &about) == 0 && !S_ISDIR(about.st_mode)) {
        folder = cm_path_dir(resolved);
        free(resolved);
    } else {
        folder = resolved;
    }
    if (folder != NULL && !has_file(folder, BUNDLE_MANIFEST)) {
        char *current = current_of(folder);
        free(folder);
        folder = current;
    }
    if (folder == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: not a bundle: found no " BUNDLE_MANIFEST
                       " beside it nor under current/; give the folder or the "
                       "model that `clickmill train` wrote",
                       path);
    }
    *out = folder;
    return CM_OK;
}

/* ---- looks ----------------------------------------------------------- */

/* The order of fields is the order of mixing: none may stand for another. */
static uint64_t look_of(uint64_t seed, const struct stat *about)
{
    const uint64_t fields[] = {
        (uint64_t)about->st_dev,          (uint64_t)about->st_ino,
        (uint64_t)about->st_size,         (uint64_t)about->st_mtim.tv_sec,
        (uint64_t)about->st_mtim.tv_nsec, (uint64_t)about->st_ctim.tv_sec,
        (uint64_t)about->st_ctim.tv_nsec};
    uint64_t look = seed;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        look = cm_mix64(look + fields[i]);
    }
    return look;
}

/* A sum, since a folder may list its files in any order. */
static uint64_t look_of_files(DIR *dir)
{
    uint64_t look = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        struct stat about;
        const char *name = entry->d_name;
        if (name[0] != '.' && fstatat(dirfd(dir), name, &about, 0) == 0) {
            look += look_of(cm_xxh3(name, strlen(name)), &about);
        }
    }
    return look;
}

cm_bundle_look cm_bundle_look_at(const char *path)
{
    cm_bundle_look look = {0};
    struct stat about;
    char *folder = NULL;
    DIR *dir =
        cm_bundle_find(&folder, path, NULL) == CM_OK ? opendir(folder) : NULL;
    if (dir != NULL && fstat(dirfd(dir), &about) == 0) {
        look.folder = cm_mix64((uint64_t)about.st_dev) + about.st_ino;
        look.files = look_of_files(dir);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    free(folder);
    return look;
}
