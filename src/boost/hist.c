/* Histograms in parallel: rows of a leaf are cut into pieces, each piece and
 * group of bundles is a task, and the pieces of one leaf are then summed. */
#include "boost/hist.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "boost/hist_kernel.h"

enum { MIN_PIECE_ROWS = 16384, MAX_PIECES = 256, CHUNK_ROWS = 1024 };

/* partial[first .. first + n) sum to out. */
typedef struct cm_merge {
    int64_t *out;
    size_t first, n;
} cm_merge;

cm_status cm_hist_init(cm_hist *hist, const cm_bundles *bundles,
                       const cm_rows *rows, uint32_t depth, cm_error *err)
{
    size_t max_leaves = (size_t)1 << (depth - 1);
    size_t piece_rows = rows->n / MAX_PIECES;
    if (piece_rows < MIN_PIECE_ROWS) {
        piece_rows = MIN_PIECE_ROWS;
    }
    *hist = (cm_hist){.bundles = bundles,
                      .rows = rows,
                      .leaf_cells = bundles->n_bundles * CM_BUNDLE_CELLS,
                      .piece_rows = piece_rows,
                      .max_partial = 2 * (rows->n / piece_rows) + 2};
    size_t leaf_bytes = hist->leaf_cells * sizeof(int64_t);
    hist->cells = cm_alloc_large(max_leaves, leaf_bytes, err);
    hist->partial = cm_alloc_large(hist->max_partial, leaf_bytes, err);
    hist->pieces =
        cm_alloc(max_leaves + hist->max_partial, sizeof *hist->pieces, err);
    hist->merges = cm_alloc(hist->max_partial, sizeof *hist->merges, err);
    if (hist->cells == NULL || hist->partial == NULL || hist->pieces == NULL ||
        hist->merges == NULL) {
        cm_hist_release(hist);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

void cm_hist_release(cm_hist *hist)
{
    free(hist->cells);
    free(hist->partial);
    free(hist->pieces);
    free(hist->merges);
    *hist = (cm_hist){0};
}

/* Adds n rows to a leaf.  A leaf of one piece is written in place; one of
 * several goes through partial sums. */
static void cut_pieces(cm_hist *hist, const uint8_t *codes, const int64_t *stat,
                       size_t n_rows, int64_t *out)
{
    size_t n = (n_rows + hist->piece_rows - 1) / hist->piece_rows;
    size_t width = hist->bundles->width;
    if (n <= 1) {
        hist->pieces[hist->n_pieces++] = (cm_piece){codes, stat, n_rows, out};
        return;
    }
    hist->merges[hist->n_merges++] = (cm_merge){out, hist->n_partial, n};
    for (size_t k = 0; k < n; k++) {
        size_t from = n_rows * k / n, to = n_rows * (k + 1) / n;
        hist->pieces[hist->n_pieces++] =
            (cm_piece){codes + from * width, stat + from, to - from,
                       hist->partial + hist->n_partial++ * hist->leaf_cells};
    }
}

/* The sampled ones of n rows, without a branch: every row is written, and the
 * next one overwrites those not sampled. */
static size_t list_sampled(const int64_t *stat, size_t n, uint32_t *rows)
{
    size_t n_sampled = 0;
    for (size_t i = 0; i < n; i++) {
        rows[n_sampled] = (uint32_t)i;
        n_sampled += stat[i] != 0;
    }
    return n_sampled;
}

/* Group after group over the same few rows: only the first group waits for
 * their codes to come from memory. */
static void build_task(void *context, size_t task, int thread)
{
    const cm_hist *hist = context;
    const cm_bundles *bundles = hist->bundles;
    const cm_piece *piece = &hist->pieces[task];
    uint32_t rows[CHUNK_ROWS];
    (void)thread;
    memset(piece->out, 0, hist->leaf_cells * sizeof *piece->out);
    for (size_t at = 0; at < piece->n; at += CHUNK_ROWS) {
        size_t left = piece->n - at;
        size_t n = list_sampled(piece->stat + at,
                                left < CHUNK_ROWS ? left : CHUNK_ROWS, rows);
        for (size_t g = 0; g < bundles->n_groups; g++) {
            const cm_group *group = &bundles->groups[g];
            cm_hist_kernel add = cm_hist_kernel_for(group->n_bundles);
            add(piece->out + group->first_bundle * CM_BUNDLE_CELLS,
                piece->codes + at * bundles->width + group->first_bundle,
                bundles->width, piece->stat + at, rows, n);
        }
    }
}

/* The sum over rows ends here, and only here: a reduction over several
 * machines would follow it. */
static void merge_task(void *context, size_t task, int thread)
{
    const cm_hist *hist = context;
    (void)thread;
    size_t n_bundles = hist->bundles->n_bundles;
    const cm_merge *merge = &hist->merges[task / n_bundles];
    size_t at = task % n_bundles * CM_BUNDLE_CELLS;
    int64_t *restrict out = merge->out + at;
    memset(out, 0, CM_BUNDLE_CELLS * sizeof *out);
    for (size_t k = merge->first; k < merge->first + merge->n; k++) {
        const int64_t *restrict in = hist->partial + k * hist->leaf_cells + at;
        for (size_t c = 0; c < CM_BUNDLE_CELLS; c++) {
            out[c] += in[c];
        }
    }
}

static void run(cm_hist *hist)
{
    cm_team_run(hist->rows->team, hist->n_pieces, build_task, hist);
    cm_team_run(hist->rows->team, hist->n_merges * hist->bundles->n_bundles,
                merge_task, hist);
    hist->n_pieces = hist->n_merges = hist->n_partial = 0;
}

void cm_hist_build_root(cm_hist *hist)
{
    cut_pieces(hist, hist->bundles->codes, hist->rows->stat, hist->rows->n,
               cm_hist_leaf(hist, 0));
    run(hist);
}

void cm_hist_build(cm_hist *hist, const cm_partition *partition,
                   const uint16_t *leaves, uint32_t n_leaves)
{
    for (uint32_t s = 0; s < n_leaves; s++) {
        size_t begin = partition->start[s];
        cut_pieces(hist, partition->codes + begin * hist->bundles->width,
                   partition->stat + begin, partition->start[s + 1] - begin,
                   cm_hist_leaf(hist, leaves[s]));
    }
    run(hist);
}
