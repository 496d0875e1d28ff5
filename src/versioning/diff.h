/* What differs between what is tracked at two revisions of git, or at one and
 * in the workspace. */
#ifndef CM_VERSIONING_DIFF_H
#define CM_VERSIONING_DIFF_H

#include "versioning/repo.h"

typedef enum cm_change_kind {
    CM_CHANGE_ADDED,
    CM_CHANGE_DELETED,
    CM_CHANGE_MODIFIED,
    CM_CHANGE_RENAMED,
    CM_CHANGE_NOT_IN_CACHE, /* of the old revision, whatever became of it */
    CM_CHANGE_KINDS
} cm_change_kind;

typedef struct cm_change {
    cm_change_kind kind;
    const char *path;     /* relative to the root; a folder's ends with '/' */
    const char *new_path; /* of what is renamed; else NULL */
    const char *hash;     /* NULL: never had one */
    const char *new_hash; /* of what is modified; else NULL */
} cm_change;

typedef struct cm_diff_options {
    const char *old_rev;
    const char *new_rev;        /* NULL: the workspace */
    const char *const *targets; /* (n) as given; n 0: everything */
    size_t n;
} cm_diff_options;

/* By kind, then by path. */
typedef struct cm_diff {
    cm_change *items; /* (n) */
    size_t n, capacity;
    cm_arena arena;
} cm_diff;

/* `dvc diff`: of a folder also its files.  What is in a folder whose listing
 * the cache lacks is unknown, and not told.  What the cache lacks is told when
 * the workspace is looked at.  Empty in a repository without commits.  Release
 * out in every case. */
CM_MUST_USE cm_status cm_diff_load(cm_diff *out, const cm_repo *repo,
                                   const cm_diff_options *options,
                                   cm_error *err);
void cm_diff_release(cm_diff *diff);

#endif
