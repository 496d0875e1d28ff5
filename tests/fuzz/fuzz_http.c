/* Any bytes as what a client sends: the first byte is the size of the pieces
 * they come in (0: all at once), the rest goes through a socket pair into a
 * running web server.  Pieces may make the connection end earlier or later, as
 * libmicrohttpd finds what is wrong; but they never make other requests, and
 * nothing is left behind. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "serving/http_exchange.h"
#include "serving/listener.h"

enum { LARGEST_BODY = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* One line a request. */
static void dispatch(void *context, const http_request *request,
                     http_reply *reply)
{
    cm_buf *seen = context;
    CM_ASSERT(request->path != NULL && request->body.n <= LARGEST_BODY);
    CM_ASSERT(request->id != NULL && request->connection != NULL);
    cm_buf_addf(seen, "%s %s %s %d %zu %llx\n",
                http_method_names[request->method], request->path,
                request->content_type != NULL ? request->content_type : "",
                (int)request->refusal, request->body.n,
                request->body.n > 0 ? (unsigned long long)cm_xxh3(
                                          request->body.p, request->body.n)
                                    : 0);
    if (request->refusal != HTTP_WELCOME) {
        http_reply_detail(reply, 400, "refused");
    } else {
        cm_buf_add(&reply->body, request->body.p, request->body.n);
        http_reply_header(reply, "X-Query",
                          http_query(request, "q") != NULL ? "given" : "none");
    }
}

static void ignore(void *context, http_event event)
{
    (void)context;
    (void)event;
}

typedef struct web {
    cm_serve_limits limits;
    http_shared shared;
    http_server *server;
    cm_buf seen;
} web;

static web *the_web(void)
{
    static web w;
    if (w.server == NULL) {
        int listener = -1;
        uint16_t port = 0;
        w.limits = (cm_serve_limits){.body_bytes = LARGEST_BODY,
                                     .header_bytes = 2048,
                                     .connections = 10,
                                     .connections_per_address = 10,
                                     .idle_timeout = 1e6,
                                     .request_timeout = 1e6,
                                     .queue_timeout = 1e6,
                                     .memory_bytes = 1 << 20};
        w.shared.limits = &w.limits;
        CM_ASSERT(peers_new(&w.shared.peers, 10, NULL) == CM_OK);
        CM_ASSERT(listener_open(&listener, &port, "127.0.0.1", 0, NULL) ==
                  CM_OK);
        CM_ASSERT(http_server_new(&w.server, &w.shared, listener, dispatch,
                                  ignore, &w.seen, NULL) == CM_OK);
    }
    return &w;
}

/* False: the connection is still open after so many turns. */
static bool take_turns(web *w, int client, size_t n)
{
    char answer[4096];
    for (size_t i = 0; i < n && w->server->connections.n > 0; i++) {
        http_server_turn(w->server, 0);
        while (recv(client, answer, sizeof answer, MSG_DONTWAIT) > 0) {
        }
    }
    return w->server->connections.n == 0;
}

/* The dispatched requests, until the next call. */
static cm_str run(web *w, const uint8_t *bytes, size_t n, size_t piece)
{
    int ends[2];
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    cm_buf_clear(&w->seen);
    CM_ASSERT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    CM_ASSERT(MHD_add_connection(w->server->daemon, ends[0],
                                 (const struct sockaddr *)&from,
                                 sizeof from) == MHD_YES);
    for (size_t i = 0; i < n;) {
        size_t size = n - i < piece ? n - i : piece;
        ssize_t sent =
            send(ends[1], bytes + i, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        i += sent > 0 ? (size_t)sent : n; /* closed: enough */
        (void)take_turns(w, ends[1], 3);
    }
    /* A turn reads a piece of the buffer or answers a request. */
    (void)take_turns(w, ends[1], n + 10);
    (void)close(ends[1]);
    CM_ASSERT(take_turns(w, -1, 10));
    CM_ASSERT(w->shared.memory == 0 && w->shared.connections == 0);
    return (cm_str){w->seen.p, w->seen.n};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2) {
        return 0;
    }
    web *w = the_web();
    cm_buf first = {0};
    cm_str seen = run(w, bytes + 1, n - 1, bytes[0] > 0 ? bytes[0] : n);
    cm_buf_add(&first, seen.p, seen.n);
    cm_str whole = run(w, bytes + 1, n - 1, n);
    size_t common = first.n < whole.n ? first.n : whole.n;
    CM_ASSERT(common == 0 || memcmp(first.p, whole.p, common) == 0);
    cm_buf_release(&first);
    return 0;
}
