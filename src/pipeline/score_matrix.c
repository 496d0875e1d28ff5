/* Blocks of rows through a model, a block a task. */
#include "pipeline/score_matrix.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

enum { BLOCK = 512 };

typedef struct score_job {
    const cm_model *model;
    const cm_array *x;
    float *tiles;          /* (threads, m, BLOCK) */
    const float **columns; /* (threads, m): into them */
    double *out;
    bool raw; /* without the sigmoid */
} score_job;

static void score_task(void *context, size_t task, int thread)
{
    const score_job *job = context;
    size_t m = job->model->n_features, row = task * BLOCK;
    size_t left = job->x->n_rows - row;
    size_t n = left < BLOCK ? left : BLOCK;
    double *out = job->out + row;
    cm_array_tile(job->tiles + (size_t)thread * m * BLOCK, BLOCK, job->x,
                  (cm_array_part){.row = row, .n_rows = n, .n_columns = m});
    cm_model_apply(job->model, job->columns + (size_t)thread * m, n, out);
    for (size_t i = 0; i < n && !job->raw; i++) {
        out[i] = cm_sigmoid(out[i]);
    }
}

static cm_status score(double *out, bool raw, const cm_model *model,
                       const cm_array *x, int n_threads, cm_error *err)
{
    size_t threads = (size_t)cm_thread_count(n_threads);
    size_t m = model->n_features;
    CM_ASSERT(x->n_columns == m);
    score_job job = {.model = model,
                     .x = x,
                     .tiles = cm_alloc(threads * m, BLOCK * sizeof(float), err),
                     .columns = cm_alloc(threads * m, sizeof *job.columns, err),
                     .out = out,
                     .raw = raw};
    cm_status status = CM_ERR_NOMEM;
    if (job.tiles != NULL && job.columns != NULL) {
        for (size_t i = 0; i < threads * m; i++) {
            job.columns[i] = job.tiles + i * BLOCK;
        }
        cm_parallel((x->n_rows + BLOCK - 1) / BLOCK, (int)threads, score_task,
                    &job);
        status = CM_OK;
    }
    free(job.tiles);
    free(job.columns);
    return status;
}

cm_status cm_score_matrix(double *probabilities, const cm_model *model,
                          const cm_array *x, int n_threads, cm_error *err)
{
    return score(probabilities, false, model, x, n_threads, err);
}

cm_status cm_score_matrix_raw(double *raw, const cm_model *model,
                              const cm_array *x, int n_threads, cm_error *err)
{
    return score(raw, true, model, x, n_threads, err);
}
