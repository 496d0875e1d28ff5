/* Name to addresses, the first address that can be bound to a socket. */
#include "serving/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections whose handshake is done and that nobody has accepted yet. */
enum { BACKLOG = 1024 };

static int bind_one(const struct addrinfo *address)
{
    const int on = 1;
    int fd = socket(address->ai_family,
                    address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    address->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(fd, BACKLOG) == 0) {
        return fd;
    }
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    (void)getsockname(fd, (struct sockaddr *)&address, &size);
    const void *any = &address;
    return ntohs(address.ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)any)->sin6_port
                     : ((const struct sockaddr_in *)any)->sin_port);
}

cm_status listener_open(int *out, uint16_t *port_out, const char *host,
                        uint16_t port, cm_error *err)
{
    char service[8];
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_flags = AI_PASSIVE,
                              .ai_socktype = SOCK_STREAM};
    (void)snprintf(service, sizeof service, "%u", port);
    int failure = getaddrinfo(host, service, &wanted, &found);
    *out = -1;
    if (failure != 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "host %s: no such address (%s); give the address of "
                       "one of this machine's interfaces, or 0.0.0.0",
                       host, gai_strerror(failure));
    }
    for (const struct addrinfo *a = found; a != NULL && *out < 0;
         a = a->ai_next) {
        *out = bind_one(a);
    }
    freeaddrinfo(found);
    if (*out < 0) {
        return cm_fail_errno(err, "cannot listen on %s port %u", host, port);
    }
    *port_out = port_of(*out);
    return CM_OK;
}
