/* The last stage: everything a training made into one bundle.  Private to
 * pipeline. */
#ifndef CM_PIPELINE_SAVE_BUNDLE_H
#define CM_PIPELINE_SAVE_BUNDLE_H

#include "base/mem.h"
#include "pipeline/train.h"
#include "score/bundle.h"

typedef struct cm_save_input {
    const cm_dataset *dataset;
    const cm_fitted *fitted;
    const cm_model *model;
    const cm_metrics *metrics;
    const cm_fit_report *fit;
    const double *probabilities; /* of the validation rows */
} cm_save_input;

CM_MUST_USE cm_status cm_save_bundle(char version_out[65],
                                     const cm_train_job *job,
                                     const cm_save_input *input, cm_error *err);

/* The raw texts of up to CM_SELF_TEST_ROWS rows evenly spread over `rows`, in
 * the order of the plan's sources; allocated from arena. */
CM_MUST_USE cm_status cm_self_test_rows(cm_str **fields, size_t *n,
                                        cm_arena *arena,
                                        const cm_feature_plan *plan,
                                        const cm_dataset *dataset,
                                        const uint32_t *rows, size_t n_rows,
                                        cm_error *err);

/* Makes path a symbolic link to ROOT/current/name, relative where path's
 * folder lies. */
CM_MUST_USE cm_status cm_link_into_bundle(const char *path, const char *root,
                                          const char *name, cm_error *err);

#endif
