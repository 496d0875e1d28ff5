/* Which rows grow a tree, and where they stand. */
#include "boost/sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "boost/codes.h"

enum { LEAST_ROWS = 32768 }; /* a smaller sample costs more than it saves */

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

/* The rarer label's share of a sample.  Equal numbers would make the errors of
 * the two labels' sums of gradients equal, as their totals are; a little less
 * was best of what was tried (docs/decisions/0005-stratified-sampling.md). */
static const double RARER_SHARE = 0.4;

/* The runs of a label that windows [0, n) give to a sample: rounded, so that
 * any rate is met in the end. */
static size_t runs_before(const cm_label_rows *label, size_t n)
{
    size_t runs = (size_t)(label->rate * CM_STRATA * (double)n + 0.5);
    return runs < n * CM_STRATA ? runs : n * CM_STRATA;
}

static cm_label_rows label_rows(size_t row, size_t n, double rate)
{
    cm_label_rows label = {.row = row, .n = n, .rate = rate};
    cm_stratum longest = cm_stratum_of(n, 0);
    label.n_windows =
        (longest.end - longest.begin + CM_RUN_ROWS - 1) / CM_RUN_ROWS;
    /* At least one run, so that either label is there. */
    double least = 1.0 / (double)(label.n_windows * CM_STRATA);
    label.rate = rate < least ? least : rate > 1 ? 1 : rate;
    label.n_drawn = runs_before(&label, label.n_windows);
    return label;
}

static void share_out(cm_sample *sample, size_t wanted)
{
    size_t n[2];
    n[0] = count_clicks(sample->rows);
    n[1] = sample->rows->n - n[0];
    int rarer = n[0] <= n[1] ? 0 : 1;
    size_t taken[2];
    taken[rarer] = (size_t)(RARER_SHARE * (double)wanted);
    taken[rarer] = taken[rarer] < n[rarer] ? taken[rarer] : n[rarer];
    taken[1 - rarer] = wanted - taken[rarer];
    for (int l = 0; l < 2; l++) {
        sample->labels[l] = label_rows(l == 0 ? 0 : n[0], n[l],
                                       (double)taken[l] / (double)n[l]);
    }
    sample->n_segments = sample->labels[0].n_drawn + sample->labels[1].n_drawn;
    sample->n = sample->n_segments * CM_RUN_ROWS;
}

/* n strata, each at most once: the first steps of a shuffle. */
static void draw_strata(uint8_t out[CM_STRATA], size_t n, cm_rng *rng)
{
    for (size_t s = 0; s < CM_STRATA; s++) {
        out[s] = (uint8_t)s;
    }
    for (size_t k = 0; k < n; k++) {
        size_t j = k + (size_t)(cm_rng_unit(rng) * (double)(CM_STRATA - k));
        uint8_t stratum = out[j];
        out[j] = out[k];
        out[k] = stratum;
    }
}

static cm_segment segment_of(const cm_label_rows *label, size_t window,
                             size_t stratum)
{
    cm_stratum rows = cm_stratum_of(label->n, stratum);
    size_t begin = rows.begin + window * CM_RUN_ROWS;
    size_t left = begin < rows.end ? rows.end - begin : 0;
    return (cm_segment){.row = label->row + begin,
                        .n = left < CM_RUN_ROWS ? left : CM_RUN_ROWS};
}

/* Segments [0, n_drawn) of a label. */
static void draw_label(cm_segment *segments, const cm_label_rows *label,
                       cm_rng rng)
{
    size_t k = 0, n = 0;
    for (size_t w = 0; w < label->n_windows; w++) {
        uint8_t strata[CM_STRATA];
        size_t end = runs_before(label, w + 1);
        draw_strata(strata, end - k, &rng);
        for (size_t s = 0; k < end; s++, k++) {
            segments[k] = segment_of(label, w, strata[s]);
            n += segments[k].n;
        }
    }
    for (k = 0; k < label->n_drawn; k++) {
        segments[k].weight = n > 0 ? (double)label->n / (double)n : 0;
    }
}

