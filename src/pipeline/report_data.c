/* The numbers of a report that come of labels and probabilities alone. */
#include "pipeline/report_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation/groups.h"
#include "evaluation/operating_points.h"

enum { RELIABILITY_GROUPS = 20, HISTOGRAM_BINS = 50, SEED = 1 };

cm_status report_series_new(report_series *out, size_t n, cm_arena *arena,
                            cm_error *err)
{
    double **const arrays[] = {&out->x,    &out->y,         &out->low,
                               &out->high, &out->predicted, &out->rows};
    size_t n_arrays = sizeof arrays / sizeof *arrays;
    double *numbers =
        cm_arena_alloc(arena, n_arrays * n * sizeof *numbers, err);
    out->names = cm_arena_alloc(arena, n * sizeof *out->names, err);
    if (numbers == NULL || out->names == NULL) {
        return CM_ERR_NOMEM;
    }
    memset(numbers, 0, n_arrays * n * sizeof *numbers);
    memset(out->names, 0, n * sizeof *out->names);
    for (size_t i = 0; i < n_arrays; i++) {
        *arrays[i] = numbers + i * n;
    }
    out->n = n;
    return CM_OK;
}

static cm_status fill_ranking(report_data *data, cm_error *err)
{
    cm_operating_points curve;
    report_series *out = &data->ranking;
    cm_status status = cm_operating_points_init(
        &curve, data->labels, data->source->probabilities,
        data->source->split->n_val, err);
    if (status == CM_OK) {
        status = report_series_new(out, curve.n, &data->arena, err);
    }
    for (size_t i = 0; i < curve.n && status == CM_OK; i++) {
        const cm_operating_point *point = &curve.points[i];
        out->low[i] = fmin(point->threshold, 1); /* JSON has no infinity */
        out->x[i] = cm_point_fall_out(&curve, i);
        out->y[i] = cm_point_recall(&curve, i);
        out->predicted[i] = cm_point_precision(&curve, i);
        out->rows[i] = (double)(point->clicks + point->others);
    }
    data->average_precision = curve.average_precision;
    cm_operating_points_release(&curve);
    return status;
}

static cm_status fill_reliability(report_data *data, cm_error *err)
{
    cm_group groups[RELIABILITY_GROUPS];
    report_series *out = &data->reliability;
    size_t n = 0;
    cm_status status = cm_group_by_rank(
        groups, RELIABILITY_GROUPS, &n, data->labels,
        data->source->probabilities, data->source->split->n_val, err);
    if (status == CM_OK) {
        status = report_series_new(out, n, &data->arena, err);
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        double rows = (double)groups[i].rows;
        cm_interval rate = cm_wilson(groups[i].clicks, groups[i].rows, .95);
        out->x[i] = groups[i].predicted / rows;
        out->y[i] = (double)groups[i].clicks / rows;
        out->low[i] = rate.low;
        out->high[i] = rate.high;
        out->rows[i] = rows;
    }
    return status;
}

/* Bins of equal width from 0 to the highest probability, rounded up to a
 * twentieth. */
static cm_status fill_histogram(report_data *data, cm_error *err)
{
    const double *p = data->source->probabilities;
    size_t n = data->source->split->n_val;
    report_series *out = &data->histogram;
    double highest = 0;
    cm_status status =
        report_series_new(out, HISTOGRAM_BINS, &data->arena, err);
    if (status != CM_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        highest = fmax(highest, p[i]);
    }
    double end = fmax(ceil(highest * 20) / 20, .05);
    for (size_t b = 0; b < HISTOGRAM_BINS; b++) {
        out->low[b] = end * (double)b / HISTOGRAM_BINS;
        out->high[b] = end * (double)(b + 1) / HISTOGRAM_BINS;
    }
    for (size_t i = 0; i < n; i++) {
        size_t bin = (size_t)(p[i] / end * HISTOGRAM_BINS);
        bin = bin < HISTOGRAM_BINS ? bin : HISTOGRAM_BINS - 1;
        *(data->labels[i] ? &out->x[bin] : &out->y[bin]) += 1;
        out->rows[bin] += 1;
    }
    return CM_OK;
}

cm_status report_data_init(report_data *out, const cm_report_source *source,
                           const cm_report_options *options, cm_error *err)
{
    const cm_bootstrap_options bootstrap = {
        .level = .95, .seed = SEED, .n_threads = options->n_threads};
    size_t n = source->split->n_val;
    *out = (report_data){.source = source};
    cm_status status =
        cm_validation_labels(&out->labels, source->dataset, source->split, err);
    if (status == CM_OK) {
        status =
            cm_bootstrap_metrics(&out->intervals, out->labels,
                                 source->probabilities, n, &bootstrap, err);
    }
    if (status == CM_OK) {
        status = fill_ranking(out, err);
    }
    if (status == CM_OK) {
        status = fill_reliability(out, err);
    }
    if (status == CM_OK) {
        status = fill_histogram(out, err);
    }
    if (status == CM_OK) {
        status = report_groups_fill(out, options, err);
    }
    if (status == CM_OK) {
        status = report_drift_fill(out, err);
    }
    if (status == CM_OK) {
        status = report_learning_fill(out, options->n_threads, err);
    }
    if (status == CM_OK) {
        status = report_explained_fill(out, options->n_threads, err);
    }
    return status;
}

void report_data_release(report_data *data)
{
    free(data->labels);
    cm_arena_release(&data->arena);
}
