/* A training a fold, each watched on the rows it has not seen.
 *
 * The number of trees is chosen once for all folds, as CatBoost's cv does: the
 * point of the learning curves at which the mean of the eval_metric is best. */
#include "pipeline/cross_validate.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/folds.h"
#include "pipeline/fit_data.h"
#include "pipeline/init_model.h"

typedef struct cv_state {
    const cm_train_job *job;
    cm_fit_options fit;
    cm_dataset *dataset;
    cm_init_model init;
    uint8_t *fold;    /* (n_rows) */
    cm_curve *curves; /* (n_folds) */
    cm_cv_result *out;
} cv_state;

static void state_release(cv_state *state)
{
    for (uint32_t k = 0; state->curves != NULL && k < state->out->n_folds;
         k++) {
        free(state->curves[k].points);
    }
    free(state->curves);
    free(state->fold);
    cm_init_model_release(&state->init);
    cm_dataset_free(state->dataset);
}

static cm_status load(cv_state *state, cm_error *err)
{
    const cm_train_job *job = state->job;
    uint32_t n_folds = state->out->n_folds;
    cm_make_dataset_options options = job->dataset;
    cm_make_dataset_report report = {0};
    options.output = NULL;
    cm_status status = cm_make_dataset(&state->dataset, &report, &options, err);
    if (status == CM_OK && job->init_model != NULL) {
        status = cm_init_model_load(&state->init, job->init_model, err);
    }
    if (status != CM_OK) {
        return status;
    }
    size_t n = state->dataset->n_rows;
    state->fold = cm_alloc(n, 1, err);
    state->curves = cm_alloc_zero(n_folds, sizeof *state->curves, err);
    state->out->folds = cm_alloc_zero(n_folds, sizeof *state->out->folds, err);
    if (state->fold == NULL || state->curves == NULL ||
        state->out->folds == NULL) {
        return CM_ERR_NOMEM;
    }
    const cm_column *target =
        cm_dataset_of_kind(state->dataset, CM_COLUMN_TARGET);
    return cm_folds_assign(state->fold, target->values, n, n_folds,
                           job->features.split_seed, err);
}

static cm_status grow(cv_state *state, const cm_fitted *fitted, uint32_t k,
                      cm_error *err)
{
    cm_fit_data data = {0};
    cm_boosted *boosted = NULL;
    cm_status status =
        cm_fit_data_init(&data, state->dataset, fitted,
                         &state->job->features.spec, &state->fit, true, err);
    if (status == CM_OK) {
        cm_boosting boosting = cm_fit_data_boosting(&data, &state->fit);
        status = cm_boost(&boosted, &boosting, err);
    }
    if (status == CM_OK) {
        state->out->folds[k] =
            (cm_cv_fold){.n_train = fitted->split.n_train,
                         .n_val = fitted->split.n_val,
                         .best_trees = boosted->best_trees,
                         .n_grown = boosted->trained->n_trees};
        state->curves[k] = boosted->curve;
        boosted->curve = (cm_curve){0};
    }
    cm_boosted_free(boosted);
    cm_fit_data_release(&data);
    return status;
}

static cm_status run_fold(cv_state *state, uint32_t k, cm_error *err)
{
    cm_fitted fitted = {0};
    cm_info(state->job->fit.log, "fold %u of %u", k + 1, state->out->n_folds);
    cm_status status = cm_split_by_fold(&fitted.split, state->fold,
                                        state->dataset->n_rows, k, err);
    if (status == CM_OK) {
        status = cm_fit_features(&fitted, state->dataset, &state->job->features,
                                 err);
    }
    if (status == CM_OK) {
        status = grow(state, &fitted, k, err);
    }
    cm_fitted_release(&fitted);
    return status;
}

static double value_of(const cm_curve_point *point, int metric)
{
    return metric == CM_CV_LOG_LOSS ? point->log_loss
           : metric == CM_CV_AUC    ? point->auc
                                    : point->normalized_entropy;
}

static int metric_of(const cv_state *state)
{
    cm_eval_metric metric = state->fit.watch.metric;
    return metric == CM_EVAL_AUC                  ? CM_CV_AUC
           : metric == CM_EVAL_NORMALIZED_ENTROPY ? CM_CV_NE
                                                  : CM_CV_LOG_LOSS;
}

/* Points that all folds have with the same number of trees come first. */
static size_t common_points(const cv_state *state)
{
    size_t n = state->curves[0].n;
    for (uint32_t k = 1; k < state->out->n_folds; k++) {
        const cm_curve *curve = &state->curves[k];
        size_t same = 0;
        while (same < n && same < curve->n &&
               curve->points[same].trees ==
                   state->curves[0].points[same].trees) {
            same++;
        }
        n = same;
    }
    return n;
}

static double mean_at(const cv_state *state, size_t point, int metric)
{
    double sum = 0;
    for (uint32_t k = 0; k < state->out->n_folds; k++) {
        sum += value_of(&state->curves[k].points[point], metric);
    }
    return sum / state->out->n_folds;
}

static cm_status find_best(const cv_state *state, size_t *out, cm_error *err)
{
    int metric = metric_of(state);
    double sign = metric == CM_CV_AUC ? 1 : -1, best = -INFINITY;
    size_t n = common_points(state);
    if (n == 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "the folds stopped before a tree that all of them "
                       "were measured at: use metric_period 1");
    }
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        double value = sign * mean_at(state, i, metric);
        if (value > best) {
            best = value;
            *out = i;
        }
    }
    return CM_OK;
}

static void summarize(cv_state *state, size_t point)
{
    cm_cv_result *out = state->out;
    out->best_trees = state->curves[0].points[point].trees;
    for (int metric = 0; metric < CM_CV_METRICS; metric++) {
        double mean = mean_at(state, point, metric), squares = 0;
        for (uint32_t k = 0; k < out->n_folds; k++) {
            double value = value_of(&state->curves[k].points[point], metric);
            out->folds[k].values[metric] = value;
            squares += (value - mean) * (value - mean);
        }
        out->mean[metric] = mean;
        out->sd[metric] = sqrt(squares / (out->n_folds - 1));
    }
}

cm_status cm_cross_validate(cm_cv_result *out, const cm_train_job *job,
                            uint32_t n_folds, cm_error *err)
{
    cv_state state = {.job = job, .fit = job->fit, .out = out};
    double start = cm_seconds();
    *out = (cm_cv_result){.n_folds = n_folds};
    state.fit.watch.on = true;
    state.fit.watch.use_best_model = false; /* one number for all folds */
    state.fit.snapshot = (cm_snapshot_options){0};
    cm_status status = load(&state, err);
    state.fit.init_model = state.init.model;
    for (uint32_t k = 0; k < n_folds && status == CM_OK; k++) {
        status = run_fold(&state, k, err);
    }
    size_t point = 0;
    if (status == CM_OK) {
        status = find_best(&state, &point, err);
    }
    if (status == CM_OK) {
        summarize(&state, point);
    }
    out->seconds = cm_seconds() - start;
    state_release(&state);
    return status;
}

void cm_cv_result_release(cm_cv_result *result)
{
    free(result->folds);
    *result = (cm_cv_result){0};
}
