/* clickmill tune */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cli/jobs.h"
#include "cli/output.h"
#include "config/space.h"
#include "pipeline/tune.h"

/* A search, and the configuration that its last trial had. */
typedef struct tuning {
    cli_context *c;
    cm_space space;
    uint64_t seed;
    cm_config config;
    bool has_config;
} tuning;

static void forget_config(tuning *t)
{
    if (t->has_config) {
        cm_config_release(&t->config);
    }
    t->has_config = false;
}

/* A configuration of a trial's own: the user's, then the point's values. */
static cm_status trial_options(void *context, size_t trial, cm_fit_options *out,
                               cm_error *err)
{
    tuning *t = context;
    cm_config base = t->c->config;
    if (trial == 0) {
        cli_fit_options(out, &base, NULL);
        return CM_OK;
    }
    forget_config(t);
    base.arena = (cm_arena){0}; /* texts of the user's stay where they are */
    t->config = base;
    t->has_config = true;
    cm_status status =
        cm_space_apply(&t->space, &t->config, t->seed, trial, err);
    if (status == CM_OK) {
        cli_fit_options(out, &t->config, NULL);
    }
    return status;
}

static cm_status tune_job(cm_tune_job *out, tuning *t, cm_error *err)
{
    cli_context *c = t->c;
    cm_output_paths paths = {0};
    uint64_t n_trials = 0;
    cm_status status = cm_config_output_paths(&paths, &c->config, err);
    *out = (cm_tune_job){.state = cli_text(c, "state"),
                         .options = trial_options,
                         .context = t,
                         .log = &c->log};
    if (status == CM_OK) {
        status = cli_train_job(&out->train, c, &paths, err);
    }
    if (status == CM_OK) {
        status = cli_u64(c, "seed", 0, UINT64_MAX, &t->seed, err);
    }
    if (status == CM_OK) {
        status = cli_double(c, "time-budget", &out->time_budget, err);
    }
    if (status == CM_OK && cli_text(c, "trials") != NULL) {
        status = cli_u64(c, "trials", 1, 100000, &n_trials, err);
        out->n_trials = (size_t)n_trials;
    }
    if (status == CM_OK && !(out->time_budget >= 0)) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "--time-budget: found %g, expected seconds (0: no "
                         "limit)",
                         out->time_budget);
    }
    if (status == CM_OK && out->time_budget <= 0 && n_trials == 0) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "without a --time-budget the search needs --trials N");
    }
    if (status == CM_OK) {
        const char *config = out->train.config_json;
        out->key = cm_mix64(t->seed * 31 + t->space.key +
                            cm_xxh3(config, strlen(config)));
    }
    return status;
}

static void put_params(cm_json_writer *w, const tuning *t, size_t trial)
{
    cm_json_begin_object(w, "params");
    for (size_t d = 0; d < t->space.n && trial > 0; d++) {
        cm_buf value = {0};
        cm_space_sample(&t->space, d, t->seed, trial, &value);
        cm_json_put_str(w, strrchr(t->space.dimensions[d].param->key, '.') + 1,
                        (cm_str){value.p, value.n});
        cm_buf_release(&value);
    }
    cm_json_end_object(w);
}

static void put_trial(cm_json_writer *w, const char *key, const tuning *t,
                      const cm_tune_result *result, size_t i)
{
    const cm_tune_trial *trial = &result->trials[i];
    cm_json_begin_object(w, key);
    cm_json_put_u64(w, "trial", i);
    cm_json_put_double(w, "value", cm_tune_value(trial));
    cm_json_put_u64(w, "rungs", trial->rungs);
    cm_json_put_u64(w, "trees", trial->trees);
    cm_json_put_u64(w, "best_trees", trial->best_trees);
    cm_json_put_double(w, "seconds", trial->seconds);
    put_params(w, t, i);
    cm_json_end_object(w);
}

