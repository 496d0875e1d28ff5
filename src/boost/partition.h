/* The sample's rows in the leaves of a growing tree: moving them, and, chunk by
 * chunk, their codes and statistics sorted by leaf. */
#ifndef CM_BOOST_PARTITION_H
#define CM_BOOST_PARTITION_H

#include "boost/row_kernel.h"
#include "boost/sample.h"

enum { CM_MAX_CHUNK_ROWS = 65536 };

/* The rows of a chunk whose leaves have slots: those of slot s are records
 * start[s] .. start[s + 1) - 1, in ascending order.  They are copies, small
 * enough together to stay in the second-level cache: rows fetched by their
 * numbers alone would cost more than adding them up does. */
typedef struct cm_gathered {
    uint32_t *start;  /* (max_slots + 1) */
    uint32_t *picked; /* (CM_MAX_CHUNK_ROWS): as cm_row_kernels' pick gives */
    uint8_t *codes;   /* (CM_MAX_CHUNK_ROWS, bundles->width) */
    int64_t *stat;    /* (CM_MAX_CHUNK_ROWS) */
} cm_gathered;

typedef struct cm_partition {
    cm_sample *sample;
    uint32_t depth;    /* of the deepest tree */
    uint16_t *slot_of; /* (65536): slot of a leaf, or CM_NO_SLOT */
    uint32_t n_slots;
    uint32_t n_leaves; /* of the tree */
    const cm_row_kernels *loops;
    cm_gathered *gathered; /* (n_threads) */
    uint8_t *occupied;     /* (n_spans, 1 << depth), made when needed */
} cm_partition;

CM_MUST_USE cm_status cm_partition_init(cm_partition *partition,
                                        cm_sample *sample, uint32_t depth,
                                        uint32_t max_slots, cm_error *err);
void cm_partition_release(cm_partition *partition);

/* Gives slot s to leaves[s], and none to others of the tree's n_leaves. */
void cm_partition_want(cm_partition *partition, const uint16_t *leaves,
                       uint32_t n_slots, uint32_t n_leaves);

/* Rows for which the condition holds go from leaf l to l | 1 << level. */
typedef struct cm_move {
    cm_split_condition condition;
    uint32_t level;
} cm_move;

/* Moves the rows of a chunk of the sample (unless move is NULL) and gathers
 * those of leaves that have slots, in the thread's own scratch. */
const cm_gathered *cm_partition_gather(cm_partition *partition, cm_range chunk,
                                       const cm_move *move, int thread);

/* The first split that tells no two rows apart that the others do not: for
 * every pair of leaves that differ in it alone, one has no rows at all.
 * *redundant is -1 when there is none. */
CM_MUST_USE cm_status cm_partition_redundant(cm_partition *partition,
                                             const cm_split_condition *splits,
                                             uint32_t depth, int *redundant,
                                             cm_error *err);

#endif
