/* Split, fit, and meet the codes. */
#include "pipeline/build_features.h"

#include <stdlib.h>

#include "base/mem.h"

cm_status cm_split_dataset(cm_split *out, const cm_dataset *dataset,
                           const cm_feature_options *options, cm_error *err)
{
    if (!options->split_by_time) {
        return cm_split_random(out, dataset->n_rows, options->val_size,
                               options->split_seed, err);
    }
    const cm_column *time = cm_dataset_of_kind(dataset, CM_COLUMN_TIME);
    if (time == NULL) {
        return cm_fail(err, CM_ERR_DATA,
                       "split: time needs a log with a time column, and the "
                       "schema names none");
    }
    return cm_split_time(out, time->values, dataset->n_rows, options->val_size,
                         err);
}

cm_status cm_plan_features(cm_feature_plan **out, const cm_dataset *dataset,
                           const cm_transformers *counts,
                           const cm_transformers *ctr, const char *const *names,
                           size_t n, cm_error *err)
{
    const cm_column *time = cm_dataset_of_kind(dataset, CM_COLUMN_TIME);
    return cm_feature_plan_new(out, counts, ctr, names, n,
                               time != NULL ? time->name : NULL, err);
}

cm_status cm_build_features(cm_fitted *out, const cm_dataset *dataset,
                            const cm_feature_options *options, cm_error *err)
{
    *out = (cm_fitted){0};
    cm_status status = cm_split_dataset(&out->split, dataset, options, err);
    return status == CM_OK ? cm_fit_features(out, dataset, options, err)
                           : status;
}

cm_status cm_fit_features(cm_fitted *out, const cm_dataset *dataset,
                          const cm_feature_options *options, cm_error *err)
{
    const cm_feature_spec *spec = &options->spec;
    int threads = options->n_threads;
    cm_status status =
        cm_count_transformers_fit(&out->counts, dataset, spec, threads, err);
    if (status == CM_OK) {
        status = cm_ctr_transformer_fit(&out->ctr, dataset, out->counts, spec,
                                        out->split.train, out->split.n_train,
                                        threads, err);
    }
    if (status == CM_OK) {
        status = cm_plan_features(&out->plan, dataset, out->counts, out->ctr,
                                  spec->ctr_features, spec->n_ctr, err);
    }
    if (status == CM_OK) {
        status =
            cm_feature_codes_new(&out->codes, out->plan, dataset, threads, err);
    }
    if (status != CM_OK) {
        cm_fitted_release(out);
    }
    return status;
}

void cm_fitted_release(cm_fitted *fitted)
{
    cm_feature_codes_free(fitted->codes);
    cm_feature_plan_free(fitted->plan);
    cm_transformers_free(fitted->ctr);
    cm_transformers_free(fitted->counts);
    cm_split_release(&fitted->split);
    *fitted = (cm_fitted){0};
}

cm_status cm_split_sort(cm_split *split, size_t n_rows, cm_error *err)
{
    uint8_t *trains = cm_alloc_zero(n_rows, 1, err);
    if (trains == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < split->n_train; i++) {
        trains[split->train[i]] = 1;
    }
    size_t n_train = 0, n_val = 0;
    for (size_t row = 0; row < n_rows; row++) {
        if (trains[row]) {
            split->train[n_train++] = (uint32_t)row;
        } else {
            split->val[n_val++] = (uint32_t)row;
        }
    }
    CM_ASSERT(n_train == split->n_train && n_val == split->n_val);
    free(trains);
    return CM_OK;
}

cm_status cm_validation_labels(uint8_t **out, const cm_dataset *dataset,
                               const cm_split *split, cm_error *err)
{
    const cm_column *target = cm_dataset_of_kind(dataset, CM_COLUMN_TARGET);
    *out = cm_alloc(split->n_val, 1, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < split->n_val; i++) {
        (*out)[i] = ((const uint8_t *)target->values)[split->val[i]];
    }
    return CM_OK;
}
