/* Questions about one that is tracked.  Private to versioning. */
#ifndef CM_VERSIONING_TRACKED_H
#define CM_VERSIONING_TRACKED_H

#include "versioning/graph.h"

/* The dvc.lock beside the last dvc.yaml that was asked for: stages of one file
 * follow each other.  Starts as {.snapshot = …}; its lock is to be released. */
typedef struct tracked_lock {
    const cm_snapshot *snapshot;
    const char *of; /* path of the dvc.yaml; NULL: none yet */
    cm_lock_file lock;
} tracked_lock;

/* What dvc.lock has of a stage; NULL: nothing.  *out lives until the next call;
 * the stage must live as long as the lock. */
CM_MUST_USE cm_status tracked_lock_find(tracked_lock *lock,
                                        const cm_stage *stage,
                                        const cm_locked_stage **out,
                                        cm_error *err);

/* cm_repo_tracked of a graph of the snapshot, that is there already. */
CM_MUST_USE cm_status tracked_of_graph(const cm_repo *repo,
                                       const cm_snapshot *snapshot,
                                       const graph *g,
                                       const char *const *targets, size_t n,
                                       cm_tracked_list *out, cm_error *err);

/* Everything that is tracked in a snapshot; errors name its revision. */
CM_MUST_USE cm_status tracked_in(const cm_repo *repo,
                                 const cm_snapshot *snapshot,
                                 cm_tracked_list *out, cm_error *err);

/* Adds a copy of the item with all its texts. */
CM_MUST_USE cm_status tracked_add(cm_tracked_list *list, const cm_tracked *from,
                                  cm_error *err);

/* Whether a target means the item, or something in it.  path: the target,
 * relative to the root. */
bool tracked_is_named(const cm_tracked *item, const char *target,
                      const char *path);

/* CM_ERR_DATA for an out that DVC 2 wrote. */
CM_MUST_USE cm_status tracked_refuse_old(const cm_tracked *item, cm_error *err);

/* The one part of a folder that the targets (n) ask for, relative to the root;
 * NULL: all of it, also when they are several.  From the arena. */
CM_MUST_USE cm_status tracked_part(const cm_repo *repo, const cm_tracked *item,
                                   const char *const *targets, size_t n,
                                   cm_arena *arena, const char **part,
                                   cm_error *err);

#endif
