/* Bins, weights, baselines and constraints of a training, made together. */
#include "pipeline/fit_data.h"

#include <stdlib.h>

#include "base/mem.h"
#include "boost/order.h"
#include "pipeline/init_model.h"
#include "pipeline/monotone.h"
#include "score/score.h"

typedef struct source {
    const cm_fitted *fitted;
    const cm_feature_spec *spec;
    const cm_fit_options *options;
    const uint8_t *labels; /* of the whole dataset */
} source;

static size_t count_clicks(const source *from)
{
    const cm_split *split = &from->fitted->split;
    size_t clicks = 0;
    for (size_t i = 0; i < split->n_train; i++) {
        clicks += from->labels[split->train[i]];
    }
    return clicks;
}

static void choose_bootstrap(cm_fit_data *data, const source *from)
{
    size_t n = from->fitted->split.n_train;
    data->bootstrap = from->options->train.bootstrap;
    if (data->bootstrap >= 0) {
        return;
    }
    size_t clicks = count_clicks(from);
    data->bootstrap = (int)cm_choose_bootstrap(n, clicks);
    bool stratified = data->bootstrap == CM_BOOTSTRAP_STRATIFIED;
    cm_info(
        from->options->log,
        "bootstrap_type %s: %zu training rows, %.1f %% of them clicks%s",
        stratified ? "Stratified" : "MVS", n, 100 * (double)clicks / (double)n,
        stratified ? "; splits are chosen on a sample of both classes, leaf "
                     "values come from all rows"
                   : "");
}

/* Stratified sampling reads runs of rows: boost/order.h. */
static cm_status order_rows(cm_fit_data *data, const source *from,
                            cm_error *err)
{
    const cm_split *split = &from->fitted->split;
    size_t n = split->n_train;
    if (data->bootstrap != CM_BOOTSTRAP_STRATIFIED) {
        return CM_OK;
    }
    data->order = cm_alloc_large(n, sizeof *data->order, err);
    uint8_t *labels = cm_alloc(n, 1, err);
    cm_status status = CM_ERR_NOMEM;
    if (data->order != NULL && labels != NULL) {
        for (size_t i = 0; i < n; i++) {
            labels[i] = from->labels[split->train[i]];
        }
        status = cm_stratified_order(data->order, labels, n,
                                     from->options->train.random_seed, err);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        data->order[i] = split->train[data->order[i]];
    }
    free(labels);
    return status;
}

static const uint32_t *train_rows(const cm_fit_data *data, const source *from)
{
    return data->order != NULL ? data->order : from->fitted->split.train;
}

static cm_status bin_rows(cm_fit_data *data, const source *from, bool watch,
                          cm_error *err)
{
    const cm_fit_options *options = from->options;
    const cm_split *split = &from->fitted->split;
    cm_quantize_options quantize = {.border_count = options->border_count,
                                    .nan_mode = options->nan_mode,
                                    .n_threads = options->train.n_threads};
    cm_status status = cm_quantize(
        &data->train.binned, from->fitted->codes, from->spec->ctr_features,
        train_rows(data, from), split->n_train, from->labels, &quantize, err);
    if (status == CM_OK && watch) {
        status = cm_quantize_rows(&data->watched.binned, data->train.binned,
                                  from->fitted->codes, split->val, split->n_val,
                                  from->labels, options->train.n_threads, err);
    }
    return status;
}

static cm_status weigh(cm_fit_rows *rows, const cm_class_weights *resolved,
                       cm_error *err)
{
    return cm_row_weights(&rows->weights, resolved, rows->binned->labels, NULL,
                          rows->binned->n_rows, err);
}

static cm_status score_init_model(cm_fit_rows *part, const source *from,
                                  const uint32_t *rows, cm_error *err)
{
    size_t n = part->binned->n_rows;
    part->baseline = cm_alloc(n, sizeof *part->baseline, err);
    return part->baseline != NULL
               ? cm_score_codes_raw(
                     from->options->init_model, from->fitted->codes, rows, n,
                     from->options->train.n_threads, part->baseline, err)
               : CM_ERR_NOMEM;
}

