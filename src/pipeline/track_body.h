/* A run being told of, and what is told at its end.  Private to pipeline. */
#ifndef CM_PIPELINE_TRACK_BODY_H
#define CM_PIPELINE_TRACK_BODY_H

#include "pipeline/track.h"

struct cm_track {
    const cm_track_options *options;
    cm_run *run;
    int64_t start; /* seconds since 1970 */
    bool failed;   /* and it was said */
};

/* Says the first failure; false when there was one. */
bool track_keep(cm_track *track, cm_status status, const cm_error *err);

CM_MUST_USE cm_status track_tags(cm_run *run, const cm_track_options *options,
                                 cm_error *err);
CM_MUST_USE cm_status track_result(cm_run *run, const cm_train_job *job,
                                   const cm_train_result *result,
                                   cm_error *err);
/* Metrics file, figures, the lock file, the model. */
CM_MUST_USE cm_status track_files(cm_track *track, const cm_train_job *job,
                                  const cm_train_result *result, cm_error *err);

#endif
