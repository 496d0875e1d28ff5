/* The objects that the workspace and chosen revisions name, by the remote that
 * they go to.  Private to versioning. */
#ifndef CM_VERSIONING_USED_OBJECTS_H
#define CM_VERSIONING_USED_OBJECTS_H

#include "versioning/object_names.h"
#include "versioning/revisions.h"
#include "versioning/stages.h"

/* What goes to one remote. */
typedef struct used_remote {
    const cm_repo *repo; /* whose configuration has it */
    const char *name;    /* NULL: the one that outs go to which name none */
    object_names names;  /* objects, and those that listings name */
} used_remote;

typedef struct used_options {
    revision_choice choice;
    const char *remote; /* where listings come from that the cache lacks, of
                           outs that name none */
    bool force, skip_failed;
} used_options;

typedef struct used_objects {
    used_remote *remotes; /* (n) the one without a name first */
    size_t n, capacity;
    size_t n_skipped; /* revisions that could not be read */
    cm_arena arena;
} used_objects;

/* Adds those of a repository, the first of which is the one of the command.
 * Release in every case. */
CM_MUST_USE cm_status used_objects_add(used_objects *used, const cm_repo *repo,
                                       const used_options *options,
                                       cm_error *err);
void used_objects_release(used_objects *used);

/* Gets an object that the cache lacks from a remote (NULL: the default one);
 * *found: whether it is in the cache now. */
CM_MUST_USE cm_status object_fetch(const cm_repo *repo, const char *remote,
                                   const char *object, bool *found,
                                   cm_error *err);

#endif
