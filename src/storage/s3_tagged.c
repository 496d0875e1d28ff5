/* Small objects that several change: the ETag tells what was read, and the
 * server compares it before it writes. */
#include <stdio.h>
#include <string.h>

#include "base/md5.h"
#include "storage/s3.h"

/* Of an object without an ETag: any that is there. */
static const char any[] = "*";

static bool is_missing(const s3_call *call)
{
    return call->reply.status == 404 && !s3_has_code(call, "NoSuchBucket");
}

cm_status s3_read_tagged(cm_storage_session *session, const char *key,
                         size_t max_bytes, cm_buf *out,
                         char tag[CM_STORAGE_TAG], cm_error *err)
{
    _Static_assert((int)S3_ETAG <= (int)CM_STORAGE_TAG, "room for an ETag");
    s3_call call = {.method = "GET", .key = key, .max_reply = max_bytes};
    tag[0] = '\0';
    cm_status status = s3_run(session, &call, err);
    if (status == CM_OK && s3_is_success(&call)) {
        s3_etag(&call, tag);
        if (tag[0] == '\0') {
            memcpy(tag, any, sizeof any);
        }
        cm_buf_add(out, call.reply.body.p, call.reply.body.n);
        status = cm_buf_check(out, err);
    } else if (status == CM_OK && !is_missing(&call)) {
        status = s3_fail(session, &call, err);
    }
    s3_call_release(&call);
    return status;
}

/* The condition as a header; text has room for it. */
static cm_http_header condition_of(const char *tag, char text[S3_ETAG + 2])
{
    if (tag[0] == '\0') {
        return (cm_http_header){"If-None-Match", any};
    }
    bool quoted = strcmp(tag, any) != 0;
    (void)snprintf(text, S3_ETAG + 2, "%s%s%s", quoted ? "\"" : "", tag,
                   quoted ? "\"" : "");
    return (cm_http_header){"If-Match", text};
}

/* Somebody else was faster; 404: removed it. */
static bool is_another(const s3_call *call, const char *tag)
{
    return call->reply.status == 412 || call->reply.status == 409 ||
           (tag[0] != '\0' && is_missing(call));
}

cm_status s3_write_tagged(cm_storage_session *session, const char *key,
                          cm_str bytes, const char *tag, bool *written,
                          cm_error *err)
{
    char md5[CM_MD5_HEX], content_md5[S3_CONTENT_MD5], text[S3_ETAG + 2];
    cm_md5(md5, bytes.p, bytes.n);
    s3_content_md5(content_md5, md5);
    s3_call call = {
        .method = "PUT",
        .key = key,
        .body = bytes,
        .extra = {{"Content-MD5", content_md5}, condition_of(tag, text)},
        .n_extra = 2};
    *written = false;
    cm_status status = s3_run(session, &call, err);
    if (status == CM_OK && s3_has_code(&call, "NotImplemented")) {
        call.n_extra = 1;
        status = s3_run(session, &call, err);
    }
    *written = status == CM_OK && s3_is_success(&call);
    if (status == CM_OK && !*written && !is_another(&call, tag)) {
        status = s3_fail(session, &call, err);
    }
    s3_call_release(&call);
    return status;
}
