/* Scores of the watched rows, kept up to date tree by tree.
 *
 * Rows are walked in blocks, and what a block gives is added up in their
 * order, so the metrics are the same for any number of threads. */
#include "pipeline/watch.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "evaluation/raw_loss.h"
#include "evaluation/roc_auc.h"
#include "evaluation/sum.h"

enum { BLOCK_ROWS = 4096 };

struct cm_watch {
    const cm_watched_rows *rows;
    cm_watch_options options;
    uint32_t iterations;
    double train_base_log_loss;
    double base_log_loss; /* of the watched rows, weighted */
    double total_weight;
    cm_team *team;
    double *scores;        /* (n_rows) */
    double *probabilities; /* (n_rows) */
    double *losses;        /* (blocks): sums of the last pass */
    const cm_tree *tree;   /* of the pass */
    bool wants_auc;        /* in the pass */
    cm_overfit_detector detector;
    uint32_t trees, best_trees;
    double last, best;
    cm_curve_point point; /* after the last tree */
    cm_curve curve;
    size_t curve_capacity;
};

const char *cm_eval_metric_name(cm_eval_metric metric)
{
    static const char *const names[] = {[CM_EVAL_LOG_LOSS] = "Logloss",
                                        [CM_EVAL_AUC] = "AUC",
                                        [CM_EVAL_NORMALIZED_ENTROPY] =
                                            "NormalizedEntropy"};
    return names[metric];
}

