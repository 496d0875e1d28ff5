/* What a model says about its own training.  Private to pipeline. */
#ifndef CM_PIPELINE_FIT_MODEL_H
#define CM_PIPELINE_FIT_MODEL_H

#include "pipeline/train.h"

/* Appends CatBoost's "params" object for resolved options: what a real
 * CatBoost's get_all_params() and get_params() read. */
void cm_catboost_params_format(cm_buf *out, const cm_fit_options *options);

/* Both class names are whole numbers. */
bool cm_class_names_are_integers(const char *const names[2]);

#endif
