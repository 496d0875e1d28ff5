/* What is asked of a tracked path by all who go over them. */
#include "versioning/tracked.h"

#include <string.h>

cm_status tracked_refuse_old(const cm_tracked *item, cm_error *err)
{
    return !item->out.old_hash
               ? CM_OK
               : cm_fail(err, CM_ERR_DATA,
                         "%s: written by DVC 2, whose hashes clickmill does "
                         "not have; run dvc cache migrate --dvc-files",
                         item->file);
}

cm_status tracked_part(const cm_repo *repo, const cm_tracked *item,
                       const char *const *targets, size_t n, cm_arena *arena,
                       const char **part, cm_error *err)
{
    size_t length = strlen(item->path), named = 0;
    const char *path = NULL;
    *part = NULL;
    for (size_t i = 0; i < n; i++) {
        cm_status status = cm_repo_path(repo, targets[i], arena, &path, err);
        if (status != CM_OK) {
            return status;
        }
        bool starts = strncmp(path, item->path, length) == 0;
        if (starts && path[length] == '/') {
            *part = path;
        }
        named += starts || strcmp(path, item->file) == 0 ||
                 (item->stage != NULL && strcmp(targets[i], item->stage) == 0);
    }
    *part = named == 1 ? *part : NULL;
    return CM_OK;
}
