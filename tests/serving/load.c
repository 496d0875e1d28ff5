/* A load on a server: N connections that each send the same request again as
 * soon as the last one is answered.  Prints one JSON object:
 *
 *   load PORT PATH CONNECTIONS SECONDS [BODY_FILE]
 *
 * status: answers by code; cut: requests that were sent at least in part on an
 * accepted connection and got no whole answer; refused: connections the server
 * did not take; starved: connections that never got a 200; no_retry_after: 503
 * without Retry-After; ok_ms and rejected_ms: latency of 200 and of the rest.
 * A connection whose answer says "Connection: close" is opened anew; one that
 * is refused is not. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ANSWER = 1 << 22, MAX_SAMPLES = 1 << 21, HEAD = 4096, GRACE = 3 };

typedef struct client {
    int fd; /* -1: closed for good */
    bool connected, got_ok;
    size_t sent;
    size_t received, whole; /* bytes of the answer; 0: not known yet */
    double started;
    char head[HEAD + 1]; /* the answer's first bytes */
} client;

typedef struct samples {
    float *ms;
    size_t n;
} samples;

static struct {
    struct sockaddr_in address;
    char *request;
    size_t n_request;
    size_t status[600], cut, refused, no_retry_after;
    samples ok, rejected;
    int epoll;
    bool over; /* no new requests */
    size_t open;
} load;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void close_client(client *c)
{
    (void)close(c->fd);
    c->fd = -1;
    load.open--;
}

static void open_client(client *c)
{
    const int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    c->connected = false;
    c->sent = c->received = c->whole = 0;
    c->started = seconds();
    load.open++;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                                .data.ptr = c};
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
        perror("load: epoll_ctl");
        exit(1);
    }
    if (connect(c->fd, (struct sockaddr *)&load.address, sizeof load.address) !=
            0 &&
        errno != EINPROGRESS) {
        load.refused++;
        close_client(c);
    }
}

static void lost(client *c)
{
    if (!c->connected) {
        load.refused++;
        close_client(c);
        return;
    }
    load.cut += c->sent > 0;
    close_client(c);
    if (!load.over) {
        open_client(c);
    }
}

static void add_sample(samples *all, double value)
{
    if (all->n < MAX_SAMPLES) {
        all->ms[all->n++] = (float)value;
    }
}

static void count_answer(client *c)
{
    long code = strtol(c->head + 9, NULL, 10);
    load.status[code >= 0 && code < 600 ? code : 0]++;
    double ms = (seconds() - c->started) * 1e3;
    add_sample(code == 200 ? &load.ok : &load.rejected, ms);
    c->got_ok |= code == 200;
    load.no_retry_after +=
        code == 503 && strcasestr(c->head, "\r\nRetry-After:") == NULL;
}

static bool send_more(client *c)
{
    while (c->sent < load.n_request) {
        ssize_t n = send(c->fd, load.request + c->sent,
                         load.n_request - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        c->sent += (size_t)n;
    }
    return true;
}

/* The answer is there: the next request, on this connection or another. */
static void next_request(client *c)
{
    bool closes = strcasestr(c->head, "\r\nConnection: close") != NULL;
    count_answer(c);
    if (load.over || closes) {
        close_client(c);
        if (!load.over) {
            open_client(c);
        }
        return;
    }
    c->sent = c->received = c->whole = 0;
    c->started = seconds();
    if (!send_more(c)) {
        lost(c);
    }
}

static void parse_head(client *c)
{
    c->head[c->received < HEAD ? c->received : HEAD] = '\0';
    const char *end = strstr(c->head, "\r\n\r\n");
    const char *length = strcasestr(c->head, "\r\nContent-Length:");
    if (end != NULL) {
        c->whole =
            (size_t)(end - c->head) + 4 +
            (length != NULL && length < end ? strtoul(length + 17, NULL, 10)
                                            : 0);
    }
}

static void receive(client *c)
{
    static char rest[1 << 16];
    for (;;) {
        bool in_head = c->received < HEAD;
        size_t room = in_head ? HEAD - c->received : sizeof rest;
        if (c->whole > 0 && c->whole - c->received < room) {
            room = c->whole - c->received;
        }
        ssize_t n =
            recv(c->fd, in_head ? c->head + c->received : rest, room, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (n <= 0) {
            lost(c);
            return;
        }
        c->received += (size_t)n;
        if (c->whole == 0) {
            parse_head(c);
        }
        if (c->whole > 0 && c->received >= c->whole) {
            next_request(c);
            return;
        }
    }
}

static void on_event(client *c, unsigned events)
{
    if (!c->connected) {
        int code = 0;
        socklen_t size = sizeof code;
        (void)getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &code, &size);
        c->connected = code == 0 && (events & EPOLLOUT) != 0;
    }
    if (c->connected && (events & EPOLLOUT) != 0) {
        (void)send_more(c); /* an answer may be there nevertheless */
    }
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) {
        receive(c);
    }
}

