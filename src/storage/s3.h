/* S3: where a bucket is, a session's connection to it, and one request.
 * Private to storage. */
#ifndef CM_STORAGE_S3_H
#define CM_STORAGE_S3_H

#include <stdatomic.h>

#include "net/http_client.h"
#include "storage/backend.h"
#include "storage/credentials.h"

typedef struct s3_place {
    s3_access access;
    cm_http_options http;
    const char *bucket;
    const char *prefix;   /* of keys: "" or "some/folder/" */
    const char *endpoint; /* "https://hb.ru-msk.vkcloud-storage.ru" */
    const char *origin;   /* scheme and host that are asked */
    const char *host;     /* its Host header */
    const char *root;     /* encoded path of the bucket: "/bucket", or "" */
    long clock_ahead;     /* seconds added to the clock; 0 but in tests */
    atomic_bool bucket_is_there;
} s3_place;

enum { S3_MAX_EXTRA = 4, S3_ETAG = CM_ETAG };

typedef struct s3_call s3_call;
struct s3_call {
    const char *method;
    const char *key;   /* NULL: the bucket itself */
    const char *query; /* encoded; NULL: none */
    /* Signed as well.  restart may change them. */
    cm_http_header extra[S3_MAX_EXTRA];
    size_t n_extra;
    cm_str body; /* or file, offset, length */
    int file;
    uint64_t offset, length;
    cm_status (*take)(void *context, const void *bytes, size_t n,
                      cm_error *err);
    /* Before every attempt. */
    cm_status (*restart)(void *context, s3_call *call, cm_error *err);
    void *context;
    size_t max_reply;
    cm_http_reply reply; /* out; s3_call_release */
};

/* CM_OK for any answer. */
CM_MUST_USE cm_status s3_run(cm_storage_session *session, s3_call *call,
                             cm_error *err);
/* What an answer that is no success says, with the remedy. */
cm_status s3_fail(cm_storage_session *session, const s3_call *call,
                  cm_error *err);
/* The two of them. */
CM_MUST_USE cm_status s3_demand(cm_storage_session *session, s3_call *call,
                                cm_error *err);
void s3_call_release(s3_call *call);

bool s3_is_success(const s3_call *call);
/* The answer's XML has this error code. */
bool s3_has_code(const s3_call *call, const char *code);
/* "ETag" without its quotes; "" when there is none or it is too long. */
void s3_etag(const s3_call *call, char out[S3_ETAG]);

/* CM_OK when the bucket can be listed or the server does not let us; asked
 * once a storage: HEAD cannot tell a missing bucket from a missing key. */
CM_MUST_USE cm_status s3_demand_bucket(cm_storage_session *session,
                                       cm_error *err);

/* Tests: as if the clock were wrong. */
void s3_set_clock(cm_storage *storage, long seconds_ahead);

/* ---- the backend's functions -------------------------------------------- */

cm_status s3_stat(cm_storage_session *session, const char *key, cm_stored *out,
                  cm_error *err);
cm_status s3_list(cm_storage_session *session, const char *prefix,
                  cm_storage_seen seen, void *context, cm_error *err);
cm_status s3_get(cm_storage_session *session, const storage_move *move,
                 cm_error *err);
cm_status s3_put(cm_storage_session *session, const storage_move *move,
                 cm_error *err);

cm_status s3_remove_many(cm_storage_session *session, cm_removal *removals,
                         size_t n, cm_error *err);
cm_status s3_read_tagged(cm_storage_session *session, const char *key,
                         size_t max_bytes, cm_buf *out,
                         char tag[CM_STORAGE_TAG], cm_error *err);
cm_status s3_write_tagged(cm_storage_session *session, const char *key,
                          cm_str bytes, const char *tag, bool *written,
                          cm_error *err);

/* A file sent, in parts; put is done with it for large ones. */
typedef struct s3_file {
    const storage_move *move;
    int fd;
    uint64_t size;
} s3_file;

cm_status s3_put_parts(cm_storage_session *session, const s3_file *file,
                       cm_error *err);

/* Whether an ETag looks like the MD5 of something. */
bool s3_is_md5(const char *etag);
/* Whether what an answer tells was encrypted with keys that are not S3's own:
 * then its ETag is no MD5. */
bool s3_hides_md5(const s3_call *call);
/* The answer's ETag says that something else arrived.  One that is an MD5 is
 * the content's, unless the server encrypts with keys of its own. */
bool s3_contradicts(const s3_call *call, const char *md5);

/* "Content-MD5" of 32 hexadecimal digits: 24 characters and NUL. */
enum { S3_CONTENT_MD5 = 25 };
void s3_content_md5(char out[S3_CONTENT_MD5], const char *md5);

#endif
