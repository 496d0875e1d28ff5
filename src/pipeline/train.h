/* The whole job: log in, bundle out. */
#ifndef CM_PIPELINE_TRAIN_H
#define CM_PIPELINE_TRAIN_H

#include "boost/train.h"
#include "evaluation/metrics.h"
#include "features/quantize.h"
#include "pipeline/boosting.h"
#include "pipeline/build_features.h"
#include "pipeline/class_weights.h"
#include "pipeline/make_dataset.h"
#include "pipeline/report.h"
#include "pipeline/train_facts.h"

/* The third stage: rows `train` of the features into a model. */
typedef struct cm_fit_options {
    cm_train_options train;
    uint32_t border_count;
    cm_nan_mode nan_mode;
    const char *class_names[2];
    cm_class_weights class_weights;
    const char *const *monotone; /* (n_monotone): cm_monotone_parse */
    size_t n_monotone;
    cm_watch_options watch; /* of the validation part */
    cm_snapshot_options snapshot;
    cm_tree_observer observer;
    const cm_model *init_model; /* its trees come first; NULL: none */
    const cm_log *log;
} cm_fit_options;

/* What a training tells. */
typedef struct cm_fit_report {
    cm_train_options options; /* resolved */
    size_t n_grown;           /* trees, of which n_kept are in the model */
    size_t n_kept;            /* besides those of init_model */
    uint32_t best_trees;      /* 0: nothing was watched */
    bool stopped;
    cm_curve curve;
} cm_fit_report;

void cm_fit_report_release(cm_fit_report *report);

CM_MUST_USE cm_status cm_fit_model(cm_model **out, cm_fit_report *report,
                                   const cm_dataset *dataset,
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
    cm_report_options report; /* folder NULL: none */
    const char *init_model;   /* path, or NULL */
    const char *config_json;  /* kept in the bundle */
    int64_t created;          /* seconds since 1970 UTC */
    bool describe;            /* fill result.facts */
} cm_train_job;

typedef struct cm_train_seconds {
    double load, features, train, evaluate, save, report, total;
} cm_train_seconds;

typedef struct cm_train_result {
    cm_make_dataset_report dataset;
    size_t n_rows, n_train, n_val, n_features, n_trees;
    cm_metrics metrics;   /* of the validation part */
    cm_fit_report fit;    /* to be released */
    cm_train_facts facts; /* to be released */
    cm_train_seconds seconds;
    char version[65];
} cm_train_result;

CM_MUST_USE cm_status cm_train_pipeline(cm_train_result *out,
                                        const cm_train_job *job, cm_error *err);

#endif
