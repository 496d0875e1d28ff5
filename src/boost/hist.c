/* Histograms in parallel: every task adds the rows of a chunk to its thread's
 * part of every slot, and the parts are then summed; sums of integers, so that
 * it does not matter which thread took what, nor how chunks are cut. */
#include "boost/hist.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "boost/hist_kernel.h"

enum {
    GROUP_ROWS = 1024,
    MIN_SLOTS = 32,
    PART_BYTES = 16 << 20 /* of one thread, unless MIN_SLOTS take more */
};

uint32_t cm_hist_max_slots(const cm_bundles *bundles, uint32_t depth)
{
    size_t leaf_bytes = bundles->n_bundles * CM_BUNDLE_CELLS * sizeof(int64_t);
    size_t most = depth < 2 ? 1 : (size_t)1 << (depth - 2);
    size_t n = PART_BYTES / leaf_bytes;
    n = n < MIN_SLOTS ? MIN_SLOTS : n;
    return (uint32_t)(n < most ? n : most);
}

cm_status cm_hist_init(cm_hist *hist, cm_partition *partition, uint32_t depth,
                       cm_error *err)
{
    const cm_bundles *bundles = partition->sample->bundles;
    size_t n_threads = (size_t)partition->sample->rows->n_threads;
    *hist = (cm_hist){.bundles = bundles,
                      .partition = partition,
                      .leaf_cells = bundles->n_bundles * CM_BUNDLE_CELLS,
                      .max_slots = cm_hist_max_slots(bundles, depth)};
    size_t leaf_bytes = hist->leaf_cells * sizeof(int64_t);
    size_t n_parts = n_threads * hist->max_slots;
    hist->cells = cm_alloc_large((size_t)1 << (depth - 1), leaf_bytes, err);
    hist->part = cm_alloc_large(n_parts, leaf_bytes, err);
    hist->has_part = cm_alloc_zero(n_threads, sizeof *hist->has_part, err);
    if (hist->cells == NULL || hist->part == NULL || hist->has_part == NULL) {
        cm_hist_release(hist);
        return CM_ERR_NOMEM;
    }
    memset(hist->part, 0, n_parts * leaf_bytes);
    return CM_OK;
}

void cm_hist_release(cm_hist *hist)
{
    free(hist->cells);
    free(hist->part);
    free(hist->has_part);
    *hist = (cm_hist){0};
}

typedef struct build_job {
    cm_hist *hist;
    const cm_move *move; /* NULL: rows are where they belong */
    const uint16_t *out;
    size_t chunk_rows;
} build_job;

static int64_t *part_of(const cm_hist *hist, int thread, size_t slot)
{
    return hist->part +
           ((size_t)thread * hist->max_slots + slot) * hist->leaf_cells;
}

/* Group after group over the same few rows: only the first group waits for
 * their codes. */
static void add_rows(const cm_hist *hist, int64_t *cells, const uint8_t *codes,
                     const int64_t *stat, size_t n)
{
    const cm_bundles *bundles = hist->bundles;
    for (size_t at = 0; at < n; at += GROUP_ROWS) {
        size_t m = n - at < GROUP_ROWS ? n - at : GROUP_ROWS;
        for (size_t g = 0; g < bundles->n_groups; g++) {
            const cm_group *group = &bundles->groups[g];
            cm_hist_kernel add = cm_hist_kernel_for(group->n_bundles);
            add(cells + group->first_bundle * CM_BUNDLE_CELLS,
                codes + at * bundles->width + group->first_bundle,
                bundles->width, stat + at, m);
        }
    }
}

static cm_range chunk_of(const build_job *job, size_t chunk)
{
    size_t n = job->hist->partition->sample->n;
    size_t begin = chunk * job->chunk_rows;
    size_t end = begin + job->chunk_rows;
    return (cm_range){begin, end < n ? end : n};
}

