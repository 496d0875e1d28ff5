/* Files: mapped for reading, and written so that they appear whole or not at
 * all under their final name, whatever kills the process. */
#ifndef CM_BASE_FILE_H
#define CM_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* A file mapped read-only.  An empty file has data NULL and size 0. */
typedef struct cm_mapping {
    const uint8_t *data;
    size_t size;
} cm_mapping;

CM_MUST_USE cm_status cm_map_file(cm_mapping *out, const char *path,
                                  cm_error *err);
void cm_unmap(cm_mapping *mapping);

/* Reads a whole file of at most max_bytes into buf. */
CM_MUST_USE cm_status cm_read_file(cm_buf *buf, const char *path,
                                   size_t max_bytes, cm_error *err);

/* All n bytes, through interruptions: 0, or the errno of what failed. */
CM_MUST_USE int cm_write_all(int fd, const void *bytes, size_t n);

/* A file being written beside its final name.  Exactly one of commit and
 * abandon ends it; a crash between leaves only a hidden temporary, which the
 * next cm_atomic_open of the same path removes. */
typedef struct cm_atomic_file cm_atomic_file;

CM_MUST_USE cm_status cm_atomic_open(cm_atomic_file **out, const char *path,
                                     cm_error *err);
/* Errors are kept and reported by commit, so writers need no check a call. */
void cm_atomic_write(cm_atomic_file *file, const void *bytes, size_t n);
/* Instead of writing: shares the blocks of an open file, where the file system
 * can (reflink); false when it cannot, and nothing has changed. */
CM_MUST_USE bool cm_atomic_clone(cm_atomic_file *file, int from);
uint64_t cm_atomic_size(const cm_atomic_file *file);
/* The name under which all that was written can be read until the commit; NULL
 * when writing failed, which the commit then reports. */
const char *cm_atomic_written(cm_atomic_file *file);
/* Flush, fsync, rename, fsync of the folder.  Frees file in every case. */
CM_MUST_USE cm_status cm_atomic_commit(cm_atomic_file *file, cm_error *err);
/* The same with this mode (0: 0644) and, for many files that can be had again,
 * without waiting for the disk: a kill still leaves all or nothing. */
CM_MUST_USE cm_status cm_atomic_commit_unsynced(cm_atomic_file *file,
                                                unsigned mode, cm_error *err);
void cm_atomic_abandon(cm_atomic_file *file); /* NULL is fine */

/* The three of them for a text that is already in memory. */
CM_MUST_USE cm_status cm_write_file(const char *path, cm_str bytes,
                                    cm_error *err);

bool cm_file_exists(const char *path);
CM_MUST_USE cm_status cm_make_dirs(const char *path, cm_error *err);
/* Creates the folder that path lies in. */
CM_MUST_USE cm_status cm_make_parent(const char *path, cm_error *err);
/* Removes a file or a folder with all in it; a missing one is fine. */
CM_MUST_USE cm_status cm_remove_tree(const char *path, cm_error *err);
CM_MUST_USE cm_status cm_sync_dir(const char *path, cm_error *err);
/* Makes `link` a symbolic link to `target`, replacing it atomically. */
CM_MUST_USE cm_status cm_switch_link(const char *target, const char *link,
                                     cm_error *err);

/* Path arithmetic; the result is malloc'ed, NULL when out of memory. */
char *cm_path_join(const char *dir, const char *name);
char *cm_path_dir(const char *path);        /* "." when it has none */
const char *cm_path_base(const char *path); /* points into path */
char *cm_path_replace_suffix(const char *path, const char *suffix);

#endif
