/* Name to addresses, the first address that can be bound to a socket. */
#include "serving/listener.h"

#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
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

/* What to do about it. */
static const char *advice(int code)
{
    switch (code) {
    case EADDRINUSE:
        return "; stop the program that has it, or give another --port (0: any "
               "free one)";
    case EACCES:
        return "; ports below 1024 are the administrator's: give a greater "
               "--port, or the program the capability CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
        return "; no interface of this machine has this address: give one that "
               "`ip address` lists, or 0.0.0.0";
    default:
        return "";
    }
}

static cm_status cannot_listen(const char *host, uint16_t port, cm_error *err)
{
    int code = errno;
    char reason[128];
    return cm_fail(err, CM_ERR_IO, "cannot listen on %s port %u: %s%s", host,
                   port, strerror_r(code, reason, sizeof reason), advice(code));
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
        return cannot_listen(host, port, err);
    }
    *port_out = port_of(*out);
    return CM_OK;
}

void listener_stop(int fd)
{
    /* Of the TCP header: byte 13 has the flags, 2 is SYN. */
    struct sock_filter drop_syn[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)};
    const struct sock_fprog program = {
        .len = sizeof drop_syn / sizeof *drop_syn, .filter = drop_syn};
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                     sizeof program);
}
