/* Everything a training set promises, checked. */
#include "boost/check_set.h"

#include <math.h>

#include "boost/bundle.h"
#include "boost/sample.h"

static cm_status check_features(const cm_train_set *set, cm_error *err)
{
    for (size_t f = 0; f < set->n_features; f++) {
        if (set->n_bins[f] > CM_MAX_CODES) {
            return cm_fail(err, CM_ERR_DATA,
                           "feature %zu has %u bins; at most %d are supported",
                           f, set->n_bins[f], CM_MAX_CODES);
        }
    }
    return CM_OK;
}

static cm_status check_labels(const cm_train_set *set, cm_error *err)
{
    size_t n = set->n_rows, n_clicks = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t label = set->labels[i];
        if (label > 1) {
            return cm_fail(err, CM_ERR_DATA,
                           "label of row %zu is %u; labels must be 0 or 1", i,
                           label);
        }
        n_clicks += label;
    }
    if (n_clicks == 0 || n_clicks == n) {
        return cm_fail(err, CM_ERR_DATA,
                       "target contains only one unique value: all %zu rows "
                       "are labelled %d; both classes are needed to train",
                       n, n_clicks > 0);
    }
    return CM_OK;
}

static cm_status check_weights(const cm_train_set *set, cm_error *err)
{
    double sum = 0;
    for (size_t i = 0; set->weights != NULL && i < set->n_rows; i++) {
        double weight = (double)set->weights[i];
        if (!(weight >= 0 && weight < HUGE_VAL)) {
            return cm_fail(err, CM_ERR_DATA,
                           "weight of row %zu is %g; weights must be finite "
                           "and not negative",
                           i, weight);
        }
        sum += weight;
    }
    if (set->weights != NULL && !(sum > 0)) {
        return cm_fail(err, CM_ERR_DATA,
                       "all %zu weights are 0; at least one row must count",
                       set->n_rows);
    }
    return CM_OK;
}

static cm_status check_baseline(const cm_train_set *set, cm_error *err)
{
    for (size_t i = 0; set->baseline != NULL && i < set->n_rows; i++) {
        if (!isfinite(set->baseline[i])) {
            return cm_fail(err, CM_ERR_DATA,
                           "baseline of row %zu is %g; scores to start from "
                           "must be finite",
                           i, set->baseline[i]);
        }
    }
    return CM_OK;
}

/* Stratified sampling takes runs of rows: order.h. */
static cm_status check_order(const cm_train_set *set,
                             const cm_train_options *options, cm_error *err)
{
    if (options->bootstrap != CM_BOOTSTRAP_STRATIFIED ||
        !cm_sample_is_partial(set->n_rows, options->subsample)) {
        return CM_OK;
    }
    for (size_t i = 1; i < set->n_rows; i++) {
        if (set->labels[i] > set->labels[i - 1]) {
            return cm_fail(err, CM_ERR_USAGE,
                           "row %zu has label 1 after one of label 0; "
                           "stratified sampling wants the training set in the "
                           "order of cm_stratified_order",
                           i);
        }
    }
    return CM_OK;
}

static cm_status check_first_tree(const cm_train_set *set,
                                  const cm_train_options *options, size_t index,
                                  cm_error *err)
{
    const cm_tree *tree = &set->first_trees[index];
    bool fits = tree->depth <= options->depth;
    for (uint32_t d = 0; fits && d < tree->depth; d++) {
        cm_split_condition split = tree->splits[d];
        fits = split.feature < set->n_features &&
               split.border + 1u < set->n_bins[split.feature];
    }
    if (!fits) {
        return cm_fail(err, CM_ERR_DATA,
                       "tree %zu to go on from does not fit this training "
                       "set: its depth, a feature or a border is too large",
                       index);
    }
    return CM_OK;
}

static cm_status check_first_trees(const cm_train_set *set,
                                   const cm_train_options *options,
                                   cm_error *err)
{
    size_t n = set->n_first_trees;
    if (n > options->iterations) {
        return cm_fail(err, CM_ERR_DATA,
                       "there are %zu trees to go on from, more than the %u "
                       "iterations wanted",
                       n, options->iterations);
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status = check_first_tree(set, options, i, err);
    }
    return status;
}

cm_status cm_check_set(const cm_train_set *set, cm_error *err)
{
    if (set->n_rows == 0 || set->n_features == 0 ||
        set->n_rows > UINT32_MAX / 2 || set->n_features > UINT16_MAX) {
        return cm_fail(err, CM_ERR_DATA,
                       "the training set has %zu rows and %zu features; "
                       "between 1 and %u rows and between 1 and %u features "
                       "are needed",
                       set->n_rows, set->n_features, UINT32_MAX / 2,
                       UINT16_MAX);
    }
    cm_status status = check_features(set, err);
    if (status == CM_OK) {
        status = check_labels(set, err);
    }
    if (status == CM_OK) {
        status = check_weights(set, err);
    }
    return status == CM_OK ? check_baseline(set, err) : status;
}

cm_status cm_check_set_for(const cm_train_set *set,
                           const cm_train_options *options, cm_error *err)
{
    cm_status status = check_order(set, options, err);
    return status == CM_OK ? check_first_trees(set, options, err) : status;
}
