/* Where an import comes from: a file or folder of S3, of a remote or of the
 * disk.  Private to versioning. */
#ifndef CM_VERSIONING_IMPORT_SOURCE_H
#define CM_VERSIONING_IMPORT_SOURCE_H

#include "dvc/outs.h"
#include "versioning/repo.h"

typedef struct source_file {
    const char *key;     /* in the storage */
    const char *relpath; /* in the folder; "" for a file */
    uint64_t size;
    char etag[CM_ETAG];
} source_file;

typedef struct import_source {
    const char *url; /* as the .dvc file has it */
    cm_storage *storage;
    char *place; /* URL of the storage */
    char *key;   /* in it, without a '/' at its end */
    bool is_s3;  /* what is known of its files are ETags */
    bool etags_are_md5;
    bool is_folder;
    source_file *files; /* (n) sorted by relpath */
    size_t n, capacity;
    cm_out about; /* size and files; of S3 also the etag, or the folder's md5 */
    cm_arena arena;
} import_source;

/* Finds where it is, and asks nobody yet.  url as in the .dvc file, a relative
 * path is one in folder (absolute).  Close in every case. */
CM_MUST_USE cm_status import_source_open(import_source *source,
                                         const cm_repo *repo, const char *url,
                                         const char *folder, unsigned jobs,
                                         cm_error *err);
/* What is there now; n is 0 when it is nothing. */
CM_MUST_USE cm_status import_source_look(import_source *source, cm_error *err);
/* The same; nothing is CM_ERR_USAGE. */
CM_MUST_USE cm_status import_source_demand(import_source *source,
                                           cm_error *err);
/* Whether what is there now is what a dep says. */
bool import_source_is(const import_source *source, const cm_out *dep);
/* Gets all of it as path, which is not there yet. */
CM_MUST_USE cm_status import_source_get(import_source *source, const char *path,
                                        const cm_log *log, cm_error *err);
void import_source_close(import_source *source);

#endif
