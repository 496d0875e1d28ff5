/* RUN/lock: held (flock) by the process that writes the run, and dropped by the
 * kernel with it.  Private to tracking. */
#ifndef CM_TRACKING_RUN_LOCK_H
#define CM_TRACKING_RUN_LOCK_H

#include <stdbool.h>

#include "base/error.h"

/* *fd is closed to unlock. */
CM_MUST_USE cm_status run_lock_take(int *fd, const char *folder, cm_error *err);

/* Whether nobody holds it.  False also where the file system has no locks: then
 * it cannot be told. */
CM_MUST_USE cm_status run_lock_is_free(bool *out, const char *folder,
                                       cm_error *err);

#endif