static void gather_task(void *context, size_t task, int thread)
{
    const build_job *job = context;
    cm_hist *hist = job->hist;
    const cm_gathered *rows = cm_partition_gather(
        hist->partition, chunk_of(job, task), job->move, thread);
    for (uint32_t s = 0; s < hist->partition->n_slots; s++) {
        size_t begin = rows->start[s];
        add_rows(hist, part_of(hist, thread, s),
                 rows->codes + begin * hist->bundles->width, rows->stat + begin,
                 rows->start[s + 1] - begin);
    }
    hist->has_part[thread] = true;
}

/* Rows that are not sampled have a stat of 0: adding them changes nothing. */
static void add_all_task(void *context, size_t task, int thread)
{
    const build_job *job = context;
    cm_hist *hist = job->hist;
    const cm_sample *sample = hist->partition->sample;
    cm_range chunk = chunk_of(job, task);
    add_rows(hist, part_of(hist, thread, 0),
             sample->codes + chunk.begin * hist->bundles->width,
             sample->stat + chunk.begin, chunk.end - chunk.begin);
    hist->has_part[thread] = true;
}

/* The sum over rows ends here, and only here: a reduction over several
 * machines would follow it. */
static void sum_task(void *context, size_t task, int thread)
{
    const build_job *job = context;
    const cm_hist *hist = job->hist;
    (void)thread;
    size_t slot = task / hist->bundles->n_bundles;
    size_t at = task % hist->bundles->n_bundles * CM_BUNDLE_CELLS;
    int64_t *restrict out = cm_hist_leaf(hist, job->out[slot]) + at;
    memset(out, 0, CM_BUNDLE_CELLS * sizeof *out);
    for (int t = 0; t < hist->partition->sample->rows->n_threads; t++) {
        if (!hist->has_part[t]) {
            continue;
        }
        int64_t *restrict part = part_of(hist, t, slot) + at;
        for (size_t c = 0; c < CM_BUNDLE_CELLS; c++) {
            out[c] += part[c];
        }
        memset(part, 0, CM_BUNDLE_CELLS * sizeof *part);
    }
}

/* Chunks hold some thousand rows of every slot, so that a slot's histogram is
 * brought to the first-level cache for more than a few; but there are several
 * chunks for every thread. */
static size_t chunk_rows(const cm_hist *hist)
{
    const cm_sample *sample = hist->partition->sample;
    size_t n = hist->partition->n_slots * (size_t)CM_BLOCK_ROWS;
    size_t fair = sample->n / (4 * (size_t)sample->rows->n_threads);
    n = n < CM_MAX_CHUNK_ROWS ? n : CM_MAX_CHUNK_ROWS;
    n = n < fair ? n : fair;
    return n < CM_BLOCK_ROWS ? CM_BLOCK_ROWS
                             : n / CM_BLOCK_ROWS * CM_BLOCK_ROWS;
}

static void run(cm_hist *hist, cm_task task, const cm_move *move,
                const uint16_t *out)
{
    const cm_rows *rows = hist->partition->sample->rows;
    build_job job = {hist, move, out, chunk_rows(hist)};
    size_t n_chunks =
        (hist->partition->sample->n + job.chunk_rows - 1) / job.chunk_rows;
    cm_team_run(rows->team, n_chunks, task, &job);
    cm_team_run(rows->team, hist->partition->n_slots * hist->bundles->n_bundles,
                sum_task, &job);
    memset(hist->has_part, 0, (size_t)rows->n_threads * sizeof *hist->has_part);
}

void cm_hist_build_root(cm_hist *hist)
{
    const uint16_t root = 0;
    const cm_sample *sample = hist->partition->sample;
    bool most = sample->n_sampled > sample->n / 2;
    cm_partition_want(hist->partition, &root, 1, 1);
    run(hist, most ? add_all_task : gather_task, NULL, &root);
}

void cm_hist_build(cm_hist *hist, const cm_move *move, const uint16_t *wanted,
                   const uint16_t *out, uint32_t n)
{
    for (uint32_t first = 0; first < n; first += hist->max_slots) {
        uint32_t left = n - first;
        cm_partition_want(hist->partition, wanted + first,
                          left < hist->max_slots ? left : hist->max_slots,
                          2u << move->level);
        run(hist, gather_task, first == 0 ? move : NULL, out + first);
    }
}
