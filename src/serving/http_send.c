/* From a reply to libmicrohttpd's response.  To make one takes ten allocations;
 * so an exchange keeps its last, and where the next reply differs in nothing
 * but the bytes of its body, they are put in place of the old ones. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "serving/http_exchange.h"

enum {
    FREE_ANSWER = 1 << 12, /* bytes of an answer that are not counted */
    HANDED_OVER = 1 << 16, /* bytes from which on a copy costs more */
    LARGEST_KEPT = 1 << 10
};

static void add_headers(struct MHD_Response *response, const http_reply *reply)
{
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                  reply->content_type);
    for (size_t i = 0; i < reply->n_headers; i++) {
        (void)MHD_add_response_header(response, reply->headers[i].name,
                                      reply->headers[i].value);
    }
}

/* ---- a response that is kept -------------------------------------------- */

void http_kept_release(http_kept *kept)
{
    if (kept->response != NULL) {
        MHD_destroy_response(kept->response);
    }
    free(kept->body);
    *kept = (http_kept){0};
}

static bool same_headers(const http_kept *kept, const http_reply *reply)
{
    if (kept->content_type != reply->content_type ||
        kept->n_headers != reply->n_headers) {
        return false;
    }
    for (size_t i = 0; i < reply->n_headers; i++) {
        if (kept->headers[i].name != reply->headers[i].name ||
            strcmp(kept->headers[i].value, reply->headers[i].value) != 0) {
            return false;
        }
    }
    return true;
}

static void kept_make(http_kept *kept, const http_reply *reply)
{
    http_kept_release(kept);
    kept->n = reply->body.n;
    kept->body = cm_alloc(kept->n, 1, NULL);
    if (kept->body == NULL) {
        return;
    }
    kept->response = MHD_create_response_from_buffer(kept->n, kept->body,
                                                     MHD_RESPMEM_PERSISTENT);
    if (kept->response != NULL) {
        add_headers(kept->response, reply);
        kept->content_type = reply->content_type;
        kept->n_headers = reply->n_headers;
        memcpy(kept->headers, reply->headers, sizeof kept->headers);
    }
}

static struct MHD_Response *kept_response(http_kept *kept,
                                          const http_reply *reply)
{
    if (kept->response == NULL || kept->n != reply->body.n ||
        !same_headers(kept, reply)) {
        kept_make(kept, reply);
    }
    if (kept->response != NULL) {
        memcpy(kept->body, reply->body.p, kept->n);
    }
    return kept->response;
}

/* ---- a response of its own ---------------------------------------------- */

static bool closes(const http_server *server, const http_request *request)
{
    return request->refusal == HTTP_TOO_MANY ||
           request->refusal == HTTP_MALFORMED ||
           atomic_load_explicit(&server->shared->draining,
                                memory_order_relaxed);
}

static bool can_be_kept(const http_server *server, const http_request *request)
{
    const http_reply *reply = &server->reply;
    return reply->fixed.p == NULL && reply->body.n > 0 &&
           reply->body.n <= LARGEST_KEPT && request->id[0] == '\0' &&
           !closes(server, request);
}

/* A large body is given away, a small one copied: its buffer stays. */
static struct MHD_Response *own_body(http_reply *reply)
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

static struct MHD_Response *own_response(http_server *server,
                                         const http_request *request)
{
    struct MHD_Response *response = own_body(&server->reply);
    if (response == NULL) {
        return NULL;
    }
    add_headers(response, &server->reply);
    if (request->id[0] != '\0') {
        (void)MHD_add_response_header(response, "X-Request-ID", request->id);
    }
    if (closes(server, request)) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION,
                                      "close");
    }
    return response;
}

/* An answer counts until it is sent: its client may be in no hurry. */
static void check_memory(http_server *server, http_exchange *x)
{
    http_reply *reply = &server->reply;
    if (reply->body.n < FREE_ANSWER && !reply->body.failed) {
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
    const http_request *request = &x->request;
    check_memory(server, x);
    const http_reply *reply = &server->reply;
    bool keep = can_be_kept(server, request);
    struct MHD_Response *response =
        keep ? kept_response(&x->kept, reply) : own_response(server, request);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result result =
        MHD_queue_response(request->connection, reply->status, response);
    if (!keep) {
        MHD_destroy_response(response);
    }
    return result;
}
