/* A web server of its own, spoken to over a socket: requests, replies, queue.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "serving/http_exchange.h"
#include "serving/listener.h"

enum { MOST_TURNS = 2000, SMALL_MEMORY = 100000, MUCH = 1000000 };

typedef struct fixture {
    cm_serve_limits limits;
    http_shared shared;
    http_server *server;
    int listener;
    void (*reply)(const http_request *request, http_reply *reply);
    size_t dispatched, n_body;
    http_refusal refusal;
    char text[1 << 18]; /* of the last answers */
    size_t n_text;
} fixture;

static void dispatch(void *context, const http_request *request,
                     http_reply *reply)
{
    fixture *f = context;
    f->dispatched++;
    f->n_body = request->body.n;
    f->refusal = request->refusal;
    if (request->refusal == HTTP_WELCOME) {
        f->reply(request, reply);
    } else {
        http_reply_detail(reply, 503, "refused");
    }
}

static void say_ok(const http_request *request, http_reply *reply)
{
    (void)request;
    reply->fixed = CM_STR("ok");
}

static void ignore(void *context, http_event event)
{
    (void)context;
    (void)event;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    uint16_t port = 0;
    f->limits = (cm_serve_limits){.body_bytes = 1 << 20,
                                  .header_bytes = 4096,
                                  .connections = 10,
                                  .connections_per_address = 10,
                                  .idle_timeout = 100,
                                  .request_timeout = 100,
                                  .queue_timeout = .05,
                                  .memory_bytes = SMALL_MEMORY};
    f->shared.limits = &f->limits;
    f->reply = say_ok;
    assert_int_equal(peers_new(&f->shared.peers, 10, NULL), CM_OK);
    assert_int_equal(listener_open(&f->listener, &port, "127.0.0.1", 0, NULL),
                     CM_OK);
    assert_int_equal(http_server_new(&f->server, &f->shared, f->listener,
                                     dispatch, ignore, f, NULL),
                     CM_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    http_server_free(f->server);
    assert_int_equal(f->shared.connections, 0);
    assert_int_equal(f->shared.memory, 0);
    /* The port is still ours. */
    assert_int_equal(close(f->listener), 0);
    peers_free(f->shared.peers);
    free(f);
    return 0;
}

static int connect_to(fixture *f)
{
    int ends[2];
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(MHD_add_connection(f->server->daemon, ends[0],
                                        (const struct sockaddr *)&from,
                                        sizeof from),
                     MHD_YES);
    return ends[1];
}

/* Takes turns while sending; until the text has come, or nothing for long. */
static const char *exchange(fixture *f, int client, cm_str sent,
                            const char *until)
{
    f->n_text = 0;
    for (int i = 0; i < MOST_TURNS; i++) {
        ssize_t n = send(client, sent.p, sent.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            sent = (cm_str){sent.p + n, sent.n - (size_t)n};
        }
        http_server_turn(f->server, 0);
        n = recv(client, f->text + f->n_text, sizeof f->text - f->n_text - 1,
                 MSG_DONTWAIT);
        f->n_text += n > 0 ? (size_t)n : 0;
        f->text[f->n_text] = '\0';
        if (strstr(f->text, until) != NULL) {
            break;
        }
    }
    return f->text;
}

#define GET "GET /x?a=1&b=%20&a=2&c HTTP/1.1\r\nHost: h\r\nX-Odd: v\r\n\r\n"

static void reads_headers_and_queries(const http_request *request,
                                      http_reply *reply)
{
    cm_str values[4];
    assert_string_equal(request->path, "/x");
    assert_string_equal(http_query(request, "b"), " ");
    assert_null(http_query(request, "d"));
    assert_string_equal(http_header(request, "x-odd"), "v");
    assert_null(http_header(request, "X-Other"));
    assert_int_equal(http_query_all(request, "a", values, 4), 2);
    assert_true(cm_str_is(values[0], "1") && cm_str_is(values[1], "2"));
    assert_int_equal(http_query_all(request, "a", values, 1), 1);
    assert_int_equal(http_query_all(request, "c", values, 4), 1);
    assert_int_equal(values[0].n, 0);
    http_reply_detail(reply, 418, "a \"quote\"");
    static const char names[HTTP_MAX_HEADERS + 3][8] = {
        "X-A-a", "X-A-b", "X-A-c", "X-A-d", "X-A-e", "X-A-f",
        "X-A-g", "X-A-h", "X-A-i", "X-A-j", "X-A-k", "X-A-l"};
    http_reply_header(reply, names[0], "replaced");
    for (int i = 0; i < HTTP_MAX_HEADERS + 3; i++) {
        http_reply_header(reply, names[i], "yes");
    }
}

static void speaks_of_a_request(void **state)
{
    fixture *f = *state;
    int client = connect_to(f);
    f->reply = reads_headers_and_queries;
    const char *text = exchange(f, client, CM_STR(GET), "}");
    assert_non_null(strstr(text, "HTTP/1.1 418"));
    assert_non_null(strstr(text, "{\"detail\":\"a \\\"quote\\\"\"}"));
    assert_null(strstr(text, "replaced"));
    size_t n = 0;
    for (text = strstr(text, "\r\nX-A-"); text != NULL;
         text = strstr(text + 1, "\r\nX-A-")) {
        n++;
    }
    assert_int_equal(n, HTTP_MAX_HEADERS);
    (void)close(client);
}

static void count_up(const http_request *request, http_reply *reply)
{
    static int calls;
    (void)request;
    cm_buf_addf(&reply->body, "<%d>", calls++ % 10);
}

/* Answers of one size share a response; each has its own bytes. */
static void keeps_answers_apart(void **state)
{
    fixture *f = *state;
    int client = connect_to(f);
    f->reply = count_up;
    const char *text = exchange(f, client, CM_STR(GET GET GET GET), "<3>");
    const char *at = text;
    for (int i = 0; i < 4; i++) {
        char wanted[16];
        (void)snprintf(wanted, sizeof wanted, "<%d>", i);
        at = strstr(at, wanted);
        assert_non_null(at);
    }
    (void)close(client);
}

static cm_buf post_of(size_t n)
{
    cm_buf request = {0};
    cm_buf_addf(&request,
                "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
                n);
    for (size_t i = 0; i < n; i++) {
        cm_buf_addc(&request, 'x');
    }
    return request;
}

static void take_time(const http_request *request, http_reply *reply)
{
    double end = cm_seconds() + .03;
    while (cm_seconds() < end) {
    }
    say_ok(request, reply);
}

/* Requests of .03 s behind each other, all there at once: after .05 s the rest
 * of the turn is refused, and the next turn begins anew. */
static void refuses_what_comes_late(void **state)
{
    fixture *f = *state;
    int clients[8];
    size_t refused = 0;
    f->reply = take_time;
    for (int i = 0; i < 8; i++) {
        clients[i] = connect_to(f);
        assert_true(send(clients[i], GET, sizeof GET - 1, 0) > 0);
    }
    for (int i = 0; i < 8; i++) {
        refused += strstr(exchange(f, clients[i], CM_STR(""), "\r\n\r\n"),
                          "HTTP/1.1 503") != NULL;
    }
    assert_in_range(refused, 4, 7);
    assert_non_null(
        strstr(exchange(f, clients[0], CM_STR(GET), "ok"), "HTTP/1.1 200"));
    for (int i = 0; i < 8; i++) {
        (void)close(clients[i]);
    }
}

/* The same with long ones: a turn serves few, they wait their time. */
static void long_ones_wait(void **state)
{
    fixture *f = *state;
    int clients[2];
    cm_buf request = post_of(20000);
    f->reply = take_time;
    f->limits.queue_timeout = 10;
    for (int i = 0; i < 2; i++) {
        clients[i] = connect_to(f);
        assert_int_equal(send(clients[i], request.p, request.n, 0), request.n);
    }
    while (f->dispatched == 0) {
        http_server_turn(f->server, 0);
    }
    assert_int_equal(f->dispatched, 1);
    for (int i = 0; i < 2; i++) {
        assert_non_null(
            strstr(exchange(f, clients[i], CM_STR(""), "ok"), "HTTP/1.1 200"));
        (void)close(clients[i]);
    }
    cm_buf_release(&request);
}

static void counts_memory(void **state)
{
    fixture *f = *state;
    int first = connect_to(f);
    int second = connect_to(f);
    cm_buf request = post_of(90000);
    f->limits.queue_timeout = 10;
    assert_int_equal(send(first, request.p, 60000, 0), 60000);
    for (int i = 0; i < 100; i++) {
        http_server_turn(f->server, 0);
    }
    assert_in_range(f->shared.memory, 50000, 90001);
    const char *text =
        exchange(f, second, (cm_str){request.p, request.n}, "refused");
    assert_non_null(strstr(text, "HTTP/1.1 503"));
    assert_int_equal(f->refusal, HTTP_NO_MEMORY);
    text = exchange(f, first, (cm_str){request.p + 60000, request.n - 60000},
                    "ok");
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    assert_int_equal(f->n_body, 90000);
    assert_int_equal(f->shared.memory, 0);
    cm_buf_release(&request);
    (void)close(first);
    (void)close(second);
}

static void answer_much(const http_request *request, http_reply *reply)
{
    (void)request;
    for (int i = 0; i < MUCH; i++) {
        cm_buf_addc(&reply->body, 'y');
    }
}

static void counts_answers_too(void **state)
{
    fixture *f = *state;
    int client = connect_to(f);
    f->reply = answer_much;
    const char *text = exchange(f, client, CM_STR(GET), "}");
    assert_non_null(strstr(text, "HTTP/1.1 503"));
    assert_non_null(strstr(text, "Retry-After: 1"));
    f->limits.memory_bytes = MUCH * 4;
    text = exchange(f, client, CM_STR(GET), "yyy");
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    assert_in_range(f->shared.memory, MUCH, MUCH * 2);
    (void)close(client);
    for (int i = 0; i < 10; i++) {
        http_server_turn(f->server, 0);
    }
    assert_int_equal(f->shared.memory, 0);
}

static void frees_what_is_in_flight(void **state)
{
    fixture *f = *state;
    int client = connect_to(f);
    cm_buf request = post_of(50000);
    assert_int_equal(send(client, request.p, 30000, 0), 30000);
    for (int i = 0; i < 100; i++) {
        http_server_turn(f->server, 0);
    }
    assert_true(f->shared.memory > 0);
    cm_buf_release(&request);
    (void)close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(speaks_of_a_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_answers_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_comes_late, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(long_ones_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_answers_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frees_what_is_in_flight, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
