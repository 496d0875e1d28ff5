/* `gc`: removes what no kept revision names, from the cache and from remotes.
 */
#ifndef CM_VERSIONING_GC_H
#define CM_VERSIONING_GC_H

#include "versioning/repo.h"
#include "versioning/revisions.h"

/* Says that an object is named. */
typedef cm_status (*cm_gc_named)(void *context, const char *object,
                                 cm_error *err);

/* The workspace is always kept. */
typedef struct cm_gc_options {
    revision_choice keep;
    bool cloud;         /* remotes too */
    bool not_in_remote; /* of what is kept, the cache keeps only what the
                           remotes lack */
    const char *remote; /* of outs that name none; NULL: the default one */
    unsigned jobs;      /* 0: as the remote says */
    bool dry;           /* find out, and remove nothing */
    bool force;         /* a folder whose listing is nowhere stops nothing */
    bool skip_failed;   /* neither does a revision that cannot be read */
    const char *const *projects; /* (n) folders of other repositories that use
                                    the same cache */
    size_t n_projects;
    /* Calls named for every object that a remote needs though no revision names
     * it; NULL: there are none. */
    cm_status (*also)(cm_storage *remote, cm_gc_named named, void *context,
                      cm_error *err);
} cm_gc_options;

/* An object that nothing names. */
typedef struct cm_gc_object {
    const char *key; /* "files/md5/ab/cdef…" */
    uint64_t size;
    const char *failed; /* why it is still there; NULL: it is not, or would not
                           be */
} cm_gc_object;

/* The cache, or a remote. */
typedef struct cm_gc_store {
    const char *name;      /* "cache", or the URL */
    cm_gc_object *objects; /* (n) listings of folders first */
    size_t n, capacity;
    size_t n_folders;
    size_t n_kept;
    size_t n_removed;
    uint64_t bytes; /* of those removed */
} cm_gc_store;

typedef struct cm_gc_report {
    cm_gc_store *stores; /* (n) the cache first */
    size_t n, capacity;
    size_t n_skipped; /* revisions */
    cm_arena arena;
} cm_gc_report;

/* Everything is read and listed before the first object goes: when a revision,
 * a listing or a remote cannot be read, nothing is removed.  Listings go before
 * the files they name; when one of them does not go, the files stay.
 * CM_ERR_IO when some did not go, each with its reason in the report.  The
 * repository is locked.  Release the report in every case. */
CM_MUST_USE cm_status cm_gc(const cm_repo *repo, const cm_gc_options *options,
                            cm_gc_report *report, cm_error *err);
void cm_gc_report_release(cm_gc_report *report);

#endif
