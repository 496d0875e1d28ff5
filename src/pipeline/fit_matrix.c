/* The stages of `fit`, one after another, each timed.
 *
 *   order   (n) the rows as the trainer sees them: stratified sampling reads
 *           runs of neighbours (boost/order.h); NULL: as they come
 *   bins    of the training rows, in that order; labels and weights with them
 */
#include "pipeline/fit_matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "boost/order.h"
#include "data/matrix.h"
#include "model/quantize_matrix.h"
#include "pipeline/fit_extras.h"
#include "pipeline/fit_model.h"
#include "pipeline/score_matrix.h"

typedef struct fit_state {
    const cm_fit_matrix_job *job;
    cm_model_format format;
    cm_matrix *x, *eval_x;
    uint8_t *labels, *eval_labels;
    float *weights; /* NULL: all 1 */
    uint32_t *order;
    cm_border_set *borders;
    cm_bin_matrix *bins;
    cm_fit_extras extras;
    cm_boosted *boosted;
    cm_model *model;
    cm_fit_matrix_result *out;
} fit_state;

static void state_release(fit_state *state)
{
    cm_model_free(state->model);
    cm_boosted_free(state->boosted);
    cm_fit_extras_release(&state->extras);
    cm_bin_matrix_free(state->bins);
    cm_border_set_free(state->borders);
    free(state->order);
    free(state->weights);
    free(state->eval_labels);
    free(state->labels);
    cm_matrix_free(state->eval_x);
    cm_matrix_free(state->x);
}

/* ---- load ------------------------------------------------------------ */

static cm_status check_length(size_t n, const char *path, size_t n_rows,
                              const char *x_path, cm_error *err)
{
    if (n == n_rows) {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_DATA,
                   "%s has %zu values and %s has %zu rows; expected one value "
                   "a row",
                   path, n, x_path, n_rows);
}

/* A matrix and its labels. */
static cm_status load_pair(cm_matrix **x, uint8_t **labels, const char *x_path,
                           const char *y_path, cm_error *err)
{
    size_t n = 0;
    cm_status status = cm_matrix_load(x, x_path, err);
    if (status == CM_OK) {
        status = cm_labels_load(labels, &n, y_path, err);
    }
    if (status == CM_OK) {
        status = check_length(n, y_path, (*x)->array.n_rows, x_path, err);
    }
    if (status == CM_OK &&
        ((*x)->array.n_rows == 0 || (*x)->array.n_columns == 0)) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s has %zu rows of %zu columns: nothing to work on",
                         x_path, (*x)->array.n_rows, (*x)->array.n_columns);
    }
    return status;
}

static cm_status load_eval(fit_state *state, cm_error *err)
{
    const cm_fit_matrix_job *job = state->job;
    size_t m = state->x->array.n_columns;
    if (job->eval_x == NULL) {
        return CM_OK;
    }
    cm_status status = load_pair(&state->eval_x, &state->eval_labels,
                                 job->eval_x, job->eval_y, err);
    if (status == CM_OK && state->eval_x->array.n_columns != m) {
        status =
            cm_fail(err, CM_ERR_DATA,
                    "%s has %zu columns and %s has %zu; expected the same "
                    "columns in both",
                    job->eval_x, state->eval_x->array.n_columns, job->x, m);
    }
    if (status == CM_OK) {
        state->out->n_eval = state->eval_x->array.n_rows;
    }
    return status;
}

static cm_status check_classes(fit_state *state, cm_error *err)
{
    size_t n = state->x->array.n_rows, clicks = 0;
    for (size_t i = 0; i < n; i++) {
        clicks += state->labels[i];
    }
    state->out->n_rows = n;
    state->out->n_features = state->x->array.n_columns;
    state->out->n_clicks = clicks;
    if (clicks == 0 || clicks == n) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: all %zu labels are %d; rows of both classes are "
                       "needed to learn from",
                       state->job->y, n, clicks != 0);
    }
    return CM_OK;
}

static cm_status load(fit_state *state, cm_error *err)
{
    const cm_fit_matrix_job *job = state->job;
    size_t n = 0;
    if (!cm_model_format_of_path(&state->format, job->model)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: expected a name that ends in .cbm or .json",
                       job->model);
    }
    cm_status status =
        load_pair(&state->x, &state->labels, job->x, job->y, err);
    if (status == CM_OK) {
        status = check_classes(state, err);
    }
    if (status == CM_OK && job->weights != NULL) {
        status = cm_weights_load(&state->weights, &n, job->weights, err);
        if (status == CM_OK) {
            status =
                check_length(n, job->weights, state->out->n_rows, job->x, err);
        }
    }
    return status == CM_OK ? load_eval(state, err) : status;
}

/* ---- train ----------------------------------------------------------- */

