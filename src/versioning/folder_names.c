/* Reading a folder. */
#include "versioning/folder_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

void folder_names_release(folder_names *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (folder_names){0};
}

cm_status folder_names_add(folder_names *list, const char *name, cm_error *err)
{
    cm_status status = cm_grow(&list->items, list->n, &list->capacity,
                               sizeof *list->items, err);
    char *copy = status == CM_OK ? cm_strdup(name, err) : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    list->items[list->n++] = copy;
    return CM_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static cm_status read_all(folder_names *out, DIR *dir, const char *path,
                          cm_error *err)
{
    cm_status status = CM_OK;
    errno = 0;
    for (struct dirent *e = readdir(dir); e != NULL && status == CM_OK;
         e = readdir(dir)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            status = folder_names_add(out, e->d_name, err);
        }
        errno = 0;
    }
    if (status == CM_OK && errno != 0) {
        return cm_fail_errno(err, "%s: cannot read the folder", path);
    }
    if (out->n > 0) {
        qsort(out->items, out->n, sizeof *out->items, compare);
    }
    return status;
}

cm_status folder_names_read(folder_names *out, const char *path, int *fd,
                            cm_error *err)
{
    *out = (folder_names){0};
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int own = *fd >= 0 ? dup(*fd) : -1;
    DIR *dir = own >= 0 ? fdopendir(own) : NULL;
    if (dir == NULL) {
        cm_status status =
            cm_fail_errno(err, "%s: cannot open the folder", path);
        if (own >= 0) {
            (void)close(own);
        }
        return status;
    }
    cm_status status = read_all(out, dir, path, err);
    (void)closedir(dir);
    return status;
}
