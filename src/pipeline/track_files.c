/* What a training left on disk, into its run. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "pipeline/track_body.h"
#include "tracking/logged_model.h"

/* ROOT/versions/VERSION/NAME: never written to again, so what is copied is
 * what was trained even when another training ends now.  malloc'ed. */
static char *bundle_file(const cm_train_job *job, const char *version,
                         const char *name, cm_error *err)
{
    cm_buf path = {0};
    cm_buf_addf(&path, "%s/versions/%s/%s", job->place.root, version, name);
    if (cm_buf_check(&path, err) != CM_OK) {
        cm_buf_release(&path);
        return NULL;
    }
    return path.p;
}

static cm_status add_metrics_file(cm_run *run, const cm_train_job *job,
                                  const char *version, cm_error *err)
{
    char *path = bundle_file(job, version, job->place.metrics_file, err);
    cm_status status =
        path == NULL ? CM_ERR_NOMEM
                     : cm_run_add_artifact(run, path, "metrics.json", err);
    free(path);
    return status;
}

/* ---- the report -----------------------------------------------------------
 */

/* A plain file that was written since the training began: others are of an
 * earlier report. */
static bool is_new(const char *path, int64_t start)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
           (int64_t)about.st_mtime >= start;
}

static cm_status add_figure(const cm_track *track, const char *folder,
                            const char *name, cm_error *err)
{
    cm_buf inside = {0};
    char *path = cm_path_join(folder, name);
    cm_buf_addf(&inside, "figures/%s", name);
    cm_status status = path == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "no memory for figures")
                           : cm_buf_check(&inside, err);
    if (status == CM_OK && is_new(path, track->start)) {
        status = cm_run_add_artifact(track->run, path, inside.p, err);
    }
    cm_buf_release(&inside);
    free(path);
    return status;
}

static cm_status add_figures(const cm_track *track, const char *folder,
                             cm_error *err)
{
    DIR *dir = opendir(folder);
    cm_status status = CM_OK;
    if (dir == NULL) {
        return cm_fail_errno(err, "%s: cannot open the folder", folder);
    }
    for (struct dirent *entry = readdir(dir); entry != NULL && status == CM_OK;
         entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            status = add_figure(track, folder, entry->d_name, err);
        }
    }
    closedir(dir);
    return status;
}

/* The page, and its figures one by one. */
static cm_status add_report(const cm_track *track, const char *folder,
                            cm_error *err)
{
    if (folder == NULL) {
        return CM_OK;
    }
    char *page = cm_path_join(folder, "index.html");
    char *figures = cm_path_join(folder, "figures");
    cm_status status =
        page == NULL || figures == NULL
            ? cm_fail(err, CM_ERR_NOMEM, "no memory for a report")
            : cm_run_add_artifact(track->run, page, "report.html", err);
    if (status == CM_OK) {
        status = add_figures(track, figures, err);
    }
    free(figures);
    free(page);
    return status;
}

/* ---- the model ----------------------------------------------------------- */

static cm_status save_model(const cm_track *track, const cm_train_job *job,
                            const cm_train_result *result, const char *bundle,
                            cm_error *err)
{
    const char *file = job->place.model_file;
    bool binary = cm_str_ends_with(cm_str_of(file), ".cbm");
    cm_logged_model model = {.bundle = bundle,
                             .file = file,
                             .format = binary ? "cbm" : "json",
                             .run_id = cm_run_id(track->run),
                             .created = job->created * 1000,
                             .columns = job->features.spec.ctr_features,
                             .n_columns = job->features.spec.n_ctr,
                             .example = result->facts.example,
                             .n_examples = result->facts.n_examples};
    char *folder = cm_path_join(cm_run_folder(track->run), "model");
    cm_status status = folder == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "no memory for a model")
                           : cm_logged_model_save(folder, &model, err);
    free(folder);
    return status;
}

static cm_status add_model(const cm_track *track, const cm_train_job *job,
                           const cm_train_result *result, cm_error *err)
{
    cm_run_model model = {"model", track->options->register_as,
                          track->options->alias};
    char *bundle = bundle_file(job, result->version, "", err);
    cm_status status = bundle == NULL
                           ? CM_ERR_NOMEM
                           : save_model(track, job, result, bundle, err);
    free(bundle);
    return status == CM_OK ? cm_run_set_model(track->run, &model, err) : status;
}

cm_status track_files(cm_track *track, const cm_train_job *job,
                      const cm_train_result *result, cm_error *err)
{
    const char *lock = track->options->lock_file;
    cm_status status = add_metrics_file(track->run, job, result->version, err);
    if (status == CM_OK && lock != NULL && cm_file_exists(lock)) {
        status = cm_run_add_artifact(track->run, lock, cm_path_base(lock), err);
    }
    if (status == CM_OK) {
        status = add_report(track, job->report.folder, err);
    }
    return status == CM_OK ? add_model(track, job, result, err) : status;
}
