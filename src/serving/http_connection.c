/* Who is connected, and for how long.  A connection either waits for its next
 * request or is in one, from its first line to the last byte of its answer;
 * both have a deadline.  libmicrohttpd's own timeout starts anew with every
 * byte, so a client that sends one byte a second would hold a connection for
 * ever: here bytes do not count. */
#include "serving/http_connection.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

/* Seconds that a connection which is not wanted has for each step. */
static const double refused_patience = 2;
/* Seconds without a request after which a connection is closed when no new
 * ones are taken any more. */
static const double drain_patience = .5;
/* Seconds without a request after which the client may have left. */
static const double looked_at_after = 1;

/* Far over the limit they are not even answered. */
size_t http_most_connections(size_t limit)
{
    return limit + limit / 8 + 64;
}

static void shut(http_connection *connection)
{
    connection->closing = true;
    (void)shutdown(connection->socket, SHUT_RDWR);
}

static void admit(http_connections *all, http_connection *connection)
{
    http_shared *shared = all->shared;
    size_t limit = shared->limits->connections;
    size_t open = atomic_fetch_add(&shared->connections, 1) + 1;
    connection->refused = open > limit;
    connection->counted = peers_open(shared->peers, connection->address);
    if (!connection->counted) {
        all->observe(all->context, HTTP_EVENT_TOO_MANY_OF_ADDRESS);
        shut(connection);
    } else if (open > http_most_connections(limit)) {
        all->observe(all->context, HTTP_EVENT_TOO_MANY);
        shut(connection);
    }
}

http_connection *http_connection_open(http_connections *all,
                                      struct MHD_Connection *connection)
{
    http_connection *c = cm_alloc_zero(1, sizeof *c, NULL);
    if (c == NULL) {
        return NULL;
    }
    c->address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
            ->client_addr;
    c->socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
            ->connect_fd;
    c->from_loopback = peer_is_loopback(c->address);
    c->since = all->now = cm_seconds();
    c->next = all->first;
    if (all->first != NULL) {
        all->first->previous = c;
    }
    all->first = c;
    all->n++;
    admit(all, c);
    return c;
}

void http_connection_close(http_connections *all, http_connection *connection)
{
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        all->first = connection->next;
    }
    if (connection->counted) {
        peers_close(all->shared->peers, connection->address);
    }
    atomic_fetch_sub(&all->shared->connections, 1);
    all->n--;
    free(connection);
}

void http_connection_begin_request(http_connections *all,
                                   http_connection *connection)
{
    connection->in_request = true;
    connection->since = all->now;
}

void http_connection_end_request(http_connections *all,
                                 http_connection *connection)
{
    connection->in_request = false;
    connection->looked = false;
    connection->since = all->now;
}

static double patience_with(const http_connections *all,
                            const http_connection *connection)
{
    const http_shared *shared = all->shared;
    const cm_serve_limits *limits = shared->limits;
    double patience =
        connection->in_request ? limits->request_timeout : limits->idle_timeout;
    if (!connection->in_request && atomic_load(&shared->stopped_taking) &&
        patience > drain_patience) {
        patience = drain_patience;
    }
    return connection->refused && patience > refused_patience ? refused_patience
                                                              : patience;
}

/* What recv() would give: > 0 for bytes that have just come, 0 for the client's
 * end, < 0 for neither. */
static ssize_t peek(const http_connection *connection)
{
    char byte;
    return recv(connection->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
}

/* libmicrohttpd does not see an end that came together with a request. */
static bool has_left(http_connection *connection, double idle)
{
    if (connection->in_request || connection->looked ||
        idle < looked_at_after) {
        return false;
    }
    connection->looked = true;
    return peek(connection) == 0;
}

static void look_at(http_connections *all, http_connection *connection)
{
    double passed = all->now - connection->since;
    if (has_left(connection, passed)) {
        shut(connection);
    } else if (passed <= patience_with(all, connection)) {
        return;
    } else if (connection->in_request) {
        all->observe(all->context, HTTP_EVENT_TOO_SLOW);
        shut(connection);
    } else if (peek(connection) <= 0) {
        shut(connection); /* no request is lost: none is on its way here */
    }
}

void http_connections_sweep(http_connections *all)
{
    all->now = cm_seconds();
    for (http_connection *c = all->first; c != NULL; c = c->next) {
        if (!c->closing) {
            look_at(all, c);
        }
    }
}
