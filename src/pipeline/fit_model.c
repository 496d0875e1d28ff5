/* Quantize the training rows, grow the trees, build the model. */
#include "pipeline/fit_model.h"

#include "base/mem.h"

static cm_train_verdict tree_done(void *progress,
                                  const cm_train_progress *state)
{
    (void)state;
    cm_progress_add(progress, 1);
    return CM_TRAIN_GO_ON;
}

cm_status cm_grow_trees(cm_trained **out, const cm_train_set *set,
                        const cm_fit_options *options, cm_error *err)
{
    cm_progress *progress = cm_progress_new(options->log, "train", "trees",
                                            options->train.iterations);
    cm_status status =
        cm_train(out, set, &options->train, tree_done, progress, err);
    cm_progress_free(progress);
    return status;
}

cm_status cm_build_model(cm_model **out, const cm_float_feature *features,
                         size_t m, size_t n_rows, const cm_trained *trained,
                         const cm_fit_options *options, cm_error *err)
{
    cm_fit_options resolved = *options;
    cm_train_options_resolve(&resolved.train, n_rows, m);
    cm_buf params = {0};
    cm_catboost_params_format(&params, &resolved);
    cm_status status = cm_buf_check(&params, err);
    if (status == CM_OK) {
        cm_model_parts parts = {
            .n_features = m,
            .features = features,
            .n_trees = trained->n_trees,
            .trees = trained->trees,
            .bias = trained->bias,
            .class_names = {options->class_names[0], options->class_names[1]},
            .class_names_are_integers =
                cm_class_names_are_integers(options->class_names),
            .params_json = params.p};
        status = cm_model_build(out, &parts, err);
    }
    cm_buf_release(&params);
    return status;
}

cm_status cm_fit_model(cm_model **out, const cm_dataset *dataset,
                       const cm_fitted *fitted, const cm_feature_spec *spec,
                       const cm_fit_options *options, cm_error *err)
{
    const cm_column *target = cm_dataset_of_kind(dataset, CM_COLUMN_TARGET);
    cm_quantize_options quantize = {.border_count = options->border_count,
                                    .nan_mode = options->nan_mode,
                                    .n_threads = options->train.n_threads};
    cm_binned *binned = NULL;
    cm_trained *trained = NULL;
    CM_ASSERT(target != NULL);
    cm_status status = cm_quantize(&binned, fitted->codes, spec->ctr_features,
                                   fitted->split.train, fitted->split.n_train,
                                   target->values, &quantize, err);
    if (status == CM_OK) {
        cm_train_set set = {.n_rows = binned->n_rows,
                            .n_features = binned->n_features,
                            .bins = binned->bins,
                            .n_bins = binned->n_bins,
                            .labels = binned->labels};
        status = cm_grow_trees(&trained, &set, options, err);
    }
    if (status == CM_OK) {
        status = cm_build_model(out, binned->features, binned->n_features,
                                binned->n_rows, trained, options, err);
    }
    cm_trained_free(trained);
    cm_binned_free(binned);
    return status;
}
