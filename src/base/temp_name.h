/* Names of temporaries: ".<base>.<pid>.<counter>.tmp" beside the final name,
 * and the removal of those whose writer is gone.  Private to base. */
#ifndef CM_BASE_TEMP_NAME_H
#define CM_BASE_TEMP_NAME_H

#include <stdint.h>

#include "base/error.h"

/* A temporary name for path; malloc'ed, NULL when out of memory. */
char *cm_temp_name(const char *path, uint64_t counter);

/* A counter that two writers at the same moment do not share. */
uint64_t cm_temp_counter(const void *self, unsigned attempt);

/* Removes the temporaries of path whose writer no longer lives.  Best effort:
 * what cannot be removed stays. */
void cm_temp_remove_stale(const char *path);

#endif
