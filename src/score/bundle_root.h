/* The folder that bundles live in: its lock, its links, its old versions.
 * Private to score. */
#ifndef CM_SCORE_BUNDLE_ROOT_H
#define CM_SCORE_BUNDLE_ROOT_H

#include <stdbool.h>

#include "base/error.h"

enum { KEPT_VERSIONS = 5 };

/* Everything that changes a root holds its lock. */
typedef struct bundle_root {
    const char *path;
    char *versions; /* path/versions */
    char *stage;    /* path/versions/.tmp-PID: made whole here, then renamed */
    int lock;
} bundle_root;

/* Creates the folders, waits for the lock, removes what dead writers left.
 * Release in every case. */
CM_MUST_USE cm_status bundle_root_open(bundle_root *root, const char *path,
                                       cm_error *err);
void bundle_root_release(bundle_root *root);

/* The version a link of the root names ("current", "previous"); NULL when it
 * is not there or is no link of ours.  malloc'ed. */
char *bundle_root_version(const bundle_root *root, const char *link);

/* CM_ERR_DATA when something that is not our link has that name. */
CM_MUST_USE cm_status bundle_root_check_free(const bundle_root *root,
                                             const char *name,
                                             const char *target_folder,
                                             cm_error *err);

/* The staged folder becomes versions/VERSION; one that is there and good is
 * kept instead, a damaged one is replaced. */
CM_MUST_USE cm_status bundle_root_publish(const bundle_root *root,
                                          const char *version, cm_error *err);

/* Makes version current and the current one previous. */
CM_MUST_USE cm_status bundle_root_switch(const bundle_root *root,
                                         const char *version, cm_error *err);

/* Makes path/name a link to current/name. */
CM_MUST_USE cm_status bundle_root_link(const bundle_root *root,
                                       const char *name, cm_error *err);

/* Removes the oldest versions but for KEPT_VERSIONS; current and previous are
 * among those. */
CM_MUST_USE cm_status bundle_root_prune(const bundle_root *root, cm_error *err);

#endif
