/* Search for training parameters: points of a space are trained a little, and
 * the better half of them goes on (successive halving, Jamieson and Talwalkar
 * 2016), in rounds as there is time. */
#ifndef CM_PIPELINE_TUNE_H
#define CM_PIPELINE_TUNE_H

#include "pipeline/train.h"

/* A round starts CM_TUNE_ROUND trials with a quarter of their trees, goes on
 * with the better half of them to a half of the trees, and with the better
 * half of these to all. */
enum { CM_TUNE_RUNGS = 3, CM_TUNE_ETA = 2, CM_TUNE_ROUND = 8 };

typedef struct cm_tune_trial {
    uint32_t rungs;               /* done */
    double values[CM_TUNE_RUNGS]; /* best eval_metric up to each */
    uint32_t trees, best_trees;   /* grown; with the best value */
    double seconds;
} cm_tune_trial;

/* Options of trial i; trial 0 is the configuration as it is. */
typedef cm_status (*cm_tune_options)(void *context, size_t trial,
                                     cm_fit_options *out, cm_error *err);

typedef struct cm_tune_job {
    cm_train_job train;
    size_t n_trials;    /* at most; 0: as many as there is time for */
    double time_budget; /* seconds for all of it; 0: no limit */
    const char *state;  /* file to go on from, or NULL */
    uint64_t key;       /* of all that decides what trial i is */
    cm_tune_options options;
    void *context;
    const cm_log *log;
} cm_tune_job;

typedef struct cm_tune_result {
    size_t n_trials; /* started */
    cm_tune_trial *trials;
    size_t best; /* of those trials */
    cm_eval_metric metric;
    size_t n_resumed; /* known from the state file */
    bool out_of_time;
    double seconds;
} cm_tune_result;

/* The value of a trial: of its last rung. */
double cm_tune_value(const cm_tune_trial *trial);

/* The same job, key and time enough give the same result.  CM_ERR_DATA when
 * not one trial could be measured in time. */
CM_MUST_USE cm_status cm_tune(cm_tune_result *out, const cm_tune_job *job,
                              cm_error *err);
void cm_tune_result_release(cm_tune_result *result);

#endif
