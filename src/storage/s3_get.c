/* An object into a file.  An attempt that breaks off leaves what it got, and
 * the next asks for the rest.  Large ones are hashed as they come; of others
 * many are hashed together afterwards, where there are many. */
#include <inttypes.h>
#include <string.h>

#include "base/md5.h"
#include "base/num.h"
#include "storage/arrivals.h"
#include "storage/s3.h"

/* Sixteen that wait are to be in the page cache still. */
enum { MOST_TO_CHECK_LATER = 16 << 20 };

typedef struct download {
    const storage_move *move;
    const s3_call *call;
    cm_atomic_file *file; /* NULL: not yet begun */
    cm_md5_stream md5;
    uint64_t got;
    uint64_t shown; /* of it in the progress */
    bool later;     /* others will hash it */
    bool resumed;   /* this attempt asked for the rest only */
    char etag[S3_ETAG + 2];
    char range[48];
} download;

static cm_status begin(download *d, cm_error *err)
{
    cm_atomic_abandon(d->file);
    d->file = NULL;
    d->got = 0;
    d->resumed = false;
    d->later = false;
    cm_md5_start(&d->md5);
    return cm_atomic_open(&d->file, d->move->path, err);
}

/* Before every attempt.  Only with an ETag is it sure that the rest is of the
 * same object. */
static cm_status go_on(void *context, s3_call *call, cm_error *err)
{
    download *d = context;
    char etag[S3_ETAG];
    call->n_extra = 0;
    if (d->file != NULL && d->got > 0) {
        s3_etag(call, etag);
        if (etag[0] != '\0') {
            (void)snprintf(d->etag, sizeof d->etag, "\"%s\"", etag);
        }
    }
    if (d->file == NULL || d->got == 0 || d->etag[0] == '\0') {
        return begin(d, err);
    }
    d->resumed = true;
    (void)snprintf(d->range, sizeof d->range, "bytes=%" PRIu64 "-", d->got);
    call->extra[call->n_extra++] = (cm_http_header){"Range", d->range};
    call->extra[call->n_extra++] = (cm_http_header){"If-Match", d->etag};
    return CM_OK;
}

static bool can_wait(const download *d)
{
    uint64_t size = 0;
    return d->move->unchecked != NULL && d->move->md5 != NULL &&
           cm_parse_u64(cm_http_reply_header(&d->call->reply, "Content-Length"),
                        &size) &&
           size <= MOST_TO_CHECK_LATER;
}

static cm_status take(void *context, const void *bytes, size_t n, cm_error *err)
{
    download *d = context;
    if (d->resumed && d->call->reply.status != 206) {
        cm_status status = begin(d, err);
        if (status != CM_OK) {
            return status;
        }
    }
    if (d->got == 0) {
        d->later = can_wait(d);
    }
    if (!d->later) {
        cm_md5_add(&d->md5, bytes, n);
    }
    cm_atomic_write(d->file, bytes, n);
    d->got += n;
    if (d->got > d->shown) {
        cm_progress_add(d->move->progress, d->got - d->shown);
        d->shown = d->got;
    }
    return CM_OK;
}

static cm_status finish(download *d, const char *storage, cm_error *err)
{
    char md5[CM_MD5_HEX];
    cm_atomic_file *file = d->file;
    if (d->later) {
        *d->move->unchecked = file;
        d->file = NULL;
        return CM_OK;
    }
    cm_md5_end(&d->md5, md5);
    if (d->move->md5 != NULL && strcmp(md5, d->move->md5) != 0) {
        return arrival_is_wrong(storage, d->move->key, d->got, md5,
                                d->move->md5, err);
    }
    d->file = NULL;
    return cm_atomic_commit_unsynced(file, 0, err);
}

/* There was no rest: only the end of the answer was missing. */
static bool has_all(const download *d, const s3_call *call)
{
    return d->resumed && call->reply.status == 416 && d->move->md5 != NULL;
}

cm_status s3_get(cm_storage_session *session, const storage_move *move,
                 cm_error *err)
{
    download d = {.move = move};
    s3_call call = {.method = "GET",
                    .key = move->key,
                    .take = take,
                    .restart = go_on,
                    .context = &d};
    d.call = &call;
    cm_status status = cm_make_parent(move->path, err);
    if (status == CM_OK) {
        status = s3_run(session, &call, err);
    }
    if (status == CM_OK && call.reply.status == 412) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: %s changed while it was read; try again",
                         cm_storage_name(session->storage), move->key);
    } else if (status == CM_OK && !s3_is_success(&call) &&
               !has_all(&d, &call)) {
        status = s3_fail(session, &call, err);
    }
    if (status == CM_OK) {
        status = finish(&d, cm_storage_name(session->storage), err);
    }
    cm_atomic_abandon(d.file);
    s3_call_release(&call);
    return status;
}
