/* A folder of temporaries of one process: what is in it is renamed to where it
 * belongs when it is whole. */
#ifndef CM_BASE_TEMP_FOLDER_H
#define CM_BASE_TEMP_FOLDER_H

#include <stddef.h>

#include "base/error.h"

/* fd holds the lock that says that the process lives. */
typedef struct cm_temp_folder {
    char *path;
    int fd;
} cm_temp_folder;

/* Makes one in parent, which exists, after the removal of those whose process
 * is gone.  Close in every case. */
CM_MUST_USE cm_status cm_temp_folder_open(cm_temp_folder *out,
                                          const char *parent, cm_error *err);
/* Path of the i-th temporary; malloc'ed, NULL without memory. */
char *cm_temp_folder_name(const cm_temp_folder *folder, size_t i);
/* Removes it with all that is left in it. */
void cm_temp_folder_close(cm_temp_folder *folder);

#endif