static cm_status print_json(const tuning *t, const cm_tune_result *result,
                            cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "eval_metric", cm_eval_metric_name(result->metric));
    put_trial(&w, "best", t, result, result->best);
    cm_json_put_u64(&w, "resumed_trials", result->n_resumed);
    cm_json_put_bool(&w, "out_of_time", result->out_of_time);
    cm_json_put_double(&w, "seconds", result->seconds);
    cm_json_begin_array(&w, "trials");
    for (size_t i = 0; i < result->n_trials; i++) {
        if (result->trials[i].rungs > 0) {
            put_trial(&w, NULL, t, result, i);
        }
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

/* Each parameter as BEFORE name BETWEEN value. */
static void print_params(const tuning *t, size_t trial, const char *before,
                         const char *between, const char *after)
{
    for (size_t d = 0; d < t->space.n && trial > 0; d++) {
        cm_buf value = {0};
        cm_space_sample(&t->space, d, t->seed, trial, &value);
        printf("%s%s%s%.*s%s", before,
               strrchr(t->space.dimensions[d].param->key, '.') + 1, between,
               (int)value.n, value.p, after);
        cm_buf_release(&value);
    }
}

static bool is_listed_before(const cm_tune_result *result, size_t a, size_t b)
{
    double u = cm_tune_value(&result->trials[a]);
    double v = cm_tune_value(&result->trials[b]);
    return u == v ? a < b : result->metric == CM_EVAL_AUC ? u > v : u < v;
}

/* The measured trial that comes after `last` (the first one: SIZE_MAX). */
static size_t next_of(const cm_tune_result *result, size_t last)
{
    size_t next = SIZE_MAX;
    for (size_t i = 0; i < result->n_trials; i++) {
        bool behind = last == SIZE_MAX || is_listed_before(result, last, i);
        if (result->trials[i].rungs > 0 && behind &&
            (next == SIZE_MAX || is_listed_before(result, i, next))) {
            next = i;
        }
    }
    return next;
}

static void print_text(const tuning *t, const cm_tune_result *result)
{
    enum { LISTED = 10 };
    size_t trial = next_of(result, SIZE_MAX), n = 0;
    printf("  %6s %18s %14s parameters\n", "trial",
           cm_eval_metric_name(result->metric), "best trees");
    for (; trial != SIZE_MAX && n < LISTED; n++) {
        const cm_tune_trial *done = &result->trials[trial];
        printf("  %6zu %18.6f %5u of %-5u %s", trial, cm_tune_value(done),
               done->best_trees, done->trees,
               trial == 0 ? "the configuration" : "");
        print_params(t, trial, " ", " ", "");
        putchar('\n');
        trial = next_of(result, trial);
    }
    printf("\n# %s %.6f with %u trees\ntrain_params:\n",
           cm_eval_metric_name(result->metric),
           cm_tune_value(&result->trials[result->best]),
           result->trials[result->best].best_trees);
    if (result->best == 0) {
        printf("  # nothing was better than the configuration\n");
    }
    print_params(t, result->best, "  ", ": ", "\n");
}

cm_status cli_tune(cli_context *c, cm_error *err)
{
    tuning t = {.c = c};
    cm_tune_job job = {0};
    cm_tune_result result = {0};
    const char *space = cli_text(c, "space");
    if (space == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--space FILE is needed: what to search, such as "
                       "depth: [4, 6, 8]");
    }
    cm_status status = cm_space_load(&t.space, space, err);
    if (status == CM_OK) {
        status = tune_job(&job, &t, err);
    }
    if (status == CM_OK) {
        status = cm_tune(&result, &job, err);
    }
    if (status == CM_OK && cli_switch(c, "json")) {
        status = print_json(&t, &result, err);
    } else if (status == CM_OK) {
        print_text(&t, &result);
    }
    cm_tune_result_release(&result);
    forget_config(&t);
    cm_space_release(&t.space);
    return status;
}