static void run(client *clients, size_t n, double duration)
{
    struct epoll_event events[256];
    double end = seconds() + duration;
    for (size_t i = 0; i < n; i++) {
        open_client(&clients[i]);
    }
    while (load.open > 0 && seconds() < end + GRACE) {
        int found = epoll_wait(load.epoll, events, 256, 20);
        load.over = load.over || seconds() > end;
        for (int i = 0; i < found; i++) {
            client *c = events[i].data.ptr;
            if (c->fd >= 0) {
                on_event(c, events[i].events);
            }
        }
    }
}

static int by_value(const void *a, const void *b)
{
    const float *x = a;
    const float *y = b;
    return (*x > *y) - (*x < *y);
}

static void print_latency(const char *name, samples *all)
{
    qsort(all->ms, all->n, sizeof *all->ms, by_value);
    printf(", \"%s\": {\"n\": %zu", name, all->n);
    const double shares[] = {.5, .9, .99, 1};
    const char *names[] = {"p50", "p90", "p99", "max"};
    for (size_t i = 0; i < 4 && all->n > 0; i++) {
        size_t at = (size_t)(shares[i] * (double)(all->n - 1));
        printf(", \"%s\": %.3f", names[i], (double)all->ms[at]);
    }
    printf("}");
}

static void print_result(const client *clients, size_t n)
{
    size_t starved = 0;
    size_t unanswered = 0;
    for (size_t i = 0; i < n; i++) {
        starved += !clients[i].got_ok;
        unanswered += clients[i].fd >= 0 && clients[i].connected;
    }
    printf("{\"status\": {");
    const char *comma = "";
    for (int i = 0; i < 600; i++) {
        if (load.status[i] > 0) {
            printf("%s\"%d\": %zu", comma, i, load.status[i]);
            comma = ", ";
        }
    }
    printf("}, \"cut\": %zu, \"refused\": %zu, \"unanswered\": %zu, "
           "\"starved\": %zu, \"no_retry_after\": %zu",
           load.cut, load.refused, unanswered, starved, load.no_retry_after);
    print_latency("ok_ms", &load.ok);
    print_latency("rejected_ms", &load.rejected);
    printf("}\n");
}

static void make_request(const char *path, const char *body_file)
{
    FILE *file = body_file != NULL ? fopen(body_file, "rb") : NULL;
    load.request = malloc(MAX_ANSWER + HEAD);
    char *body = malloc(MAX_ANSWER);
    size_t n = file != NULL ? fread(body, 1, MAX_ANSWER, file) : 0;
    int head = snprintf(load.request, HEAD,
                        "%s %s HTTP/1.1\r\nHost: load\r\n"
                        "Content-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        body_file != NULL ? "POST" : "GET", path, n);
    memcpy(load.request + head, body, n);
    load.n_request = (size_t)head + n;
    free(body);
    if (file != NULL) {
        (void)fclose(file);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "load PORT PATH CONNECTIONS SECONDS [BODY_FILE]\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    load.address.sin_family = AF_INET;
    load.address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    load.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size_t n = strtoul(argv[3], NULL, 10);
    client *clients = calloc(n, sizeof *clients);
    load.ok.ms = malloc(MAX_SAMPLES * sizeof(float));
    load.rejected.ms = malloc(MAX_SAMPLES * sizeof(float));
    load.epoll = epoll_create1(0);
    make_request(argv[2], argc > 5 ? argv[5] : NULL);
    run(clients, n, strtod(argv[4], NULL));
    print_result(clients, n);
    return 0;
}
