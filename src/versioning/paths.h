/* Paths as texts, as Python's os.path makes them.  Private to versioning. */
#ifndef CM_VERSIONING_PATHS_H
#define CM_VERSIONING_PATHS_H

#include <stdbool.h>

#include "base/error.h"

/* All results are malloc'ed, NULL without memory. */

/* path, relative to the absolute folder, without ".", ".." and "//". */
char *path_absolute(const char *folder, const char *path);
/* The way from one absolute folder to a path, "." for itself. */
char *path_relative(const char *path, const char *folder);
/* The working folder. */
char *path_working(cm_error *err);
/* Whether path is folder or below it; both clean, and absolute or of one
 * folder. */
bool path_is_below(const char *path, const char *folder);
/* Whether folder/name is there; "" is the folder "/". */
bool path_has(const char *folder, const char *name);
/* "s3://…" */
bool path_is_url(const char *path);

#endif
