/* From a reply to libmicrohttpd's response. */
#include <string.h>

#include "serving/http_exchange.h"

enum {
    FREE_ANSWER = 1 << 12, /* bytes of an answer that are not counted */
    HANDED_OVER = 1 << 16  /* bytes from which on a copy costs more */
};

/* A large body is given away, a small one copied: its buffer stays. */
static struct MHD_Response *response_of(http_reply *reply)
{
    if (reply->fixed.p != NULL) {
        return MHD_create_response_from_buffer(
            reply->fixed.n, (void *)(uintptr_t)reply->fixed.p,
            MHD_RESPMEM_PERSISTENT);
    }
    if (reply->body.n < HANDED_OVER) {
        return MHD_create_response_from_buffer(reply->body.n, reply->body.p,
                                               MHD_RESPMEM_MUST_COPY);
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.n, reply->body.p, MHD_RESPMEM_MUST_FREE);
    if (response != NULL) {
        reply->body = (cm_buf){0};
    }
    return response;
}

static bool closes(const http_server *server, const http_request *request)
{
    return request->refusal == HTTP_TOO_MANY ||
           request->refusal == HTTP_MALFORMED ||
           atomic_load_explicit(&server->shared->draining,
                                memory_order_relaxed);
}

static void add_headers(struct MHD_Response *response, http_server *server,
                        const http_request *request)
{
    const http_reply *reply = &server->reply;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                  reply->content_type);
    for (size_t i = 0; i < reply->n_headers; i++) {
        (void)MHD_add_response_header(response, reply->headers[i].name,
                                      reply->headers[i].value);
    }
    if (request->id[0] != '\0') {
        (void)MHD_add_response_header(response, "X-Request-ID", request->id);
    }
    if (closes(server, request)) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION,
                                      "close");
    }
}

/* An answer counts until it is sent: its client may be in no hurry. */
static void check_memory(http_server *server, http_exchange *x)
{
    http_reply *reply = &server->reply;
    if (reply->fixed.p != NULL || reply->body.n < FREE_ANSWER) {
        return;
    }
    bool fits = !reply->body.failed &&
                http_charge(server, x,
                            reply->body.n < HANDED_OVER ? reply->body.n
                                                        : reply->body.capacity);
    if (!fits) {
        cm_buf_release(&reply->body);
        http_reply_detail(reply, 503,
                          "The answer is larger than the memory that is left. "
                          "Try again later.");
        http_reply_header(reply, "Retry-After", "1");
    }
}

enum MHD_Result http_send(http_server *server, http_exchange *x)
{
    http_reply *reply = &server->reply;
    check_memory(server, x);
    struct MHD_Response *response = response_of(reply);
    if (response == NULL) {
        return MHD_NO;
    }
    add_headers(response, server, &x->request);
    enum MHD_Result result =
        MHD_queue_response(x->request.connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}
