/* Objects by key, in a local folder or in S3.  A storage is where; a session
 * is one thread's way to it.  docs/vk-cloud.md tells users. */
#ifndef CM_STORAGE_STORAGE_H
#define CM_STORAGE_STORAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "base/str.h"

/* What a remote of DVC's configuration says; texts are copied, NULL where it
 * says nothing. */
typedef struct cm_storage_settings {
    const char *url; /* "s3://bucket/prefix", or a path */
    const char *endpoint_url, *region, *profile, *credential_path;
    const char *access_key_id, *secret_access_key, *session_token;
    const char *ssl_verify; /* "true", "false" or a CA file; NULL: true */
    bool use_ssl_false;     /* use_ssl = false */
    bool anonymous;
    double connect_timeout, read_timeout; /* seconds; 0: 60 */
    unsigned jobs;                        /* 0: 16 */
    double deadline;         /* cm_seconds() when requests end; 0: never */
    unsigned retries;        /* of a request; 0: 8 */
    const atomic_bool *stop; /* borrowed: once true, requests end soon with
                                CM_ERR_INTERRUPTED; NULL: nobody stops them */
} cm_storage_settings;

typedef struct cm_storage cm_storage;
typedef struct cm_storage_session cm_storage_session;

/* Finds credentials as boto3 does: settings, environment, ~/.aws. */
CM_MUST_USE cm_status cm_storage_open(cm_storage **out,
                                      const cm_storage_settings *settings,
                                      cm_error *err);
void cm_storage_close(cm_storage *storage); /* NULL is fine */
/* For people: the URL, never a secret. */
const char *cm_storage_name(const cm_storage *storage);

CM_MUST_USE cm_status cm_storage_session_new(cm_storage_session **out,
                                             cm_storage *storage,
                                             cm_error *err);
void cm_storage_session_free(cm_storage_session *session); /* NULL is fine */

enum { CM_ETAG = 80 };

typedef struct cm_stored {
    bool exists;
    uint64_t size;
    char etag[CM_ETAG]; /* of S3, without quotes; "" when there is none */
    bool etag_is_md5;   /* of the content, as far as is known */
} cm_stored;

/* Keys are posix paths below the storage's URL: "files/md5/ab/cdef…".  A
 * missing object is no error for stat. */
CM_MUST_USE cm_status cm_storage_stat(cm_storage_session *session,
                                      const char *key, cm_stored *out,
                                      cm_error *err);
/* Every object under prefix, in no order; a status other than CM_OK of found
 * ends it. */
typedef cm_status (*cm_storage_found)(void *context, const char *key,
                                      uint64_t size, cm_error *err);
CM_MUST_USE cm_status cm_storage_list(cm_storage_session *session,
                                      const char *prefix,
                                      cm_storage_found found, void *context,
                                      cm_error *err);
/* The same, told all that is known of each. */
typedef cm_status (*cm_storage_seen)(void *context, const char *key,
                                     const cm_stored *about, cm_error *err);
CM_MUST_USE cm_status cm_storage_list_stored(cm_storage_session *session,
                                             const char *prefix,
                                             cm_storage_seen seen,
                                             void *context, cm_error *err);

/* Whole objects in memory, for small ones. */
CM_MUST_USE cm_status cm_storage_read(cm_storage_session *session,
                                      const char *key, size_t max_bytes,
                                      cm_buf *out, cm_error *err);
CM_MUST_USE cm_status cm_storage_write(cm_storage_session *session,
                                       const char *key, cm_str bytes,
                                       cm_error *err);

/* A small object that several may change.  Reading gives a tag of what it was,
 * "" when it is not there (which is no error, and out is as it was); writing
 * with that tag does nothing, and *written is false, when it is another by now.
 * A server that cannot compare writes in any case. */
enum { CM_STORAGE_TAG = 80 };
CM_MUST_USE cm_status cm_storage_read_tagged(cm_storage_session *session,
                                             const char *key, size_t max_bytes,
                                             cm_buf *out,
                                             char tag[CM_STORAGE_TAG],
                                             cm_error *err);
CM_MUST_USE cm_status cm_storage_write_tagged(cm_storage_session *session,
                                              const char *key, cm_str bytes,
                                              const char *tag, bool *written,
                                              cm_error *err);

/* Files.  md5 (32 digits, or NULL: not known) is what the content must have:
 * put makes sure that it is what arrived, get that it is what path gets; else
 * CM_ERR_DATA and nothing is there.  Get makes the file whole or not at all,
 * and the folders that it needs.  Progress counts bytes as they go. */
CM_MUST_USE cm_status cm_storage_put(cm_storage_session *session,
                                     const char *key, const char *path,
                                     const char *md5, cm_progress *progress,
                                     cm_error *err);
CM_MUST_USE cm_status cm_storage_get(cm_storage_session *session,
                                     const char *key, const char *path,
                                     const char *md5, cm_progress *progress,
                                     cm_error *err);
CM_MUST_USE cm_status cm_storage_remove(cm_storage_session *session,
                                        const char *key, cm_error *err);

/* ---- many at once ------------------------------------------------------- */

typedef struct cm_transfer {
    const char *key, *path, *md5;
    uint64_t size;    /* for the order and the progress */
    cm_status status; /* out */
    cm_error error;   /* out */
} cm_transfer;

/* Puts or gets all of them by the storage's jobs, each with a session; one
 * that fails has its error and the others go on.  CM_OK when all went well,
 * else the first error with how many failed. */
CM_MUST_USE cm_status cm_storage_put_all(cm_storage *storage,
                                         cm_transfer *transfers, size_t n,
                                         const cm_log *log, cm_error *err);
CM_MUST_USE cm_status cm_storage_get_all(cm_storage *storage,
                                         cm_transfer *transfers, size_t n,
                                         const cm_log *log, cm_error *err);

typedef struct cm_removal {
    const char *key;
    bool gone; /* out; one that was not there is gone */
    char *why; /* out: why it is not gone; NULL: memory ran out.  Free it. */
} cm_removal;

/* Removes all of them, a thousand by one request where the storage can.  CM_OK
 * when all are gone, else the first reason with how many are not. */
CM_MUST_USE cm_status cm_storage_remove_all(cm_storage *storage,
                                            cm_removal *removals, size_t n,
                                            cm_error *err);
/* found[i]: whether keys[i] is there with sizes[i] bytes (UINT64_MAX: any). */
CM_MUST_USE cm_status cm_storage_find_all(cm_storage *storage,
                                          const char *const *keys,
                                          const uint64_t *sizes, bool *found,
                                          size_t n, cm_error *err);

#endif
