/* A numeric matrix and its labels in, a model out: the learner without a click
 * log around it. */
#ifndef CM_PIPELINE_FIT_MATRIX_H
#define CM_PIPELINE_FIT_MATRIX_H

#include "pipeline/train.h"

typedef struct cm_fit_matrix_job {
    const char *x, *y;           /* .npy or CSV */
    const char *weights;         /* NULL: every row counts 1 */
    const char *eval_x, *eval_y; /* NULL: none */
    const char *model;           /* where it is written */
    const char *init_model;      /* what is continued; NULL: nothing */
    cm_fit_options fit;
} cm_fit_matrix_job;

typedef struct cm_fit_matrix_seconds {
    double load;
    double order, borders, quantize, extras, trees, build;
    double train; /* the six above: all but reading and writing */
    double evaluate, save, total;
} cm_fit_matrix_seconds;

typedef struct cm_fit_matrix_result {
    size_t n_rows, n_clicks, n_features, n_eval, n_trees;
    double log_loss;    /* of the evaluation rows, else of the training rows */
    cm_metrics metrics; /* of the evaluation rows; rows 0 without them */
    cm_fit_report fit;  /* to be released */
    cm_fit_matrix_seconds seconds;
} cm_fit_matrix_result;

CM_MUST_USE cm_status cm_fit_matrix(cm_fit_matrix_result *out,
                                    const cm_fit_matrix_job *job,
                                    cm_error *err);

#endif
