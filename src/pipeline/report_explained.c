/* What the model makes of its features: importance over all trees, and SHAP
 * values of a sample of the validation rows.
 *
 * Notation: n rows of the sample, m inputs of the model. */
#include <math.h>
#include <stdlib.h>

#include "model/explain.h"
#include "pipeline/report_data.h"

/* The sample, explained. */
typedef struct explained {
    size_t n, m;
    float *values;         /* (m, n) */
    const float **columns; /* (m) into values */
    float *ranks;          /* (m, n): of the values, in [0, 1] */
    double *shap;          /* (n, m + 1) */
    size_t *order;         /* (m) inputs, those that add most first */
    double *sizes;         /* (m): mean size of what an input added */
} explained;

static void explained_release(explained *e)
{
    free(e->values);
    free(e->columns);
    free(e->ranks);
    free(e->shap);
    free(e->order);
    free(e->sizes);
}

static cm_status allocate(explained *e, cm_error *err)
{
    e->values = cm_alloc(e->m, e->n * sizeof *e->values, err);
    e->ranks = cm_alloc(e->m, e->n * sizeof *e->ranks, err);
    e->columns = cm_alloc(e->m, sizeof *e->columns, err);
    e->shap = cm_alloc(e->n, (e->m + 1) * sizeof *e->shap, err);
    e->order = cm_alloc(e->m, sizeof *e->order, err);
    e->sizes = cm_alloc_zero(e->m, sizeof *e->sizes, err);
    return e->values && e->ranks && e->columns && e->shap && e->order &&
                   e->sizes
               ? CM_OK
               : CM_ERR_NOMEM;
}

/* Rows evenly spread over the validation part. */
static void gather(explained *e, const cm_report_source *source)
{
    const cm_split *split = source->split;
    for (size_t f = 0; f < e->m; f++) {
        float *column = e->values + f * e->n;
        for (size_t i = 0; i < e->n; i++) {
            size_t row = split->val[i * split->n_val / e->n];
            column[i] = (float)cm_feature_value(source->codes, f, row);
        }
        e->columns[f] = column;
    }
}

