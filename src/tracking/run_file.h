/* run.json: all of a run but its metrics and files.  Private to tracking. */
#ifndef CM_TRACKING_RUN_FILE_H
#define CM_TRACKING_RUN_FILE_H

#include "tracking/run.h"

/* Small, so that a damaged file cannot become much memory; writers keep to it,
 * too. */
enum { RUN_MAX_FILE = 512 << 10 };

#define RUN_FILE    "run.json"
#define RUN_METRICS "metrics.tsv"
#define RUN_LOCK    "lock"
#define RUN_FILES   "artifacts"
#define RUN_MODEL   "model"

/* Appends it; the folder is not in it. */
void run_file_format(cm_buf *out, const cm_run_record *record);

/* Texts of out's arena, released by the caller in every case. */
CM_MUST_USE cm_status run_file_parse(cm_run_record *out, cm_str text,
                                     const char *file, cm_error *err);

/* A metric a line: key, value, step and milliseconds since 1970, with tabs
 * between.  Behind the last line end may be a line that a kill has torn: it is
 * dropped. */
void run_metric_format(cm_buf *out, const cm_run_metric *metric);
CM_MUST_USE cm_status run_metrics_parse(cm_run_record *out, cm_str text,
                                        const char *file, cm_error *err);

/* What both writers and readers put into an arena. */
const char *run_copy(cm_arena *arena, const char *text, cm_error *err);

#endif
