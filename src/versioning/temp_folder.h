/* A folder of temporaries of one process: what is in it is renamed to where it
 * belongs when it is whole.  Private to versioning. */
#ifndef CM_VERSIONING_TEMP_FOLDER_H
#define CM_VERSIONING_TEMP_FOLDER_H

#include <stddef.h>

#include "base/error.h"

/* fd holds the lock that says that the process lives. */
typedef struct temp_folder {
    char *path;
    int fd;
} temp_folder;

/* Makes one in parent, which exists, after the removal of those whose process
 * is gone.  Close in every case. */
CM_MUST_USE cm_status temp_folder_open(temp_folder *out, const char *parent,
                                       cm_error *err);
/* Path of the i-th temporary; malloc'ed, NULL without memory. */
char *temp_folder_name(const temp_folder *folder, size_t i);
/* Removes it with all that is left in it. */
void temp_folder_close(temp_folder *folder);

#endif
