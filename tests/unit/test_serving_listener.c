/* The port: taken, refused with advice, and closed without losing anybody. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serving/listener.h"

static int begin_connecting(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int result = connect(fd, (const struct sockaddr *)&to, sizeof to);
    assert_true(result == 0 || errno == EINPROGRESS);
    return fd;
}

static bool is_connected(int fd, int milliseconds)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    return poll(&wait, 1, milliseconds) == 1 && wait.revents == POLLOUT;
}

static void takes_a_free_port(void **state)
{
    (void)state;
    int fd = -1;
    uint16_t port = 0;
    assert_int_equal(listener_open(&fd, &port, "127.0.0.1", 0, NULL), CM_OK);
    assert_true(port > 0);
    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    int client = begin_connecting(port);
    assert_true(is_connected(client, 5000));
    (void)close(client);
    (void)close(fd);
}

static void says_what_to_do(void **state)
{
    (void)state;
    cm_error err = {0};
    int first = -1;
    int second = -1;
    uint16_t port = 0;
    uint16_t other = 0;
    assert_int_equal(listener_open(&first, &port, "127.0.0.1", 0, NULL), CM_OK);
    assert_int_equal(listener_open(&second, &other, "127.0.0.1", port, &err),
                     CM_ERR_IO);
    assert_int_equal(second, -1);
    assert_non_null(strstr(err.message, "Address already in use"));
    assert_non_null(strstr(err.message, "--port"));
    assert_int_equal(listener_open(&second, &other, "192.0.2.1", 0, &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "no interface of this machine"));
    assert_int_equal(listener_open(&second, &other, "no host", 0, &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "no host: no such address"));
    (void)close(first);
}

/* Who connected before is there to accept, who comes after is not let in. */
static void stops_without_losing_anybody(void **state)
{
    (void)state;
    int fd = -1;
    uint16_t port = 0;
    assert_int_equal(listener_open(&fd, &port, "127.0.0.1", 0, NULL), CM_OK);
    int early = begin_connecting(port);
    assert_true(is_connected(early, 5000));
    listener_stop(fd);
    int late = begin_connecting(port);
    assert_false(is_connected(late, 100));
    assert_int_equal(send(early, "x", 1, MSG_NOSIGNAL), 1);
    int accepted = accept(fd, NULL, NULL);
    assert_true(accepted >= 0);
    assert_int_equal(accept(fd, NULL, NULL), -1);
    struct pollfd wait = {.fd = accepted, .events = POLLIN};
    char byte = 0;
    assert_int_equal(poll(&wait, 1, 5000), 1);
    assert_int_equal(recv(accepted, &byte, 1, 0), 1);
    assert_int_equal(byte, 'x');
    (void)close(accepted);
    (void)close(late);
    (void)close(early);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_free_port),
        cmocka_unit_test(says_what_to_do),
        cmocka_unit_test(stops_without_losing_anybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
