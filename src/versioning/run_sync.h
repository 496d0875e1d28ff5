/* Entries of the run cache between the cache and a remote, where they lie in
 * the same folders, runs/.  Private to versioning. */
#ifndef CM_VERSIONING_RUN_SYNC_H
#define CM_VERSIONING_RUN_SYNC_H

#include "versioning/sync.h"

/* Sends the entries that the remote (NULL: the default one) lacks, each when
 * what its stage made is there, which goes first.  An entry of which the cache
 * does not have that stays here, and so does one with an out that by dvc.yaml
 * is not to go there (push: false, remote: …). */
CM_MUST_USE cm_status run_sync_push(const cm_repo *repo,
                                    const cm_sync_options *options,
                                    cm_sync_report *report, cm_error *err);
/* Gets the entries that the cache lacks, and nothing of what the stages made.
 * One that is not what it is named by does not stay. */
CM_MUST_USE cm_status run_sync_fetch(const cm_repo *repo,
                                     const cm_sync_options *options,
                                     cm_sync_report *report, cm_error *err);

#endif
