/* What a search has measured, kept in a file.  Private to pipeline. */
#ifndef CM_PIPELINE_TUNE_STATE_H
#define CM_PIPELINE_TUNE_STATE_H

#include "base/str.h"
#include "pipeline/tune.h"

enum { CM_TUNE_MAX_TRIALS = 100000 };

/* A growing array of trials. */
typedef struct cm_tune_state {
    size_t n, capacity;
    cm_tune_trial *trials;
} cm_tune_state;

/* A missing file is an empty state.  Another key is CM_ERR_DATA. */
CM_MUST_USE cm_status cm_tune_state_load(cm_tune_state *out, const char *path,
                                         uint64_t key, cm_error *err);
CM_MUST_USE cm_status cm_tune_state_parse(cm_tune_state *out, cm_str text,
                                          const char *file, uint64_t key,
                                          cm_error *err);
CM_MUST_USE cm_status cm_tune_state_save(const cm_tune_state *state,
                                         const char *path, uint64_t key,
                                         cm_error *err);
void cm_tune_state_release(cm_tune_state *state);

#endif
