/* A run: what a training was given and what came of it, in a local store of
 * plain files.  Everything goes there first; a tracking server gets it from
 * there (push.h).  docs/tracking.md tells users, README.md the format. */
#ifndef CM_TRACKING_RUN_H
#define CM_TRACKING_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/json.h"

enum { CM_RUN_ID_TEXT = 33 }; /* 32 hex digits, NUL */

typedef enum cm_run_status {
    CM_RUN_RUNNING,
    CM_RUN_FINISHED,
    CM_RUN_FAILED,
    CM_RUN_KILLED /* its process is gone and nobody said how it ended */
} cm_run_status;

/* "RUNNING", as MLflow spells them. */
const char *cm_run_status_name(cm_run_status status);

typedef struct cm_run_pair {
    const char *key, *value;
} cm_run_pair;

typedef struct cm_run_metric {
    const char *key;
    double value;
    int64_t step;
    int64_t time; /* milliseconds since 1970 */
} cm_run_metric;

/* What was trained or evaluated on, in MLflow's words. */
typedef struct cm_run_dataset {
    const char *name;        /* of the file, without its folder */
    const char *digest;      /* of the content */
    const char *source_type; /* "local" */
    const char *source;      /* JSON text: {"uri": "…"} */
    const char *schema;      /* JSON text, as MLflow writes a schema; or NULL */
    const char *profile;     /* JSON text: {"num_rows": n, …}; or NULL */
    const char *context;     /* "train", "eval" */
} cm_run_dataset;

/* A file of the run; path is posix, below RUN/artifacts or RUN/model. */
typedef struct cm_run_artifact {
    const char *path;
    uint64_t size;
} cm_run_artifact;

/* The logged model: a folder in MLflow's layout, RUN/model (logged_model.h). */
typedef struct cm_run_model {
    const char *name;        /* "model" */
    const char *register_as; /* registered model; NULL: not registered */
    const char *alias;       /* NULL: none */
} cm_run_model;

/* ---- writing one ----------------------------------------------------------
 */

typedef struct cm_run cm_run;

typedef struct cm_run_start {
    const char *store;      /* "runs"; made when it is not there */
    const char *experiment; /* name */
    const char *name;       /* NULL or "": made of the id */
} cm_run_start;

/* Makes the run's folder; it is RUNNING until cm_run_end, or KILLED when the
 * process ends before.  The functions below may be called by one thread at a
 * time.
 *
 * Keys and values are checked as MLflow checks them, so that a server takes
 * what the store took: a key that it would refuse is CM_ERR_USAGE, a value that
 * it would cut is cut here (params 6,000 characters, tags 8,000).  A key that
 * is given again gets the new value; metrics get another point. */
CM_MUST_USE cm_status cm_run_begin(cm_run **out, const cm_run_start *start,
                                   cm_error *err);
const char *cm_run_id(const cm_run *run);
const char *cm_run_folder(const cm_run *run); /* STORE/ID */
CM_MUST_USE cm_status cm_run_param(cm_run *run, const char *key,
                                   const char *value, cm_error *err);
CM_MUST_USE cm_status cm_run_tag(cm_run *run, const char *key,
                                 const char *value, cm_error *err);
/* At this moment.  Kept in memory, and appended to the file when there are many
 * or a second went by. */
CM_MUST_USE cm_status cm_run_log_metric(cm_run *run, const char *key,
                                        double value, int64_t step,
                                        cm_error *err);
CM_MUST_USE cm_status cm_run_add_dataset(cm_run *run,
                                         const cm_run_dataset *dataset,
                                         cm_error *err);
/* Takes a copy of a file (sharing its blocks where the file system can). */
CM_MUST_USE cm_status cm_run_add_artifact(cm_run *run, const char *file,
                                          const char *path, cm_error *err);
CM_MUST_USE cm_status cm_run_add_text(cm_run *run, cm_str text,
                                      const char *path, cm_error *err);
/* Says that the folder RUN/model is filled and what it is called. */
CM_MUST_USE cm_status cm_run_set_model(cm_run *run, const cm_run_model *model,
                                       cm_error *err);
/* Writes all that is known so far, so that a kill cannot lose it. */
CM_MUST_USE cm_status cm_run_flush(cm_run *run, cm_error *err);
/* FINISHED or FAILED; nothing can be added any more. */
CM_MUST_USE cm_status cm_run_end(cm_run *run, cm_run_status status,
                                 cm_error *err);
void cm_run_free(cm_run *run); /* NULL is fine; not ended: KILLED */

/* ---- reading them ---------------------------------------------------------
 */

typedef struct cm_run_record {
    char id[CM_RUN_ID_TEXT];
    const char *folder; /* STORE/ID */
    const char *experiment, *name;
    cm_run_status status;
    int64_t start, end; /* milliseconds since 1970; end 0: still running */
    cm_run_pair *params, *tags;
    size_t n_params, n_tags;
    cm_run_metric *metrics; /* every point, in the order it was logged */
    size_t n_metrics;
    cm_run_dataset *datasets;
    size_t n_datasets;
    cm_run_artifact *artifacts; /* by path */
    size_t n_artifacts;
    bool has_model;
    cm_run_model model;
    cm_run_artifact *model_files; /* by path, below RUN/model */
    size_t n_model_files;
    cm_arena arena; /* all texts */
} cm_run_record;

/* id may be an unambiguous beginning of one, of 4 digits or more.  Release in
 * every case. */
CM_MUST_USE cm_status cm_run_record_load(cm_run_record *out, const char *store,
                                         const char *id, cm_error *err);
void cm_run_record_release(cm_run_record *record);

/* The last point of each metric, sorted by key: the one of the largest step, of
 * several the one logged last.  Array of the record's arena. */
CM_MUST_USE cm_status cm_run_last_metrics(cm_run_record *record,
                                          const cm_run_metric **out, size_t *n,
                                          cm_error *err);

/* Ids of all runs, newest first; a folder that is no run is left out.  Texts
 * of the arena. */
CM_MUST_USE cm_status cm_run_list(const char *store, cm_arena *arena,
                                  const char *const **ids, size_t *n,
                                  cm_error *err);

/* name: {key: value, …} */
void cm_run_put_pairs(cm_json_writer *w, const char *name,
                      const cm_run_pair *pairs, size_t n);

#endif
