/* Weights, constraints, baselines and watched rows of a matrix. */
#include "pipeline/fit_extras.h"

#include <stdlib.h>

#include "base/mem.h"
#include "pipeline/monotone.h"
#include "pipeline/score_matrix.h"

static cm_status weigh(cm_fit_extras *out, const cm_fit_extras_source *from,
                       const cm_fit_options *options, cm_error *err)
{
    out->class_weights = options->class_weights;
    cm_class_weights_resolve(&out->class_weights, from->labels, from->weights,
                             from->train.n_rows);
    cm_status status =
        cm_row_weights(&out->weights, &out->class_weights, from->labels,
                       from->weights, from->train.n_rows, err);
    return status == CM_OK && from->eval.x != NULL
               ? cm_row_weights(&out->eval_weights, &out->class_weights,
                                from->eval_labels, NULL, from->eval.n_rows, err)
               : status;
}

static cm_status constrain(cm_fit_extras *out, const cm_fit_extras_source *from,
                           const cm_fit_options *options, cm_error *err)
{
    size_t m = from->borders->n_features;
    if (options->n_monotone == 0) {
        return CM_OK;
    }
    out->monotone = cm_alloc(m, 1, err);
    return out->monotone != NULL
               ? cm_monotone_parse(out->monotone, options->monotone,
                                   options->n_monotone, from->names, m, err)
               : CM_ERR_NOMEM;
}

/* The model's scores of rows, in their order. */
static cm_status score(double **out, const cm_model *model,
                       const cm_matrix_rows *rows, int n_threads, cm_error *err)
{
    size_t n = rows->x->n_rows;
    double *raw = cm_alloc_large(n, sizeof *raw, err);
    double *ordered = cm_alloc_large(rows->n_rows, sizeof *ordered, err);
    cm_status status = CM_ERR_NOMEM;
    if (raw != NULL && ordered != NULL) {
        status = cm_score_matrix_raw(raw, model, rows->x, n_threads, err);
    }
    if (status == CM_OK) {
        for (size_t i = 0; i < rows->n_rows; i++) {
            ordered[i] = raw[rows->rows != NULL ? rows->rows[i] : i];
        }
    }
    free(raw);
    *out = ordered;
    return status;
}

static cm_status score_init_model(cm_fit_extras *out,
                                  const cm_fit_extras_source *from,
                                  const cm_fit_options *options,
                                  const char *path, cm_error *err)
{
    int n_threads = options->train.n_threads;
    if (path == NULL) {
        return CM_OK;
    }
    cm_status status = cm_init_model_load(&out->init, path, err);
    if (status == CM_OK) {
        status = cm_init_model_check(out->init.model, from->names,
                                     from->borders->n_features, &options->train,
                                     err);
    }
    if (status == CM_OK) {
        status = score(&out->baseline, out->init.model, &from->train, n_threads,
                       err);
    }
    return status == CM_OK && from->eval.x != NULL
               ? score(&out->eval_baseline, out->init.model, &from->eval,
                       n_threads, err)
               : status;
}

static cm_status watch(cm_fit_extras *out, const cm_fit_extras_source *from,
                       const cm_fit_options *options, cm_error *err)
{
    if (!options->watch.on) {
        return CM_OK;
    }
    if (from->eval.x == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "od_type, use_best_model and eval_metric need rows to "
                       "watch: give --eval X Y");
    }
    cm_status status =
        cm_bin_matrix_new(&out->eval_bins, &from->eval, from->borders->features,
                          options->train.n_threads, err);
    if (status == CM_OK) {
        out->watched = (cm_watched_rows){.n_rows = from->eval.n_rows,
                                         .bins = out->eval_bins->bins,
                                         .labels = from->eval_labels,
                                         .weights = out->eval_weights,
                                         .baseline = out->eval_baseline};
    }
    return status;
}

cm_status cm_fit_extras_init(cm_fit_extras *out,
                             const cm_fit_extras_source *source,
                             const cm_fit_options *options,
                             const char *init_model, cm_error *err)
{
    *out = (cm_fit_extras){0};
    cm_status status = weigh(out, source, options, err);
    if (status == CM_OK) {
        status = constrain(out, source, options, err);
    }
    if (status == CM_OK) {
        status = score_init_model(out, source, options, init_model, err);
    }
    return status == CM_OK ? watch(out, source, options, err) : status;
}

void cm_fit_extras_release(cm_fit_extras *extras)
{
    cm_bin_matrix_free(extras->eval_bins);
    cm_init_model_release(&extras->init);
    free(extras->monotone);
    free(extras->eval_baseline);
    free(extras->baseline);
    free(extras->eval_weights);
    free(extras->weights);
    *extras = (cm_fit_extras){0};
}
