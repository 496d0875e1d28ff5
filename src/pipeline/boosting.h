/* A training with everything around it: watched rows, another model's trees
 * before it, snapshots, a limit of time.  What `train`, `fit`, cross-validation
 * and tuning have in common. */
#ifndef CM_PIPELINE_BOOSTING_H
#define CM_PIPELINE_BOOSTING_H

#include "base/log.h"
#include "pipeline/watch.h"

/* path NULL: no snapshots.  The file goes with cm_snapshot_done. */
typedef struct cm_snapshot_options {
    const char *path;
    double interval; /* seconds between two of them */
} cm_snapshot_options;

typedef struct cm_boosted cm_boosted;

typedef struct cm_boosting {
    cm_train_set set; /* first_trees are set from `from` or a snapshot */
    cm_train_options train;
    const cm_watched_rows *watched; /* NULL: none */
    cm_watch_options watch;         /* when watched is given */
    cm_snapshot_options snapshot;
    const cm_boosted *from; /* an earlier part of the same training, or NULL */
    uint32_t max_trees;     /* stop there for now; 0: train.iterations */
    double deadline;        /* cm_seconds() at which to stop; 0: none */
    cm_tree_observer observer;
    const cm_log *log; /* NULL: silent */
} cm_boosting;

struct cm_boosted {
    cm_train_options options; /* resolved */
    cm_trained *trained;      /* all trees that were grown */
    size_t n_trees;           /* of them, those to keep */
    uint32_t best_trees;      /* of the best model; 0: nothing was watched */
    double best, last;        /* eval_metric there and after the last tree */
    bool stopped;             /* by the overfitting detector */
    double *train_log_losses; /* (trained->n_trees) */
    cm_curve curve;           /* empty when nothing was watched */
};

CM_MUST_USE cm_status cm_boost(cm_boosted **out, const cm_boosting *boosting,
                               cm_error *err);
void cm_boosted_free(cm_boosted *boosted); /* NULL is fine */

/* The result is safe: the snapshot has done its work. */
void cm_snapshot_done(const cm_snapshot_options *snapshot);

#endif
