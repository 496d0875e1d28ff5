/* The bytes of a snapshot, as docs/formats/snapshot.md describes them.
 * Private to pipeline. */
#ifndef CM_PIPELINE_SNAPSHOT_LAYOUT_H
#define CM_PIPELINE_SNAPSHOT_LAYOUT_H

#include <stdint.h>

#define CM_SNAPSHOT_MAGIC "CMSNAPSH" /* 8 bytes, no NUL */

enum { CM_SNAPSHOT_VERSION = 1, CM_SNAPSHOT_ENDIAN = 0x01020304 };

/* checksum: XXH3 of everything behind it. */
typedef struct cm_snapshot_header {
    char magic[8];
    uint32_t version;
    uint32_t endian;
    uint64_t size; /* of the file */
    uint64_t checksum;
    uint64_t options_key;
    uint64_t data_key;
    uint32_t n_trees;
    uint32_t n_features;
    uint64_t reserved; /* 0 */
} cm_snapshot_header;

/* Before the conditions, leaf values, leaf weights of each tree. */
typedef struct cm_snapshot_tree {
    uint32_t depth;
    uint32_t reserved; /* 0 */
    double train_log_loss;
} cm_snapshot_tree;

_Static_assert(sizeof(cm_snapshot_header) == 64, "layout of the header");
_Static_assert(sizeof(cm_snapshot_tree) == 16, "layout of a tree");

#endif
