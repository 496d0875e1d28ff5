/* Who is connected, and for how long.  A connection either waits for its next
 * request or is in one, from its first line to the last byte of its answer;
 * both have a deadline.  libmicrohttpd's own timeout starts anew with every
 * byte, so a client that sends one byte a second would hold a connection for
 * ever: here bytes do not count. */
#include "serving/http_connection.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

/* Seconds that a connection which is not wanted has to send its request. */
static const double refused_patience = 1;
/* Seconds without a request after which a drain closes a connection. */
static const double drain_patience = .5;

/* Over the limit they are answered with 503, far over it not even that. */
static size_t hard_limit(size_t limit)
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
    } else if (open > hard_limit(limit)) {
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
    all->n_in_request++;
}

void http_connection_end_request(http_connections *all,
                                 http_connection *connection)
{
    connection->in_request = false;
    connection->since = all->now;
    all->n_in_request--;
}

static double patience_with(const http_connections *all,
                            const http_connection *connection)
{
    const http_shared *shared = all->shared;
    if (connection->in_request) {
        return shared->limits->request_timeout;
    }
    if (connection->refused) {
        return refused_patience;
    }
    bool draining = atomic_load(&shared->draining);
    return draining ? drain_patience : shared->limits->idle_timeout;
}

void http_connections_sweep(http_connections *all)
{
    all->now = cm_seconds();
    for (http_connection *c = all->first; c != NULL; c = c->next) {
        if (c->closing || all->now - c->since <= patience_with(all, c)) {
            continue;
        }
        if (c->in_request) {
            all->observe(all->context, HTTP_EVENT_TOO_SLOW);
        }
        shut(c);
    }
}

void http_connections_abandon(http_connections *all)
{
    for (http_connection *c = all->first; c != NULL; c = c->next) {
        shut(c);
    }
}
