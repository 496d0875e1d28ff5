/* A training told to the local store of runs, which a tracking server gets it
 * from.  Nothing here fails: a store that cannot be written is one warning, and
 * the training goes on. */
#ifndef CM_PIPELINE_TRACK_H
#define CM_PIPELINE_TRACK_H

#include "pipeline/train.h"
#include "tracking/run.h"

typedef struct cm_track_options {
    const char *store;      /* "": nothing is kept */
    const char *experiment; /* name */
    const char *name;       /* "": by its id */
    const char *command;    /* "clickmill train" */
    const cm_run_pair *params;
    size_t n_params;
    cm_str config;           /* as YAML */
    const char *lock_file;   /* kept when it is there */
    const char *register_as; /* registered model; NULL: not registered */
    const char *alias;       /* NULL: none */
    const cm_log *log;
} cm_track_options;

typedef struct cm_track cm_track;

/* Options are borrowed until cm_track_free.  Makes job tell what is wanted of
 * it.  NULL: nothing is kept, which all below take. */
cm_track *cm_track_begin(const cm_track_options *options, cm_train_job *job);

/* The training ended so; failure (of a status that is not CM_OK) says why.
 * params are those that are known by now, in place of what was known before. */
typedef struct cm_track_ending {
    cm_status status;
    const cm_error *failure;
    const cm_train_job *job;
    const cm_train_result *result;
    const cm_run_pair *params;
    size_t n_params;
} cm_track_ending;

void cm_track_end(cm_track *track, const cm_track_ending *ending);

/* NULL: nothing was kept, or not all of it. */
const char *cm_track_run_id(const cm_track *track);
void cm_track_free(cm_track *track); /* NULL is fine */

#endif
