/* The web server behind http.h: libmicrohttpd, one daemon a thread, each run by
 * its thread's own loop.  Private to serving.
 *
 * A thread's server answers what its dispatch function says; what it adds is
 * connections: their limits, their deadlines, and a clean end. */
#ifndef CM_SERVING_HTTP_SERVER_H
#define CM_SERVING_HTTP_SERVER_H

#include <stdatomic.h>

#include "serving/http.h"
#include "serving/line_sink.h"
#include "serving/peers.h"
#include "serving/server.h"

/* What the servers of all threads share. */
typedef struct http_shared {
    const cm_serve_limits *limits;
    line_sink *access_log; /* NULL: none is kept */
    atomic_size_t connections;
    atomic_size_t memory;       /* bytes of bodies and answers held */
    atomic_bool draining;       /* answers close their connections */
    atomic_bool stopped_taking; /* no new connections */
    atomic_bool abandon;        /* the end, whatever is in flight */
    peers *peers;
} http_shared;

/* Answers one request; called on the server's thread. */
typedef void (*http_dispatch)(void *context, const http_request *request,
                              http_reply *reply);

/* Told of connections that were turned away or closed for being slow. */
typedef enum http_event {
    HTTP_EVENT_TOO_MANY,
    HTTP_EVENT_TOO_MANY_OF_ADDRESS,
    HTTP_EVENT_TOO_SLOW
} http_event;
typedef void (*http_observer)(void *context, http_event event);

typedef struct http_server http_server;

/* Connections that are open at once, with those over the limit whose request is
 * answered by 503. */
size_t http_most_connections(size_t limit);

/* listener: a bound, listening socket that does not block, shared by all
 * servers and not closed by them. */
CM_MUST_USE cm_status http_server_new(http_server **out, http_shared *shared,
                                      int listener, http_dispatch dispatch,
                                      http_observer observe, void *context,
                                      cm_error *err);
/* Until the shared flags say that the end has come and nothing is in flight. */
void http_server_run(http_server *server);
/* One turn of its loop, which waits so long for something to do. */
void http_server_turn(http_server *server, int milliseconds);
void http_server_free(http_server *server); /* NULL is fine */

#endif
