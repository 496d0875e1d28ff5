/* Bringing objects into the cache, and what add and checkout share.  Private to
 * versioning. */
#ifndef CM_VERSIONING_CACHE_STORE_H
#define CM_VERSIONING_CACHE_STORE_H

#include "versioning/cache.h"
#include "base/temp_folder.h"
#include "versioning/walk.h"

/* Makes the folders of the cache, and one for temporaries in it. */
CM_MUST_USE cm_status cache_open_temp(cm_temp_folder *out, const cm_repo *repo,
                                      cm_error *err);

/* Makes temp, a file of that folder whose content is known to be the object's,
 * the object; read-only.  When there is one already, temp goes. */
CM_MUST_USE cm_status cache_put(const cm_repo *repo, const char *temp,
                                const char *object, cm_error *err);
/* The same with the text of a listing. */
CM_MUST_USE cm_status cache_put_listing(const cm_repo *repo,
                                        const cm_temp_folder *temp,
                                        cm_listing *listing,
                                        char object[CM_OBJECT_TEXT],
                                        cm_error *err);

/* Whether path, that of the object in the cache, is the object; *size is
 * UINT64_MAX when it is not. */
bool cache_measure(const char *path, const char *object, uint64_t *size);
/* For an object that is written to its path itself, whole or not at all: first
 * the folder, then it is made read-only.  A crash between leaves one that is
 * read before it is trusted. */
CM_MUST_USE cm_status cache_make_place(const cm_repo *repo, const char *path,
                                       cm_error *err);
void cache_seal(const char *path);

/* Gives every file of a walk its md5, by the state or by reading it. */
CM_MUST_USE cm_status workspace_read(const cm_repo *repo, cm_file_state *state,
                                     walk *files, cm_error *err);
/* Brings all files of a walk into the cache, gives them their md5, and links
 * the workspace as the configuration wants. */
CM_MUST_USE cm_status cache_add_files(const cm_repo *repo, cm_file_state *state,
                                      walk *files, const cm_temp_folder *temp,
                                      cm_error *err);

/* Where the progress of so many bytes is told; NULL: they are few. */
const cm_log *workspace_log(const cm_repo *repo, uint64_t bytes);

/* What DVC keeps of files whose md5 are known.  listing gets those of a
 * folder, whose own md5 is then "". */
CM_MUST_USE cm_status workspace_describe(const walk *files, cm_out *out,
                                         cm_listing *listing, cm_error *err);

#endif
