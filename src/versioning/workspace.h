/* The commands of the workspace: add, checkout, status.  Paths in what they
 * report are relative to the root; cm_repo_shown makes them what people read.
 */
#ifndef CM_VERSIONING_WORKSPACE_H
#define CM_VERSIONING_WORKSPACE_H

#include "versioning/cache.h"
#include "versioning/stages.h"

/* A path relative to the root as one relative to the working folder, the way
 * DVC prints it; from the arena. */
CM_MUST_USE cm_status cm_repo_shown(const cm_repo *repo, const char *path,
                                    cm_arena *arena, const char **out,
                                    cm_error *err);

/* ---- add ----------------------------------------------------------------- */

typedef struct cm_add_options {
    const char *const *targets; /* (n) as given, in the working folder */
    size_t n;
    bool glob; /* they are patterns */
} cm_add_options;

/* What git has to know of afterwards. */
typedef struct cm_add_report {
    const char **files; /* (n) .dvc files, and .gitignore files that changed */
    size_t n, capacity;
    size_t n_added; /* targets */
    uint64_t n_objects, bytes;
    bool staged; /* core.autostage: `git add` is done */
    cm_arena arena;
} cm_add_report;

/* `dvc add`: content into the cache, then .gitignore, then the .dvc file.  A
 * path that is tracked is updated; one inside a tracked folder updates that
 * part of it.  The repository is locked. */
CM_MUST_USE cm_status cm_add(const cm_repo *repo, const cm_add_options *options,
                             cm_add_report *report, cm_error *err);
void cm_add_report_release(cm_add_report *report);

/* ---- checkout ------------------------------------------------------------ */

typedef struct cm_checkout_options {
    const char *const *targets; /* (n) as given; n 0: everything */
    size_t n;
    bool force;  /* remove files that are nowhere else */
    bool relink; /* make all links anew that are not as cache.type wants */
    bool allow_missing;
} cm_checkout_options;

typedef struct cm_checked_out {
    const char *path;
    bool is_folder;
    bool is_new;  /* nothing was there before */
    bool missing; /* content is not in the cache; nothing was done */
    bool is_gone; /* it was tracked once, is not now, and was removed */
} cm_checked_out;

typedef struct cm_checkout_report {
    cm_checked_out *items; /* (n) outs that changed, or are missing */
    size_t n, capacity;
    size_t n_made, n_removed; /* files */
    cm_arena arena;
} cm_checkout_report;

/* `dvc checkout`.  What was tracked when this program last saw it, and is not
 * now, is removed when the cache has it.  Without force nothing is touched when
 * a file would be lost: CM_ERR_DATA names them.  Content that is missing is
 * CM_ERR_DATA at the end, when all else is done.  The repository is locked. */
CM_MUST_USE cm_status cm_checkout(const cm_repo *repo,
                                  const cm_checkout_options *options,
                                  cm_checkout_report *report, cm_error *err);
void cm_checkout_report_release(cm_checkout_report *report);

/* ---- status -------------------------------------------------------------- */

typedef struct cm_finding {
    const char *stage; /* "data.dvc", "train", "sub/dvc.yaml:train" */
    const char *kind;  /* "changed outs", "changed deps", and alone: "changed
                          command", "changed checksum", "always changed" */
    const char *file;  /* "params.yaml", of parameters; else NULL */
    const char *path;  /* "data", or the parameter; NULL: kind says all */
    const char *what;  /* "modified", "deleted", "new", "not in cache" */
} cm_finding;

typedef struct cm_status_report {
    cm_finding *items; /* (n) those of one stage together */
    size_t n, capacity;
    size_t n_stages;
    cm_arena arena;
} cm_status_report;

typedef struct cm_cloud_options {
    const char *const *targets; /* (n) as given; n 0: everything tracked */
    size_t n;
    const char *remote; /* NULL: the default one */
    unsigned jobs;      /* 0: as the remote says */
} cm_cloud_options;

/* `dvc status`: what it finds, in its order. */
CM_MUST_USE cm_status cm_workspace_status(const cm_repo *repo,
                                          const char *const *targets, size_t n,
                                          cm_status_report *report,
                                          cm_error *err);
/* `dvc status --cloud`: objects that the cache and the remote (NULL: the
 * default one) do not both have, path and what ("deleted": the cache lacks it,
 * "new": the remote does, "missing": both), in this order.  An out that names a
 * remote of its own is left out, as DVC does. */
CM_MUST_USE cm_status cm_cloud_status(const cm_repo *repo,
                                      const cm_cloud_options *options,
                                      cm_status_report *report, cm_error *err);
void cm_status_report_release(cm_status_report *report);

#endif
