/* The trainer's callback, and what must be ready before it is called. */
#include "pipeline/boosting.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "evaluation/raw_loss.h"
#include "pipeline/snapshot.h"

/* One training.  trees (n): those so far, as the trainer's callback showed
 * them or a snapshot held them; their arrays are not ours. */
typedef struct run {
    const cm_boosting *job;
    cm_train_set set;
    cm_train_options options; /* resolved */
    cm_watch *watch;
    cm_snapshot *snapshot; /* gone on from */
    cm_snapshot_key key;
    cm_tree *trees;
    double *losses;
    size_t n, trees_capacity, losses_capacity;
    double next_snapshot; /* cm_seconds() */
    cm_progress *progress;
    bool stopped;
    cm_status status; /* of the callback */
    cm_error error;
} run;

/* Share of clicks, weighted. */
static double click_rate(const cm_train_set *set)
{
    double clicks = 0, all = 0;
    for (size_t i = 0; i < set->n_rows; i++) {
        double weight = set->weights != NULL ? (double)set->weights[i] : 1;
        clicks += set->labels[i] * weight;
        all += weight;
    }
    return clicks / all;
}

static cm_status start_watch(run *r, cm_error *err)
{
    const cm_boosting *job = r->job;
    if (job->watched == NULL || !job->watch.on) {
        return CM_OK;
    }
    double rate = click_rate(&r->set);
    double start = r->options.boost_from_average ? log(rate / (1 - rate)) : 0;
    return cm_watch_new(&r->watch, job->watched, &job->watch, start,
                        cm_base_log_loss(rate), r->options.iterations,
                        r->options.n_threads, err);
}

static cm_status load_snapshot(run *r, cm_error *err)
{
    const char *path = r->job->snapshot.path;
    if (path == NULL) {
        return CM_OK;
    }
    r->key = cm_snapshot_key_of(&r->set, &r->options);
    r->next_snapshot = cm_seconds() + r->job->snapshot.interval;
    if (!cm_file_exists(path)) {
        return CM_OK;
    }
    cm_status status = cm_snapshot_load(&r->snapshot, path, err);
    if (status == CM_OK) {
        status = cm_snapshot_check(r->snapshot, &r->set, r->key, path, err);
    }
    if (status == CM_OK) {
        cm_info(r->job->log, "%s: going on after %u trees", path,
                r->snapshot->n_trees);
    }
    return status;
}

/* A snapshot that cannot be written does not end hours of work. */
static void save_snapshot(run *r)
{
    const cm_snapshot_options *options = &r->job->snapshot;
    cm_error err = {0};
    cm_snapshot snapshot = {.key = r->key,
                            .n_trees = (uint32_t)r->n,
                            .n_features = (uint32_t)r->set.n_features,
                            .trees = r->trees,
                            .train_log_losses = r->losses};
    if (cm_snapshot_save(&snapshot, options->path, &err) != CM_OK) {
        cm_warn(r->job->log, "no snapshot was kept: %s", err.message);
    }
    r->next_snapshot = cm_seconds() + options->interval;
}

static void note_metric(run *r)
{
    cm_eval_metric metric = r->job->watch.metric;
    cm_progress_note(r->progress, "%s %.6f, best %.6f with %u trees",
                     cm_eval_metric_name(metric), cm_watch_last(r->watch),
                     cm_watch_best(r->watch), cm_watch_best_trees(r->watch));
}

/* Without watched rows the training's own loss is all there is to tell. */
static void tell(const run *r, double train_log_loss)
{
    const cm_tree_observer *observer = &r->job->observer;
    cm_curve_point point = {.trees = (uint32_t)r->n,
                            .train_log_loss = train_log_loss,
                            .train_normalized_entropy = NAN,
                            .log_loss = NAN,
                            .normalized_entropy = NAN,
                            .auc = NAN};
    if (observer->seen != NULL) {
        point = r->watch != NULL ? cm_watch_point(r->watch) : point;
        observer->seen(observer->context, &point);
    }
}

/* A tree is there, whether grown now or earlier. */
static cm_status take_tree(run *r, const cm_tree *tree, double train_log_loss,
                           cm_error *err)
{
    cm_status status =
        cm_grow(&r->trees, r->n, &r->trees_capacity, sizeof *r->trees, err);
    if (status == CM_OK) {
        status = cm_grow(&r->losses, r->n, &r->losses_capacity,
                         sizeof *r->losses, err);
    }
    if (status != CM_OK) {
        return status;
    }
    r->trees[r->n] = *tree;
    r->losses[r->n++] = train_log_loss;
    if (r->watch != NULL) {
        status = cm_watch_add(r->watch, tree, train_log_loss, &r->stopped, err);
        note_metric(r);
    }
    if (status == CM_OK) {
        tell(r, train_log_loss);
    }
    cm_progress_add(r->progress, 1);
    return status;
}

