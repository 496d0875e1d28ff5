/* A request comes in pieces: its line, its headers, its body.  Here they become
 * one http_request, which is answered once, when all of it is there. */
#include "serving/http_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static http_exchange *take_free(http_server *server)
{
    http_exchange *x = server->free_exchanges;
    if (x == NULL) {
        return cm_alloc_zero(1, sizeof *x, NULL);
    }
    server->free_exchanges = x->next_free;
    return x;
}

void *http_exchange_begin(void *context, const char *uri,
                          struct MHD_Connection *connection)
{
    (void)uri;
    http_server *server = context;
    http_connection *of =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
            ->socket_context;
    http_exchange *x = of != NULL ? take_free(server) : NULL;
    if (x == NULL) {
        return NULL;
    }
    x->connection = of;
    x->has_headers = false;
    x->aside = (http_aside){.server = server, .connection = connection};
    x->has_data = false;
    x->received = 0;
    x->turn = server->turn.number;
    x->complete = 0;
    x->request =
        (http_request){.started = http_queue_clock(server),
                       .refusal = of->refused ? HTTP_TOO_MANY : HTTP_WELCOME,
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
    http_body_drop(server, x);
    free(x->aside.context);
    x->next_free = server->free_exchanges;
    server->free_exchanges = x;
}

void http_exchanges_release(http_server *server)
{
    while (server->free_exchanges != NULL) {
        http_exchange *x = take_free(server);
        cm_buf_release(&x->body);
        http_kept_release(&x->kept);
        free(x);
    }
}

/* Of "http://host/path", as a proxy is asked, the path. */
static const char *path_of(const char *url)
{
    const char *host = url[0] == '/' ? NULL : strstr(url, "://");
    if (host == NULL) {
        return url;
    }
    const char *path = strchr(host + 3, '/');
    return path != NULL ? path : "/";
}

static enum MHD_Result answer(http_server *server, http_exchange *x,
                              const char *url)
{
    http_reply *reply = &server->reply;
    http_request *request = &x->request;
    request->path = path_of(url);
    request->body = (cm_str){x->body.p, x->body.n};
    request->aside = x->aside.context;
    http_reply_reset(reply);
    server->dispatch(server->context, request, reply);
    if (reply->later) {
        return MHD_YES;
    }
    http_body_drop(server, x);
    enum MHD_Result result = http_send(server, x);
    if (server->shared->access_log) {
        http_log_request(server, x, reply);
    }
    return result;
}

/* All of it is there. */
static enum MHD_Result finish(http_server *server, http_exchange *x,
                              const char *url)
{
    if (x->request.refusal == HTTP_WELCOME && x->aside.context == NULL) {
        http_verdict verdict = http_queue_judge(server, x);
        if (verdict == HTTP_WAIT) {
            return MHD_YES; /* without an answer: called again next turn */
        }
        if (verdict == HTTP_LATE) {
            x->request.refusal = HTTP_TOO_LATE;
        }
    }
    return answer(server, x, url);
}

enum MHD_Result http_exchange_go_on(void *context,
                                    struct MHD_Connection *connection,
                                    const char *url, const char *method,
                                    const char *version, const char *data,
                                    size_t *n_data, void **exchange)
{
    (void)connection;
    http_server *server = context;
    http_exchange *x = *exchange;
    if (x == NULL) {
        return MHD_NO;
    }
    if (!x->has_headers) {
        http_headers_read(server, x, method, version);
        return http_body_unwanted(server, x) ? answer(server, x, url) : MHD_YES;
    }
    if (*n_data > 0) {
        size_t n = *n_data;
        *n_data = 0;
        server->turn.reading |= x->has_data;
        x->has_data = true;
        return http_body_add(server, x, data, n) ? MHD_YES : MHD_NO;
    }
    return finish(server, x, url);
}
