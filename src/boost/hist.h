/* Histograms: for every leaf and bundle, the sum of the packed statistics of
 * the leaf's sampled rows, by code. */
#ifndef CM_BOOST_HIST_H
#define CM_BOOST_HIST_H

#include "boost/bundle.h"
#include "boost/partition.h"

/* Rows of one leaf that one task adds up. */
typedef struct cm_piece {
    const uint8_t *codes; /* (n, bundles->width) */
    const int64_t *stat;  /* (n) */
    size_t n;
    int64_t *out; /* (n_bundles, CM_BUNDLE_CELLS) */
} cm_piece;

typedef struct cm_hist {
    const cm_bundles *bundles;
    const cm_rows *rows;
    size_t leaf_cells; /* n_bundles * CM_BUNDLE_CELLS */
    size_t piece_rows;
    int64_t *cells;   /* (max_leaves, leaf_cells) */
    int64_t *partial; /* (max_partial, leaf_cells) */
    size_t n_partial, max_partial;
    cm_piece *pieces; /* (max_leaves + max_partial) */
    size_t n_pieces;
    struct cm_merge *merges; /* (max_partial) */
    size_t n_merges;
} cm_hist;

/* Room for the leaves of a tree that is about to get its last split. */
CM_MUST_USE cm_status cm_hist_init(cm_hist *hist, const cm_bundles *bundles,
                                   const cm_rows *rows, uint32_t depth,
                                   cm_error *err);
void cm_hist_release(cm_hist *hist);

static inline int64_t *cm_hist_leaf(const cm_hist *hist, size_t leaf)
{
    return hist->cells + leaf * hist->leaf_cells;
}

/* Fills the histogram of leaf 0 with all rows. */
void cm_hist_build_root(cm_hist *hist);

/* Fills the histograms of leaves[s] with the rows of slot s. */
void cm_hist_build(cm_hist *hist, const cm_partition *partition,
                   const uint16_t *leaves, uint32_t n_leaves);

#endif
