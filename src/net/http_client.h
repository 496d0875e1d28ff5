/* An HTTP client for one thread at a time: libcurl with the connections it
 * keeps, retries with backoff, and errors that name the URL. */
#ifndef CM_NET_HTTP_CLIENT_H
#define CM_NET_HTTP_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

typedef struct cm_http_options {
    double connect_timeout;  /* seconds */
    double idle_timeout;     /* seconds without a byte */
    bool verify;             /* the server's certificate */
    const char *ca_file;     /* NULL: the system's */
    const char *ca_setting;  /* what names that file, for errors */
    unsigned retries;        /* after the first attempt */
    double backoff;          /* seconds before the first retry; doubled, with
                                jitter; a Retry-After is honoured */
    double longest_backoff;  /* seconds */
    double deadline;         /* cm_seconds() when all of it ends; 0: never */
    const atomic_bool *stop; /* once true, a call ends within a second:
                                CM_ERR_INTERRUPTED; NULL: nobody stops it */
} cm_http_options;

typedef struct cm_http_client cm_http_client;

/* options are copied, their texts borrowed. */
CM_MUST_USE cm_status cm_http_client_new(cm_http_client **out,
                                         const cm_http_options *options,
                                         cm_error *err);
void cm_http_client_free(cm_http_client *client); /* NULL is fine */

typedef struct cm_http_header {
    const char *name;
    const char *value;
} cm_http_header;

enum { CM_HTTP_MAX_HEADERS = 24 };

/* One request.  Zero-initialised: no body, the answer's body in memory. */
typedef struct cm_http_call {
    const char *method; /* "GET" */
    const char *url;    /* encoded already; sent as it is */
    cm_http_header headers[CM_HTTP_MAX_HEADERS];
    size_t n_headers;
    /* The body: bytes, or length bytes of a file from offset.  file -1 or
     * body.p NULL: none. */
    cm_str body;
    int file; /* opened by the caller; 0 counts as none, too */
    uint64_t offset, length;
    /* Where the answer's body goes when its status is 2xx; NULL: to
     * reply.body, which every other status' goes to. */
    cm_status (*take)(void *context, const void *bytes, size_t n,
                      cm_error *err);
    /* Before every attempt: signs anew, empties what take filled.  It may run
     * other calls of the same client, and set needless: then nothing is sent,
     * and the reply's status is 0.  Optional. */
    cm_status (*prepare)(void *context, struct cm_http_call *call,
                         cm_error *err);
    bool needless;
    void *context;
    size_t max_reply; /* bytes of reply.body; 0: 1 MiB */
} cm_http_call;

typedef struct cm_http_reply {
    long status; /* 0: no answer came */
    cm_buf headers;
    cm_buf body;
    unsigned attempts;
} cm_http_reply;

/* CM_OK for every status that came, after retries of 429, 500, 502, 503, 504
 * and of what the network did; CM_ERR_IO when no answer came. */
CM_MUST_USE cm_status cm_http_run(cm_http_client *client, cm_http_call *call,
                                  cm_http_reply *reply, cm_error *err);
void cm_http_reply_release(cm_http_reply *reply);
/* Value of a header, any case; empty when it is not there. */
cm_str cm_http_reply_header(const cm_http_reply *reply, const char *name);

/* Appends text with every byte outside A-Za-z0-9-._~ (and '/' when keep_slash)
 * as %XX. */
void cm_url_encode(cm_buf *out, cm_str text, bool keep_slash);

#endif
