/* The body of a request as it comes in, and the memory of all bodies.  Nothing
 * is reserved for a body that was only announced: a client has to send the
 * bytes that it makes the server keep. */
#include <stdlib.h>

#include "serving/http_exchange.h"

enum {
    FREE_BODY = 1 << 12, /* bytes a request that are not counted */
    /* Bytes that are read of a body over the limit.  A client that is cut off
     * while it sends does not see why, so it may finish within reason. */
    SWALLOWED = 8 << 20
};

bool http_charge(http_server *server, http_exchange *x, size_t bytes)
{
    http_shared *shared = server->shared;
    if (atomic_fetch_add(&shared->memory, bytes) + bytes >
        shared->limits->memory_bytes) {
        (void)atomic_fetch_sub(&shared->memory, bytes);
        return false;
    }
    x->charged += bytes;
    return true;
}

void http_body_drop(http_server *server, http_exchange *x)
{
    if (x->charged > 0) {
        (void)atomic_fetch_sub(&server->shared->memory, x->charged);
        x->charged = 0;
    }
    if (x->body.capacity > FREE_BODY) {
        cm_buf_release(&x->body);
    }
    cm_buf_clear(&x->body);
}

/* Doubled as buffers are, but not beyond the end that was announced; one byte
 * more for the NUL. */
static size_t capacity_for(const http_exchange *x, size_t size)
{
    size_t capacity = size * 2;
    if (x->length >= size && x->length < capacity) {
        capacity = x->length;
    }
    return capacity < FREE_BODY ? FREE_BODY : capacity + 1;
}

static bool make_room(http_server *server, http_exchange *x, size_t size)
{
    if (size < x->body.capacity) {
        return true;
    }
    size_t capacity = capacity_for(x, size);
    if (capacity > FREE_BODY &&
        !http_charge(server, x, capacity - x->charged)) {
        return false;
    }
    char *p = realloc(x->body.p, capacity);
    if (p == NULL) {
        return false;
    }
    x->body.p = p;
    x->body.capacity = capacity;
    return true;
}

static void refuse(http_server *server, http_exchange *x, http_refusal why)
{
    x->request.refusal = why;
    http_body_drop(server, x);
}

bool http_body_add(http_server *server, http_exchange *x, const char *data,
                   size_t n)
{
    size_t limit = server->shared->limits->body_bytes;
    x->received += n;
    if (x->request.refusal != HTTP_WELCOME) {
        return x->received <= limit + SWALLOWED;
    }
    if (x->received > limit) {
        refuse(server, x, HTTP_TOO_LARGE);
    } else if (!make_room(server, x, x->body.n + n)) {
        refuse(server, x, HTTP_NO_MEMORY);
    } else {
        cm_buf_add(&x->body, data, n);
    }
    return true;
}

/* An answer without the body closes the connection.  Who asks whether to send a
 * body and announces none gets one, too: libmicrohttpd would say "100 Continue"
 * and take the next request for the body. */
bool http_body_unwanted(const http_server *server, const http_exchange *x)
{
    if (x->request.refusal == HTTP_WELCOME) {
        return x->expects_waiting && !x->has_body;
    }
    return x->request.refusal == HTTP_MALFORMED || x->expects_waiting ||
           x->length > server->shared->limits->body_bytes + SWALLOWED;
}
