/* The boosting loop: gradients, a tree, its leaf values, and again. */
#include "boost/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "boost/grow.h"
#include "boost/leaf.h"
#include "boost/options.h"

/* Streams of random numbers of one tree. */
enum { STREAM_SAMPLE, STREAM_TREE, N_STREAMS };

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
    cm_gradients gradients;
    cm_partition partition;
    cm_hist hist;
    cm_grower grower;
    cm_points points;
    cm_leaf_solver solver;
    int32_t *steps;   /* (1 << depth) */
    double mean_leaf; /* mean |leaf value| of the last tree */
    uint64_t n_clicks;
    int64_t click_scores; /* sum of the scores of rows with label 1 */
} trainer;

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

static cm_status check_labels(trainer *t, cm_error *err)
{
    size_t n = t->set->n_rows;
    for (size_t i = 0; i < n; i++) {
        uint8_t label = t->set->labels[i];
        if (label > 1) {
            return cm_fail(err, CM_ERR_DATA,
                           "label of row %zu is %u; labels must be 0 or 1", i,
                           label);
        }
        t->n_clicks += label;
    }
    if (t->n_clicks == 0 || t->n_clicks == n) {
        return cm_fail(err, CM_ERR_DATA,
                       "target contains only one unique value: all %zu rows "
                       "are labelled %d; both classes are needed to train",
                       n, t->n_clicks > 0);
    }
    return CM_OK;
}

static cm_status check_set(trainer *t, cm_error *err)
{
    const cm_train_set *set = t->set;
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
    return status == CM_OK ? check_labels(t, err) : status;
}

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
    cm_status status = cm_bundles_init(&t->bundles, t->set, t->team, err);
    if (status == CM_OK) {
        status = cm_rows_init(&t->rows, t->set->labels, t->set->n_rows,
                              t->options.depth, n_threads, t->team, err);
    }
    if (status == CM_OK) {
        status = cm_gradients_init(&t->gradients, &t->rows, t->logistic, err);
    }
    return status;
}

