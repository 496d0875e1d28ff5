/* The log loss after every so many trees, of a sample of both parts: what any
 * bundle can still tell of its training. */
#include <stdlib.h>
#include <string.h>

#include "evaluation/raw_loss.h"
#include "pipeline/report_data.h"
#include "score/score.h"

enum { SAMPLE_ROWS = 50000, MAX_POINTS = 100 };

/* Rows of one part, and their scores so far. */
typedef struct part_rows {
    size_t n;
    uint32_t *rows;
    uint8_t *labels;
    double *raw;  /* sums of the trees so far */
    double *more; /* what the next trees add */
} part_rows;

static void sample_release(part_rows *sample)
{
    free(sample->rows);
    free(sample->labels);
    free(sample->raw);
    free(sample->more);
}

/* Rows evenly spread over a part. */
static cm_status sample_init(part_rows *out, const uint8_t *target,
                             const uint32_t *rows, size_t n, cm_error *err)
{
    size_t taken = n < SAMPLE_ROWS ? n : SAMPLE_ROWS;
    *out = (part_rows){.n = taken,
                       .rows = cm_alloc(taken, sizeof *out->rows, err),
                       .labels = cm_alloc(taken, 1, err),
                       .raw = cm_alloc_zero(taken, sizeof *out->raw, err),
                       .more = cm_alloc(taken, sizeof *out->more, err)};
    if (!out->rows || !out->labels || !out->raw || !out->more) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < taken; i++) {
        out->rows[i] = rows[i * n / taken];
        out->labels[i] = target[out->rows[i]];
    }
    return CM_OK;
}

/* A model of the trees [first, last); the bias comes with the first tree. */
static cm_status part_of(cm_model **out, const cm_model *model, size_t first,
                         size_t last, cm_error *err)
{
    const cm_model_parts parts = {.n_features = model->n_features,
                                  .features = model->features,
                                  .n_trees = last - first,
                                  .trees = model->trees + first,
                                  .bias = first == 0 ? model->bias : 0};
    return cm_model_build(out, &parts, err);
}

/* Adds the part's trees; *loss: the mean log loss then. */
static cm_status advance(part_rows *sample, double *loss, const cm_model *part,
                         const cm_feature_codes *codes, int n_threads,
                         cm_error *err)
{
    cm_status status = cm_score_codes_raw(part, codes, sample->rows, sample->n,
                                          n_threads, sample->more, err);
    if (status == CM_OK) {
        for (size_t i = 0; i < sample->n; i++) {
            sample->raw[i] += sample->more[i];
        }
        *loss = cm_raw_loss_sum(sample->labels, sample->raw, NULL, sample->n,
                                NULL) /
                (double)sample->n;
    }
    return status;
}

static cm_status follow(report_series *out, part_rows *train, part_rows *val,
                        const cm_report_source *source, int n_threads,
                        cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < out->n && status == CM_OK; i++) {
        cm_model *part = NULL;
        size_t first = i * source->model->n_trees / out->n;
        size_t last = (i + 1) * source->model->n_trees / out->n;
        out->x[i] = (double)last;
        status = part_of(&part, source->model, first, last, err);
        if (status == CM_OK) {
            status =
                advance(val, &out->y[i], part, source->codes, n_threads, err);
        }
        if (status == CM_OK) {
            status = advance(train, &out->predicted[i], part, source->codes,
                             n_threads, err);
        }
        cm_model_free(part);
    }
    return status;
}

cm_status report_learning_fill(report_data *data, int n_threads, cm_error *err)
{
    const cm_report_source *source = data->source;
    const cm_split *split = source->split;
    const uint8_t *target =
        cm_dataset_of_kind(source->dataset, CM_COLUMN_TARGET)->values;
    size_t n_trees = source->model->n_trees;
    part_rows train = {0}, val = {0};
    cm_status status = report_series_new(
        &data->learning, n_trees < MAX_POINTS ? n_trees : MAX_POINTS,
        &data->arena, err);
    if (status == CM_OK) {
        status = sample_init(&train, target, split->train, split->n_train, err);
    }
    if (status == CM_OK) {
        status = sample_init(&val, target, split->val, split->n_val, err);
    }
    if (status == CM_OK) {
        status = follow(&data->learning, &train, &val, source, n_threads, err);
    }
    sample_release(&train);
    sample_release(&val);
    return status;
}
