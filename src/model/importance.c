/* What inputs matter to a model as a whole, as CatBoost counts it. */
#include "model/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/shap_body.h"

static size_t count_numbers(const cm_model *model)
{
    return model->n_features + model->n_one_hots + model->n_ctrs;
}

/* NULL: the number is not made of a table. */
static const cm_projection *projection_of(const cm_model *model, size_t number)
{
    size_t first = model->n_features + model->n_one_hots;
    return number < first
               ? NULL
               : &model->ctr_tables[model->ctrs[number - first].table]
                      .projection;
}

/* The input of a float or one-hot number. */
static uint32_t only_input(const cm_model *model, size_t number)
{
    if (number < model->n_features) {
        return players_float_input(model, (uint32_t)number);
    }
    size_t cat = model->one_hots[number - model->n_features].cat_feature;
    return model->cat_features[cat].flat_index;
}

/* ---- PredictionValuesChange -------------------------------------------- */

/* How much a condition moves the tree's value: the weighted variance between
 * the leaves it tells apart. */
static double effect_of(const cm_tree *tree, const double *weights,
                        uint32_t condition)
{
    double sum = 0;
    size_t bit = (size_t)1 << condition;
    for (size_t l = 0; l < (size_t)1 << tree->depth; l++) {
        double n = weights[l], m = weights[l | bit];
        if ((l & bit) != 0 || n == 0 || m == 0) {
            continue;
        }
        double a = tree->leaf_values[l], b = tree->leaf_values[l | bit];
        double mean = (a * n + b * m) / (n + m);
        sum += (a - mean) * (a - mean) * n + (b - mean) * (b - mean) * m;
    }
    return sum;
}

/* A table's effect goes in equal parts to all it is made of. */
static void share_effect(double *out, const cm_model *model, size_t number,
                         double effect)
{
    const cm_projection *from = projection_of(model, number);
    if (from == NULL) {
        out[only_input(model, number)] += effect;
        return;
    }
    effect /= from->n_cats + from->n_float_splits + from->n_one_hot_splits;
    for (uint32_t i = 0; i < from->n_cats; i++) {
        out[model->cat_features[from->cats[i]].flat_index] += effect;
    }
    for (uint32_t i = 0; i < from->n_float_splits; i++) {
        uint32_t feature = from->float_splits[i].float_feature;
        out[players_float_input(model, feature)] += effect;
    }
    for (uint32_t i = 0; i < from->n_one_hot_splits; i++) {
        uint32_t cat = from->one_hot_splits[i].cat_feature;
        out[model->cat_features[cat].flat_index] += effect;
    }
}

/* effects (numbers); weights: of all leaves, or NULL: the model's own. */
static void add_effects(double *effects, const cm_model *model,
                        const double *weights)
{
    for (size_t t = 0; t < model->n_trees; t++) {
        const cm_tree *tree = &model->trees[t];
        const double *own = weights != NULL ? weights : tree->leaf_weights;
        for (uint32_t d = 0; d < tree->depth; d++) {
            effects[tree->splits[d].feature] += effect_of(tree, own, d);
        }
        weights = weights ? weights + ((size_t)1 << tree->depth) : NULL;
    }
}

static void share_effects(double *out, const cm_model *model,
                          const double *effects)
{
    size_t n = count_numbers(model);
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        total += effects[i];
    }
    memset(out, 0, cm_model_input_count(model) * sizeof *out);
    for (size_t i = 0; i < n && total > 0; i++) {
        if (effects[i] > 0) {
            share_effect(out, model, i, effects[i] * 100 / total);
        }
    }
}

cm_status cm_model_values_change(const cm_model *model,
                                 const cm_explain_rows *rows, double *out,
                                 cm_error *err)
{
    size_t n_leaves = 0;
    double *weights = NULL;
    double *effects = cm_alloc_zero(count_numbers(model), sizeof *effects, err);
    cm_status status = effects ? CM_OK : CM_ERR_NOMEM;
    for (size_t t = 0; t < model->n_trees; t++) {
        n_leaves += (size_t)1 << model->trees[t].depth;
    }
    if (status == CM_OK && rows != NULL) {
        weights = cm_alloc_zero(n_leaves, sizeof *weights, err);
        status = weights ? add_leaf_weights(weights, model, rows, err)
                         : CM_ERR_NOMEM;
    }
    if (status == CM_OK) {
        add_effects(effects, model, weights);
        share_effects(out, model, effects);
    }
    free(weights);
    free(effects);
    return status;
}

