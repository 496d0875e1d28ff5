/* The files of a part of the workspace, as DVC sees them.  Private to
 * versioning. */
#ifndef CM_VERSIONING_WALK_H
#define CM_VERSIONING_WALK_H

#include "dvc/ignore.h"
#include "versioning/file_state.h"

typedef struct walked {
    const char *path; /* absolute, of the walk's arena */
    file_stamp stamp;
    bool is_link, is_exec;
    bool has_links;       /* hard links: other names */
    char md5[CM_MD5_HEX]; /* "": not known */
} walked;

typedef struct walk {
    walked *files;
    size_t n, capacity;
    size_t from_root; /* path + from_root is relative to the root, */
    size_t from_base; /* path + from_base to what was walked */
    bool found;       /* false: nothing is there, or it is ignored */
    bool is_folder;
    uint64_t size; /* of all files */
    cm_arena arena;
} walk;

/* path, relative to the root, is a file or a folder.  Links to files are the
 * files; links to folders in it are left out, as DVC does; a link to nothing, a
 * pipe, a device … are an error that names them.  Release in every case. */
CM_MUST_USE cm_status walk_path(walk *out, const cm_repo *repo,
                                const char *path, cm_error *err);
void walk_release(walk *out);

static inline const char *walk_relative(const walk *w, const walked *file)
{
    return file->path + w->from_base;
}

static inline const char *walk_from_root(const walk *w, const walked *file)
{
    return file->path + w->from_root;
}

#endif
