/* The rows of a growing tree: which leaf each is in, and, side by side, the
 * codes and statistics of the sampled rows of those leaves whose histograms are
 * to be built. */
#ifndef CM_BOOST_PARTITION_H
#define CM_BOOST_PARTITION_H

#include "boost/bundle.h"
#include "boost/rows.h"

enum { CM_NO_SLOT = 0xffff };

/* Slot s holds records start[s] .. start[s + 1) - 1: codes and stat of its rows
 * in ascending order.  They are copies: a row fetched by its number alone costs
 * more than adding it up, rows copied in their order do not. */
typedef struct cm_partition {
    cm_rows *rows;
    const cm_train_set *set;
    const cm_bundles *bundles;
    uint32_t max_slots;
    uint8_t *codes;    /* (n, bundles->width) */
    int64_t *stat;     /* (n) */
    uint32_t *start;   /* (max_slots + 1) */
    uint32_t *counts;  /* (n_spans, max_slots) */
    uint16_t *slot_of; /* (65536): slot of a leaf, CM_NO_SLOT: not wanted */
    uint8_t *occupied; /* (n_spans, 1 << CM_MAX_DEPTH), made when needed */
} cm_partition;

CM_MUST_USE cm_status cm_partition_init(cm_partition *partition, cm_rows *rows,
                                        const cm_train_set *set,
                                        const cm_bundles *bundles,
                                        uint32_t depth, cm_error *err);
void cm_partition_release(cm_partition *partition);

/* Moves rows to leaf | 1 << level where the condition holds, and copies the
 * sampled rows of leaf wanted[s] to slot s. */
void cm_partition_split(cm_partition *partition, uint32_t level,
                        cm_split_condition condition, const uint16_t *wanted,
                        uint32_t n_wanted);

/* Final leaves of all rows, sampled or not. */
void cm_partition_assign(cm_partition *partition,
                         const cm_split_condition *splits, uint32_t depth);

/* The first split that tells no two rows apart that the others do not: for
 * every pair of leaves that differ in it alone, one has no rows at all.
 * *redundant is -1 when there is none. */
CM_MUST_USE cm_status cm_partition_redundant(cm_partition *partition,
                                             const cm_split_condition *splits,
                                             uint32_t depth, int *redundant,
                                             cm_error *err);

#endif
