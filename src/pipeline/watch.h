/* What is seen of a training after every tree: metrics of the training and of
 * the watched rows, the best tree so far, and whether to stop. */
#ifndef CM_PIPELINE_WATCH_H
#define CM_PIPELINE_WATCH_H

#include "boost/train.h"
#include "pipeline/overfit_detector.h"

typedef enum cm_eval_metric {
    CM_EVAL_LOG_LOSS,
    CM_EVAL_AUC,
    CM_EVAL_NORMALIZED_ENTROPY
} cm_eval_metric;

/* CatBoost's eval_metric, od_*, use_best_model, best_model_min_trees and
 * metric_period. */
typedef struct cm_watch_options {
    bool on; /* false: the rest is not looked at */
    cm_eval_metric metric;
    cm_od_options od;
    bool use_best_model;
    uint32_t best_model_min_trees;
    uint32_t metric_period; /* trees between two points of the curve */
} cm_watch_options;

/* CatBoost's name of it. */
const char *cm_eval_metric_name(cm_eval_metric metric);

/* Watched rows, binned by the borders of the training rows. */
typedef struct cm_watched_rows {
    size_t n_rows;
    const uint8_t *const *bins; /* a pointer to (n_rows) a feature */
    const uint8_t *labels;      /* (n_rows) */
    const float *weights;       /* (n_rows), or NULL: all 1 */
    const double *baseline;     /* (n_rows), or NULL: 0 */
} cm_watched_rows;

/* The training rows' part is NaN when there are no training rows. */
typedef struct cm_curve_point {
    uint32_t trees;
    double train_log_loss, train_normalized_entropy;
    double log_loss, normalized_entropy; /* weighted, as CatBoost's Logloss */
    double auc;                          /* unweighted, as CatBoost's AUC */
} cm_curve_point;

/* Told of every tree.  seen NULL: nobody is told. */
typedef struct cm_tree_observer {
    void (*seen)(void *context, const cm_curve_point *point);
    void *context;
} cm_tree_observer;

/* Every metric_period-th tree and the last one. */
typedef struct cm_curve {
    size_t n;
    cm_curve_point *points; /* (n) */
} cm_curve;

typedef struct cm_watch cm_watch;

/* rows must outlive the watch.  start: the score every row starts at besides
 * its baseline.  train_base_log_loss: cm_base_log_loss of the training rows.
 * iterations: the last point of the curve is there. */
CM_MUST_USE cm_status cm_watch_new(cm_watch **out, const cm_watched_rows *rows,
                                   const cm_watch_options *options,
                                   double start, double train_base_log_loss,
                                   uint32_t iterations, int n_threads,
                                   cm_error *err);
void cm_watch_free(cm_watch *watch); /* NULL is fine */

/* Takes the next tree; *stop: the detector wants no more. */
CM_MUST_USE cm_status cm_watch_add(cm_watch *watch, const cm_tree *tree,
                                   double train_log_loss, bool *stop,
                                   cm_error *err);

/* All metrics after the last tree; the AUC is NaN where it is not a point of
 * the curve. */
cm_curve_point cm_watch_point(const cm_watch *watch);

/* The metric's value after the last tree and after the best one, and how many
 * trees the best model has (0 before the first tree). */
double cm_watch_last(const cm_watch *watch);
double cm_watch_best(const cm_watch *watch);
uint32_t cm_watch_best_trees(const cm_watch *watch);

/* Makes sure that the last tree is a point of the curve and hands it over: the
 * caller frees its points. */
CM_MUST_USE cm_status cm_watch_take_curve(cm_watch *watch, cm_curve *out,
                                          cm_error *err);

#endif
