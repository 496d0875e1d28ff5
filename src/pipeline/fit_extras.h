/* What `fit` gives the trainer besides bins and labels.  Private to
 * pipeline. */
#ifndef CM_PIPELINE_FIT_EXTRAS_H
#define CM_PIPELINE_FIT_EXTRAS_H

#include "model/quantize_matrix.h"
#include "pipeline/fit_model.h"
#include "pipeline/init_model.h"

/* All is borrowed.  labels, weights: in the order of the training rows. */
typedef struct cm_fit_extras_source {
    cm_matrix_rows train, eval; /* eval.x NULL: none */
    const uint8_t *labels, *eval_labels;
    const float *weights;     /* NULL: all 1 */
    const char *const *names; /* (m) */
    const cm_border_set *borders;
} cm_fit_extras_source;

typedef struct cm_fit_extras {
    cm_class_weights class_weights; /* resolved */
    float *weights, *eval_weights;  /* NULL: all 1 */
    double *baseline, *eval_baseline;
    int8_t *monotone; /* NULL: all free */
    cm_init_model init;
    cm_bin_matrix *eval_bins;
    cm_watched_rows watched; /* n_rows 0: nothing is watched */
} cm_fit_extras;

/* init_model: a path, or NULL.  Release in every case. */
CM_MUST_USE cm_status cm_fit_extras_init(cm_fit_extras *out,
                                         const cm_fit_extras_source *source,
                                         const cm_fit_options *options,
                                         const char *init_model, cm_error *err);
void cm_fit_extras_release(cm_fit_extras *extras);

#endif
