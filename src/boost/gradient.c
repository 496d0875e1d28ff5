/* Gradients, sampling and packing, one pass over the sample. */
#include "boost/gradient.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"

typedef struct cm_block_sums {
    double square;     /* of g, over all rows of the block */
    uint64_t gradient; /* |G|, over sampled rows */
    uint64_t weight;   /* W */
    size_t n_sampled;
} cm_block_sums;

cm_status cm_gradients_init(cm_gradients *gradients, cm_sample *sample,
                            const cm_logistic *logistic, cm_error *err)
{
    *gradients = (cm_gradients){
        .logistic = logistic, .sample = sample, .loops = cm_row_kernels_best()};
    gradients->scratch =
        cm_alloc_large((size_t)sample->rows->n_threads,
                       3 * CM_BLOCK_ROWS * sizeof(double), err);
    gradients->sums =
        cm_alloc_zero(cm_sample_n_blocks(sample), sizeof *gradients->sums, err);
    if (gradients->scratch == NULL || gradients->sums == NULL) {
        cm_gradients_release(gradients);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

void cm_gradients_release(cm_gradients *gradients)
{
    free(gradients->scratch);
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
static cm_packing first_packing(const cm_sampling *sampling,
                                const cm_sample *sample)
{
    cm_packing packing = {.low_bits = 31};
    bool plain = cm_sampling_is_plain(sampling) && sample->is_all &&
                 sample->rows->weights == NULL && !sampling->newton;
    double total = sample->rows->total_weight;
    if (plain) {
        packing.low_bits = bit_length(sample->rows->n);
        packing.weight_unit = 1;
        packing.gradient_unit =
            1 / (floor(ldexp(1, gradient_bits(&packing)) / total) - 2);
    } else {
        packing.weight_unit = ldexp(1.5, -31) * total;
        packing.gradient_unit = ldexp(0.75, -gradient_bits(&packing)) * total;
    }
    return packing;
}

typedef struct pass {
    cm_gradients *gradients;
    const int32_t *steps;
    const cm_sampling *sampling;
} pass;

static void derive_gradients(const pass *job, size_t row, size_t n,
                             double *restrict g)
{
    const cm_rows *rows = job->gradients->sample->rows;
    const int32_t *score = rows->score + row;
    const uint16_t *leaf = rows->leaf + row;
    for (size_t i = 0; i < n; i++) {
        int32_t now = cm_fixed_add(score[i], job->steps[leaf[i]]);
        g[i] = rows->labels[row + i] -
               cm_logistic_at(job->gradients->logistic, now);
    }
    for (size_t i = n; i % 4 != 0; i++) {
        g[i] = 0;
    }
}

static void draw_bits(const pass *job, size_t row, size_t n, uint64_t *bits)
{
    for (size_t i = 0; i < n; i++) {
        bits[i] = cm_rng_at(job->sampling->rng, row + i);
    }
}

static void multiply(double *restrict x, const float *restrict by, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        x[i] *= (double)by[i];
    }
}

static double sum_of_squares(const double *restrict g,
                             const float *restrict weights, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double x = g[i] * (double)weights[i];
        sum += x * x;
    }
    return sum;
}

static void scale(double *x, double by, size_t n)
{
    for (size_t i = 0; by != 1 && i < n; i++) {
        x[i] *= by;
    }
}

/* The weights of a block's rows, with the segment's and their own. */
static void weigh_rows(const pass *job, const cm_sample_block *block,
                       const double *g, const uint64_t *bits, double *w)
{
    const cm_rows *rows = job->gradients->sample->rows;
    size_t row = block->segment->row + block->first;
    const float *weights = rows->weights == NULL ? NULL : rows->weights + row;
    cm_sampling_draw(job->sampling, job->gradients->loops, w, g, weights, bits,
                     block->n);
    scale(w, block->segment->weight, block->n);
    if (weights != NULL) {
        multiply(w, weights, block->n);
    }
}

/* Gaps between segments are not touched: a block's padding may reach into one,
 * and is zeros. */
static void pack_rows(const pass *job, const cm_sample_block *block,
                      const double *g, const double *w, const uint64_t *bits,
                      cm_block_sums *sums)
{
    const cm_packing *packing = &job->gradients->packing;
    const cm_pack_units units = {packing->low_bits, 1 / packing->gradient_unit,
                                 1 / packing->weight_unit,
                                 job->sampling->newton};
    const cm_sample *sample = job->gradients->sample;
    const float *weights = sample->rows->weights;
    size_t place = block->segment->place + block->first;
    size_t row = block->segment->row + block->first;
    cm_pack_sums packed = job->gradients->loops->pack(
        sample->stat + place, g, w, bits, (block->n + 3) / 4 * 4, &units);
    sums->gradient = packed.gradient;
    sums->weight = packed.weight;
    sums->square =
        block->segment->weight *
        (weights == NULL ? packed.square
                         : sum_of_squares(g, weights + row, block->n));
}

static uint32_t mark_sampled(const cm_sample *sample,
                             const cm_sample_block *block)
{
    size_t place = block->segment->place + block->first;
    uint32_t n = 0;
    for (size_t i = place; i < place + block->n; i++) {
        bool sampled = sample->stat[i] != 0;
        sample->leaf[i] = sampled ? 0 : CM_NOT_SAMPLED;
        n += sampled;
    }
    return n;
}

static void pass_task(void *context, size_t task, int thread)
{
    const pass *job = context;
    cm_gradients *gradients = job->gradients;
    cm_sample_block block = cm_sample_block_at(gradients->sample, task);
    double *g = gradients->scratch + (size_t)thread * 3 * CM_BLOCK_ROWS;
    double *w = g + CM_BLOCK_ROWS;
    uint64_t *bits = (uint64_t *)(w + CM_BLOCK_ROWS);
    size_t row = block.segment->row + block.first;
    derive_gradients(job, row, block.n, g);
    draw_bits(job, row, block.n, bits);
    weigh_rows(job, &block, g, bits, w);
    pack_rows(job, &block, g, w, bits, &gradients->sums[task]);
    gradients->sums[task].n_sampled = mark_sampled(gradients->sample, &block);
    cm_sample_write_codes(gradients->sample, &block);
}

/* The sums of all blocks, in their order. */
static cm_block_sums run_pass(pass *job)
{
    cm_gradients *gradients = job->gradients;
    size_t n_blocks = cm_sample_n_blocks(gradients->sample);
    cm_team_run(gradients->sample->rows->team, n_blocks, pass_task, job);
    cm_block_sums total = gradients->sums[0];
    for (size_t b = 1; b < n_blocks; b++) {
        const cm_block_sums *sums = &gradients->sums[b];
        total.square += sums->square;
        total.gradient += sums->gradient;
        total.weight += sums->weight;
        total.n_sampled += sums->n_sampled;
    }
    return total;
}

cm_status cm_gradients_compute(cm_gradients *gradients, const int32_t *steps,
                               const cm_sampling *sampling, cm_error *err)
{
    cm_packing *packing = &gradients->packing;
    cm_sample *sample = gradients->sample;
    *packing = first_packing(sampling, sample);
    pass job = {gradients, steps, sampling};
    cm_block_sums total;
    for (;;) {
        total = run_pass(&job);
        bool gradient_fits = total.gradient >> gradient_bits(packing) == 0;
        bool weight_fits = total.weight >> packing->low_bits == 0;
        if (gradient_fits && weight_fits) {
            break;
        }
        packing->gradient_unit *= gradient_fits ? 1 : 2;
        packing->weight_unit *= weight_fits ? 1 : 2;
    }
    gradients->gradient_rms = sqrt(total.square / (double)sample->rows->n);
    sample->n_sampled = total.n_sampled;
    if (total.n_sampled == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "the sample of a tree is empty (subsample %g of %zu "
                       "rows); give a larger subsample",
                       sampling->rate, sample->rows->n);
    }
    return CM_OK;
}
