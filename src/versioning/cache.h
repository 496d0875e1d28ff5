/* The cache of objects, .dvc/cache/files/md5: what is in it is whole, has the
 * hash it is named by, and is read-only. */
#ifndef CM_VERSIONING_CACHE_H
#define CM_VERSIONING_CACHE_H

#include "dvc/outs.h"
#include "versioning/repo.h"

/* "files/md5/ab/cdef…": the key of an object in the cache and in remotes. */
void cm_object_key(char out[64], const char *object);
/* Its path in the cache; malloc'ed, NULL without memory. */
char *cm_cache_path(const cm_repo *repo, const char *object);
bool cm_cache_has(const cm_repo *repo, const char *object);

/* Hashes of workspace files remembered by path, inode, size and mtime, in
 * .dvc/tmp: what has not changed is not read again. */
typedef struct cm_file_state cm_file_state;
CM_MUST_USE cm_status cm_file_state_open(cm_file_state **out,
                                         const cm_repo *repo, cm_error *err);
/* Saves what is new; a state that cannot be saved is no error. */
void cm_file_state_close(cm_file_state *state);

/* The object a file or folder of the workspace is (path relative to the root),
 * by state or by reading: its md5 text, size and number of files.  Ignored
 * files (.dvcignore) are left out.  listing (may be NULL) gets a folder's
 * files.  Missing: CM_OK and md5 "". */
CM_MUST_USE cm_status cm_workspace_hash(const cm_repo *repo,
                                        cm_file_state *state, const char *path,
                                        cm_out *out, cm_listing *listing,
                                        cm_error *err);

/* The same, and its content comes into the cache (files first, then the
 * listing); the workspace gets links as the configuration wants. */
CM_MUST_USE cm_status cm_cache_add(const cm_repo *repo, cm_file_state *state,
                                   const char *path, cm_out *out,
                                   cm_error *err);

/* Makes path what the object is: files that are right stay, others are
 * replaced, files of a folder that are not in the listing are removed unless
 * they are nowhere in the cache (then CM_ERR_DATA, without force).  *changed:
 * whether anything was done. */
CM_MUST_USE cm_status cm_cache_checkout(const cm_repo *repo,
                                        cm_file_state *state, const char *path,
                                        const char *object, bool force,
                                        bool *changed, cm_error *err);

/* The listing of a folder's object, from the cache. */
CM_MUST_USE cm_status cm_cache_listing(const cm_repo *repo, const char *object,
                                       cm_listing *out, cm_error *err);

#endif
