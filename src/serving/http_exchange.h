/* One request and its answer, from the request line to the last byte sent.
 * Private to serving's web server (http_*.c). */
#ifndef CM_SERVING_HTTP_EXCHANGE_H
#define CM_SERVING_HTTP_EXCHANGE_H

#include "serving/http_connection.h"

enum { HTTP_ID_TEXT = 65 };

/* A response that can be sent again when another reply has the same headers
 * and as many bytes: they are written over the old ones. */
typedef struct http_kept {
    struct MHD_Response *response; /* NULL: none */
    char *body;                    /* (n), read by libmicrohttpd */
    size_t n;
    const char *content_type;
    size_t n_headers;
    http_reply_field headers[HTTP_MAX_HEADERS];
} http_kept;

/* Work beside the server's thread; context is NULL when there is none. */
typedef struct http_aside {
    http_server *server;
    struct MHD_Connection *connection;
    void (*work)(void *context);
    void *context;
} http_aside;

typedef struct http_exchange {
    struct http_exchange *next_free;
    http_connection *connection;
    bool has_headers; /* all of them have come */
    http_aside aside;
    http_request request;
    cm_buf body;
    size_t charged; /* bytes of body counted in http_shared */
    char id[HTTP_ID_TEXT];
    http_kept kept;
} http_exchange;

struct http_server {
    http_shared *shared;
    http_dispatch dispatch;
    void *context;
    struct MHD_Daemon *daemon;
    http_connections connections;
    http_exchange *free_exchanges;
    http_reply reply; /* its body's memory is kept */
    bool in_turn;     /* some request of this turn of the loop has begun … */
    double turn_started;     /* … when the first of them did */
    uint64_t id_base, n_ids; /* of request ids that are made here */
    cm_buf log;              /* lines of the access log of this turn */
    atomic_size_t n_asides;  /* at work */
};

/* libmicrohttpd's callbacks. */
void *http_exchange_begin(void *server, const char *uri,
                          struct MHD_Connection *connection);
enum MHD_Result http_exchange_go_on(void *server,
                                    struct MHD_Connection *connection,
                                    const char *url, const char *method,
                                    const char *version, const char *data,
                                    size_t *n_data, void **exchange);
void http_exchange_end(void *server, struct MHD_Connection *connection,
                       void **exchange, enum MHD_RequestTerminationCode why);

/* Waits for all work beside the server's thread. */
void http_asides_wait(http_server *server);

/* Frees those kept for reuse. */
void http_exchanges_release(http_server *server);

/* Sends server->reply. */
enum MHD_Result http_send(http_server *server, http_exchange *exchange);
void http_kept_release(http_kept *kept);

/* The id of a request: the client's where it is well-formed, made here when
 * the log wants one, else "". */
void http_request_id(http_server *server, const char *given,
                     char id[HTTP_ID_TEXT]);

/* Adds a line to the log of this turn, and writes the turn's lines. */
void http_log_request(http_server *server, const http_exchange *exchange,
                      const http_reply *reply);
void http_log_flush(http_server *server);

#endif