/* ---- LossFunctionChange ------------------------------------------------ */

/* log(1 + exp(raw)) - label * raw, without overflow. */
static double log_loss(double raw, double label)
{
    double tail = log1p(exp(-fabs(raw)));
    return (raw > 0 ? raw : 0) + tail - label * raw;
}

typedef struct loss_job {
    const cm_explainer *explainer;
    const float *labels;
    const double *raw, *weights; /* (n) */
    double *growth; /* (tiles, players): of the loss, without the player */
} loss_job;

static void add_growth(void *context, const shap_tile *tile)
{
    const loss_job *job = context;
    double scale = job->explainer->model->scale;
    size_t n_players = job->explainer->players.n;
    const double *sums = tile->sums;
    double *growth = job->growth + tile->index * n_players;
    for (size_t i = tile->first; i < tile->first + tile->n; i++) {
        double label = (double)job->labels[i];
        double with = log_loss(job->raw[i], label);
        for (size_t p = 0; p < n_players; p++) {
            double raw = job->raw[i] - scale * sums[p];
            growth[p] += job->weights[i] * (log_loss(raw, label) - with);
        }
        sums += n_players;
    }
}

static void sum_growth(double *out, const loss_job *job, size_t n_tiles,
                       double weight)
{
    const player_list *players = &job->explainer->players;
    memset(out, 0, players->n_inputs * sizeof *out);
    for (size_t p = 0; p < players->n; p++) {
        double sum = 0;
        for (size_t t = 0; t < n_tiles; t++) {
            sum += job->growth[t * players->n + p];
        }
        share_effect(out, job->explainer->model, players->leading[p],
                     sum / weight);
    }
}

static cm_status measure_growth(double *out, loss_job *job,
                                const cm_explain_rows *rows, double weight,
                                cm_error *err)
{
    const cm_model *model = job->explainer->model;
    size_t tile = row_tile_capacity(model), n = (rows->n + tile - 1) / tile;
    double *raw = cm_alloc(rows->n, sizeof *raw, err);
    job->growth =
        cm_alloc_zero(n, job->explainer->players.n * sizeof *job->growth, err);
    cm_status status = raw && job->growth ? CM_OK : CM_ERR_NOMEM;
    if (status == CM_OK) {
        cm_model_apply_cats(model, rows->columns, rows->cats, rows->n, raw);
        job->raw = raw;
        status = shap_tiles(job->explainer, rows, add_growth, job, err);
    }
    if (status == CM_OK) {
        sum_growth(out, job, n, weight);
    }
    free(raw);
    free(job->growth);
    return status;
}

/* Fills *weight, of all rows. */
static cm_status check_rows(double *weight, const cm_explain_rows *rows,
                            const double *weights, cm_error *err)
{
    if (rows->labels == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "LossFunctionChange measures a loss: it needs labels");
    }
    *weight = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->labels[i] != 0 && rows->labels[i] != 1) {
            return cm_fail(err, CM_ERR_DATA,
                           "label %zu is %g; LossFunctionChange of Logloss "
                           "takes 0 and 1",
                           i, (double)rows->labels[i]);
        }
        *weight += weights[i];
    }
    return *weight > 0 ? CM_OK
                       : cm_fail(err, CM_ERR_DATA,
                                 "the weights of %zu rows add up to nothing; "
                                 "LossFunctionChange needs rows that count",
                                 rows->n);
}

cm_status cm_model_loss_change(const cm_model *model,
                               const cm_explain_rows *rows, double *out,
                               cm_error *err)
{
    cm_explainer *explainer = NULL;
    double *weights = NULL, weight = 0;
    cm_status status = row_weights(&weights, model, rows, err);
    if (status == CM_OK) {
        status = check_rows(&weight, rows, weights, err);
    }
    if (status == CM_OK) {
        status = cm_explainer_new_for(&explainer, model, rows, err);
    }
    if (status == CM_OK) {
        loss_job job = {
            .explainer = explainer, .labels = rows->labels, .weights = weights};
        status = measure_growth(out, &job, rows, weight, err);
    }
    cm_explainer_free(explainer);
    free(weights);
    return status;
}
