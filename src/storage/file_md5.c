/* Hashing of files that are read by position. */
#include "storage/file_md5.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

enum { STEP = 256 << 10 };

/* Up to length bytes; fewer where the file ends. */
static cm_status hash_piece(cm_md5_stream *md5, int fd, const char *path,
                            uint64_t offset, uint64_t length, cm_error *err)
{
    uint8_t *bytes = cm_alloc(STEP, 1, err);
    cm_status status = bytes == NULL ? CM_ERR_NOMEM : CM_OK;
    while (length > 0 && status == CM_OK) {
        size_t n = length < STEP ? (size_t)length : STEP;
        ssize_t got = pread(fd, bytes, n, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            status = cm_fail_errno(err, "%s: cannot read", path);
        }
        if (got <= 0) {
            break;
        }
        cm_md5_add(md5, bytes, (size_t)got);
        offset += (uint64_t)got;
        length -= (uint64_t)got;
    }
    free(bytes);
    return status;
}

cm_status file_piece_md5(char out[CM_MD5_HEX], int fd, const char *path,
                         uint64_t offset, uint64_t length, cm_error *err)
{
    cm_md5_stream md5;
    cm_md5_start(&md5);
    cm_status status = hash_piece(&md5, fd, path, offset, length, err);
    cm_md5_end(&md5, out);
    return status;
}

cm_status file_md5(char out[CM_MD5_HEX], int fd, const char *path,
                   cm_error *err)
{
    return file_piece_md5(out, fd, path, 0, UINT64_MAX, err);
}
