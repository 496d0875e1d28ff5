/* Runs in a store, by id.  Private to tracking. */
#ifndef CM_TRACKING_RUN_FIND_H
#define CM_TRACKING_RUN_FIND_H

#include "tracking/run.h"

/* The run whose id begins so. */
CM_MUST_USE cm_status run_find(char out[CM_RUN_ID_TEXT], const char *store,
                               const char *id, cm_error *err);

/* All of a record but metrics and files.  Release it in every case. */
CM_MUST_USE cm_status run_read_head(cm_run_record *out, const char *folder,
                                    cm_error *err);

#endif