/* Places that no row fills. */
static void clear_gap(cm_sample *sample, const cm_segment *segment)
{
    size_t width = sample->bundles->width, gap = CM_RUN_ROWS - segment->n;
    size_t place = segment->place + segment->n;
    memset(sample->stat + place, 0, gap * sizeof *sample->stat);
    memset(sample->codes + place * width, 0, gap * width);
    for (size_t i = place; i < place + gap; i++) {
        sample->leaf[i] = CM_NOT_SAMPLED;
    }
}

void cm_sample_choose(cm_sample *sample, cm_rng rng)
{
    if (sample->is_all) {
        return;
    }
    cm_segment *segments = sample->segments;
    for (size_t l = 0; l < 2; l++) {
        draw_label(segments, &sample->labels[l], cm_rng_stream(rng.key, l));
        segments += sample->labels[l].n_drawn;
    }
    for (size_t k = 0; k < sample->n_segments; k++) {
        sample->segments[k].place = k * CM_RUN_ROWS;
        clear_gap(sample, &sample->segments[k]);
    }
}

static void codes_task(void *context, size_t task, int thread)
{
    cm_sample *sample = context;
    cm_sample_block block = cm_sample_block_at(sample, task);
    (void)thread;
    cm_codes_write(sample->codes + block.first * sample->bundles->width,
                   sample->bundles, sample->set, block.first, block.n);
}

static cm_status alloc_segments(cm_sample *sample, cm_error *err)
{
    if (sample->is_all) {
        sample->n = sample->rows->n;
        sample->n_segments = 1;
    }
    sample->segments =
        cm_alloc(sample->n_segments, sizeof *sample->segments, err);
    if (sample->segments == NULL) {
        return CM_ERR_NOMEM;
    }
    sample->segments[0] = (cm_segment){.n = sample->n, .weight = 1};
    return CM_OK;
}

static cm_status alloc_places(cm_sample *sample, cm_error *err)
{
    size_t n = sample->n;
    sample->codes = cm_alloc_large(n, sample->bundles->width, err);
    sample->leaf = cm_alloc_large(n, sizeof *sample->leaf, err);
    sample->stat = cm_alloc_large(n + 3, sizeof *sample->stat, err);
    return sample->codes != NULL && sample->leaf != NULL && sample->stat != NULL
               ? CM_OK
               : CM_ERR_NOMEM;
}

cm_status cm_sample_init(cm_sample *sample, const cm_rows *rows,
                         const cm_train_set *set, const cm_bundles *bundles,
                         double rate, cm_error *err)
{
    *sample = (cm_sample){.rows = rows, .set = set, .bundles = bundles};
    size_t wanted = sample_rows(rows->n, rate);
    sample->is_all = wanted == rows->n;
    if (!sample->is_all) {
        share_out(sample, wanted);
    }
    cm_status status = alloc_segments(sample, err);
    if (status == CM_OK) {
        status = alloc_places(sample, err);
    }
    if (status != CM_OK) {
        cm_sample_release(sample);
        return status;
    }
    if (sample->is_all) {
        cm_team_run(rows->team, cm_sample_n_blocks(sample), codes_task, sample);
    }
    return CM_OK;
}

void cm_sample_release(cm_sample *sample)
{
    free(sample->segments);
    free(sample->codes);
    free(sample->leaf);
    free(sample->stat);
    memset(sample, 0, sizeof *sample);
}

size_t cm_sample_n_blocks(const cm_sample *sample)
{
    return sample->is_all ? (sample->n + CM_BLOCK_ROWS - 1) / CM_BLOCK_ROWS
                          : sample->n_segments;
}

cm_sample_block cm_sample_block_at(const cm_sample *sample, size_t block)
{
    if (!sample->is_all) {
        const cm_segment *segment = &sample->segments[block];
        return (cm_sample_block){segment, 0, segment->n};
    }
    size_t first = block * CM_BLOCK_ROWS;
    size_t left = sample->n - first;
    return (cm_sample_block){sample->segments, first,
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
