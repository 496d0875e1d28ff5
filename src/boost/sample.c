/* Which rows grow a tree, and where they stand. */
#include "boost/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "boost/codes.h"

enum {
    LEAST_ROWS = 65536, /* a smaller sample costs more than it saves */
    ALIGNMENT = 8
};

static size_t align_up(size_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t sample_rows(size_t n, double rate)
{
    size_t wanted = (size_t)(rate * (double)n);
    wanted = wanted < LEAST_ROWS ? LEAST_ROWS : wanted;
    return wanted < n ? wanted : n;
}

bool cm_sample_is_partial(size_t n_rows, double rate)
{
    return sample_rows(n_rows, rate) < n_rows;
}

static size_t count_clicks(const cm_rows *rows)
{
    size_t n = 0;
    while (n < rows->n && rows->labels[n] == 1) {
        n++;
    }
    return n;
}

/* How many of `wanted` rows are of the rarer label, where its share of all rows
 * is `rate`.  Equal numbers would make the errors of the two labels' sums of
 * gradients equal, as their totals are; shares as in the whole would do that
 * for sums of weights.  The geometric mean of the two was best of what was
 * tried (docs/decisions/0005-stratified-sampling.md). */
static size_t rarer_rows(size_t wanted, double rate)
{
    return (size_t)(sqrt(0.5 * rate) * (double)wanted);
}

static void share_out(cm_sample *sample, size_t wanted)
{
    const size_t *n_class = sample->n_class;
    int rarer = n_class[0] <= n_class[1] ? 0 : 1;
    double rate = (double)n_class[rarer] / (double)sample->rows->n;
    size_t n[CM_MAX_SEGMENTS];
    n[rarer] = rarer_rows(wanted, rate);
    n[rarer] = n[rarer] < n_class[rarer] ? n[rarer] : n_class[rarer];
    n[rarer] = n[rarer] == 0 ? 1 : n[rarer];
    n[1 - rarer] = wanted - n[rarer];
    if (n[1 - rarer] > n_class[1 - rarer]) {
        n[1 - rarer] = n_class[1 - rarer];
        n[rarer] = wanted - n[1 - rarer];
    }
    size_t place = 0, row = 0;
    for (int s = 0; s < CM_MAX_SEGMENTS; s++) {
        sample->segments[s] =
            (cm_segment){place, row, n[s], (double)n_class[s] / (double)n[s]};
        sample->n = place + n[s];
        place = align_up(sample->n);
        row += n_class[s];
    }
    sample->n_segments = CM_MAX_SEGMENTS;
}

static void take_all(cm_sample *sample)
{
    sample->n = sample->rows->n;
    sample->n_segments = 1;
    sample->segments[0] = (cm_segment){.n = sample->n, .weight = 1};
}

/* Places that no row fills, from the end of a segment to the next. */
static void clear_gap(cm_sample *sample)
{
    const cm_segment *before = &sample->segments[0];
    for (size_t i = before->n; i < sample->segments[1].place; i++) {
        sample->leaf[i] = CM_NOT_SAMPLED;
        sample->stat[i] = 0;
    }
    size_t width = sample->bundles->width;
    memset(sample->codes + before->n * width, 0,
           (sample->segments[1].place - before->n) * width);
}

static void codes_task(void *context, size_t task, int thread)
{
    cm_sample *sample = context;
    cm_sample_block block = cm_sample_block_at(sample, task);
    (void)thread;
    cm_codes_write(sample->codes + block.first * sample->bundles->width,
                   sample->bundles, sample->set, block.first, block.n);
}

cm_status cm_sample_init(cm_sample *sample, const cm_rows *rows,
                         const cm_train_set *set, const cm_bundles *bundles,
                         double rate, cm_error *err)
{
    *sample = (cm_sample){.rows = rows, .set = set, .bundles = bundles};
    size_t wanted = sample_rows(rows->n, rate);
    sample->is_all = wanted == rows->n;
    if (sample->is_all) {
        take_all(sample);
    } else {
        sample->n_class[0] = count_clicks(rows);
        sample->n_class[1] = rows->n - sample->n_class[0];
        share_out(sample, wanted);
    }
    sample->codes = cm_alloc_large(sample->n, bundles->width, err);
    sample->leaf = cm_alloc_large(sample->n, sizeof *sample->leaf, err);
    sample->stat = cm_alloc_large(sample->n + 3, sizeof *sample->stat, err);
    if (sample->codes == NULL || sample->leaf == NULL || sample->stat == NULL) {
        cm_sample_release(sample);
        return CM_ERR_NOMEM;
    }
    if (sample->is_all) {
        cm_team_run(rows->team, cm_sample_n_blocks(sample), codes_task, sample);
    } else {
        clear_gap(sample);
    }
    return CM_OK;
}

void cm_sample_release(cm_sample *sample)
{
    free(sample->codes);
    free(sample->leaf);
    free(sample->stat);
    memset(sample, 0, sizeof *sample);
}

/* Windows follow each other through the rows of the class; the last one of a
 * round ends with the class, over a part of the one before. */
static size_t window_start(size_t n_class, size_t n, size_t iteration)
{
    size_t n_windows = (n_class + n - 1) / n;
    size_t start = iteration % n_windows * n;
    return start < n_class - n ? start : n_class - n;
}

void cm_sample_choose(cm_sample *sample, size_t iteration)
{
    if (sample->is_all) {
        return;
    }
    size_t first = 0;
    for (uint32_t s = 0; s < sample->n_segments; s++) {
        cm_segment *segment = &sample->segments[s];
        segment->row =
            first + window_start(sample->n_class[s], segment->n, iteration);
        first += sample->n_class[s];
    }
}

static size_t blocks_of(const cm_segment *segment)
{
    return (segment->n + CM_BLOCK_ROWS - 1) / CM_BLOCK_ROWS;
}

size_t cm_sample_n_blocks(const cm_sample *sample)
{
    size_t n = 0;
    for (uint32_t s = 0; s < sample->n_segments; s++) {
        n += blocks_of(&sample->segments[s]);
    }
    return n;
}

cm_sample_block cm_sample_block_at(const cm_sample *sample, size_t block)
{
    const cm_segment *segment = sample->segments;
    while (block >= blocks_of(segment)) {
        block -= blocks_of(segment++);
    }
    size_t first = block * CM_BLOCK_ROWS;
    size_t left = segment->n - first;
    return (cm_sample_block){segment, first,
                             left < CM_BLOCK_ROWS ? left : CM_BLOCK_ROWS};
}

void cm_sample_write_codes(cm_sample *sample, const cm_sample_block *block)
{
    const cm_bundles *bundles = sample->bundles;
    if (!sample->is_all) {
        size_t place = block->segment->place + block->first;
        cm_codes_write(sample->codes + place * bundles->width, bundles,
                       sample->set, block->segment->row + block->first,
                       block->n);
    }
}
