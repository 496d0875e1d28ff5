/* What the files of the workspace were when they were last read.  Private to
 * versioning; cache.h opens and closes it. */
#ifndef CM_VERSIONING_FILE_STATE_H
#define CM_VERSIONING_FILE_STATE_H

#include <sys/stat.h>

#include "base/md5.h"
#include "versioning/cache.h"

/* Two equal ones of a path: the same content, for all we know. */
typedef struct file_stamp {
    uint64_t inode, size;
    int64_t mtime_ns;
} file_stamp;

file_stamp file_stamp_of(const struct stat *st);

/* path is relative to the root.  state NULL: knows nothing, keeps nothing.
 * One thread at a time. */
bool file_state_find(cm_file_state *state, const char *path,
                     const file_stamp *stamp, char md5[CM_MD5_HEX]);
/* Keeps it, unless the file is so young that a change after its reading might
 * not show in its time, or memory is short. */
void file_state_keep(cm_file_state *state, const char *path,
                     const file_stamp *stamp, const char *md5);
/* The same of a file that this program made of known content, and looked at
 * last before now: what changes it later must get another time. */
void file_state_keep_made(cm_file_state *state, const char *path,
                          const file_stamp *stamp, const char *md5,
                          int64_t now_ns);

#endif