static int ascending(const void *x, const void *y)
{
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

/* How many of the sorted values are below x, or not above it. */
static size_t count_below(const float *sorted, size_t n, float x, bool or_equal)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < x || (or_equal && sorted[middle] == x)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The share of the other values that are smaller, equal ones counting half;
 * NaN of a NaN. */
static cm_status rank_values(explained *e, cm_error *err)
{
    float *sorted = cm_alloc(e->n, sizeof *sorted, err);
    for (size_t f = 0; f < e->m && sorted != NULL; f++) {
        const float *values = e->columns[f];
        size_t n = 0;
        for (size_t i = 0; i < e->n; i++) {
            if (!isnan(values[i])) {
                sorted[n++] = values[i];
            }
        }
        qsort(sorted, n, sizeof *sorted, ascending);
        for (size_t i = 0; i < e->n; i++) {
            size_t below = count_below(sorted, n, values[i], false) +
                           count_below(sorted, n, values[i], true);
            float share =
                n > 1 ? (float)(below - 1) / (float)(2 * (n - 1)) : .5f;
            e->ranks[f * e->n + i] = isnan(values[i]) ? NAN : share;
        }
    }
    free(sorted);
    return sorted != NULL ? CM_OK : CM_ERR_NOMEM;
}

/* sizes, and order by them. */
static void order_inputs(explained *e)
{
    for (size_t i = 0; i < e->n; i++) {
        for (size_t f = 0; f < e->m; f++) {
            e->sizes[f] += fabs(e->shap[i * (e->m + 1) + f]) / (double)e->n;
        }
    }
    for (size_t f = 0; f < e->m; f++) {
        size_t at = f;
        for (; at > 0 && e->sizes[e->order[at - 1]] < e->sizes[f]; at--) {
            e->order[at] = e->order[at - 1];
        }
        e->order[at] = f;
    }
}

static cm_status explain(explained *e, const cm_report_source *source,
                         int n_threads, cm_error *err)
{
    *e = (explained){.m = source->model->n_features,
                     .n = source->split->n_val < REPORT_SHAP_ROWS
                              ? source->split->n_val
                              : REPORT_SHAP_ROWS};
    CM_ASSERT(cm_model_input_count(source->model) == e->m);
    cm_status status = allocate(e, err);
    if (status == CM_OK) {
        gather(e, source);
        const cm_explain_rows rows = {
            .n = e->n, .columns = e->columns, .n_threads = n_threads};
        status = cm_model_shap(source->model, &rows, e->shap, err);
    }
    if (status == CM_OK) {
        order_inputs(e);
        status = rank_values(e, err);
    }
    return status;
}

static cm_status fill_swarm(report_data *data, const explained *e,
                            cm_error *err)
{
    size_t shown = e->m < REPORT_SHAP_SHOWN ? e->m : REPORT_SHAP_SHOWN;
    report_series *out = &data->swarm;
    cm_status status = report_series_new(out, shown * e->n, &data->arena, err);
    data->swarm_names =
        cm_arena_alloc(&data->arena, shown * sizeof *data->swarm_names, err);
    if (status != CM_OK || data->swarm_names == NULL) {
        return CM_ERR_NOMEM;
    }
    data->n_swarm = shown;
    for (size_t place = 0; place < shown; place++) {
        size_t f = e->order[place];
        data->swarm_names[place] = data->source->model->features[f].name;
        for (size_t i = 0; i < e->n; i++) {
            size_t at = place * e->n + i;
            out->x[at] = e->shap[i * (e->m + 1) + f];
            out->y[at] = (double)place;
            out->predicted[at] = e->ranks[f * e->n + i];
        }
    }
    return CM_OK;
}

/* The feature that acts together with f most, m when none does. */
static size_t partner_of(size_t f, const cm_interaction *pairs, size_t n_pairs,
                         size_t m)
{
    for (size_t i = 0; i < n_pairs; i++) {
        if (pairs[i].first == f || pairs[i].second == f) {
            return pairs[i].first == f ? pairs[i].second : pairs[i].first;
        }
    }
    return m;
}

static cm_status fill_dependence(report_dependence *out, report_data *data,
                                 const explained *e, size_t f, size_t partner,
                                 cm_error *err)
{
    const cm_float_feature *features = data->source->model->features;
    cm_status status = report_series_new(&out->points, e->n, &data->arena, err);
    out->feature = features[f].name;
    out->partner = partner < e->m ? features[partner].name : NULL;
    for (size_t i = 0; i < e->n && status == CM_OK; i++) {
        out->points.x[i] = e->columns[f][i];
        out->points.y[i] = e->shap[i * (e->m + 1) + f];
        out->points.predicted[i] =
            partner < e->m ? e->ranks[partner * e->n + i] : NAN;
    }
    return status;
}

static cm_status fill_dependences(report_data *data, const explained *e,
                                  cm_error *err)
{
    cm_interaction *pairs = NULL;
    size_t n_pairs = 0;
    size_t n = e->m < REPORT_DEPENDENCES ? e->m : REPORT_DEPENDENCES;
    cm_status status =
        cm_model_interaction(data->source->model, &pairs, &n_pairs, err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        size_t f = e->order[i];
        status = fill_dependence(&data->dependences[i], data, e, f,
                                 partner_of(f, pairs, n_pairs, e->m), err);
        data->n_dependences += status == CM_OK;
    }
    free(pairs);
    return status;
}

static cm_status fill_importance(report_data *data, cm_error *err)
{
    const cm_model *model = data->source->model;
    size_t m = model->n_features;
    double *scores = cm_alloc(m, sizeof *scores, err);
    cm_status status = scores != NULL ? report_series_new(&data->importance, m,
                                                          &data->arena, err)
                                      : CM_ERR_NOMEM;
    if (status == CM_OK) {
        status = cm_model_values_change(model, NULL, scores, err);
    }
    for (size_t f = 0; f < m && status == CM_OK; f++) {
        size_t at = f;
        for (; at > 0 && data->importance.x[at - 1] < scores[f]; at--) {
            data->importance.x[at] = data->importance.x[at - 1];
            data->importance.names[at] = data->importance.names[at - 1];
        }
        data->importance.x[at] = scores[f];
        data->importance.names[at] = model->features[f].name;
    }
    free(scores);
    return status;
}

cm_status report_explained_fill(report_data *data, int n_threads, cm_error *err)
{
    explained e = {0};
    cm_status status = fill_importance(data, err);
    if (status == CM_OK) {
        status = explain(&e, data->source, n_threads, err);
    }
    if (status == CM_OK) {
        data->n_explained = e.n;
        status = fill_swarm(data, &e, err);
    }
    if (status == CM_OK) {
        status = fill_dependences(data, &e, err);
    }
    explained_release(&e);
    return status;
}
