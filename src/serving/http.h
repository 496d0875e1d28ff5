/* Requests and replies as the routes see them: no route knows the web server.
 * Private to serving. */
#ifndef CM_SERVING_HTTP_H
#define CM_SERVING_HTTP_H

#include <stdbool.h>

#include "base/str.h"

typedef enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_OTHER, /* known to no route */
    N_HTTP_METHODS
} http_method;

extern const char *const http_method_names[N_HTTP_METHODS];

/* Why a request is not to be worked on. */
typedef enum http_refusal {
    HTTP_WELCOME,
    HTTP_MALFORMED, /* headers that can be read in two ways: 400 */
    HTTP_TOO_LARGE, /* the body: 413 */
    HTTP_TOO_LATE,  /* waited longer than the queue's limit: 503 */
    HTTP_TOO_MANY,  /* connections: 503 */
    HTTP_NO_MEMORY  /* the bound of all bodies and answers: 503 */
} http_refusal;

/* Everything is borrowed until the reply is made. */
typedef struct http_request {
    http_method method;
    const char *path; /* decoded, without the query */
    cm_str body;
    const char *content_type; /* NULL: none was sent */
    const char *accept;       /* likewise */
    const char *id;           /* X-Request-ID, or made; "" when nobody asks */
    double started;           /* cm_seconds() of the request line */
    http_refusal refusal;
    bool from_loopback;
    void *aside; /* what http_run_aside was given, when its work is done */
    void *connection,
        *exchange; /* of the web server: for the functions below */
} http_request;

/* The value of a header or of an argument of the query, decoded; NULL: not
 * given. */
const char *http_header(const http_request *request, const char *name);
const char *http_query(const http_request *request, const char *name);
/* Every value of an argument that may come again: up to max; how many. */
size_t http_query_all(const http_request *request, const char *name,
                      cm_str *values, size_t max);

/* The header that says which model spoke. */
#define HTTP_MODEL_VERSION "X-Model-Version"

enum { HTTP_MAX_HEADERS = 9, HTTP_HEADER_TEXT = 128 };

typedef struct http_reply_field {
    const char *name;
    char value[HTTP_HEADER_TEXT];
} http_reply_field;

/* What a route answers.  It starts as 200, application/json, no body. */
typedef struct http_reply {
    unsigned status;
    const char *content_type; /* lives for ever, or as long as the thread */
    cm_buf body;              /* the thread's buffer, empty at the start */
    cm_str fixed; /* instead of body, when p is set: lives for ever */
    size_t n_headers;
    http_reply_field headers[HTTP_MAX_HEADERS];
    bool later; /* nothing is sent yet: see http_run_aside */
} http_reply;

/* As it starts; the body's memory is kept. */
void http_reply_reset(http_reply *reply);
/* value is copied, cut to HTTP_HEADER_TEXT - 1 bytes; a header of that name
 * has had another. */
void http_reply_header(http_reply *reply, const char *name, const char *value);
/* For what takes long: does work(context) on a thread of its own, while this
 * one goes on with other requests.  Then the route is called again and finds
 * context in request->aside.  context is malloc'ed, and freed once the request
 * is over.  The route returns at once. */
void http_run_aside(const http_request *request, http_reply *reply,
                    void (*work)(void *context), void *context);
/* {"detail": text} with a status: FastAPI's HTTPException. */
void http_reply_detail(http_reply *reply, unsigned status, const char *fmt, ...)
    CM_PRINTF(3, 4);

#endif
