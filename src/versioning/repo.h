/* A repository as DVC knows it: a folder with .dvc in it, its configuration,
 * its lock, its cache.  docs/versioning.md tells users. */
#ifndef CM_VERSIONING_REPO_H
#define CM_VERSIONING_REPO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "storage/storage.h"

typedef struct cm_dvc_config cm_dvc_config;

/* How an object of the cache comes into the workspace, and a file of the
 * workspace into the cache. */
typedef enum cm_link_type {
    CM_LINK_REFLINK,
    CM_LINK_COPY,
    CM_LINK_HARDLINK,
    CM_LINK_SYMLINK
} cm_link_type;

enum { CM_MAX_LINK_TYPES = 4 };

typedef struct cm_repo {
    char *root;                            /* absolute */
    char *dvc_dir;                         /* ROOT/.dvc */
    char *cache;                           /* absolute, where "files/md5" is */
    cm_link_type links[CM_MAX_LINK_TYPES]; /* tried in this order */
    size_t n_links;
    cm_dvc_config *config; /* all levels as one */
    bool has_git;          /* ROOT or a folder above it has .git */
    int lock;              /* -1: not held */
    const cm_log *log;
} cm_repo;

typedef struct cm_init_options {
    bool no_scm; /* a repository without git */
    bool subdir; /* below the root of the git repository */
    bool force;  /* in place of the one that is there */
} cm_init_options;

/* `dvc init`: .dvc/config, .dvc/.gitignore, .dvcignore, staged in git. */
CM_MUST_USE cm_status cm_repo_init(const char *folder,
                                   const cm_init_options *options,
                                   cm_error *err);

/* The repository that folder (NULL: the working one) lies in.  Close in every
 * case. */
CM_MUST_USE cm_status cm_repo_open(cm_repo *repo, const char *folder,
                                   const cm_log *log, cm_error *err);
/* Where it is, and nothing of what it is set to: for what changes that. */
CM_MUST_USE cm_status cm_repo_find(cm_repo *repo, const char *folder,
                                   cm_error *err);
void cm_repo_close(cm_repo *repo);

/* DVC's own lock, .dvc/tmp/lock: waits three seconds, then CM_ERR_DATA says who
 * holds it, or which running `dvc repro` writes.  Everything that changes the
 * repository holds it. */
CM_MUST_USE cm_status cm_repo_lock(cm_repo *repo, cm_error *err);
void cm_repo_unlock(cm_repo *repo);

/* A path as given on a command line, in the working folder, to one relative to
 * the root ("data/a.csv"); outside of it: CM_ERR_USAGE.  From the arena. */
CM_MUST_USE cm_status cm_repo_path(const cm_repo *repo, const char *given,
                                   cm_arena *arena, const char **out,
                                   cm_error *err);

/* ---- configuration -------------------------------------------------- */

/* Value of an option, a list with commas between; NULL: not set.  section:
 * "core", "remote \"name\"". */
const char *cm_dvc_config_get(const cm_dvc_config *config, const char *section,
                              const char *option);
/* The name of the i-th remote, NULL behind the last; from the arena. */
CM_MUST_USE cm_status cm_dvc_config_remote(const cm_dvc_config *config,
                                           size_t i, cm_arena *arena,
                                           const char **name, cm_error *err);
/* The settings of a remote (NULL: the default one); texts live as long as the
 * configuration. */
CM_MUST_USE cm_status cm_repo_remote(const cm_repo *repo, const char *name,
                                     cm_storage_settings *out, cm_error *err);

#endif
