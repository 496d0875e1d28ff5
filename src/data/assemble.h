/* The parts of all threads put together into a dataset. */
#ifndef CM_DATA_ASSEMBLE_H
#define CM_DATA_ASSEMBLE_H

#include "data/log_plan.h"
#include "data/part.h"

/* Everything that was read, chunk by chunk. */
typedef struct cm_read_log {
    const cm_log_plan *plan;
    int n_threads;
    cm_part *parts; /* (n_threads, n_columns) */
    size_t n_chunks;
    size_t *n_rows;   /* (n_chunks) */
    int *threads;     /* (n_chunks) which read it */
    cm_piece *pieces; /* (n_chunks, n_columns) */
} cm_read_log;

/* Empties the parts on the way, so that the log is never there twice. */
CM_MUST_USE cm_status cm_assemble(cm_dataset **out, cm_read_log *log,
                                  cm_error *err);

#endif
