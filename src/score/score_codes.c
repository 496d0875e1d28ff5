/* Scores rows of a dataset: codes to features by one table each, then as any
 * other row. */
#include "score/score.h"

#include "base/thread.h"
#include "score/blocks.h"
#include "score/score_raw.h"

typedef struct codes_job {
    const cm_model *model;
    const cm_feature_codes *codes;
    const uint32_t *rows; /* (n) */
    size_t n;
    double *out;
    bool raw; /* without the sigmoid */
    score_blocks blocks;
} codes_job;

/* One loop a width of codes, so that the loop has no branch. */
static void fill_column(float *out, const cm_feature_codes *codes, size_t f,
                        const uint32_t *rows, size_t n)
{
    const double *table = codes->tables[f];
    const void *of_rows = codes->codes[f];
    if (codes->widths[f] == 1) {
        const uint8_t *code = of_rows;
        for (size_t i = 0; i < n; i++) {
            out[i] = (float)table[code[rows[i]]];
        }
    } else if (codes->widths[f] == 2) {
        const uint16_t *code = of_rows;
        for (size_t i = 0; i < n; i++) {
            out[i] = (float)table[code[rows[i]]];
        }
    } else {
        const uint32_t *code = of_rows;
        for (size_t i = 0; i < n; i++) {
            out[i] = (float)table[code[rows[i]]];
        }
    }
}

static void score_block(void *context, size_t block, int thread)
{
    codes_job *job = context;
    float **columns = job->blocks.scratch[thread].columns;
    size_t first = block * BLOCK_ROWS;
    size_t n = score_block_size(job->n, block);
    double *out = job->out + first;
    for (size_t f = 0; f < job->model->n_features; f++) {
        fill_column(columns[f], job->codes, f, job->rows + first, n);
    }
    cm_model_apply(job->model, (const float *const *)columns, n, out);
    if (!job->raw) {
        score_sigmoid(out, n);
    }
}

static cm_status score(const cm_model *model, const cm_feature_codes *codes,
                       const uint32_t *rows, size_t n, int n_threads, bool raw,
                       double *out, cm_error *err)
{
    codes_job job = {.model = model,
                     .codes = codes,
                     .rows = rows,
                     .n = n,
                     .out = out,
                     .raw = raw};
    if (codes->n_features != model->n_features) {
        return cm_fail(err, CM_ERR_DATA,
                       "the dataset was given %zu features, but the model "
                       "takes %zu; build them by the model's own plan",
                       codes->n_features, model->n_features);
    }
    cm_status status =
        score_blocks_init(&job.blocks, n, model->n_features, n_threads, err);
    if (status == CM_OK) {
        cm_parallel(job.blocks.n_blocks, job.blocks.n_threads, score_block,
                    &job);
    }
    score_blocks_release(&job.blocks);
    return status;
}

cm_status cm_score_codes(const cm_model *model, const cm_feature_codes *codes,
                         const uint32_t *rows, size_t n, int n_threads,
                         double *probabilities, cm_error *err)
{
    return score(model, codes, rows, n, n_threads, false, probabilities, err);
}

cm_status cm_score_codes_raw(const cm_model *model,
                             const cm_feature_codes *codes,
                             const uint32_t *rows, size_t n, int n_threads,
                             double *raw, cm_error *err)
{
    return score(model, codes, rows, n, n_threads, true, raw, err);
}
