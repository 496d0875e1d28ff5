/* The names in a folder, in order.  Private to versioning. */
#ifndef CM_VERSIONING_FOLDER_NAMES_H
#define CM_VERSIONING_FOLDER_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* By bytes, without "." and "..".  Zero-initialised is empty. */
typedef struct folder_names {
    char **items;
    size_t n, capacity;
} folder_names;

/* Opens path as *fd, to be closed, and reads what is in it; release in every
 * case. */
CM_MUST_USE cm_status folder_names_read(folder_names *out, const char *path,
                                        int *fd, cm_error *err);
CM_MUST_USE cm_status folder_names_add(folder_names *list, const char *name,
                                       cm_error *err);
void folder_names_release(folder_names *list);

#endif
