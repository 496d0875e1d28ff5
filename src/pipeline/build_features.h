/* The second stage: split the rows, fit the transformers, and put them over
 * the dataset's codes. */
#ifndef CM_PIPELINE_BUILD_FEATURES_H
#define CM_PIPELINE_BUILD_FEATURES_H

#include "base/str.h"
#include "data/split.h"
#include "features/transformers.h"

typedef struct cm_feature_options {
    bool split_by_time; /* else at random */
    double val_size;
    uint32_t split_seed;
    cm_feature_spec spec;
    int n_threads;
} cm_feature_options;

/* The features of the model, in its order, are spec.ctr_features. */
typedef struct cm_fitted {
    cm_split split; /* the random split keeps scikit-learn's order */
    cm_transformers *counts, *ctr;
    cm_feature_plan *plan;
    cm_feature_codes *codes;
} cm_fitted;

CM_MUST_USE cm_status cm_build_features(cm_fitted *out,
                                        const cm_dataset *dataset,
                                        const cm_feature_options *options,
                                        cm_error *err);
/* The same for a split that out has already; out is released when it fails. */
CM_MUST_USE cm_status cm_fit_features(cm_fitted *out, const cm_dataset *dataset,
                                      const cm_feature_options *options,
                                      cm_error *err);
void cm_fitted_release(cm_fitted *fitted);

/* The plan of `names` over the dataset's columns; ctr may be NULL. */
CM_MUST_USE cm_status cm_plan_features(cm_feature_plan **out,
                                       const cm_dataset *dataset,
                                       const cm_transformers *counts,
                                       const cm_transformers *ctr,
                                       const char *const *names, size_t n,
                                       cm_error *err);

/* Puts the rows of both parts into ascending order: what is read in order is
 * read fast, and no result depends on it.  n_rows: of the dataset. */
CM_MUST_USE cm_status cm_split_sort(cm_split *split, size_t n_rows,
                                    cm_error *err);

/* The parts as the options say. */
CM_MUST_USE cm_status cm_split_dataset(cm_split *out, const cm_dataset *dataset,
                                       const cm_feature_options *options,
                                       cm_error *err);

/* A new array of the labels of the validation rows, of a dataset with a target.
 */
CM_MUST_USE cm_status cm_validation_labels(uint8_t **out,
                                           const cm_dataset *dataset,
                                           const cm_split *split,
                                           cm_error *err);

/* Where rows of text go: cli gives a file or standard output. */
typedef struct cm_sink {
    void *context;
    cm_status (*write)(void *context, cm_str bytes, cm_error *err);
} cm_sink;

/* Writes a table of the rows as CSV: id, target, the count features, then the
 * CTR features as NAME_ctr. */
CM_MUST_USE cm_status cm_write_features(const cm_sink *sink,
                                        const cm_dataset *dataset,
                                        const cm_fitted *fitted,
                                        const cm_feature_spec *spec,
                                        const uint32_t *rows, size_t n_rows,
                                        int n_threads, cm_error *err);

#endif
