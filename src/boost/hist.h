/* Histograms: for every leaf and bundle, the sum of the packed statistics of
 * the leaf's sampled rows, by code. */
#ifndef CM_BOOST_HIST_H
#define CM_BOOST_HIST_H

#include "boost/bundle.h"
#include "boost/partition.h"

typedef struct cm_hist {
    const cm_bundles *bundles;
    cm_partition *partition;
    size_t leaf_cells; /* n_bundles * CM_BUNDLE_CELLS */
    int64_t *cells;    /* (max_leaves, leaf_cells) */
    /* Where each thread adds up its part of every slot.  All 0 between calls.
     */
    int64_t *part;  /* (n_threads, max_slots, leaf_cells) */
    bool *has_part; /* (n_threads) */
    uint32_t max_slots;
} cm_hist;

/* Slots that cm_hist_build fills in one pass over the rows. */
uint32_t cm_hist_max_slots(const cm_bundles *bundles, uint32_t depth);

/* Room for the leaves of a tree that is about to get its last split.  The
 * partition has cm_hist_max_slots. */
CM_MUST_USE cm_status cm_hist_init(cm_hist *hist, cm_partition *partition,
                                   uint32_t depth, cm_error *err);
void cm_hist_release(cm_hist *hist);

static inline int64_t *cm_hist_leaf(const cm_hist *hist, size_t leaf)
{
    return hist->cells + leaf * hist->leaf_cells;
}

/* Fills the histogram of leaf 0 with all sampled rows. */
void cm_hist_build_root(cm_hist *hist);

/* Moves rows to the children of a level's leaves, and then adds the sampled
 * rows of wanted[k] up in the histogram of out[k], k < n. */
void cm_hist_build(cm_hist *hist, const cm_move *move, const uint16_t *wanted,
                   const uint16_t *out, uint32_t n);

#endif
