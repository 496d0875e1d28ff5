/* What DVC keeps of a file or folder it tracks, and the files that say it:
 * .dvc files, listings of folders. */
#ifndef CM_DVC_OUTS_H
#define CM_DVC_OUTS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

enum { CM_OBJECT_TEXT = 37 }; /* 32 digits, ".dir", NUL */

/* An entry of "outs" or "deps".  Texts belong to whoever holds the entry. */
typedef struct cm_out {
    const char *path;         /* as the file says it: relative to its folder */
    char md5[CM_OBJECT_TEXT]; /* "" when there is none; ends with ".dir" for a
                                 folder */
    bool has_size, has_nfiles;
    uint64_t size, nfiles;
    bool old_hash; /* of DVC 2: no "hash: md5" */
    bool is_exec;
    bool no_cache, persist, no_push; /* cache: false … */
    const char *remote, *desc;       /* NULL: not said */
    const char *etag;                /* of an imported URL; NULL: none */
    bool of_other_repo;              /* a dep with "repo", of "dvc import" */
} cm_out;

static inline bool cm_out_is_folder(const cm_out *out)
{
    return cm_str_ends_with(cm_str_of(out->md5), ".dir");
}

/* What is content comes from another entry; path and flags stay. */
static inline void cm_out_take_content(cm_out *out, const cm_out *from)
{
    memcpy(out->md5, from->md5, sizeof out->md5);
    out->has_size = from->has_size;
    out->size = from->size;
    out->has_nfiles = from->has_nfiles;
    out->nfiles = from->nfiles;
    out->is_exec = from->is_exec;
}

/* A .dvc file: one out; with deps it is an import.  Zero-initialised is a new
 * one. */
typedef struct cm_dvc_file {
    cm_out out;
    cm_out dep; /* of import-url; path NULL: none */
    bool frozen;
    char md5[CM_OBJECT_TEXT]; /* of the stage itself, with deps */
    const char *wdir, *desc;
    cm_str text; /* as it was loaded; keys that we do not know, the order of
                    keys and comments are kept from it */
    cm_arena arena;
} cm_dvc_file;

CM_MUST_USE cm_status cm_dvc_file_load(cm_dvc_file *file, const char *path,
                                       cm_error *err);
/* path names the text in errors. */
CM_MUST_USE cm_status cm_dvc_file_parse(cm_dvc_file *file, cm_str text,
                                        const char *path, cm_error *err);
/* The bytes that DVC writes for it. */
CM_MUST_USE cm_status cm_dvc_file_format(const cm_dvc_file *file, cm_buf *out,
                                         cm_error *err);
CM_MUST_USE cm_status cm_dvc_file_save(const cm_dvc_file *file,
                                       const char *path, cm_error *err);
/* The md5 that a file with deps must have: of all it says but sizes, notes and
 * flags. */
CM_MUST_USE cm_status cm_dvc_file_md5(const cm_dvc_file *file,
                                      char out[CM_OBJECT_TEXT], cm_error *err);
void cm_dvc_file_release(cm_dvc_file *file);

/* ---- listings of folders (.dir) -------------------------------------- */

typedef struct cm_listed {
    const char *relpath; /* posix */
    char md5[CM_OBJECT_TEXT];
    uint64_t size; /* known when it was made of files, else 0 */
} cm_listed;

/* Sorted by relpath as Python sorts texts (by code points). */
typedef struct cm_listing {
    cm_listed *entries;
    size_t n, capacity;
    cm_arena arena;
} cm_listing;

CM_MUST_USE cm_status cm_listing_add(cm_listing *listing, cm_str relpath,
                                     const char *md5, uint64_t size,
                                     cm_error *err);
/* Sorts, writes the JSON text that DVC has, and its id "….dir". */
CM_MUST_USE cm_status cm_listing_format(cm_listing *listing, cm_buf *out,
                                        char id[CM_OBJECT_TEXT], cm_error *err);
CM_MUST_USE cm_status cm_listing_parse(cm_listing *listing, cm_str text,
                                       const char *file, cm_error *err);
void cm_listing_release(cm_listing *listing);

#endif
