/* A request comes in pieces: its line, its headers, its body.  Here they become
 * one http_request, which is answered once, when all of it is there. */
#include "serving/http_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"

enum {
    FREE_BODY = 1 << 12, /* bytes that are not counted */
    KEPT_BODY = 1 << 16  /* larger buffers are not kept for the next request */
};

void *http_exchange_begin(void *context, const char *uri,
                          struct MHD_Connection *connection)
{
    (void)uri;
    http_server *server = context;
    http_connection *of =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
            ->socket_context;
    http_exchange *x = server->free_exchanges;
    if (x != NULL) {
        server->free_exchanges = x->next_free;
    } else {
        x = cm_alloc_zero(1, sizeof *x, NULL);
    }
    if (x == NULL || of == NULL) {
        free(x);
        return NULL;
    }
    double now = server->connections.now = cm_seconds();
    if (!server->in_turn) {
        server->in_turn = true;
        server->turn_started = now;
    }
    x->connection = of;
    x->has_headers = false;
    x->aside = (http_aside){.server = server, .connection = connection};
    x->request = (http_request){.started = now,
                                .from_loopback = of->from_loopback,
                                .connection = connection,
                                .exchange = x};
    http_connection_begin_request(&server->connections, of);
    return x;
}

void http_exchange_end(void *context, struct MHD_Connection *connection,
                       void **exchange, enum MHD_RequestTerminationCode why)
{
    (void)connection;
    (void)why;
    http_server *server = context;
    http_exchange *x = *exchange;
    if (x == NULL) {
        return;
    }
    *exchange = NULL;
    http_connection_end_request(&server->connections, x->connection);
    if (x->charged > 0) {
        atomic_fetch_sub(&server->shared->body_bytes, x->charged);
        x->charged = 0;
    }
    if (x->body.capacity > KEPT_BODY) {
        cm_buf_release(&x->body);
    }
    cm_buf_clear(&x->body);
    free(x->aside.context);
    x->next_free = server->free_exchanges;
    server->free_exchanges = x;
}

void http_exchanges_release(http_server *server)
{
    while (server->free_exchanges != NULL) {
        http_exchange *x = server->free_exchanges;
        server->free_exchanges = x->next_free;
        cm_buf_release(&x->body);
        http_kept_release(&x->kept);
        free(x);
    }
}

static http_method method_of(const char *method)
{
    for (int i = 0; i < HTTP_OTHER; i++) {
        if (strcmp(method, http_method_names[i]) == 0) {
            return (http_method)i;
        }
    }
    return HTTP_OTHER;
}

/* The headers that every request is asked for, found in one pass. */
typedef struct known_headers {
    const char *content_type, *content_length, *request_id;
} known_headers;

static enum MHD_Result note_header(void *context, enum MHD_ValueKind kind,
                                   const char *name, size_t n_name,
                                   const char *value, size_t n_value)
{
    (void)kind;
    (void)n_value;
    known_headers *known = context;
    if (n_name == 12 && strcasecmp(name, "Content-Type") == 0) {
        known->content_type = value;
    } else if (n_name == 14 && strcasecmp(name, "Content-Length") == 0) {
        known->content_length = value;
    } else if (n_name == 12 && strcasecmp(name, "X-Request-ID") == 0) {
        known->request_id = value;
    }
    return MHD_YES;
}

/* Makes room for n more bytes of the body, within the limits; false: refusal
 * says why not. */
static bool take_room(http_server *server, http_exchange *x, size_t n)
{
    http_shared *shared = server->shared;
    size_t size = x->body.n + n;
    if (size > shared->limits->body_bytes) {
        x->request.refusal = HTTP_TOO_LARGE;
        return false;
    }
    if (size <= FREE_BODY || size <= x->charged) {
        return true;
    }
    /* doubled, as the buffer is */
    size_t charge = size * 2 - x->charged;
    if (atomic_fetch_add(&shared->body_bytes, charge) + charge >
        shared->limits->memory_bytes) {
        atomic_fetch_sub(&shared->body_bytes, charge);
        x->request.refusal = HTTP_NO_MEMORY;
        return false;
    }
    x->charged += charge;
    return true;
}

static void take_headers(http_server *server, http_exchange *x,
                         const char *method)
{
    known_headers known = {0};
    struct MHD_Connection *connection = x->request.connection;
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, note_header,
                                      &known);
    x->has_headers = true;
    x->request.method = method_of(method);
    x->request.content_type = known.content_type;
    http_request_id(server, known.request_id, x->id);
    x->request.id = x->id;
    uint64_t length = 0;
    if (known.content_length != NULL &&
        (!cm_parse_u64(cm_str_of(known.content_length), &length) ||
         length > server->shared->limits->body_bytes)) {
        x->request.refusal = HTTP_TOO_LARGE;
    }
}

static void take_data(http_server *server, http_exchange *x, const char *data,
                      size_t n)
{
    if (x->request.refusal == HTTP_WELCOME && take_room(server, x, n)) {
        cm_buf_add(&x->body, data, n);
        if (x->body.failed) {
            x->request.refusal = HTTP_NO_MEMORY;
        }
    }
}

static enum MHD_Result answer(http_server *server, http_exchange *x,
                              const char *url)
{
    http_reply *reply = &server->reply;
    http_request *request = &x->request;
    double now = server->connections.now;
    request->path = url;
    request->body = (cm_str){x->body.p, x->body.n};
    request->aside = x->aside.context;
    if (x->connection->refused) {
        request->refusal = HTTP_TOO_MANY;
    } else if (request->aside == NULL && request->refusal == HTTP_WELCOME &&
               now - server->turn_started >
                   server->shared->limits->queue_timeout) {
        request->refusal = HTTP_TOO_LATE;
    }
    http_reply_reset(reply);
    server->dispatch(server->context, request, reply);
    if (reply->later) {
        return MHD_YES;
    }
    enum MHD_Result result = http_send(server, x);
    if (server->shared->access_log) {
        http_log_request(server, x, reply);
    }
    return result;
}

enum MHD_Result http_exchange_go_on(void *context,
                                    struct MHD_Connection *connection,
                                    const char *url, const char *method,
                                    const char *version, const char *data,
                                    size_t *n_data, void **exchange)
{
    (void)connection;
    (void)version;
    http_server *server = context;
    http_exchange *x = *exchange;
    if (x == NULL) {
        return MHD_NO;
    }
    if (!x->has_headers) {
        take_headers(server, x, method);
        /* An answer now, so that a body too large is not even sent. */
        return x->request.refusal == HTTP_WELCOME ? MHD_YES
                                                  : answer(server, x, url);
    }
    if (*n_data > 0) {
        take_data(server, x, data, *n_data);
        *n_data = 0;
        return MHD_YES;
    }
    return answer(server, x, url);
}
