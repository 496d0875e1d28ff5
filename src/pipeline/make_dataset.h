/* The first stage: a click log, or a dataset file made from one, in; the
 * dataset out. */
#ifndef CM_PIPELINE_MAKE_DATASET_H
#define CM_PIPELINE_MAKE_DATASET_H

#include "data/dataset.h"
#include "data/ingest.h"

typedef struct cm_make_dataset_options {
    const char *input;  /* a log, a dataset file, or "-" */
    const char *output; /* dataset file to write; NULL: none */
    const char *schema; /* name or path */
    const char *target; /* target column; NULL or "": the schema's */
    bool require_target;
    cm_bad_row on_bad_row;
    const char *quarantine;
    int n_threads;
    const cm_log *log;
} cm_make_dataset_options;

typedef struct cm_make_dataset_report {
    cm_ingest_report ingest; /* zeros for a dataset file */
    bool was_dataset;        /* the input was a dataset file already */
    double load_seconds, save_seconds;
} cm_make_dataset_report;

CM_MUST_USE cm_status cm_make_dataset(cm_dataset **out,
                                      cm_make_dataset_report *report,
                                      const cm_make_dataset_options *options,
                                      cm_error *err);

/* Writes the dataset to path, its folder made when missing. */
CM_MUST_USE cm_status cm_keep_dataset(const cm_dataset *dataset,
                                      const char *path, cm_error *err);

/* The schema with another column as its target, when target is not NULL or
 * empty.  Borrows from `base`; release frees what it added. */
typedef struct cm_target_schema {
    cm_schema schema;
    cm_schema_column *columns; /* NULL: base's own */
} cm_target_schema;

CM_MUST_USE cm_status cm_target_schema_init(cm_target_schema *out,
                                            const cm_schema *base,
                                            const char *target, cm_error *err);
void cm_target_schema_release(cm_target_schema *schema);

#endif
