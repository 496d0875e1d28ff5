/* Rounds of trials, each round in rungs.
 *
 * What a trial is follows from its number alone, and what goes on from the
 * values, so a search that was interrupted goes on from its state file to the
 * same result; trees that are needed again are grown again. */
#include "pipeline/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "pipeline/fit_data.h"
#include "pipeline/init_model.h"
#include "pipeline/tune_state.h"

typedef struct tuner {
    const cm_tune_job *job;
    cm_tune_result *out;
    double start, deadline; /* cm_seconds(); deadline 0: none */
    uint64_t key;
    cm_tune_state state;
    cm_dataset *dataset;
    cm_fitted fitted;
    cm_init_model init;
    cm_fit_data data; /* of data_options */
    cm_fit_options data_options;
    bool has_data;
    cm_boosted *grown[CM_TUNE_ROUND]; /* of the round, NULL: not at hand */
} tuner;

double cm_tune_value(const cm_tune_trial *trial)
{
    return trial->rungs > 0 ? trial->values[trial->rungs - 1] : NAN;
}

static bool out_of_time(const tuner *t)
{
    return t->deadline > 0 && cm_seconds() >= t->deadline;
}

static void forget_grown(tuner *t)
{
    for (size_t i = 0; i < CM_TUNE_ROUND; i++) {
        cm_boosted_free(t->grown[i]);
        t->grown[i] = NULL;
    }
}

static void tuner_release(tuner *t)
{
    forget_grown(t);
    cm_fit_data_release(&t->data);
    cm_init_model_release(&t->init);
    cm_fitted_release(&t->fitted);
    cm_dataset_free(t->dataset);
    cm_tune_state_release(&t->state);
}

/* ---- data, made once ----------------------------------------------------- */

static cm_status load(tuner *t, cm_error *err)
{
    const cm_train_job *job = &t->job->train;
    cm_make_dataset_options options = job->dataset;
    cm_make_dataset_report report = {0};
    options.output = NULL;
    cm_status status = cm_make_dataset(&t->dataset, &report, &options, err);
    if (status == CM_OK) {
        status = cm_build_features(&t->fitted, t->dataset, &job->features, err);
    }
    if (status == CM_OK) {
        status = cm_split_sort(&t->fitted.split, t->dataset->n_rows, err);
    }
    if (status == CM_OK && job->init_model != NULL) {
        status = cm_init_model_load(&t->init, job->init_model, err);
    }
    if (status == CM_OK) {
        const cm_column *target =
            cm_dataset_of_kind(t->dataset, CM_COLUMN_TARGET);
        t->key =
            cm_mix64(t->job->key + cm_xxh3(target->values, t->dataset->n_rows));
    }
    return status;
}

static bool same_items(const cm_fit_options *a, const cm_fit_options *b)
{
    bool same = a->n_monotone == b->n_monotone;
    for (size_t i = 0; same && i < a->n_monotone; i++) {
        same = strcmp(a->monotone[i], b->monotone[i]) == 0;
    }
    return same;
}

/* Do both want the same bins, in the same order, with the same weights? */
static bool same_data(const cm_fit_options *a, const cm_fit_options *b)
{
    const cm_class_weights *v = &a->class_weights, *w = &b->class_weights;
    return a->border_count == b->border_count && a->nan_mode == b->nan_mode &&
           v->given == w->given && v->automatic == w->automatic &&
           v->by_class[0] == w->by_class[0] &&
           v->by_class[1] == w->by_class[1] && same_items(a, b) &&
           a->train.bootstrap == b->train.bootstrap &&
           a->train.random_seed == b->train.random_seed;
}

static cm_status need_data(tuner *t, const cm_fit_options *options,
                           cm_error *err)
{
    if (t->has_data && same_data(&t->data_options, options)) {
        return CM_OK;
    }
    cm_fit_data_release(&t->data);
    t->has_data = false;
    cm_status status =
        cm_fit_data_init(&t->data, t->dataset, &t->fitted,
                         &t->job->train.features.spec, options, true, err);
    t->data_options = *options;
    t->has_data = status == CM_OK;
    return status;
}

