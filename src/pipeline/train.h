/* The whole job: log in, bundle out. */
#ifndef CM_PIPELINE_TRAIN_H
#define CM_PIPELINE_TRAIN_H

#include "boost/train.h"
#include "evaluation/metrics.h"
#include "features/quantize.h"
#include "pipeline/build_features.h"
#include "pipeline/make_dataset.h"

/* The third stage: rows `train` of the features into a model. */
typedef struct cm_fit_options {
    cm_train_options train;
    uint32_t border_count;
    cm_nan_mode nan_mode;
    const char *class_names[2];
    const cm_log *log;
} cm_fit_options;

CM_MUST_USE cm_status cm_fit_model(cm_model **out, const cm_dataset *dataset,
                                   const cm_fitted *fitted,
                                   const cm_feature_spec *spec,
                                   const cm_fit_options *options,
                                   cm_error *err);

/* Where a bundle goes.  links[i], when not NULL, is a path outside `root` that
 * becomes a symbolic link to the file. */
typedef struct cm_bundle_place {
    const char *root;
    const char *model_file, *counts_file, *ctr_file, *metrics_file;
    const char *model_link, *counts_link, *ctr_link, *metrics_link;
} cm_bundle_place;

typedef struct cm_train_job {
    cm_make_dataset_options dataset;
    cm_feature_options features;
    cm_fit_options fit;
    cm_bundle_place place;
    const char *config_json; /* kept in the bundle */
    int64_t created;         /* seconds since 1970 UTC */
} cm_train_job;

typedef struct cm_train_seconds {
    double load, features, train, evaluate, save, total;
} cm_train_seconds;

typedef struct cm_train_result {
    cm_make_dataset_report dataset;
    size_t n_rows, n_train, n_val, n_features, n_trees;
    cm_metrics metrics; /* of the validation part */
    cm_train_seconds seconds;
    char version[65];
} cm_train_result;

CM_MUST_USE cm_status cm_train_pipeline(cm_train_result *out,
                                        const cm_train_job *job, cm_error *err);

#endif
