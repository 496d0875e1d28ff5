/* Who writes a run. */
#include "tracking/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "tracking/run_file.h"

cm_status run_lock_take(int *fd, const char *folder, cm_error *err)
{
    cm_status status = CM_OK;
    char *path = cm_path_join(folder, RUN_LOCK);
    *fd = -1;
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory locking a run");
    }
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0) {
        status = cm_fail_errno(err, "%s: cannot create it", path);
    } else {
        /* Only a reader may have it, for a moment; without locks there is
         * nothing to wait for. */
        while (flock(*fd, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    free(path);
    return status;
}

cm_status run_lock_is_free(bool *out, const char *folder, cm_error *err)
{
    char *path = cm_path_join(folder, RUN_LOCK);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory looking at a run");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *out = fd >= 0 ? flock(fd, LOCK_SH | LOCK_NB) == 0 : errno == ENOENT;
    if (fd >= 0) {
        close(fd);
    }
    free(path);
    return CM_OK;
}
