/* `import-url` and `update`: data from elsewhere, and a .dvc file that knows
 * where from. */
#ifndef CM_VERSIONING_IMPORT_H
#define CM_VERSIONING_IMPORT_H

#include "versioning/workspace.h"

typedef struct cm_import_options {
    const char *url;  /* s3://, remote://NAME/…, or a path */
    const char *out;  /* as given, in the working folder; NULL: named as the
                         source, there */
    bool no_exec;     /* the .dvc file alone, without a look at the source */
    bool no_download; /* the source's hash, without its content */
    bool force;       /* in place of what is there */
    unsigned jobs;    /* 0: as the remote says */
} cm_import_options;

/* The content comes into the workspace and the cache, then .gitignore, then
 * the .dvc file, as `dvc import-url` writes it.  Content whose source tells its
 * MD5 is checked; a source that changes meanwhile is CM_ERR_DATA.  The
 * repository is locked. */
CM_MUST_USE cm_status cm_import_url(const cm_repo *repo,
                                    const cm_import_options *options,
                                    cm_add_report *report, cm_error *err);

typedef struct cm_update_options {
    const char *const *targets; /* (n) as given; n 0: every import */
    size_t n;
    bool no_download;
    bool force; /* also when that loses content of the workspace */
    unsigned jobs;
} cm_update_options;

/* Imports again what is not any more as the .dvc file says; the report has the
 * files that changed. */
CM_MUST_USE cm_status cm_update(const cm_repo *repo,
                                const cm_update_options *options,
                                cm_add_report *report, cm_error *err);

#endif
