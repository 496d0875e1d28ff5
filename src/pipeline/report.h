/* What a training came to, for people: a page with figures, and the curves for
 * `dvc plots`.  docs/report.md tells users. */
#ifndef CM_PIPELINE_REPORT_H
#define CM_PIPELINE_REPORT_H

#include "pipeline/build_features.h"
#include "pipeline/make_dataset.h"
#include "evaluation/metrics.h"
#include "score/bundle.h"

typedef struct cm_report_options {
    const char *folder;        /* index.html, figures/, plots/ */
    const char *const *groups; /* (n_groups) columns whose values are shown one
                                  by one; those that the log lacks are not */
    size_t n_groups;
    int n_threads;
} cm_report_options;

/* All of a trained model; borrowed. */
typedef struct cm_report_source {
    const cm_dataset *dataset;
    const cm_split *split;
    const cm_feature_codes *codes; /* features as the model has them */
    const cm_model *model;
    const double *probabilities; /* (n_val) */
    const cm_metrics *metrics;   /* of them */
    const char *input;           /* path of the log */
    const char *version;         /* of the bundle */
    const char *created;         /* when that was made */
} cm_report_source;

/* Writes FOLDER/index.html, FOLDER/figures/NAME.png and .svg, and
 * FOLDER/plots/NAME.json. */
CM_MUST_USE cm_status cm_write_report(const cm_report_source *source,
                                      const cm_report_options *options,
                                      cm_error *err);

/* A report of a bundle on a log, split as `features` says, so that the rows
 * are those which validated it. */
typedef struct cm_report_job {
    cm_make_dataset_options dataset;
    cm_feature_options features; /* spec is not looked at */
    cm_report_options report;
} cm_report_job;

typedef struct cm_report_summary {
    size_t n_train, n_val;
    cm_metrics metrics;
    double seconds;
} cm_report_summary;

CM_MUST_USE cm_status cm_report_bundle(cm_report_summary *out,
                                       const cm_bundle *bundle,
                                       const cm_report_job *job, cm_error *err);

#endif
