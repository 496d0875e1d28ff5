/* A run from the beginning of a training to its end. */
#include "pipeline/track.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "pipeline/track_body.h"

bool track_keep(cm_track *track, cm_status status, const cm_error *err)
{
    if (status != CM_OK && !track->failed) {
        cm_warn(track->options->log,
                "the training goes on, but its run is not kept: %s",
                err->message);
    }
    track->failed = track->failed || status != CM_OK;
    return !track->failed;
}

/* ---- beginning ----------------------------------------------------------- */

static cm_status set_params(cm_run *run, const cm_run_pair *params, size_t n,
                            cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = cm_run_param(run, params[i].key, params[i].value, err);
    }
    return status;
}

static cm_status begin(cm_track *track, cm_error *err)
{
    const cm_track_options *options = track->options;
    cm_run_start start = {options->store, options->experiment, options->name};
    cm_status status = cm_run_begin(&track->run, &start, err);
    if (status == CM_OK) {
        status =
            set_params(track->run, options->params, options->n_params, err);
    }
    if (status == CM_OK) {
        status = track_tags(track->run, options, err);
    }
    if (status == CM_OK) {
        status =
            cm_run_add_text(track->run, options->config, "config.yaml", err);
    }
    return status == CM_OK ? cm_run_flush(track->run, err) : status;
}

/* Metrics that nobody measured are not logged. */
static void log_point(void *context, const cm_curve_point *point)
{
    cm_track *track = context;
    cm_error err = {0};
    const struct {
        const char *key;
        double value;
    } metrics[] = {
        {"train_log_loss", point->train_log_loss},
        {"train_normalized_entropy", point->train_normalized_entropy},
        {"validation_log_loss", point->log_loss},
        {"validation_normalized_entropy", point->normalized_entropy},
        {"validation_roc_auc", point->auc},
    };
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        if (!track->failed && !isnan(metrics[i].value)) {
            (void)track_keep(track,
                             cm_run_log_metric(track->run, metrics[i].key,
                                               metrics[i].value, point->trees,
                                               &err),
                             &err);
        }
    }
}

cm_track *cm_track_begin(const cm_track_options *options, cm_train_job *job)
{
    cm_error err = {0};
    if (options->store[0] == '\0') {
        return NULL;
    }
    cm_track *track = cm_alloc_zero(1, sizeof *track, &err);
    if (track == NULL) {
        cm_warn(options->log, "the run is not kept: %s", err.message);
        return NULL;
    }
    track->options = options;
    track->start = (int64_t)time(NULL);
    if (track_keep(track, begin(track, &err), &err)) {
        job->fit.observer = (cm_tree_observer){log_point, track};
        job->describe = true;
    }
    return track;
}

/* ---- ending -------------------------------------------------------------- */

static cm_status log_all(cm_track *track, const cm_track_ending *ending,
                         cm_error *err)
{
    cm_status status =
        set_params(track->run, ending->params, ending->n_params, err);
    if (status == CM_OK) {
        status = track_result(track->run, ending->job, ending->result, err);
    }
    return status == CM_OK
               ? track_files(track, ending->job, ending->result, err)
               : status;
}

void cm_track_end(cm_track *track, const cm_track_ending *ending)
{
    bool good = ending->status == CM_OK;
    cm_error err = {0};
    if (track == NULL || track->run == NULL) {
        return;
    }
    if (good && !track->failed) {
        (void)track_keep(track, log_all(track, ending, &err), &err);
    } else if (!good && ending->failure != NULL) {
        (void)track_keep(track,
                         cm_run_tag(track->run, "clickmill.error",
                                    ending->failure->message, &err),
                         &err);
    }
    if (track->failed) {
        cm_status told =
            cm_run_tag(track->run, "clickmill.incomplete", "true", NULL);
        (void)told; /* the first failure was said */
    }
    (void)track_keep(
        track,
        cm_run_end(track->run, good ? CM_RUN_FINISHED : CM_RUN_FAILED, &err),
        &err);
}

const char *cm_track_run_id(const cm_track *track)
{
    return track != NULL && !track->failed ? cm_run_id(track->run) : NULL;
}

void cm_track_free(cm_track *track)
{
    if (track != NULL) {
        cm_run_free(track->run);
        free(track);
    }
}
