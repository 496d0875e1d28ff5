/* What the trainer is given besides bins: weights, another model's scores,
 * constraints; and the rows that are watched.  Private to pipeline. */
#ifndef CM_PIPELINE_FIT_DATA_H
#define CM_PIPELINE_FIT_DATA_H

#include "pipeline/boosting.h"
#include "pipeline/fit_model.h"

/* Rows of one part, with what belongs to each. */
typedef struct cm_fit_rows {
    cm_binned *binned;
    float *weights;   /* NULL: all 1 */
    double *baseline; /* NULL: all 0 */
} cm_fit_rows;

typedef struct cm_fit_data {
    int bootstrap;   /* the user's, or the choice made for these rows */
    uint32_t *order; /* training rows as the trainer has them; NULL: sorted */
    cm_fit_rows train;
    cm_fit_rows watched;            /* binned NULL: nothing is watched */
    int8_t *monotone;               /* NULL: all free */
    cm_class_weights class_weights; /* resolved */
    cm_watched_rows watched_rows;
} cm_fit_data;

/* Chooses a bootstrap where the user did not, bins the training part and, when
 * watch, the validation part.  Release in every case. */
CM_MUST_USE cm_status cm_fit_data_init(cm_fit_data *data,
                                       const cm_dataset *dataset,
                                       const cm_fitted *fitted,
                                       const cm_feature_spec *spec,
                                       const cm_fit_options *options,
                                       bool watch, cm_error *err);
void cm_fit_data_release(cm_fit_data *data);

/* The training of `options`, which may differ from those of the data in what
 * changes no bin, order or weight. */
cm_boosting cm_fit_data_boosting(const cm_fit_data *data,
                                 const cm_fit_options *options);

cm_model_source cm_fit_data_source(const cm_fit_data *data);

#endif
