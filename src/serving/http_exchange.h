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
    bool has_headers;     /* all of them have come */
    bool has_data;        /* some of the body has come */
    bool has_body;        /* the headers say so */
    bool expects_waiting; /* the client sends its body when it is asked to */
    uint64_t length;      /* of the body, as announced; 0: it was not */
    uint64_t received;    /* bytes of the body, kept or not */
    uint64_t turn;        /* of the loop, in which it began */
    double complete;      /* when a long one was all there; 0: it is not */
    http_aside aside;
    http_request request;
    cm_buf body;
    size_t charged; /* bytes counted in http_shared */
    char id[HTTP_ID_TEXT];
    http_kept kept;
} http_exchange;

/* A turn of the loop hands out all events that were there at its start. */
typedef struct http_turn {
    uint64_t number;
    double started;   /* first look at the clock; 0: there was none */
    bool reading;     /* bodies came in pieces … */
    bool was_reading; /* … in the turn before */
} http_turn;

struct http_server {
    http_shared *shared;
    http_dispatch dispatch;
    void *context;
    int listener;
    struct MHD_Daemon *daemon;
    http_connections connections;
    http_exchange *free_exchanges;
    http_reply reply; /* its body's memory is kept */
    http_turn turn;
    uint64_t id_base, n_ids; /* of request ids that are made here */
    cm_buf log;              /* lines of the access log of this turn */
    atomic_size_t n_asides;  /* at work */
};

/* ---- http_exchange.c: libmicrohttpd's callbacks ------------------------- */

void *http_exchange_begin(void *server, const char *uri,
                          struct MHD_Connection *connection);
enum MHD_Result http_exchange_go_on(void *server,
                                    struct MHD_Connection *connection,
                                    const char *url, const char *method,
                                    const char *version, const char *data,
                                    size_t *n_data, void **exchange);
void http_exchange_end(void *server, struct MHD_Connection *connection,
                       void **exchange, enum MHD_RequestTerminationCode why);
/* Frees those kept for reuse. */
void http_exchanges_release(http_server *server);

/* ---- http_headers.c ------------------------------------------------------ */

/* Fills what the headers say; refusal where they rule the request out. */
void http_headers_read(http_server *server, http_exchange *exchange,
                       const char *method, const char *version);

/* ---- http_body.c --------------------------------------------------------- */

/* Counts bytes against the bound of memory; false: it would be passed. */
bool http_charge(http_server *server, http_exchange *exchange, size_t bytes);
/* Keeps a piece of the body, or sets the refusal that says why not.  False:
 * the client sends far more than is taken; close. */
bool http_body_add(http_server *server, http_exchange *exchange,
                   const char *data, size_t n);
/* Whether to answer before the body has come. */
bool http_body_unwanted(const http_server *server,
                        const http_exchange *exchange);
/* Lets go of body and of what was charged. */
void http_body_drop(http_server *server, http_exchange *exchange);

/* ---- http_queue.c -------------------------------------------------------- */

typedef enum http_verdict { HTTP_GO, HTTP_WAIT, HTTP_LATE } http_verdict;

void http_queue_next_turn(http_server *server);
/* Looks at the clock. */
double http_queue_clock(http_server *server);
/* What is to become of a request that is all there. */
http_verdict http_queue_judge(http_server *server, http_exchange *exchange);

/* ---- http_send.c --------------------------------------------------------- */

/* Sends server->reply. */
enum MHD_Result http_send(http_server *server, http_exchange *exchange);
void http_kept_release(http_kept *kept);

/* ---- http_aside.c -------------------------------------------------------- */

/* Waits for all work beside the server's thread. */
void http_asides_wait(http_server *server);

/* ---- http_log.c ---------------------------------------------------------- */

/* The id of a request: the client's where it is well-formed, made here when
 * the log wants one, else "". */
void http_request_id(http_server *server, const char *given,
                     char id[HTTP_ID_TEXT]);
/* Adds a line to the log of this turn, and hands the turn's lines over. */
void http_log_request(http_server *server, const http_exchange *exchange,
                      const http_reply *reply);
void http_log_flush(http_server *server);

#endif
