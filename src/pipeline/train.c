/* The stages of `train`, one after another, each timed. */
#include "pipeline/train.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/thread.h"
#include "pipeline/init_model.h"
#include "pipeline/save_bundle.h"
#include "score/score.h"

/* Everything the stages hand on. */
typedef struct train_state {
    cm_dataset *dataset;
    cm_fitted fitted;
    cm_init_model init;
    cm_model *model;
    double *probabilities; /* (n_val) */
} train_state;

static void state_release(train_state *state)
{
    free(state->probabilities);
    cm_model_free(state->model);
    cm_init_model_release(&state->init);
    cm_fitted_release(&state->fitted);
    cm_dataset_free(state->dataset);
}

static cm_status load(train_state *state, cm_train_result *out,
                      const cm_train_job *job, cm_error *err)
{
    cm_make_dataset_options options = job->dataset;
    options.output = NULL; /* kept by `save`, beside the bundle */
    cm_status status =
        cm_make_dataset(&state->dataset, &out->dataset, &options, err);
    if (status == CM_OK) {
        out->n_rows = state->dataset->n_rows;
        cm_info(job->dataset.log, "%zu rows of %zu columns", out->n_rows,
                state->dataset->n_columns);
    }
    return status;
}

static cm_status features(train_state *state, cm_train_result *out,
                          const cm_train_job *job, cm_error *err)
{
    cm_status status =
        cm_build_features(&state->fitted, state->dataset, &job->features, err);
    if (status == CM_OK) {
        status =
            cm_split_sort(&state->fitted.split, state->dataset->n_rows, err);
    }
    if (status == CM_OK) {
        out->n_train = state->fitted.split.n_train;
        out->n_val = state->fitted.split.n_val;
        out->n_features = job->features.spec.n_ctr;
        cm_info(job->dataset.log, "%zu features; %zu rows train, %zu validate",
                out->n_features, out->n_train, out->n_val);
    }
    return status;
}

static cm_status train(train_state *state, cm_train_result *out,
                       const cm_train_job *job, cm_error *err)
{
    cm_fit_options options = job->fit;
    cm_status status = CM_OK;
    if (job->init_model != NULL) {
        status = cm_init_model_load(&state->init, job->init_model, err);
        options.init_model = state->init.model;
    }
    if (status == CM_OK) {
        status =
            cm_fit_model(&state->model, &out->fit, state->dataset,
                         &state->fitted, &job->features.spec, &options, err);
    }
    if (status == CM_OK) {
        out->n_trees = state->model->n_trees;
    }
    return status;
}

static cm_status evaluate(train_state *state, cm_train_result *out,
                          const cm_train_job *job, cm_error *err)
{
    const cm_split *split = &state->fitted.split;
    uint8_t *labels = NULL;
    cm_status status =
        cm_validation_labels(&labels, state->dataset, split, err);
    if (status == CM_OK) {
        state->probabilities =
            cm_alloc(split->n_val, sizeof *state->probabilities, err);
        status = state->probabilities != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (status == CM_OK) {
        status = cm_score_codes(state->model, state->fitted.codes, split->val,
                                split->n_val, job->fit.train.n_threads,
                                state->probabilities, err);
    }
    if (status == CM_OK) {
        status = cm_evaluate(&out->metrics, labels, state->probabilities,
                             split->n_val, err);
    }
    free(labels);
    return status;
}

enum { SAVE_BUNDLE, SAVE_DATASET, SAVE_FACTS, N_SAVES };

/* Beside each other, each with an error of its own. */
typedef struct save_job {
    train_state *state;
    cm_train_result *out;
    const cm_train_job *job;
    cm_status status[N_SAVES];
    cm_error errors[N_SAVES];
} save_job;

static cm_status save_dataset(const train_state *state,
                              const cm_train_result *out,
                              const cm_train_job *job, cm_error *err)
{
    if (job->dataset.output == NULL || out->dataset.was_dataset) {
        return CM_OK;
    }
    return cm_keep_dataset(state->dataset, job->dataset.output, err);
}

static cm_status save_bundle(train_state *state, cm_train_result *out,
                             const cm_train_job *job, cm_error *err)
{
    cm_save_input input = {.dataset = state->dataset,
                           .fitted = &state->fitted,
                           .model = state->model,
                           .metrics = &out->metrics,
                           .fit = &out->fit,
                           .probabilities = state->probabilities};
    return cm_save_bundle(out->version, job, &input, err);
}

static cm_status save_facts(const train_state *state, cm_train_result *out,
                            const cm_train_job *job, cm_error *err)
{
    return job->describe ? cm_train_facts_init(&out->facts, state->dataset,
                                               &state->fitted, err)
                         : CM_OK;
}

static void save_task(void *context, size_t task, int thread)
{
    save_job *s = context;
    cm_error *err = &s->errors[task];
    (void)thread;
    switch (task) {
    case SAVE_BUNDLE:
        s->status[task] = save_bundle(s->state, s->out, s->job, err);
        break;
    case SAVE_DATASET:
        s->status[task] = save_dataset(s->state, s->out, s->job, err);
        break;
    default:
        s->status[task] = save_facts(s->state, s->out, s->job, err);
    }
}

static cm_status save(train_state *state, cm_train_result *out,
                      const cm_train_job *job, cm_error *err)
{
    save_job saves = {.state = state, .out = out, .job = job};
    cm_parallel(N_SAVES, cm_thread_count(job->dataset.n_threads), save_task,
                &saves);
    for (size_t i = 0; i < N_SAVES; i++) {
        if (saves.status[i] != CM_OK) {
            return cm_fail(err, saves.status[i], "%s", saves.errors[i].message);
        }
    }
    cm_snapshot_done(&job->fit.snapshot);
    return CM_OK;
}

static cm_status report(train_state *state, cm_train_result *out,
                        const cm_train_job *job, cm_error *err)
{
    char created[CM_NUM_TEXT];
    const cm_report_source source = {.dataset = state->dataset,
                                     .split = &state->fitted.split,
                                     .codes = state->fitted.codes,
                                     .model = state->model,
                                     .probabilities = state->probabilities,
                                     .metrics = &out->metrics,
                                     .input = job->dataset.input,
                                     .version = out->version,
                                     .created = created};
    if (job->report.folder == NULL) {
        return CM_OK;
    }
    (void)cm_format_utc(created, job->created);
    return cm_write_report(&source, &job->report, err);
}

typedef cm_status (*stage_run)(train_state *state, cm_train_result *out,
                               const cm_train_job *job, cm_error *err);

cm_status cm_train_pipeline(cm_train_result *out, const cm_train_job *job,
                            cm_error *err)
{
    cm_train_seconds *seconds = &out->seconds;
    const struct {
        stage_run run;
        double *seconds;
    } stages[] = {{load, &seconds->load},   {features, &seconds->features},
                  {train, &seconds->train}, {evaluate, &seconds->evaluate},
                  {save, &seconds->save},   {report, &seconds->report}};
    train_state state = {0};
    cm_status status = CM_OK;
    *out = (cm_train_result){0};
    double start = cm_seconds();
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        double begin = cm_seconds();
        status = stages[i].run(&state, out, job, err);
        *stages[i].seconds = cm_seconds() - begin;
        if (status != CM_OK) {
            break;
        }
    }
    seconds->total = cm_seconds() - start;
    state_release(&state);
    return status;
}
