/* The boosting loop: gradients, a tree, its leaf values, and again. */
#include "boost/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "boost/check_set.h"
#include "boost/grow.h"
#include "boost/leaf.h"
#include "boost/monotone.h"
#include "boost/options.h"
#include "boost/sample.h"
#include "boost/start.h"

/* Streams of random numbers of one tree. */
enum { STREAM_SAMPLE, STREAM_TREE, STREAM_RUNS, N_STREAMS };

/* Everything that lives as long as the training.  steps[leaf]: the last tree's
 * values in fixed point. */
typedef struct trainer {
    const cm_train_set *set;
    cm_train_options options;
    cm_trained *trained;
    cm_arena *arena; /* of trained */
    cm_team *team;
    cm_logistic *logistic;
    cm_bundles bundles;
    cm_rows rows;
    cm_sample sample;
    cm_gradients gradients;
    cm_partition partition;
    cm_hist hist;
    cm_grower grower;
    cm_points points;
    cm_leaf_solver solver;
    int32_t *steps;      /* (1 << depth) */
    double mean_leaf;    /* mean |leaf value| of the last tree */
    double click_scores; /* weighted sum of the scores of rows with label 1,
                            in fixed point */
} trainer;

/* The result owns its trees through an arena that stands first in it. */
static cm_status make_result(trainer *t, cm_error *err)
{
    t->trained = cm_alloc_zero(1, sizeof *t->trained, err);
    t->arena = cm_alloc_zero(1, sizeof *t->arena, err);
    if (t->trained == NULL || t->arena == NULL) {
        free(t->arena);
        return CM_ERR_NOMEM;
    }
    t->trained->owner = t->arena;
    t->trained->trees =
        cm_arena_alloc(t->arena, t->options.iterations * sizeof(cm_tree), err);
    return t->trained->trees == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status init_tables(trainer *t, cm_error *err)
{
    int n_threads = cm_thread_count(t->options.n_threads);
    t->steps =
        cm_alloc_zero((size_t)1 << t->options.depth, sizeof *t->steps, err);
    t->logistic = cm_alloc(1, sizeof *t->logistic, err);
    if (t->steps == NULL || t->logistic == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_logistic_init(t->logistic);
    t->team = cm_team_new(n_threads);
    cm_status status = cm_bundles_init(&t->bundles, t->set, err);
    if (status == CM_OK) {
        status = cm_rows_init(&t->rows, t->set, t->options.depth, n_threads,
                              t->team, err);
    }
    if (status == CM_OK) {
        bool stratified = t->options.bootstrap == CM_BOOTSTRAP_STRATIFIED;
        status = cm_sample_init(&t->sample, &t->rows, t->set, &t->bundles,
                                stratified ? t->options.subsample : 1, err);
    }
    if (status == CM_OK) {
        status = cm_gradients_init(&t->gradients, &t->sample, t->logistic, err);
    }
    return status;
}

static cm_scorer make_scorer(trainer *t)
{
    double mean_weight = t->rows.total_weight / (double)t->rows.n;
    return (cm_scorer){.set = t->set,
                       .options = &t->options,
                       .l2 = t->options.l2_leaf_reg * mean_weight,
                       .bundles = &t->bundles,
                       .hist = &t->hist,
                       .packing = &t->gradients.packing,
                       .n_threads = t->rows.n_threads};
}

static cm_status init_growth(trainer *t, cm_error *err)
{
    uint32_t depth = t->options.depth;
    cm_status status =
        cm_partition_init(&t->partition, &t->sample, depth,
                          cm_hist_max_slots(&t->bundles, depth), err);
    if (status == CM_OK) {
        status = cm_hist_init(&t->hist, &t->partition, depth, err);
    }
    if (status == CM_OK) {
        t->grower.hist = &t->hist;
        t->grower.partition = &t->partition;
        t->grower.scorer = make_scorer(t);
        status = cm_grower_init(&t->grower, depth, err);
    }
    if (status == CM_OK) {
        status = cm_points_init(&t->points, t->set, &t->rows, depth, err);
    }
    if (status == CM_OK) {
        status = cm_leaf_solver_init(&t->solver, &t->options, &t->points, err);
    }
    return status;
}

static void release(trainer *t)
{
    cm_leaf_solver_release(&t->solver);
    cm_points_release(&t->points);
    cm_grower_release(&t->grower);
    cm_hist_release(&t->hist);
    cm_partition_release(&t->partition);
    cm_gradients_release(&t->gradients);
    cm_sample_release(&t->sample);
    cm_rows_release(&t->rows);
    cm_bundles_release(&t->bundles);
    free(t->logistic);
    free(t->steps);
    cm_team_free(t->team);
}

static cm_status compute_gradients(trainer *t, size_t iteration, cm_error *err)
{
    const cm_train_options *options = &t->options;
    cm_sampling sampling = {
        .bootstrap = (cm_bootstrap)options->bootstrap,
        .rate = options->subsample,
        .temperature = options->bagging_temperature,
        .lambda = options->mvs_reg >= 0 ? options->mvs_reg
                                        : t->mean_leaf * t->mean_leaf,
        .newton = cm_score_is_newton(options->score_function),
        .rng = cm_rng_stream(options->random_seed,
                             iteration * N_STREAMS + STREAM_SAMPLE)};
    return cm_gradients_compute(&t->gradients, t->steps, &sampling, err);
}

/* Standard deviation of the random part of scores: it shrinks as the model
 * grows.  Source: CatBoost greedy_tensor_search, NormalWithModelSizeDecrease.
 */
static double score_noise(const trainer *t, size_t iteration)
{
    double model_length = (double)iteration * t->options.learning_rate;
    double left = exp(log((double)t->rows.n) - model_length);
    return t->options.random_strength * t->gradients.gradient_rms * left /
           (1 + left);
}

static cm_status copy_splits(trainer *t, cm_tree *tree,
                             const cm_split_condition *splits, uint32_t depth,
                             cm_error *err)
{
    cm_split_condition *copy =
        cm_arena_alloc(t->arena, depth * sizeof *copy, err);
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(copy, splits, depth * sizeof *copy);
    tree->depth = depth;
    tree->splits = copy;
    return CM_OK;
}

static cm_status make_structure(trainer *t, size_t iteration, cm_tree *tree,
                                cm_error *err)
{
    cm_split_condition splits[CM_MAX_DEPTH];
    uint32_t depth = 0;
    cm_rng rng = cm_rng_stream(t->options.random_seed,
                               iteration * N_STREAMS + STREAM_TREE);
    cm_sample_choose(&t->sample,
                     cm_rng_stream(t->options.random_seed,
                                   iteration * N_STREAMS + STREAM_RUNS));
    cm_status status = compute_gradients(t, iteration, err);
    if (status == CM_OK) {
        status =
            cm_grow_tree(&t->grower, t->options.depth,
                         score_noise(t, iteration), rng, splits, &depth, err);
    }
    return status == CM_OK ? copy_splits(t, tree, splits, depth, err) : status;
}

/* The tree's leaves are final: what follows from them. */
static void finish_tree(trainer *t, const cm_tree *tree)
{
    uint32_t n_leaves = 1u << tree->depth;
    double sum = 0;
    for (uint32_t l = 0; l < n_leaves; l++) {
        t->steps[l] = cm_fixed_of(tree->leaf_values[l]);
        t->click_scores += t->points.leaf_clicks[l] * t->steps[l];
        sum += fabs(tree->leaf_values[l]);
    }
    t->mean_leaf = sum / n_leaves;
}

/* given NULL: the best values. */
static cm_status make_leaves(trainer *t, cm_tree *tree, const double *given,
                             cm_error *err)
{
    uint32_t n_leaves = 1u << tree->depth;
    cm_status status =
        cm_points_collect(&t->points, t->steps, tree->splits, tree->depth, err);
    if (status != CM_OK) {
        return status;
    }
    double *values = cm_arena_alloc(t->arena, n_leaves * sizeof *values, err);
    double *weights = cm_arena_alloc(t->arena, n_leaves * sizeof *weights, err);
    if (values == NULL || weights == NULL) {
        return CM_ERR_NOMEM;
    }
    if (given == NULL) {
        cm_leaf_solve(&t->solver);
        cm_monotone_project(t->solver.value, t->points.leaf_weight,
                            tree->splits, tree->depth, t->set->monotone);
    }
    for (uint32_t l = 0; l < n_leaves; l++) {
        values[l] = given != NULL
                        ? given[l]
                        : t->solver.value[l] * t->options.learning_rate;
        weights[l] = t->points.leaf_weight[l];
    }
    tree->leaf_values = values;
    tree->leaf_weights = weights;
    finish_tree(t, tree);
    return CM_OK;
}

/* -mean(label ln p + (1 - label) ln(1 - p)) = mean(ln(1 + e^s) - label s). */
static double train_log_loss(trainer *t)
{
    double softplus = cm_leaf_softplus(&t->solver, t->steps);
    return (softplus - t->click_scores / CM_FIXED_ONE) / t->rows.total_weight;
}

/* A tree of the training that this one goes on from. */
static cm_status take_tree(trainer *t, cm_tree *tree, const cm_tree *from,
                           cm_error *err)
{
    cm_status status = copy_splits(t, tree, from->splits, from->depth, err);
    return status == CM_OK ? make_leaves(t, tree, from->leaf_values, err)
                           : status;
}

static cm_status add_tree(trainer *t, size_t iteration, cm_error *err)
{
    cm_tree *tree = &t->trained->trees[iteration];
    cm_status status = make_structure(t, iteration, tree, err);
    return status == CM_OK ? make_leaves(t, tree, NULL, err) : status;
}

static cm_status report(trainer *t, size_t n_trees, cm_train_callback callback,
                        void *context, bool *stop, cm_error *err)
{
    const cm_train_progress progress = {
        (uint32_t)n_trees, t->options.iterations, t->trained->train_log_loss,
        &t->trained->trees[n_trees - 1]};
    cm_train_verdict verdict =
        callback == NULL ? CM_TRAIN_GO_ON : callback(context, &progress);
    *stop = verdict == CM_TRAIN_STOP;
    if (verdict == CM_TRAIN_ABORT) {
        return cm_fail(err, CM_ERR_INTERRUPTED,
                       "training was stopped after %zu of %u trees", n_trees,
                       t->options.iterations);
    }
    return CM_OK;
}

static cm_status add_trees(trainer *t, cm_train_callback callback,
                           void *context, cm_error *err)
{
    const cm_train_set *set = t->set;
    cm_status status = CM_OK;
    bool stop = false;
    const cm_start start = cm_start_scores(&t->rows, set->baseline, t->logistic,
                                           t->options.boost_from_average);
    t->trained->bias = start.bias;
    t->click_scores = start.click_scores;
    t->mean_leaf = start.mean_gradient;
    for (size_t i = 0; i < t->options.iterations && !stop; i++) {
        bool taken = i < set->n_first_trees;
        status = taken ? take_tree(t, &t->trained->trees[i],
                                   &set->first_trees[i], err)
                       : add_tree(t, i, err);
        if (status != CM_OK) {
            return status;
        }
        t->trained->n_trees = i + 1;
        t->trained->train_log_loss = train_log_loss(t);
        if (!taken) {
            status = report(t, i + 1, callback, context, &stop, err);
        }
        if (status != CM_OK) {
            return status;
        }
    }
    return status;
}

cm_status cm_train(cm_trained **out, const cm_train_set *set,
                   const cm_train_options *options, cm_train_callback callback,
                   void *context, cm_error *err)
{
    trainer t = {.set = set, .options = *options};
    *out = NULL;
    cm_status status = cm_check_set(set, err);
    if (status == CM_OK) {
        cm_train_options_resolve(&t.options, set->n_rows, set->n_features);
        status = cm_train_options_check(&t.options, err);
    }
    if (status == CM_OK) {
        status = cm_check_set_for(set, &t.options, err);
    }
    if (status == CM_OK) {
        status = make_result(&t, err);
    }
    if (status == CM_OK) {
        status = init_tables(&t, err);
    }
    if (status == CM_OK) {
        status = init_growth(&t, err);
    }
    if (status == CM_OK) {
        status = add_trees(&t, callback, context, err);
    }
    release(&t);
    if (status != CM_OK) {
        cm_trained_free(t.trained);
        return status;
    }
    *out = t.trained;
    return CM_OK;
}

void cm_trained_free(cm_trained *trained)
{
    if (trained == NULL) {
        return;
    }
    cm_arena *arena = trained->owner;
    if (arena != NULL) {
        cm_arena_release(arena);
    }
    free(arena);
    free(trained);
}
