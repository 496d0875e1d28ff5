/* The folder of a logged model in MLflow's layout: MLmodel, the model, an
 * example, and what Python has to have to load it. */
#ifndef CM_TRACKING_LOGGED_MODEL_H
#define CM_TRACKING_LOGGED_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

typedef struct cm_logged_model {
    const char *bundle;         /* folder with the model and its transformers;
                                   goes whole, as clickmill serves it, by hard
                                   links where there can be some */
    const char *file;           /* name of the model in it */
    const char *format;         /* "json" or "cbm" */
    const char *run_id;         /* of the run it comes from */
    int64_t created;            /* milliseconds since 1970 */
    const char *const *columns; /* (n_columns) that the model takes */
    size_t n_columns;
    const double *example; /* (n_examples, n_columns) */
    size_t n_examples;
} cm_logged_model;

/* Makes the folder. */
CM_MUST_USE cm_status cm_logged_model_save(const char *folder,
                                           const cm_logged_model *model,
                                           cm_error *err);

/* What a server calls a model that has been sent to it. */
typedef struct cm_mlmodel_ids {
    const char *model_id, *run_id;
    const char *artifact_path; /* where the server keeps it */
} cm_mlmodel_ids;

/* Appends the text of a file MLmodel with these ids in place of its own. */
CM_MUST_USE cm_status cm_mlmodel_with_ids(cm_buf *out, cm_str text,
                                          const cm_mlmodel_ids *ids,
                                          cm_error *err);

#endif
