/* The trees of a training under way, in a file from which the same training
 * goes on: docs/formats/snapshot.md. */
#ifndef CM_PIPELINE_SNAPSHOT_H
#define CM_PIPELINE_SNAPSHOT_H

#include "boost/train.h"

/* What a training is: its data, and the options its trees depend on.  Threads
 * and the number of trees do not change the trees there are. */
typedef struct cm_snapshot_key {
    uint64_t options, data;
} cm_snapshot_key;

/* options: resolved. */
cm_snapshot_key cm_snapshot_key_of(const cm_train_set *set,
                                   const cm_train_options *options);

typedef struct cm_snapshot {
    cm_snapshot_key key;
    uint32_t n_trees;
    uint32_t n_features;
    const cm_tree *trees;           /* (n_trees) */
    const double *train_log_losses; /* (n_trees): after each tree */
    void *owner;                    /* private */
} cm_snapshot;

/* Appears whole or not at all; trees and losses are copied to the file. */
CM_MUST_USE cm_status cm_snapshot_save(const cm_snapshot *snapshot,
                                       const char *path, cm_error *err);
/* Checks all that the bytes alone can tell. */
CM_MUST_USE cm_status cm_snapshot_load(cm_snapshot **out, const char *path,
                                       cm_error *err);
CM_MUST_USE cm_status cm_snapshot_parse(cm_snapshot **out, const uint8_t *bytes,
                                        size_t n, const char *file,
                                        cm_error *err);
void cm_snapshot_free(cm_snapshot *snapshot); /* NULL is fine */

/* Is it a snapshot of this training?  file names it in the error. */
CM_MUST_USE cm_status cm_snapshot_check(const cm_snapshot *snapshot,
                                        const cm_train_set *set,
                                        cm_snapshot_key key, const char *file,
                                        cm_error *err);

#endif