static cm_status init_growth(trainer *t, cm_error *err)
{
    uint32_t depth = t->options.depth;
    cm_status status =
        cm_partition_init(&t->partition, &t->rows, t->set, &t->bundles, depth,
                          cm_hist_max_slots(&t->bundles, depth), err);
    if (status == CM_OK) {
        status = cm_hist_init(&t->hist, &t->bundles, &t->partition, depth, err);
    }
    if (status == CM_OK) {
        t->grower.hist = &t->hist;
        t->grower.partition = &t->partition;
        t->grower.scorer = (cm_scorer){.set = t->set,
                                       .options = &t->options,
                                       .bundles = &t->bundles,
                                       .hist = &t->hist,
                                       .packing = &t->gradients.packing,
                                       .n_threads = t->rows.n_threads};
        status = cm_grower_init(&t->grower, depth, err);
    }
    if (status == CM_OK) {
        status = cm_points_init(&t->points, &t->rows, depth, err);
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
    cm_rows_release(&t->rows);
    cm_bundles_release(&t->bundles);
    free(t->logistic);
    free(t->steps);
    cm_team_free(t->team);
}

/* boost_from_average: every score starts at the log odds of the base rate. */
static void start_scores(trainer *t)
{
    if (t->options.boost_from_average) {
        double rate = (double)t->n_clicks / (double)t->rows.n;
        t->trained->bias = log(rate / (1 - rate));
    }
    int32_t score = cm_fixed_of(t->trained->bias);
    for (size_t i = 0; i < t->rows.n; i++) {
        t->rows.score[i] = score;
        t->rows.leaf[i] = 0;
    }
    t->click_scores = (int64_t)t->n_clicks * score;
    /* Mean |gradient|, which stands in for leaf values before the first tree.
     */
    double p = cm_logistic_at(t->logistic, score);
    double rate = (double)t->n_clicks / (double)t->rows.n;
    t->mean_leaf = rate * (1 - p) + (1 - rate) * p;
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

static cm_status make_structure(trainer *t, size_t iteration, cm_tree *tree,
                                cm_error *err)
{
    cm_split_condition splits[CM_MAX_DEPTH];
    cm_rng rng = cm_rng_stream(t->options.random_seed,
                               iteration * N_STREAMS + STREAM_TREE);
    cm_status status =
        cm_grow_tree(&t->grower, t->options.depth, score_noise(t, iteration),
                     rng, splits, &tree->depth, err);
    if (status != CM_OK) {
        return status;
    }
    cm_split_condition *copy =
        cm_arena_alloc(t->arena, tree->depth * sizeof *copy, err);
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(copy, splits, tree->depth * sizeof *copy);
    tree->splits = copy;
    return CM_OK;
}

static cm_status make_leaves(trainer *t, cm_tree *tree, cm_error *err)
{
    uint32_t n_leaves = 1u << tree->depth;
    cm_status status =
        cm_points_collect(&t->points, n_leaves, t->gradients.min_score,
                          t->gradients.max_score, err);
    if (status != CM_OK) {
        return status;
    }
    cm_leaf_solve(&t->solver);
    double *values = cm_arena_alloc(t->arena, n_leaves * sizeof *values, err);
    double *weights = cm_arena_alloc(t->arena, n_leaves * sizeof *weights, err);
    if (values == NULL || weights == NULL) {
        return CM_ERR_NOMEM;
    }
    double sum = 0;
    for (uint32_t l = 0; l < n_leaves; l++) {
        values[l] = t->solver.value[l] * t->options.learning_rate;
        weights[l] = (double)t->points.n_rows[l];
        t->steps[l] = cm_fixed_of(values[l]);
        t->click_scores += (int64_t)t->points.n_clicks[l] * t->steps[l];
        sum += fabs(values[l]);
    }
    t->mean_leaf = sum / n_leaves;
    tree->leaf_values = values;
    tree->leaf_weights = weights;
    return CM_OK;
}

/* -mean(label ln p + (1 - label) ln(1 - p)) = mean(ln(1 + e^s) - label s). */
static double train_log_loss(trainer *t)
{
    double softplus = cm_leaf_softplus(&t->solver, t->steps);
    return (softplus - (double)t->click_scores / CM_FIXED_ONE) /
           (double)t->rows.n;
}

static cm_status add_tree(trainer *t, size_t iteration, cm_error *err)
{
    cm_tree *tree = &t->trained->trees[iteration];
    cm_status status = compute_gradients(t, iteration, err);
    if (status == CM_OK) {
        status = make_structure(t, iteration, tree, err);
    }
    if (status == CM_OK) {
        status = make_leaves(t, tree, err);
    }
    if (status == CM_OK) {
        t->trained->train_log_loss = train_log_loss(t);
        t->trained->n_trees = iteration + 1;
    }
    return status;
}

static cm_status add_trees(trainer *t, cm_train_callback callback,
                           void *context, cm_error *err)
{
    start_scores(t);
    for (uint32_t i = 0; i < t->options.iterations; i++) {
        cm_status status = add_tree(t, i, err);
        if (status != CM_OK) {
            return status;
        }
        cm_train_progress progress = {i + 1, t->options.iterations,
                                      t->trained->train_log_loss,
                                      &t->trained->trees[i]};
        cm_train_verdict verdict =
            callback == NULL ? CM_TRAIN_GO_ON : callback(context, &progress);
        if (verdict == CM_TRAIN_STOP) {
            break;
        }
        if (verdict == CM_TRAIN_ABORT) {
            return cm_fail(err, CM_ERR_INTERRUPTED,
                           "training was stopped after %u of %u trees", i + 1,
                           t->options.iterations);
        }
    }
    return CM_OK;
}

cm_status cm_train(cm_trained **out, const cm_train_set *set,
                   const cm_train_options *options, cm_train_callback callback,
                   void *context, cm_error *err)
{
    trainer t = {.set = set, .options = *options};
    *out = NULL;
    cm_status status = check_set(&t, err);
    if (status == CM_OK) {
        cm_train_options_resolve(&t.options, set->n_rows, set->n_features);
        status = cm_train_options_check(&t.options, err);
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
