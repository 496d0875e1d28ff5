/* Gradients, sampling and packing, one pass over the rows. */
#include "boost/gradient.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"

typedef struct cm_span_sums {
    double square;     /* of g, over all rows */
    uint64_t gradient; /* |G|, over sampled rows */
    uint64_t weight;   /* W */
    size_t n_sampled;
    int32_t min_score, max_score;
} cm_span_sums;

cm_status cm_gradients_init(cm_gradients *gradients, cm_rows *rows,
                            const cm_logistic *logistic, cm_error *err)
{
    size_t n_blocks = (rows->n + CM_BLOCK_ROWS - 1) / CM_BLOCK_ROWS;
    *gradients = (cm_gradients){
        .logistic = logistic, .rows = rows, .loops = cm_row_kernels_best()};
    gradients->scratch = cm_alloc_large(
        (size_t)rows->n_threads, 3 * CM_BLOCK_ROWS * sizeof(double), err);
    gradients->thresholds = cm_alloc_zero(n_blocks, sizeof(double), err);
    gradients->sums =
        cm_alloc_zero(rows->n_spans, sizeof *gradients->sums, err);
    if (gradients->scratch == NULL || gradients->thresholds == NULL ||
        gradients->sums == NULL) {
        cm_gradients_release(gradients);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

void cm_gradients_release(cm_gradients *gradients)
{
    free(gradients->scratch);
    free(gradients->thresholds);
    free(gradients->sums);
    *gradients = (cm_gradients){0};
}

static int bit_length(uint64_t x)
{
    return x == 0 ? 0 : 64 - __builtin_clzll(x);
}

static int gradient_bits(const cm_packing *packing)
{
    int left = 63 - packing->low_bits;
    return left < CM_MAX_GRADIENT_BITS ? left : CM_MAX_GRADIENT_BITS;
}

/* With weights of one the counts need few bits, |g| <= 1 bounds the rest, and
 * sums can never overflow.  Other weights are not bounded usefully: the units
 * are set for their expected sums, and checked afterwards. */
static cm_packing first_packing(const cm_sampling *sampling, size_t n)
{
    cm_packing packing = {.low_bits = 31};
    double rows = (double)n;
    if (cm_sampling_is_plain(sampling)) {
        packing.low_bits = bit_length(n);
        packing.weight_unit = 1;
        packing.gradient_unit =
            1 / (floor(ldexp(1, gradient_bits(&packing)) / rows) - 2);
    } else {
        packing.weight_unit = ldexp(1.5, -31) * rows;
        packing.gradient_unit = ldexp(0.75, -gradient_bits(&packing)) * rows;
    }
    return packing;
}

typedef struct pass {
    cm_gradients *gradients;
    const int32_t *steps; /* NULL: scores are up to date */
    const cm_sampling *sampling;
} pass;

/* Brings the scores of a block up to date. */
static void add_steps(const pass *job, cm_range range, cm_span_sums *sums)
{
    int32_t *score = job->gradients->rows->score;
    const uint16_t *leaf = job->gradients->rows->leaf;
    int32_t low = sums->min_score, high = sums->max_score;
    for (size_t i = range.begin; i < range.end; i++) {
        int32_t s = score[i];
        if (job->steps != NULL) {
            s = cm_fixed_add(s, job->steps[leaf[i]]);
            score[i] = s;
        }
        low = s < low ? s : low;
        high = s > high ? s : high;
    }
    sums->min_score = low;
    sums->max_score = high;
}

static void derive_gradients(const pass *job, cm_range range,
                             double *restrict g)
{
    const cm_logistic *logistic = job->gradients->logistic;
    const int32_t *score = job->gradients->rows->score + range.begin;
    const uint8_t *labels = job->gradients->rows->labels + range.begin;
    size_t n = range.end - range.begin;
    for (size_t i = 0; i < n; i++) {
        g[i] = labels[i] - cm_logistic_at(logistic, score[i]);
    }
    for (size_t i = n; i % 4 != 0; i++) {
        g[i] = 0;
    }
}

static void draw_bits(const pass *job, cm_range range, uint64_t *bits)
{
    for (size_t i = range.begin; i < range.end; i++) {
        bits[i - range.begin] = cm_rng_at(job->sampling->rng, i);
    }
}

static void pack_rows(const pass *job, cm_range range, const double *g,
                      const double *w, const uint64_t *bits, cm_span_sums *sums)
{
    const cm_packing *packing = &job->gradients->packing;
    const cm_pack_units units = {packing->low_bits, 1 / packing->gradient_unit,
                                 1 / packing->weight_unit};
    size_t n_padded = (range.end - range.begin + 3) / 4 * 4;
    cm_pack_sums packed = job->gradients->loops->pack(
        job->gradients->rows->stat + range.begin, g, w, bits, n_padded, &units);
    sums->gradient += packed.gradient;
    sums->weight += packed.weight;
    sums->square += packed.square;
}

static uint32_t mark_sampled(cm_rows *rows, cm_range range)
{
    uint32_t n = 0;
    for (size_t i = range.begin; i < range.end; i++) {
        bool sampled = rows->stat[i] != 0;
        rows->leaf[i] = sampled ? 0 : CM_NOT_SAMPLED;
        n += sampled;
    }
    return n;
}

static void pass_task(void *context, size_t task, int thread)
{
    const pass *job = context;
    cm_gradients *gradients = job->gradients;
    cm_rows *rows = gradients->rows;
    double *g = gradients->scratch + (size_t)thread * 3 * CM_BLOCK_ROWS;
    double *w = g + CM_BLOCK_ROWS;
    uint64_t *bits = (uint64_t *)(w + CM_BLOCK_ROWS);
    cm_range span = cm_rows_span(rows, task);
    cm_span_sums sums = {.min_score = INT32_MAX, .max_score = INT32_MIN};
    for (size_t b = span.begin; b < span.end; b += CM_BLOCK_ROWS) {
        size_t end =
            b + CM_BLOCK_ROWS < span.end ? b + CM_BLOCK_ROWS : span.end;
        cm_range block = {b, end};
        add_steps(job, block, &sums);
        derive_gradients(job, block, g);
        draw_bits(job, block, bits);
        cm_sampling_draw(job->sampling, gradients->loops, w, g, bits, end - b,
                         &gradients->thresholds[b / CM_BLOCK_ROWS]);
        pack_rows(job, block, g, w, bits, &sums);
        sums.n_sampled += mark_sampled(rows, block);
    }
    gradients->sums[task] = sums;
}

/* The sums of all spans, in their order. */
static cm_span_sums run_pass(pass *job)
{
    cm_gradients *gradients = job->gradients;
    const cm_rows *rows = gradients->rows;
    cm_team_run(rows->team, rows->n_spans, pass_task, job);
    cm_span_sums total = gradients->sums[0];
    for (size_t s = 1; s < rows->n_spans; s++) {
        const cm_span_sums *sums = &gradients->sums[s];
        total.square += sums->square;
        total.gradient += sums->gradient;
        total.weight += sums->weight;
        total.min_score = sums->min_score < total.min_score ? sums->min_score
                                                            : total.min_score;
        total.max_score = sums->max_score > total.max_score ? sums->max_score
                                                            : total.max_score;
        total.n_sampled += sums->n_sampled;
    }
    return total;
}

cm_status cm_gradients_compute(cm_gradients *gradients, const int32_t *steps,
                               const cm_sampling *sampling, cm_error *err)
{
    cm_packing *packing = &gradients->packing;
    *packing = first_packing(sampling, gradients->rows->n);
    pass job = {gradients, steps, sampling};
    cm_span_sums total;
    for (;;) {
        total = run_pass(&job);
        bool gradient_fits = total.gradient >> gradient_bits(packing) == 0;
        bool weight_fits = total.weight >> packing->low_bits == 0;
        if (gradient_fits && weight_fits) {
            break;
        }
        packing->gradient_unit *= gradient_fits ? 1 : 2;
        packing->weight_unit *= weight_fits ? 1 : 2;
        job.steps = NULL;
    }
    gradients->gradient_rms = sqrt(total.square / (double)gradients->rows->n);
    gradients->min_score = total.min_score;
    gradients->max_score = total.max_score;
    gradients->rows->n_sampled = total.n_sampled;
    if (total.n_sampled == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "the sample of a tree is empty (subsample %g of %zu "
                       "rows); give a larger subsample",
                       sampling->rate, gradients->rows->n);
    }
    return CM_OK;
}