static size_t n_blocks(const cm_watch *w)
{
    return (w->rows->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

static double weight_of(const cm_watched_rows *rows, size_t i)
{
    return rows->weights != NULL ? (double)rows->weights[i] : 1;
}

/* With one class only, Logloss is all there is. */
static cm_status check_classes(const cm_watch *w, cm_error *err)
{
    if (w->base_log_loss == 0 && w->options.metric != CM_EVAL_LOG_LOSS) {
        return cm_fail(err, CM_ERR_DATA,
                       "eval_metric %s is not defined: the %zu watched rows "
                       "are of one class; watch others or use Logloss",
                       cm_eval_metric_name(w->options.metric), w->rows->n_rows);
    }
    return CM_OK;
}

static void start_scores(cm_watch *w, double start)
{
    const cm_watched_rows *rows = w->rows;
    cm_sum weight = {0}, clicks = {0};
    for (size_t i = 0; i < rows->n_rows; i++) {
        w->scores[i] = start + (rows->baseline != NULL ? rows->baseline[i] : 0);
        cm_sum_add(&weight, weight_of(rows, i));
        cm_sum_add(&clicks, rows->labels[i] * weight_of(rows, i));
    }
    w->total_weight = cm_sum_value(&weight);
    w->base_log_loss =
        cm_base_log_loss(cm_sum_value(&clicks) / w->total_weight);
}

cm_status cm_watch_new(cm_watch **out, const cm_watched_rows *rows,
                       const cm_watch_options *options, double start,
                       double train_base_log_loss, uint32_t iterations,
                       int n_threads, cm_error *err)
{
    if (rows->n_rows == 0) {
        return cm_fail(err, CM_ERR_DATA, "there is no row to watch");
    }
    cm_watch *w = cm_alloc_zero(1, sizeof *w, err);
    if (w == NULL) {
        return CM_ERR_NOMEM;
    }
    w->rows = rows;
    w->options = *options;
    w->iterations = iterations;
    w->train_base_log_loss = train_base_log_loss;
    w->scores = cm_alloc(rows->n_rows, sizeof *w->scores, err);
    w->probabilities = cm_alloc(rows->n_rows, sizeof *w->probabilities, err);
    w->losses = cm_alloc(n_blocks(w), sizeof *w->losses, err);
    if (w->scores == NULL || w->probabilities == NULL || w->losses == NULL) {
        cm_watch_free(w);
        return CM_ERR_NOMEM;
    }
    w->team = cm_team_new(cm_thread_count(n_threads));
    cm_overfit_detector_init(&w->detector, &options->od);
    start_scores(w, start);
    cm_status status = check_classes(w, err);
    if (status != CM_OK) {
        cm_watch_free(w);
        return status;
    }
    *out = w;
    return CM_OK;
}

void cm_watch_free(cm_watch *w)
{
    if (w != NULL) {
        cm_team_free(w->team);
        free(w->scores);
        free(w->probabilities);
        free(w->losses);
        free(w->curve.points);
        free(w);
    }
}

/* The leaf of n rows from `first`: bit d is condition d. */
static void find_leaves(uint16_t *leaf, const cm_watched_rows *rows,
                        const cm_tree *tree, size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        leaf[i] = 0;
    }
    for (uint32_t d = 0; d < tree->depth; d++) {
        cm_split_condition split = tree->splits[d];
        const uint8_t *bins = rows->bins[split.feature] + first;
        for (size_t i = 0; i < n; i++) {
            leaf[i] = (uint16_t)(leaf[i] | (bins[i] > split.border) << d);
        }
    }
}

static void pass_block(void *context, size_t block, int thread)
{
    cm_watch *w = context;
    const cm_watched_rows *rows = w->rows;
    uint16_t leaf[BLOCK_ROWS];
    size_t first = block * BLOCK_ROWS;
    size_t left = rows->n_rows - first;
    size_t n = left < BLOCK_ROWS ? left : BLOCK_ROWS;
    (void)thread;
    find_leaves(leaf, rows, w->tree, first, n);
    for (size_t i = 0; i < n; i++) {
        w->scores[first + i] += w->tree->leaf_values[leaf[i]];
    }
    w->losses[block] =
        cm_raw_loss_sum(rows->labels + first, w->scores + first,
                        rows->weights != NULL ? rows->weights + first : NULL, n,
                        w->wants_auc ? w->probabilities + first : NULL);
}

/* Metrics of the watched rows after w->tree; the AUC, which needs a sort, only
 * where it is asked for. */
static cm_status measure(cm_watch *w, cm_error *err)
{
    cm_sum loss = {0};
    cm_team_run(w->team, n_blocks(w), pass_block, w);
    for (size_t block = 0; block < n_blocks(w); block++) {
        cm_sum_add(&loss, w->losses[block]);
    }
    w->point.log_loss = cm_sum_value(&loss) / w->total_weight;
    w->point.normalized_entropy = w->point.log_loss / w->base_log_loss;
    w->point.auc = NAN;
    return w->wants_auc ? cm_roc_auc(&w->point.auc, w->rows->labels,
                                     w->probabilities, w->rows->n_rows, err)
                        : CM_OK;
}

static double metric_of(const cm_watch *w)
{
    switch (w->options.metric) {
    case CM_EVAL_AUC:
        return w->point.auc;
    case CM_EVAL_NORMALIZED_ENTROPY:
        return w->point.normalized_entropy;
    case CM_EVAL_LOG_LOSS:
        break;
    }
    return w->point.log_loss;
}

/* As a number of which more is better. */
static double goodness(const cm_watch *w, double value)
{
    return w->options.metric == CM_EVAL_AUC ? value : -value;
}

static void note_best(cm_watch *w)
{
    w->last = metric_of(w);
    bool may_be_best = w->trees >= w->options.best_model_min_trees;
    if (may_be_best &&
        (w->best_trees == 0 || goodness(w, w->last) > goodness(w, w->best))) {
        w->best = w->last;
        w->best_trees = w->trees;
    }
}

static cm_status add_point(cm_watch *w, cm_error *err)
{
    cm_status status = cm_grow(&w->curve.points, w->curve.n, &w->curve_capacity,
                               sizeof w->point, err);
    if (status == CM_OK) {
        w->curve.points[w->curve.n++] = w->point;
    }
    return status;
}

cm_status cm_watch_add(cm_watch *w, const cm_tree *tree, double train_log_loss,
                       bool *stop, cm_error *err)
{
    w->trees++;
    bool is_point =
        w->trees % w->options.metric_period == 0 || w->trees == w->iterations;
    w->tree = tree;
    w->wants_auc = is_point || w->options.metric == CM_EVAL_AUC;
    w->point.trees = w->trees;
    w->point.train_log_loss = train_log_loss;
    w->point.train_normalized_entropy = train_log_loss / w->train_base_log_loss;
    *stop = false;
    cm_status status = measure(w, err);
    if (status == CM_OK) {
        note_best(w);
        *stop = cm_overfit_detector_add(&w->detector, goodness(w, w->last));
    }
    return status == CM_OK && is_point ? add_point(w, err) : status;
}

cm_curve_point cm_watch_point(const cm_watch *w)
{
    return w->point;
}

double cm_watch_last(const cm_watch *w)
{
    return w->last;
}

double cm_watch_best(const cm_watch *w)
{
    return w->best;
}

uint32_t cm_watch_best_trees(const cm_watch *w)
{
    return w->best_trees;
}

cm_status cm_watch_take_curve(cm_watch *w, cm_curve *out, cm_error *err)
{
    size_t n = w->curve.n;
    cm_status status = CM_OK;
    if (w->trees > 0 && (n == 0 || w->curve.points[n - 1].trees < w->trees)) {
        status = add_point(w, err); /* stopped between two points: no AUC */
    }
    *out = w->curve;
    w->curve = (cm_curve){0};
    return status;
}
