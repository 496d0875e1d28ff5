/* Connections of one thread's web server, and how long they may take.  Private
 * to serving's web server (http_*.c). */
#ifndef CM_SERVING_HTTP_CONNECTION_H
#define CM_SERVING_HTTP_CONNECTION_H

#include <microhttpd.h>

#include "serving/http_server.h"

typedef struct http_connection {
    struct http_connection *next, *previous; /* of the same thread */
    const struct sockaddr *address;          /* libmicrohttpd's */
    int socket;
    bool counted; /* among the peers */
    bool refused; /* one too many: its first request gets 503 */
    bool closing; /* shut down; libmicrohttpd has not noticed yet */
    bool looked;  /* whether the client has left since its last request */
    bool from_loopback;
    bool in_request;
    double since; /* in a request: of its first line; else of the last answer */
} http_connection;

/* One thread's. */
typedef struct http_connections {
    http_shared *shared;
    http_connection *first;
    size_t n;
    double now; /* a recent cm_seconds() */
    http_observer observe;
    void *context;
} http_connections;

/* NULL: no memory; the connection is then closed at its first request. */
http_connection *http_connection_open(http_connections *all,
                                      struct MHD_Connection *connection);
void http_connection_close(http_connections *all, http_connection *connection);

void http_connection_begin_request(http_connections *all,
                                   http_connection *connection);
void http_connection_end_request(http_connections *all,
                                 http_connection *connection);

/* Closes those that take too long, and those whose client has left. */
void http_connections_sweep(http_connections *all);

#endif
