/* Outs of stages as tracked paths, and what is asked of any tracked path. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/paths.h"
#include "versioning/tracked.h"
#include "versioning/variables.h"

/* ---- outs of stages ------------------------------------------------------ */

/* The flags of dvc.yaml with the hash of dvc.lock, which may have none. */
static cm_out with_hash(const cm_out *said, const cm_locked_stage *locked)
{
    cm_out out = *said;
    size_t n = locked != NULL ? locked->n_outs : 0;
    for (size_t i = 0; i < n; i++) {
        const cm_out *found = &locked->outs[i];
        if (strcmp(found->path, said->path) == 0) {
            memcpy(out.md5, found->md5, sizeof out.md5);
            out.has_size = found->has_size;
            out.size = found->size;
            out.has_nfiles = found->has_nfiles;
            out.nfiles = found->nfiles;
            out.is_exec = found->is_exec;
            out.old_hash = found->md5[0] != '\0' && found->old_hash;
        }
    }
    return out;
}

static cm_status add_stage(cm_tracked_list *list, const char *file,
                           const cm_stage *stage, const cm_lock_file *lock,
                           cm_error *err)
{
    const cm_locked_stage *locked = cm_lock_file_find(lock, stage->name);
    cm_status status = CM_OK;
    for (size_t i = 0; i < stage->n_outs && status == CM_OK; i++) {
        cm_out out = with_hash(&stage->outs[i].out, locked);
        const char *path = NULL;
        if (path_is_url(out.path)) {
            continue;
        }
        status = path_in_repo(&path, stage->wdir, out.path, &list->arena, err);
        if (status == CM_OK && path != NULL && path[0] != '\0') {
            status = tracked_add(list, path, file, stage->name, &out, err);
        }
    }
    return status;
}

static cm_status load_lock(cm_lock_file *lock, const cm_repo *repo,
                           const char *file, cm_error *err)
{
    cm_buf path = {0};
    cm_buf_addf(&path, "%s/%.*s.lock", repo->root,
                (int)(strlen(file) - strlen(".yaml")), file);
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK) {
        status = cm_lock_file_load(lock, path.p, err);
    }
    cm_buf_release(&path);
    return status;
}

cm_status tracked_add_stages(cm_tracked_list *list, const cm_repo *repo,
                             const char *file, cm_error *err)
{
    cm_pipeline pipeline = {0};
    cm_lock_file lock = {0};
    cm_status status = cm_pipeline_load(&pipeline, repo, file, err);
    if (status == CM_OK) {
        status = load_lock(&lock, repo, file, err);
    }
    for (size_t i = 0; i < pipeline.n && status == CM_OK; i++) {
        status = add_stage(list, file, &pipeline.stages[i], &lock, err);
    }
    cm_lock_file_release(&lock);
    cm_pipeline_release(&pipeline);
    return status;
}

/* ---- questions ----------------------------------------------------------- */

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
