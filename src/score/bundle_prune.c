/* Keeps the number of versions in a root small. */
#include "score/bundle_root.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "score/bundle_body.h"

typedef struct version {
    char name[BUNDLE_VERSION_TEXT + 1];
    bool linked; /* current or previous: sorts first */
    int64_t seconds, nanoseconds;
} version;

typedef struct version_list {
    version *items;
    size_t n, capacity;
} version_list;

/* Only folders we named ourselves are ever removed. */
static bool is_version_name(const char *name)
{
    return strlen(name) == BUNDLE_VERSION_TEXT &&
           strspn(name, "0123456789abcdef") == BUNDLE_VERSION_TEXT;
}

static cm_status add_version(version_list *list, const bundle_root *root,
                             const char *name, cm_error *err)
{
    struct stat about;
    cm_status status = CM_OK;
    char *path = cm_path_join(root->versions, name);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "%s: out of memory", root->path);
    }
    if (lstat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        status = cm_grow(&list->items, list->n, &list->capacity,
                         sizeof *list->items, err);
        if (status == CM_OK) {
            version *v = &list->items[list->n++];
            *v = (version){.seconds = about.st_mtim.tv_sec,
                           .nanoseconds = about.st_mtim.tv_nsec};
            memcpy(v->name, name, sizeof v->name);
        }
    }
    free(path);
    return status;
}

static cm_status list_versions(version_list *list, const bundle_root *root,
                               cm_error *err)
{
    cm_status status = CM_OK;
    DIR *dir = opendir(root->versions);
    if (dir == NULL) {
        return cm_fail_errno(err, "%s: cannot read the folder", root->versions);
    }
    for (struct dirent *entry = readdir(dir); entry != NULL && status == CM_OK;
         entry = readdir(dir)) {
        if (is_version_name(entry->d_name)) {
            status = add_version(list, root, entry->d_name, err);
        }
    }
    closedir(dir);
    return status;
}

static void mark_linked(version_list *list, const bundle_root *root,
                        const char *link)
{
    char *name = bundle_root_version(root, link);
    for (size_t i = 0; name != NULL && i < list->n; i++) {
        list->items[i].linked |= strcmp(list->items[i].name, name) == 0;
    }
    free(name);
}

/* Linked ones first, then the newest. */
static int compare_versions(const void *left, const void *right)
{
    const version *a = left, *b = right;
    if (a->linked != b->linked) {
        return a->linked ? -1 : 1;
    }
    if (a->seconds != b->seconds) {
        return a->seconds > b->seconds ? -1 : 1;
    }
    if (a->nanoseconds != b->nanoseconds) {
        return a->nanoseconds > b->nanoseconds ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

/* Renamed to the stage's name first: half a version is never seen. */
static cm_status remove_version(const bundle_root *root, const char *name,
                                cm_error *err)
{
    cm_status status = CM_OK;
    char *path = cm_path_join(root->versions, name);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "%s: out of memory", root->path);
    }
    if (rename(path, root->stage) != 0) {
        status = cm_fail_errno(err, "%s: cannot remove the old version", path);
    } else {
        status = cm_remove_tree(root->stage, err);
    }
    free(path);
    return status;
}

cm_status bundle_root_prune(const bundle_root *root, cm_error *err)
{
    version_list list = {0};
    cm_status status = list_versions(&list, root, err);
    if (status == CM_OK && list.n > KEPT_VERSIONS) {
        mark_linked(&list, root, "current");
        mark_linked(&list, root, "previous");
        qsort(list.items, list.n, sizeof *list.items, compare_versions);
        for (size_t i = KEPT_VERSIONS; i < list.n && status == CM_OK; i++) {
            status = remove_version(root, list.items[i].name, err);
        }
    }
    free(list.items);
    return status;
}
