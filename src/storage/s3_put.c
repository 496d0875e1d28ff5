/* A file into an object: in one request when it is small.  The signed
 * Content-MD5 has the server refuse what is not as it should be, and the ETag
 * shows that it looked. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/md5.h"
#include "storage/file_md5.h"
#include "storage/s3.h"

enum { WHOLE_LIMIT = 64 << 20 }; /* larger files go in parts */

bool s3_is_md5(const char *text)
{
    return strlen(text) == CM_MD5_HEX - 1 &&
           strspn(text, "0123456789abcdef") == CM_MD5_HEX - 1;
}

bool s3_hides_md5(const s3_call *call)
{
    cm_str encryption =
        cm_http_reply_header(&call->reply, "x-amz-server-side-encryption");
    return encryption.n > 0 && !cm_str_is(encryption, "AES256");
}

bool s3_contradicts(const s3_call *call, const char *md5)
{
    char etag[S3_ETAG];
    s3_etag(call, etag);
    return s3_is_md5(etag) && strcmp(etag, md5) != 0 && !s3_hides_md5(call);
}

static cm_status arrived_wrong(cm_storage_session *session, const s3_file *file,
                               cm_error *err)
{
    cm_error ignored;
    (void)session->storage->backend->remove(session, file->move->key, &ignored);
    return cm_fail(err, CM_ERR_DATA,
                   "%s: %s has another md5 there than was sent, and was "
                   "removed again; try again",
                   cm_storage_name(session->storage), file->move->key);
}

/* The file's own md5, when the server says that another arrived. */
static cm_status check_file(const s3_file *file, const char *md5, cm_error *err)
{
    char found[CM_MD5_HEX];
    cm_status status = file_md5(found, file->fd, file->move->path, err);
    if (status == CM_OK && strcmp(found, md5) != 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: has md5 %s, expected %s: it was changed or is "
                       "damaged, and was not sent",
                       file->move->path, found, md5);
    }
    return status;
}

static cm_status put_whole(cm_storage_session *session, const s3_file *file,
                           const char *md5, cm_error *err)
{
    char content_md5[S3_CONTENT_MD5];
    s3_content_md5(content_md5, md5);
    s3_call call = {.method = "PUT",
                    .key = file->move->key,
                    .file = file->size > 0 ? file->fd : 0,
                    .length = file->size,
                    .extra = {{"Content-MD5", content_md5}},
                    .n_extra = 1};
    cm_status status = s3_run(session, &call, err);
    if (status == CM_OK && s3_has_code(&call, "BadDigest")) {
        status = check_file(file, md5, err);
    }
    if (status == CM_OK && !s3_is_success(&call)) {
        status = s3_fail(session, &call, err);
    } else if (status == CM_OK && s3_contradicts(&call, md5)) {
        status = arrived_wrong(session, file, err);
    }
    s3_call_release(&call);
    return status;
}

static cm_status put_small(cm_storage_session *session, const s3_file *file,
                           cm_error *err)
{
    char found[CM_MD5_HEX];
    const char *md5 = file->move->md5;
    cm_status status = CM_OK;
    if (md5 == NULL) {
        status = file_md5(found, file->fd, file->move->path, err);
        md5 = found;
    }
    if (status == CM_OK) {
        status = put_whole(session, file, md5, err);
    }
    if (status == CM_OK) {
        cm_progress_add(file->move->progress, file->size);
    }
    return status;
}

/* Never 0, which to the HTTP client is no file. */
static int open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == 0) {
        fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
        (void)close(0);
    }
    return fd;
}

cm_status s3_put(cm_storage_session *session, const storage_move *move,
                 cm_error *err)
{
    s3_file file = {.move = move};
    struct stat about;
    if (move->md5 != NULL && !s3_is_md5(move->md5)) {
        return cm_fail(err, CM_ERR_USAGE, "%s: %.40s is no md5", move->path,
                       move->md5);
    }
    file.fd = open_file(move->path);
    if (file.fd < 0 || fstat(file.fd, &about) != 0) {
        cm_status status = cm_fail_errno(err, "%s: cannot open", move->path);
        if (file.fd >= 0) {
            close(file.fd);
        }
        return status;
    }
    file.size = (uint64_t)about.st_size;
    cm_status status = file.size > WHOLE_LIMIT
                           ? s3_put_parts(session, &file, err)
                           : put_small(session, &file, err);
    close(file.fd);
    return status;
}