/* ---- one trial ----------------------------------------------------------- */

static cm_status trial_options(tuner *t, size_t trial, cm_fit_options *out,
                               cm_error *err)
{
    cm_status status = t->job->options(t->job->context, trial, out, err);
    out->watch.on = true;
    out->watch.use_best_model = false; /* its trees are gone on from */
    out->snapshot = (cm_snapshot_options){0};
    out->init_model = t->init.model;
    out->log = NULL;
    return status;
}

static uint32_t trees_of_rung(const cm_fit_options *options, uint32_t rung)
{
    uint32_t trees = options->train.iterations;
    for (uint32_t r = rung + 1; r < CM_TUNE_RUNGS; r++) {
        trees = (trees + CM_TUNE_ETA - 1) / CM_TUNE_ETA;
    }
    return trees;
}

static cm_status keep(tuner *t, size_t trial, cm_error *err)
{
    const cm_tune_trial *done = &t->state.trials[trial];
    cm_info(t->job->log, "trial %zu: %s %.6f with %u of %u trees", trial,
            cm_eval_metric_name(t->out->metric), cm_tune_value(done),
            done->best_trees, done->trees);
    return t->job->state != NULL
               ? cm_tune_state_save(&t->state, t->job->state, t->key, err)
               : CM_OK;
}

/* Grows trial `trial` up to the rung.  One that time cuts off is as if it had
 * not been started. */
static cm_status advance(tuner *t, size_t trial, uint32_t rung, cm_error *err)
{
    cm_fit_options options = {0};
    cm_boosted **slot = &t->grown[trial % CM_TUNE_ROUND];
    cm_boosted *grown = NULL;
    double begin = cm_seconds();
    cm_status status = trial_options(t, trial, &options, err);
    if (status == CM_OK) {
        status = need_data(t, &options, err);
    }
    if (status != CM_OK) {
        return status;
    }
    cm_boosting boosting = cm_fit_data_boosting(&t->data, &options);
    boosting.from = *slot;
    boosting.max_trees = trees_of_rung(&options, rung);
    boosting.deadline = t->deadline;
    status = cm_boost(&grown, &boosting, err);
    if (status != CM_OK) {
        cm_error_prefix(err, "trial %zu", trial);
        return status;
    }
    cm_boosted_free(*slot);
    *slot = grown;
    if (!grown->stopped && grown->trained->n_trees < boosting.max_trees) {
        return CM_OK;
    }
    cm_tune_trial *done = &t->state.trials[trial];
    done->values[rung] = grown->best;
    done->rungs = rung + 1;
    done->trees = (uint32_t)grown->trained->n_trees;
    done->best_trees = grown->best_trees;
    done->seconds += cm_seconds() - begin;
    t->out->metric = options.watch.metric;
    return keep(t, trial, err);
}

/* ---- rounds -------------------------------------------------------------- */

static bool is_better(const tuner *t, double a, double b)
{
    return t->out->metric == CM_EVAL_AUC ? a > b : a < b;
}

/* The better ones first; a tie leaves the order. */
static void sort_by_value(const tuner *t, size_t *trials, size_t n,
                          uint32_t rung)
{
    for (size_t i = 1; i < n; i++) {
        size_t trial = trials[i], j = i;
        double value = t->state.trials[trial].values[rung];
        while (
            j > 0 &&
            is_better(t, value, t->state.trials[trials[j - 1]].values[rung])) {
            trials[j] = trials[j - 1];
            j--;
        }
        trials[j] = trial;
    }
}

static cm_status run_rung(tuner *t, const size_t *trials, size_t n,
                          uint32_t rung, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK && !out_of_time(t); i++) {
        if (t->state.trials[trials[i]].rungs <= rung) {
            status = advance(t, trials[i], rung, err);
        }
    }
    return status;
}

static bool rung_is_done(const tuner *t, const size_t *trials, size_t n,
                         uint32_t rung)
{
    for (size_t i = 0; i < n; i++) {
        if (t->state.trials[trials[i]].rungs <= rung) {
            return false;
        }
    }
    return true;
}

