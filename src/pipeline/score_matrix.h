/* Probabilities of the rows of a matrix.  Private to pipeline. */
#ifndef CM_PIPELINE_SCORE_MATRIX_H
#define CM_PIPELINE_SCORE_MATRIX_H

#include "codec/array.h"
#include "model/model.h"

/* probabilities (n_rows).  Column f of x is the model's float feature f. */
CM_MUST_USE cm_status cm_score_matrix(double *probabilities,
                                      const cm_model *model, const cm_array *x,
                                      int n_threads, cm_error *err);
/* The same up to the raw values: log odds. */
CM_MUST_USE cm_status cm_score_matrix_raw(double *raw, const cm_model *model,
                                          const cm_array *x, int n_threads,
                                          cm_error *err);

#endif
