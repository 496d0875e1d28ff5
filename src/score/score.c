/* Scores raw rows: texts to features by the bundle's lookup, features to a raw
 * value by its model, raw value to a probability. */
#include "score/score.h"

#include <stdatomic.h>

#include "base/thread.h"
#include "score/blocks.h"
#include "score/bundle_body.h"
#include "score/score_raw.h"

size_t score_block_raw(const cm_lookup *lookup, const cm_model *model,
                       const cm_str *fields, size_t n, float *values,
                       double *raw)
{
    size_t n_columns = 0;
    size_t n_features = model->n_features;
    (void)cm_lookup_columns(lookup, &n_columns);
    for (size_t i = 0; i < n; i++) {
        if (cm_lookup_row(lookup, fields + i * n_columns,
                          values + i * n_features, NULL, NULL) != CM_OK) {
            return i;
        }
    }
    cm_model_apply_cats_rows(model, values, n_features, NULL, 0, n, raw);
    return n;
}

typedef struct rows_job {
    const cm_lookup *lookup;
    const cm_model *model;
    const cm_str *fields; /* (n, n_columns) */
    size_t n, n_columns;
    double *raw;
    score_blocks blocks;
    atomic_size_t first_bad; /* row; n: none so far */
} rows_job;

/* Keeps the lowest, so that the message does not depend on the threads. */
static void note_bad_row(rows_job *job, size_t row)
{
    size_t known = atomic_load(&job->first_bad);
    while (row < known &&
           !atomic_compare_exchange_weak(&job->first_bad, &known, row)) {
    }
}

static void score_block(void *context, size_t block, int thread)
{
    rows_job *job = context;
    size_t first = block * BLOCK_ROWS;
    size_t n = score_block_size(job->n, block);
    if (first > atomic_load(&job->first_bad)) {
        return;
    }
    size_t good = score_block_raw(
        job->lookup, job->model, job->fields + first * job->n_columns, n,
        job->blocks.scratch[thread].values, job->raw + first);
    if (good < n) {
        note_bad_row(job, first + good);
    }
}

/* Looks the bad row up again, for its message. */
static cm_status bad_row_failed(rows_job *job, size_t *bad_row,
                                size_t *bad_column, cm_error *err)
{
    size_t row = atomic_load(&job->first_bad);
    if (row == job->n) {
        return CM_OK;
    }
    if (bad_row != NULL) {
        *bad_row = row;
    }
    return cm_lookup_row(job->lookup, job->fields + row * job->n_columns,
                         job->blocks.scratch[0].values, bad_column, err);
}

cm_status score_rows_raw(const cm_lookup *lookup, const cm_model *model,
                         const cm_str *fields, size_t n, int n_threads,
                         double *raw, size_t *bad_row, size_t *bad_column,
                         cm_error *err)
{
    rows_job job = {
        .lookup = lookup, .model = model, .fields = fields, .n = n, .raw = raw};
    atomic_init(&job.first_bad, n);
    (void)cm_lookup_columns(lookup, &job.n_columns);
    CM_ASSERT(cm_lookup_n_features(lookup) == model->n_features);
    cm_status status =
        score_blocks_init(&job.blocks, n, model->n_features, n_threads, err);
    if (status == CM_OK) {
        cm_parallel(job.blocks.n_blocks, job.blocks.n_threads, score_block,
                    &job);
        status = bad_row_failed(&job, bad_row, bad_column, err);
    }
    score_blocks_release(&job.blocks);
    return status;
}

void score_sigmoid(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = cm_sigmoid(values[i]);
    }
}

cm_status cm_score_rows(const cm_bundle *bundle, const cm_str *fields, size_t n,
                        int n_threads, double *probabilities, size_t *bad_row,
                        size_t *bad_column, cm_error *err)
{
    cm_status status =
        score_rows_raw(bundle->lookup, bundle->model, fields, n, n_threads,
                       probabilities, bad_row, bad_column, err);
    if (status == CM_OK) {
        score_sigmoid(probabilities, n);
    }
    return status;
}

size_t cm_score_n_columns(const cm_bundle *bundle)
{
    size_t n = 0;
    (void)cm_lookup_columns(bundle->lookup, &n);
    return n;
}

const char *const *cm_score_columns(const cm_bundle *bundle)
{
    size_t n = 0;
    return cm_lookup_columns(bundle->lookup, &n);
}
