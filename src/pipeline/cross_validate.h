/* Cross-validation: how good a training is, measured on every row once. */
#ifndef CM_PIPELINE_CROSS_VALIDATE_H
#define CM_PIPELINE_CROSS_VALIDATE_H

#include "pipeline/train.h"

enum { CM_CV_LOG_LOSS, CM_CV_AUC, CM_CV_NE, CM_CV_METRICS };

/* Values with `trees` trees, the number that is best over all folds. */
typedef struct cm_cv_fold {
    size_t n_train, n_val;
    double values[CM_CV_METRICS];
    uint32_t best_trees; /* of this fold alone */
    size_t n_grown;
} cm_cv_fold;

typedef struct cm_cv_result {
    uint32_t n_folds;
    cm_cv_fold *folds;
    uint32_t best_trees;
    double mean[CM_CV_METRICS];
    double sd[CM_CV_METRICS]; /* of the sample: n_folds - 1 */
    double seconds;
} cm_cv_result;

/* Folds are stratified and made by job->features.split_seed.  Transformers of
 * clicks are fitted for each fold on its training rows alone.  job->place is
 * not used: nothing is written. */
CM_MUST_USE cm_status cm_cross_validate(cm_cv_result *out,
                                        const cm_train_job *job,
                                        uint32_t n_folds, cm_error *err);
void cm_cv_result_release(cm_cv_result *result);

#endif
