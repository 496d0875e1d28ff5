/* A run being written.  Private to tracking. */
#ifndef CM_TRACKING_RUN_BODY_H
#define CM_TRACKING_RUN_BODY_H

#include "tracking/run.h"

/* The record's arrays of pairs and datasets grow on the heap; its texts are its
 * arena's; metrics do not stay. */
struct cm_run {
    cm_run_record record;
    size_t param_room, tag_room, dataset_room;
    char *folder;
    int lock;
    int metrics;           /* file, -1: not opened yet */
    int64_t metrics_bytes; /* of whole lines in it */
    cm_buf waiting;        /* lines that are not in it yet */
    double last_flush;     /* cm_seconds() */
    bool ended;
};

#endif
