/* What a model says about its own training.  Private to pipeline. */
#ifndef CM_PIPELINE_FIT_MODEL_H
#define CM_PIPELINE_FIT_MODEL_H

#include "pipeline/train.h"

/* Appends CatBoost's "params" object for resolved options: what a real
 * CatBoost's get_all_params() and get_params() read.  monotone (n_features):
 * NULL: all free. */
void cm_catboost_params_format(cm_buf *out, const cm_fit_options *options,
                               const int8_t *monotone, size_t n_features);

/* What a model is made of besides trees: the features its rows were binned
 * by, and what its parameters tell. */
typedef struct cm_model_source {
    size_t n_rows;
    size_t n_features;
    const cm_float_feature *features; /* (n_features): full border lists */
    const int8_t *monotone;           /* (n_features), or NULL */
    cm_class_weights class_weights;   /* resolved */
} cm_model_source;

/* The model of the trees to keep, after those of options->init_model. */
CM_MUST_USE cm_status cm_build_model(cm_model **out,
                                     const cm_model_source *source,
                                     const cm_boosted *boosted,
                                     const cm_fit_options *options,
                                     cm_error *err);

/* Takes the curve out of boosted. */
void cm_fit_report_take(cm_fit_report *out, cm_boosted *boosted);

/* Both class names are whole numbers. */
bool cm_class_names_are_integers(const char *const names[2]);

#endif
