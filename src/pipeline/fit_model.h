/* What a model says about its own training.  Private to pipeline. */
#ifndef CM_PIPELINE_FIT_MODEL_H
#define CM_PIPELINE_FIT_MODEL_H

#include "pipeline/train.h"

/* Appends CatBoost's "params" object for resolved options: what a real
 * CatBoost's get_all_params() and get_params() read. */
void cm_catboost_params_format(cm_buf *out, const cm_fit_options *options);

/* Grows the trees of a set, showing progress: the one place where whoever
 * watches a training is told of its trees. */
CM_MUST_USE cm_status cm_grow_trees(cm_trained **out, const cm_train_set *set,
                                    const cm_fit_options *options,
                                    cm_error *err);

/* The model of trees over the features (m) that n_rows rows were binned by. */
CM_MUST_USE cm_status cm_build_model(cm_model **out,
                                     const cm_float_feature *features, size_t m,
                                     size_t n_rows, const cm_trained *trained,
                                     const cm_fit_options *options,
                                     cm_error *err);

/* Both class names are whole numbers. */
bool cm_class_names_are_integers(const char *const names[2]);

#endif