/* Chooses the order, and puts labels and weights into it. */
static cm_status order(fit_state *state, cm_error *err)
{
    size_t n = state->out->n_rows;
    const cm_train_options *train = &state->job->fit.train;
    if (train->bootstrap != CM_BOOTSTRAP_STRATIFIED) {
        return CM_OK;
    }
    state->order = cm_alloc_large(n, sizeof *state->order, err);
    if (state->order == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = cm_stratified_order(state->order, state->labels, n,
                                           train->random_seed, err);
    if (status == CM_OK) {
        size_t clicks = state->out->n_clicks;
        memset(state->labels, 1, clicks);
        memset(state->labels + clicks, 0, n - clicks);
    }
    if (status == CM_OK && state->weights != NULL) {
        float *weights = cm_alloc_large(n, sizeof *weights, err);
        if (weights == NULL) {
            return CM_ERR_NOMEM;
        }
        for (size_t i = 0; i < n; i++) {
            weights[i] = state->weights[state->order[i]];
        }
        free(state->weights);
        state->weights = weights;
    }
    return status;
}

static cm_matrix_rows rows_of(const fit_state *state)
{
    return (cm_matrix_rows){.x = &state->x->array,
                            .rows = state->order,
                            .n_rows = state->out->n_rows};
}

static cm_status borders(fit_state *state, cm_error *err)
{
    const cm_fit_options *fit = &state->job->fit;
    cm_matrix_rows rows = rows_of(state);
    cm_border_options options = {.border_count = fit->border_count,
                                 .nan_mode = fit->nan_mode,
                                 .seed = fit->train.random_seed,
                                 .n_threads = fit->train.n_threads};
    return cm_border_set_fit(&state->borders, &rows, state->x->names, &options,
                             err);
}

static cm_status quantize(fit_state *state, cm_error *err)
{
    cm_matrix_rows rows = rows_of(state);
    return cm_bin_matrix_new(&state->bins, &rows, state->borders->features,
                             state->job->fit.train.n_threads, err);
}

/* Weights, constraints, another model's scores, and the rows to watch. */
static cm_status extras(fit_state *state, cm_error *err)
{
    cm_fit_extras_source source = {.train = rows_of(state),
                                   .labels = state->labels,
                                   .weights = state->weights,
                                   .eval_labels = state->eval_labels,
                                   .names = state->x->names,
                                   .borders = state->borders};
    if (state->eval_x != NULL) {
        source.eval = (cm_matrix_rows){.x = &state->eval_x->array,
                                       .n_rows = state->out->n_eval};
    }
    cm_status status = cm_fit_extras_init(
        &state->extras, &source, &state->job->fit, state->job->init_model, err);
    free(state->order); /* everything is in it by now */
    state->order = NULL;
    return status;
}

static cm_status trees(fit_state *state, cm_error *err)
{
    const cm_fit_extras *extra = &state->extras;
    const cm_fit_options *fit = &state->job->fit;
    cm_boosting boosting = {
        .set = {.n_rows = state->bins->n_rows,
                .n_features = state->bins->n_features,
                .bins = state->bins->bins,
                .n_bins = state->bins->n_bins,
                .labels = state->labels,
                .weights = extra->weights,
                .baseline = extra->baseline,
                .monotone = extra->monotone},
        .train = fit->train,
        .watched = extra->watched.n_rows > 0 ? &extra->watched : NULL,
        .watch = fit->watch,
        .snapshot = fit->snapshot,
        .log = fit->log};
    cm_status status = cm_boost(&state->boosted, &boosting, err);
    if (status == CM_OK) {
        state->out->n_trees = state->boosted->n_trees;
        state->out->log_loss =
            state->boosted->train_log_losses[state->boosted->n_trees - 1];
    }
    return status;
}

static cm_status build(fit_state *state, cm_error *err)
{
    cm_model_source source = {.n_rows = state->out->n_rows,
                              .n_features = state->borders->n_features,
                              .features = state->borders->features,
                              .monotone = state->extras.monotone,
                              .class_weights = state->extras.class_weights};
    cm_fit_options options = state->job->fit;
    options.init_model = state->extras.init.model;
    cm_status status =
        cm_build_model(&state->model, &source, state->boosted, &options, err);
    if (status == CM_OK) {
        cm_fit_report_take(&state->out->fit, state->boosted);
    }
    return status;
}

/* ---- after it -------------------------------------------------------- */

static cm_status evaluate(fit_state *state, cm_error *err)
{
    size_t n = state->out->n_eval;
    if (n == 0) {
        return CM_OK;
    }
    double *probabilities = cm_alloc_large(n, sizeof *probabilities, err);
    if (probabilities == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status =
        cm_score_matrix(probabilities, state->model, &state->eval_x->array,
                        state->job->fit.train.n_threads, err);
    if (status == CM_OK) {
        status = cm_evaluate(&state->out->metrics, state->eval_labels,
                             probabilities, n, err);
        state->out->log_loss = state->out->metrics.log_loss;
    }
    free(probabilities);
    return status;
}

static cm_status save(fit_state *state, cm_error *err)
{
    const char *path = state->job->model;
    cm_status status = cm_make_parent(path, err);
    if (status == CM_OK) {
        status = cm_model_save(state->model, path, state->format, err);
    }
    if (status == CM_OK) {
        cm_snapshot_done(&state->job->fit.snapshot);
    }
    return status;
}

typedef cm_status (*stage_run)(fit_state *state, cm_error *err);

cm_status cm_fit_matrix(cm_fit_matrix_result *out, const cm_fit_matrix_job *job,
                        cm_error *err)
{
    cm_fit_matrix_seconds *seconds = &out->seconds;
    const struct {
        stage_run run;
        double *seconds;
    } stages[] = {{load, &seconds->load},       {order, &seconds->order},
                  {borders, &seconds->borders}, {quantize, &seconds->quantize},
                  {extras, &seconds->extras},   {trees, &seconds->trees},
                  {build, &seconds->build},     {evaluate, &seconds->evaluate},
                  {save, &seconds->save}};
    fit_state state = {.job = job, .out = out};
    cm_status status = CM_OK;
    *out = (cm_fit_matrix_result){0};
    double start = cm_seconds();
    for (size_t i = 0; i < sizeof stages / sizeof *stages && status == CM_OK;
         i++) {
        double begin = cm_seconds();
        status = stages[i].run(&state, err);
        *stages[i].seconds = cm_seconds() - begin;
    }
    seconds->train = seconds->order + seconds->borders + seconds->quantize +
                     seconds->extras + seconds->trees + seconds->build;
    seconds->total = cm_seconds() - start;
    state_release(&state);
    return status;
}