static cm_status set_baselines(cm_fit_data *data, const source *from,
                               cm_error *err)
{
    if (from->options->init_model == NULL) {
        return CM_OK;
    }
    cm_status status =
        cm_init_model_check(from->options->init_model, from->spec->ctr_features,
                            from->spec->n_ctr, &from->options->train, err);
    if (status == CM_OK) {
        status =
            score_init_model(&data->train, from, train_rows(data, from), err);
    }
    if (status == CM_OK && data->watched.binned != NULL) {
        status = score_init_model(&data->watched, from, from->fitted->split.val,
                                  err);
    }
    return status;
}

static cm_status set_weights(cm_fit_data *data, const source *from,
                             cm_error *err)
{
    const cm_binned *train = data->train.binned;
    data->class_weights = from->options->class_weights;
    cm_class_weights_resolve(&data->class_weights, train->labels, NULL,
                             train->n_rows);
    cm_status status = weigh(&data->train, &data->class_weights, err);
    return status == CM_OK && data->watched.binned != NULL
               ? weigh(&data->watched, &data->class_weights, err)
               : status;
}

static cm_status set_monotone(cm_fit_data *data, const source *from,
                              cm_error *err)
{
    const cm_fit_options *options = from->options;
    if (options->n_monotone == 0) {
        return CM_OK;
    }
    data->monotone = cm_alloc(from->spec->n_ctr, 1, err);
    return data->monotone != NULL
               ? cm_monotone_parse(
                     data->monotone, options->monotone, options->n_monotone,
                     from->spec->ctr_features, from->spec->n_ctr, err)
               : CM_ERR_NOMEM;
}

cm_status cm_fit_data_init(cm_fit_data *data, const cm_dataset *dataset,
                           const cm_fitted *fitted, const cm_feature_spec *spec,
                           const cm_fit_options *options, bool watch,
                           cm_error *err)
{
    const cm_column *target = cm_dataset_of_kind(dataset, CM_COLUMN_TARGET);
    CM_ASSERT(target != NULL);
    source from = {fitted, spec, options, target->values};
    *data = (cm_fit_data){0};
    choose_bootstrap(data, &from);
    cm_status status = order_rows(data, &from, err);
    if (status == CM_OK) {
        status = bin_rows(data, &from, watch, err);
    }
    if (status == CM_OK) {
        status = set_weights(data, &from, err);
    }
    if (status == CM_OK) {
        status = set_baselines(data, &from, err);
    }
    if (status == CM_OK) {
        status = set_monotone(data, &from, err);
    }
    if (status == CM_OK && data->watched.binned != NULL) {
        const cm_fit_rows *rows = &data->watched;
        data->watched_rows = (cm_watched_rows){.n_rows = rows->binned->n_rows,
                                               .bins = rows->binned->bins,
                                               .labels = rows->binned->labels,
                                               .weights = rows->weights,
                                               .baseline = rows->baseline};
    }
    return status;
}

static void rows_release(cm_fit_rows *rows)
{
    cm_binned_free(rows->binned);
    free(rows->weights);
    free(rows->baseline);
}

void cm_fit_data_release(cm_fit_data *data)
{
    rows_release(&data->watched); /* its features are those of train */
    rows_release(&data->train);
    free(data->monotone);
    free(data->order);
    *data = (cm_fit_data){0};
}

cm_boosting cm_fit_data_boosting(const cm_fit_data *data,
                                 const cm_fit_options *options)
{
    const cm_binned *binned = data->train.binned;
    cm_train_options train = options->train;
    train.bootstrap = data->bootstrap;
    return (cm_boosting){
        .set = {.n_rows = binned->n_rows,
                .n_features = binned->n_features,
                .bins = binned->bins,
                .n_bins = binned->n_bins,
                .labels = binned->labels,
                .weights = data->train.weights,
                .baseline = data->train.baseline,
                .monotone = data->monotone},
        .train = train,
        .watched = data->watched.binned != NULL ? &data->watched_rows : NULL,
        .watch = options->watch,
        .snapshot = options->snapshot,
        .observer = options->observer,
        .log = options->log};
}

cm_model_source cm_fit_data_source(const cm_fit_data *data)
{
    const cm_binned *binned = data->train.binned;
    return (cm_model_source){.n_rows = binned->n_rows,
                             .n_features = binned->n_features,
                             .features = binned->features,
                             .monotone = data->monotone,
                             .class_weights = data->class_weights};
}