static bool enough(const run *r)
{
    const cm_boosting *job = r->job;
    return r->stopped || (job->max_trees > 0 && r->n >= job->max_trees) ||
           (job->deadline > 0 && cm_seconds() >= job->deadline);
}

static cm_train_verdict tree_done(void *context, const cm_train_progress *p)
{
    run *r = context;
    r->status = take_tree(r, p->tree, p->train_log_loss, &r->error);
    if (r->status != CM_OK) {
        return CM_TRAIN_ABORT;
    }
    if (r->job->snapshot.path != NULL && cm_seconds() >= r->next_snapshot) {
        save_snapshot(r);
    }
    return enough(r) ? CM_TRAIN_STOP : CM_TRAIN_GO_ON;
}

/* Walks the trees that are there already; a detector that stops among them
 * leaves nothing to grow. */
static cm_status replay(run *r, const cm_tree *trees, const double *losses,
                        size_t n, cm_error *err)
{
    cm_status status = CM_OK;
    n = n < r->options.iterations ? n : r->options.iterations;
    while (r->n < n && !enough(r) && status == CM_OK) {
        status = take_tree(r, &trees[r->n], losses[r->n], err);
    }
    r->set.first_trees = trees;
    r->set.n_first_trees = r->n;
    if (r->n > 0 && enough(r)) {
        r->options.iterations = (uint32_t)r->n;
    }
    return status;
}

static cm_status go_on(run *r, cm_error *err)
{
    const cm_boosted *from = r->job->from;
    if (r->snapshot != NULL) {
        return replay(r, r->snapshot->trees, r->snapshot->train_log_losses,
                      r->snapshot->n_trees, err);
    }
    return from != NULL
               ? replay(r, from->trained->trees, from->train_log_losses,
                        from->trained->n_trees, err)
               : CM_OK;
}

static cm_status grow(run *r, cm_boosted *out, cm_error *err)
{
    r->progress =
        cm_progress_new(r->job->log, "train", "trees", r->options.iterations);
    cm_status status = go_on(r, err);
    if (status == CM_OK) {
        status =
            cm_train(&out->trained, &r->set, &r->options, tree_done, r, err);
    }
    cm_progress_free(r->progress);
    return r->status == CM_OK ? status
                              : cm_fail(err, r->status, "%s", r->error.message);
}

static cm_status finish(run *r, cm_boosted *out, cm_error *err)
{
    out->n_trees = out->trained->n_trees;
    out->stopped = r->stopped;
    out->train_log_losses = r->losses;
    r->losses = NULL;
    if (r->watch == NULL) {
        return CM_OK;
    }
    out->best_trees = cm_watch_best_trees(r->watch);
    out->best = cm_watch_best(r->watch);
    out->last = cm_watch_last(r->watch);
    if (r->job->watch.use_best_model && out->best_trees > 0) {
        out->n_trees = out->best_trees;
    }
    return cm_watch_take_curve(r->watch, &out->curve, err);
}

static void say_result(const run *r, const cm_boosted *out)
{
    const cm_watch_options *watch = &r->job->watch;
    if (r->stopped) {
        cm_info(r->job->log,
                "stopped after %zu trees: %s is past its best (%u trees)",
                out->trained->n_trees, cm_eval_metric_name(watch->metric),
                out->best_trees);
    }
    if (out->n_trees < out->trained->n_trees) {
        cm_info(r->job->log, "%zu trees are kept: %s %.6f is the best",
                out->n_trees, cm_eval_metric_name(watch->metric), out->best);
    }
}

cm_status cm_boost(cm_boosted **out, const cm_boosting *job, cm_error *err)
{
    run r = {.job = job, .set = job->set, .options = job->train};
    cm_boosted *boosted = cm_alloc_zero(1, sizeof *boosted, err);
    if (boosted == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_train_options_resolve(&r.options, r.set.n_rows, r.set.n_features);
    boosted->options = r.options;
    cm_status status = start_watch(&r, err);
    if (status == CM_OK) {
        status = load_snapshot(&r, err);
    }
    if (status == CM_OK) {
        status = grow(&r, boosted, err);
    }
    if (status == CM_OK) {
        status = finish(&r, boosted, err);
    }
    if (status == CM_OK) {
        say_result(&r, boosted);
    }
    cm_watch_free(r.watch);
    cm_snapshot_free(r.snapshot);
    free(r.trees);
    free(r.losses);
    if (status != CM_OK) {
        cm_boosted_free(boosted);
        return status;
    }
    *out = boosted;
    return CM_OK;
}

void cm_boosted_free(cm_boosted *boosted)
{
    if (boosted != NULL) {
        cm_trained_free(boosted->trained);
        free(boosted->train_log_losses);
        free(boosted->curve.points);
        free(boosted);
    }
}

void cm_snapshot_done(const cm_snapshot_options *snapshot)
{
    if (snapshot->path != NULL) {
        (void)unlink(snapshot->path);
    }
}
