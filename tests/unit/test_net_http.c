/* The HTTP client where no server is needed: headers, errors, retries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "net/http_client.h"

static cm_error err;

static cm_http_client *new_client(unsigned retries)
{
    cm_http_client *client = NULL;
    cm_http_options options = {.connect_timeout = 5,
                               .idle_timeout = 5,
                               .verify = true,
                               .retries = retries,
                               .backoff = 0.001,
                               .longest_backoff = 0.002};
    assert_int_equal(cm_http_client_new(&client, &options, &err), CM_OK);
    return client;
}

static void check_header(const char *headers, const char *name,
                         const char *expected)
{
    cm_http_reply reply = {0};
    cm_buf_adds(&reply.headers, headers);
    assert_true(cm_str_is(cm_http_reply_header(&reply, name), expected));
    cm_http_reply_release(&reply);
}

static void test_headers(void **state)
{
    (void)state;
    const char *headers = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\n"
                          "Content-Length:7\r\nempty:\r\nX-A:  a b  \r\n\r\n";
    check_header(headers, "etag", "\"x\"");
    check_header(headers, "CONTENT-LENGTH", "7");
    check_header(headers, "empty", "");
    check_header(headers, "x-a", "a b");
    check_header(headers, "x", "");
    check_header(headers, "tag", "");
    check_header("", "etag", "");
    check_header("ETag: cut", "etag", "cut");
}

/* Runs a GET that gets no answer; attempts is how many it was. */
static void check_refused(const char *url, unsigned retries, unsigned attempts,
                          const char *says)
{
    cm_http_client *client = new_client(retries);
    cm_http_call call = {.method = "GET", .url = url};
    cm_http_reply reply = {0};
    assert_int_equal(cm_http_run(client, &call, &reply, &err), CM_ERR_IO);
    assert_int_equal(reply.attempts, attempts);
    assert_int_equal(reply.status, 0);
    assert_non_null(strstr(err.message, says));
    assert_null(strstr(err.message, "the-secret"));
    cm_http_reply_release(&reply);
    cm_http_client_free(client);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    check_refused("http://127.0.0.1:1/a?b=the-secret", 8, 3,
                  "GET http://127.0.0.1:1/a: ");
    check_refused("http://127.0.0.1:1/a", 1, 2, "2 attempts");
    check_refused("http://me:the-secret@127.0.0.1:1/a", 0, 1,
                  "127.0.0.1:1/a: ");
}

static void test_no_such_protocol(void **state)
{
    (void)state;
    check_refused("file:///etc/passwd", 8, 1, "file");
    check_refused("http://", 8, 1, "http://");
}

static cm_status refuse(void *context, cm_http_call *call, cm_error *error)
{
    (void)context;
    (void)call;
    return cm_fail(error, CM_ERR_DATA, "not now");
}

static void test_prepare_may_refuse(void **state)
{
    (void)state;
    cm_http_client *client = new_client(3);
    cm_http_call call = {
        .method = "GET", .url = "http://127.0.0.1:1/", .prepare = refuse};
    cm_http_reply reply = {0};
    assert_int_equal(cm_http_run(client, &call, &reply, &err), CM_ERR_DATA);
    assert_string_equal(err.message, "not now");
    assert_int_equal(reply.attempts, 0);
    cm_http_reply_release(&reply);
    cm_http_client_free(client);
}

static cm_status need_nothing(void *context, cm_http_call *call,
                              cm_error *error)
{
    (void)context;
    (void)error;
    call->needless = true;
    return CM_OK;
}

static void test_prepare_may_find_it_needless(void **state)
{
    (void)state;
    cm_http_client *client = new_client(3);
    cm_http_call call = {.method = "POST",
                         .url = "http://127.0.0.1:1/",
                         .prepare = need_nothing};
    cm_http_reply reply = {0};
    assert_int_equal(cm_http_run(client, &call, &reply, &err), CM_OK);
    assert_int_equal(reply.attempts, 0);
    assert_int_equal(reply.status, 0);
    cm_http_reply_release(&reply);
    cm_http_client_free(client);
}

/* No attempt behind the deadline, and no wait that would reach it. */
static void test_deadline(void **state)
{
    (void)state;
    const struct {
        double seconds;
        unsigned attempts;
    } cases[] = {{-1, 0}, {.5, 1}};
    for (size_t i = 0; i < 2; i++) {
        cm_http_client *client = NULL;
        cm_http_options options = {.connect_timeout = 5,
                                   .idle_timeout = 5,
                                   .retries = 8,
                                   .backoff = 1e6,
                                   .longest_backoff = 1e6,
                                   .deadline = cm_seconds() + cases[i].seconds};
        cm_http_call call = {.method = "GET", .url = "http://127.0.0.1:1/"};
        cm_http_reply reply = {0};
        assert_int_equal(cm_http_client_new(&client, &options, &err), CM_OK);
        assert_int_equal(cm_http_run(client, &call, &reply, &err), CM_ERR_IO);
        assert_int_equal(reply.attempts, cases[i].attempts);
        cm_http_reply_release(&reply);
        cm_http_client_free(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_no_such_protocol),
        cmocka_unit_test(test_prepare_may_refuse),
        cmocka_unit_test(test_prepare_may_find_it_needless),
        cmocka_unit_test(test_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
