/* What ingestion and the row reader share: a log, its plan, its chunks. */
#ifndef CM_DATA_LOG_READER_H
#define CM_DATA_LOG_READER_H

#include "data/bad_rows.h"
#include "data/chunks.h"
#include "data/ingest_internal.h"
#include "data/log_plan.h"

typedef struct cm_log_reader {
    cm_log_text text;
    cm_log_plan plan;
    cm_chunks chunks;
    cm_quarantine quarantine;
    cm_progress *progress;
    uint64_t shown; /* of the progress */
} cm_log_reader;

/* reader is zero-initialised; close it in any case. */
CM_MUST_USE cm_status cm_log_reader_open(cm_log_reader *reader,
                                         const cm_ingest_options *options,
                                         const cm_ingest_tuning *tuning,
                                         int n_threads, const char *label,
                                         cm_error *err);
/* Cuts the next window; false when there is none. */
bool cm_log_reader_cut(cm_log_reader *reader);
/* Reads what follows it; may run while its chunks are worked on. */
CM_MUST_USE cm_status cm_log_reader_prepare(cm_log_reader *reader,
                                            cm_error *err);
/* Is done with it. */
CM_MUST_USE cm_status cm_log_reader_advance(cm_log_reader *reader,
                                            cm_error *err);
/* At the end: fails when every row was bad, or there was none; otherwise
 * commits the quarantine. */
CM_MUST_USE cm_status cm_log_reader_finish(cm_log_reader *reader,
                                           const cm_ingest_report *report,
                                           cm_error *err);
void cm_log_reader_close(cm_log_reader *reader);

#endif