static cm_status make_room(tuner *t, size_t n, cm_error *err)
{
    cm_status status = CM_OK;
    while (t->state.n < n && status == CM_OK) {
        status = cm_grow(&t->state.trials, t->state.n, &t->state.capacity,
                         sizeof *t->state.trials, err);
        if (status == CM_OK) {
            t->state.trials[t->state.n++] = (cm_tune_trial){0};
        }
    }
    return status;
}

static cm_status run_round(tuner *t, size_t first, size_t n, cm_error *err)
{
    size_t trials[CM_TUNE_ROUND];
    cm_status status = make_room(t, first + n, err);
    for (size_t i = 0; i < n; i++) {
        trials[i] = first + i;
    }
    for (uint32_t rung = 0; rung < CM_TUNE_RUNGS && status == CM_OK; rung++) {
        status = run_rung(t, trials, n, rung, err);
        if (status != CM_OK || !rung_is_done(t, trials, n, rung)) {
            break;
        }
        sort_by_value(t, trials, n, rung);
        n = (n + CM_TUNE_ETA - 1) / CM_TUNE_ETA;
    }
    forget_grown(t);
    return status;
}

static cm_status search(tuner *t, cm_error *err)
{
    size_t all =
        t->job->n_trials > 0 ? t->job->n_trials : (size_t)CM_TUNE_MAX_TRIALS;
    cm_status status = CM_OK;
    for (size_t first = 0; first < all && status == CM_OK && !out_of_time(t);
         first += CM_TUNE_ROUND) {
        size_t left = all - first;
        status = run_round(t, first,
                           left < CM_TUNE_ROUND ? left : CM_TUNE_ROUND, err);
    }
    t->out->out_of_time = out_of_time(t);
    return status;
}

static cm_status pick_best(tuner *t, cm_error *err)
{
    cm_tune_result *out = t->out;
    bool found = false;
    for (size_t i = 0; i < t->state.n; i++) {
        double value = cm_tune_value(&t->state.trials[i]);
        if (t->state.trials[i].rungs > 0 &&
            (!found ||
             is_better(t, value, cm_tune_value(&t->state.trials[out->best])))) {
            out->best = i;
            found = true;
        }
    }
    if (!found) {
        return cm_fail(err, CM_ERR_DATA,
                       "not one trial was over after %.1f s; give it more "
                       "--time-budget, or fewer trees",
                       cm_seconds() - t->start);
    }
    out->trials = t->state.trials;
    out->n_trials = t->state.n;
    t->state = (cm_tune_state){0};
    return CM_OK;
}

static cm_status resume(tuner *t, cm_error *err)
{
    cm_fit_options options = {0};
    cm_status status = trial_options(t, 0, &options, err);
    t->out->metric = options.watch.metric;
    if (status == CM_OK && t->job->state != NULL) {
        status = cm_tune_state_load(&t->state, t->job->state, t->key, err);
    }
    for (size_t i = 0; i < t->state.n; i++) {
        t->out->n_resumed += t->state.trials[i].rungs > 0;
    }
    if (status == CM_OK && t->out->n_resumed > 0) {
        cm_info(t->job->log, "%s: going on after %zu trials", t->job->state,
                t->out->n_resumed);
    }
    return status;
}

cm_status cm_tune(cm_tune_result *out, const cm_tune_job *job, cm_error *err)
{
    tuner t = {.job = job, .out = out, .start = cm_seconds()};
    *out = (cm_tune_result){0};
    t.deadline = job->time_budget > 0 ? t.start + job->time_budget : 0;
    cm_status status = load(&t, err);
    if (status == CM_OK) {
        status = resume(&t, err);
    }
    if (status == CM_OK) {
        status = search(&t, err);
    }
    if (status == CM_OK) {
        status = pick_best(&t, err);
    }
    out->seconds = cm_seconds() - t.start;
    tuner_release(&t);
    return status;
}

void cm_tune_result_release(cm_tune_result *result)
{
    free(result->trials);
    *result = (cm_tune_result){0};
}
