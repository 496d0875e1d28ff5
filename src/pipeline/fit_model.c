/* Quantize the training rows, grow the trees, build the model. */
#include "pipeline/fit_model.h"

#include <stdlib.h>

#include "model/join.h"
#include "pipeline/fit_data.h"

static cm_status build(cm_model **out, const cm_model_source *source,
                       const cm_boosted *boosted, const cm_fit_options *options,
                       const char *params, cm_error *err)
{
    cm_model_parts parts = {
        .n_features = source->n_features,
        .features = source->features,
        .n_trees = boosted->n_trees,
        .trees = boosted->trained->trees,
        .bias = boosted->trained->bias,
        .class_names = {options->class_names[0], options->class_names[1]},
        .class_names_are_integers =
            cm_class_names_are_integers(options->class_names),
        .params_json = params};
    return cm_model_build(out, &parts, err);
}

/* The new trees behind those of init_model. */
static cm_status join(cm_model **model, const cm_model *init, cm_error *err)
{
    cm_model *joined = NULL;
    cm_status status = cm_model_join(&joined, init, *model, NULL, err);
    if (status == CM_OK) {
        cm_model_free(*model);
        *model = joined;
    }
    return status;
}

cm_status cm_build_model(cm_model **out, const cm_model_source *source,
                         const cm_boosted *boosted,
                         const cm_fit_options *options, cm_error *err)
{
    cm_fit_options resolved = *options;
    cm_buf params = {0};
    cm_train_options_resolve(&resolved.train, source->n_rows,
                             source->n_features);
    resolved.class_weights = source->class_weights;
    cm_catboost_params_format(&params, &resolved, source->monotone,
                              source->n_features);
    *out = NULL;
    cm_status status = cm_buf_check(&params, err);
    if (status == CM_OK) {
        status = build(out, source, boosted, options, params.p, err);
    }
    if (status == CM_OK && options->init_model != NULL) {
        status = join(out, options->init_model, err);
    }
    cm_buf_release(&params);
    if (status != CM_OK) {
        cm_model_free(*out);
        *out = NULL;
    }
    return status;
}

void cm_fit_report_take(cm_fit_report *out, cm_boosted *boosted)
{
    *out = (cm_fit_report){.options = boosted->options,
                           .n_grown = boosted->trained->n_trees,
                           .n_kept = boosted->n_trees,
                           .best_trees = boosted->best_trees,
                           .stopped = boosted->stopped,
                           .curve = boosted->curve};
    boosted->curve = (cm_curve){0};
}

void cm_fit_report_release(cm_fit_report *report)
{
    free(report->curve.points);
    *report = (cm_fit_report){0};
}

cm_status cm_fit_model(cm_model **out, cm_fit_report *report,
                       const cm_dataset *dataset, const cm_fitted *fitted,
                       const cm_feature_spec *spec,
                       const cm_fit_options *options, cm_error *err)
{
    cm_fit_data data = {0};
    cm_boosted *boosted = NULL;
    cm_status status = cm_fit_data_init(&data, dataset, fitted, spec, options,
                                        options->watch.on, err);
    if (status == CM_OK) {
        cm_boosting boosting = cm_fit_data_boosting(&data, options);
        status = cm_boost(&boosted, &boosting, err);
    }
    if (status == CM_OK) {
        cm_model_source source = cm_fit_data_source(&data);
        cm_fit_options chosen = *options;
        chosen.train.bootstrap = data.bootstrap;
        status = cm_build_model(out, &source, boosted, &chosen, err);
    }
    if (status == CM_OK) {
        cm_fit_report_take(report, boosted);
    }
    cm_boosted_free(boosted);
    cm_fit_data_release(&data);
    return status;
}
