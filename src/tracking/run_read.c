/* A run read back: run.json, what became of its process, metrics, files. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tracking/run_file.h"
#include "tracking/run_files.h"
#include "tracking/run_find.h"
#include "tracking/run_lock.h"

static cm_status out_of_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM, "out of memory reading a run");
}

/* ---- run.json ------------------------------------------------------------ */

static cm_status read_file(cm_run_record *out, const char *folder,
                           cm_error *err)
{
    char *path = cm_path_join(folder, RUN_FILE);
    cm_buf text = {0};
    cm_status status = path == NULL
                           ? out_of_memory(err)
                           : cm_read_file(&text, path, RUN_MAX_FILE, err);
    if (status == CM_OK) {
        status = run_file_parse(out, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    free(path);
    return status;
}

/* Its process may have ended the run between a look at the file and one at the
 * lock, so a free lock means something only when the file still says RUNNING
 * afterwards. */
cm_status run_read_head(cm_run_record *out, const char *folder, cm_error *err)
{
    bool idle = false;
    *out = (cm_run_record){0};
    cm_status status = read_file(out, folder, err);
    if (status != CM_OK || out->status != CM_RUN_RUNNING) {
        return status;
    }
    status = run_lock_is_free(&idle, folder, err);
    if (status == CM_OK && idle) {
        cm_run_record_release(out);
        status = read_file(out, folder, err);
    }
    if (status == CM_OK && idle && out->status == CM_RUN_RUNNING) {
        out->status = CM_RUN_KILLED;
    }
    return status;
}

/* ---- the rest ------------------------------------------------------------ */

static cm_status read_metrics(cm_run_record *out, cm_error *err)
{
    cm_mapping mapping = {0};
    char *path = cm_path_join(out->folder, RUN_METRICS);
    cm_status status = path == NULL ? out_of_memory(err) : CM_OK;
    if (status == CM_OK && cm_file_exists(path)) {
        status = cm_map_file(&mapping, path, err);
        if (status == CM_OK) {
            cm_str text = {(const char *)mapping.data, mapping.size};
            status = run_metrics_parse(out, text, path, err);
            cm_unmap(&mapping);
        }
    }
    free(path);
    return status;
}

static cm_status read_files(cm_run_record *out, const char *name,
                            cm_run_artifact **files, size_t *n, cm_error *err)
{
    char *folder = cm_path_join(out->folder, name);
    cm_status status = folder == NULL
                           ? out_of_memory(err)
                           : run_files_list(folder, &out->arena, files, n, err);
    free(folder);
    return status;
}

/* The last moment that is known of a run whose process was killed. */
static int64_t last_sign(const cm_run_record *record)
{
    int64_t last = record->start;
    for (size_t i = 0; i < record->n_metrics; i++) {
        last = record->metrics[i].time > last ? record->metrics[i].time : last;
    }
    return last;
}

static cm_status read_rest(cm_run_record *out, cm_error *err)
{
    cm_status status = read_metrics(out, err);
    if (status == CM_OK) {
        status =
            read_files(out, RUN_FILES, &out->artifacts, &out->n_artifacts, err);
    }
    if (status == CM_OK) {
        status = read_files(out, RUN_MODEL, &out->model_files,
                            &out->n_model_files, err);
    }
    if (status == CM_OK && out->status == CM_RUN_KILLED) {
        out->end = last_sign(out);
    }
    return status;
}

cm_status cm_run_record_load(cm_run_record *out, const char *store,
                             const char *id, cm_error *err)
{
    char whole[CM_RUN_ID_TEXT];
    *out = (cm_run_record){0};
    cm_status status = run_find(whole, store, id, err);
    if (status != CM_OK) {
        return status;
    }
    char *folder = cm_path_join(store, whole);
    status =
        folder == NULL ? out_of_memory(err) : run_read_head(out, folder, err);
    if (status == CM_OK && strcmp(out->id, whole) != 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: is the folder of another run, %s; give it back "
                         "its name",
                         folder, out->id);
    }
    if (status == CM_OK) {
        out->folder = run_copy(&out->arena, folder, err);
        status = out->folder == NULL ? CM_ERR_NOMEM : read_rest(out, err);
    }
    free(folder);
    return status;
}

void cm_run_record_release(cm_run_record *record)
{
    cm_arena_release(&record->arena);
    *record = (cm_run_record){0};
}
