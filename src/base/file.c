/* Reading files whole, mapped or copied. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 << 10 };

static cm_status open_for_reading(int *fd, struct stat *about, const char *path,
                                  cm_error *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) {
        return cm_fail_errno(err, "%s: cannot open", path);
    }
    if (fstat(*fd, about) != 0) {
        return cm_fail_errno(err, "%s: cannot stat", path);
    }
    if (S_ISDIR(about->st_mode)) {
        return cm_fail(err, CM_ERR_IO,
                       "%s: is a folder, a file was expected; name the file "
                       "in it",
                       path);
    }
    return CM_OK;
}

cm_status cm_map_file(cm_mapping *out, const char *path, cm_error *err)
{
    *out = (cm_mapping){0};
    int fd = -1;
    struct stat about;
    cm_status status = open_for_reading(&fd, &about, path, err);
    if (status != CM_OK) {
        goto done;
    }
    if (!S_ISREG(about.st_mode)) {
        status = cm_fail(err, CM_ERR_IO,
                         "%s: is not a regular file and cannot be mapped; "
                         "copy it to a file first",
                         path);
        goto done;
    }
    size_t size = (size_t)about.st_size;
    if (size == 0) {
        goto done;
    }
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
        status = cm_fail_errno(err, "%s: cannot map %zu bytes", path, size);
        goto done;
    }
    *out = (cm_mapping){data, size};
done:
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

void cm_unmap(cm_mapping *mapping)
{
    if (mapping->data != NULL) {
        /* munmap takes void *: it frees, it does not write. */
        munmap((void *)(uintptr_t)mapping->data, mapping->size);
    }
    *mapping = (cm_mapping){0};
}

/* Reads to the end in steps, for files whose size is not told (pipes, /proc)
 * as well as for those that grow meanwhile. */
static cm_status read_all(cm_buf *buf, int fd, const char *path,
                          size_t max_bytes, cm_error *err)
{
    char step[READ_STEP];
    for (;;) {
        ssize_t got = read(fd, step, sizeof step);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return cm_fail_errno(err, "%s: cannot read", path);
        }
        if (got == 0) {
            return cm_buf_check(buf, err);
        }
        if ((size_t)got > max_bytes - buf->n) {
            return cm_fail(err, CM_ERR_DATA,
                           "%s: is larger than the %zu bytes allowed for it",
                           path, max_bytes);
        }
        cm_buf_add(buf, step, (size_t)got);
        if (buf->failed) {
            return cm_buf_check(buf, err);
        }
    }
}

cm_status cm_read_file(cm_buf *buf, const char *path, size_t max_bytes,
                       cm_error *err)
{
    cm_buf_clear(buf);
    int fd = -1;
    struct stat about;
    cm_status status = open_for_reading(&fd, &about, path, err);
    if (status == CM_OK) {
        status = read_all(buf, fd, path, max_bytes, err);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

bool cm_file_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}
