/* Objects between the cache and remotes: push and fetch.  A remote never names
 * an object that it lacks: files go before the listings that name them. */
#ifndef CM_VERSIONING_SYNC_H
#define CM_VERSIONING_SYNC_H

#include "versioning/repo.h"

typedef struct cm_sync_options {
    const char *const *targets; /* (n) as given; n 0: everything tracked */
    size_t n;
    const char *remote; /* NULL: what an out names, else the default one */
    unsigned jobs;      /* 0: as the remote says */
    bool run_cache;     /* what stages made of what (runs/), too */
    bool all_branches, all_tags, all_commits; /* what these name, too */
} cm_sync_options;

typedef struct cm_sync_failure {
    const char *path; /* of a file that has the object, relative to the root */
    const char *what;
} cm_sync_failure;

typedef struct cm_sync_report {
    cm_sync_failure *failed; /* (n_failed) */
    size_t n_failed, capacity;
    size_t n_moved; /* objects */
    uint64_t bytes;
    cm_arena arena;
} cm_sync_report;

/* `dvc push` and `dvc fetch`.  What fails is in the report, and the rest is
 * done all the same: then CM_ERR_DATA.  Another run goes on with what is left.
 * The repository is locked.  Release the report in every case. */
CM_MUST_USE cm_status cm_push(const cm_repo *repo,
                              const cm_sync_options *options,
                              cm_sync_report *report, cm_error *err);
CM_MUST_USE cm_status cm_fetch(const cm_repo *repo,
                               const cm_sync_options *options,
                               cm_sync_report *report, cm_error *err);
void cm_sync_report_release(cm_sync_report *report);

#endif
