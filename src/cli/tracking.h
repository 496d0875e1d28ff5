/* The run of a training: from the configuration to what is logged. */
#ifndef CM_CLI_TRACKING_H
#define CM_CLI_TRACKING_H

#include "cli/jobs.h"
#include "pipeline/track.h"

typedef struct cli_tracking {
    cm_track *track; /* NULL: nothing is kept */
    cm_track_options options;
    cm_run_pair *params;
    cm_buf config;
    char run_id[CM_RUN_ID_TEXT]; /* of the run that was kept; "": none */
} cli_tracking;

/* Begins a run when the configuration wants one; a failure is a warning. */
void cli_track_begin(cli_tracking *out, cli_context *c, cm_train_job *job);
/* Ends it as the training ended. */
void cli_track_end(cli_tracking *tracking, cli_context *c,
                   const cm_train_job *job, const cm_train_result *result,
                   cm_status status, const cm_error *err);

#endif
