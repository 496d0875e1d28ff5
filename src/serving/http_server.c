/* One thread's web server: makes the daemon, and turns its wheel. */
#include "serving/http_server.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "serving/http_exchange.h"

enum { TURN_MILLISECONDS = 50 };

/* Seconds between looks at who is too slow. */
static const double sweep_interval = .25;

static void on_connection(void *context, struct MHD_Connection *connection,
                          void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    http_server *server = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context =
            http_connection_open(&server->connections, connection);
    } else if (*socket_context != NULL) {
        http_connection_close(&server->connections, *socket_context);
        *socket_context = NULL;
    }
}

/* Random enough that two servers' request ids do not meet. */
static uint64_t some_number(const http_server *server)
{
    return cm_mix64((uint64_t)(cm_seconds() * 1e9)) ^
           cm_mix64((uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)server);
}

/* Its own timeout starts anew with every byte, and what clients do wrong is
 * theirs to know, not the log's: both are off. */
static cm_status start(http_server *server, cm_error *err)
{
    const cm_serve_limits *limits = server->shared->limits;
    /* Ours come first; this is the library's last line. */
    unsigned most = (unsigned)http_most_connections(limits->connections) + 1;
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        http_exchange_go_on, server, MHD_OPTION_LISTEN_SOCKET, server->listener,
        MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin, server,
        MHD_OPTION_NOTIFY_COMPLETED, http_exchange_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_CONNECTION_LIMIT, most, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        limits->header_bytes, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_END);
    if (server->daemon == NULL) {
        return cm_fail_errno(err, "the web server does not start");
    }
    return CM_OK;
}

cm_status http_server_new(http_server **out, http_shared *shared, int listener,
                          http_dispatch dispatch, http_observer observe,
                          void *context, cm_error *err)
{
    http_server *server = cm_alloc_zero(1, sizeof *server, err);
    *out = NULL;
    if (server == NULL) {
        return CM_ERR_NOMEM;
    }
    server->shared = shared;
    server->dispatch = dispatch;
    server->context = context;
    server->listener = listener;
    server->connections = (http_connections){
        .shared = shared, .observe = observe, .context = context};
    server->id_base = some_number(server);
    cm_status status = start(server, err);
    if (status != CM_OK) {
        http_server_free(server);
        return status;
    }
    *out = server;
    return CM_OK;
}

void http_server_free(http_server *server)
{
    if (server == NULL) {
        return;
    }
    http_asides_wait(server);
    if (server->daemon != NULL) {
        /* Else it would close the listener, which others use. */
        (void)MHD_quiesce_daemon(server->daemon);
        MHD_stop_daemon(server->daemon);
    }
    http_exchanges_release(server);
    cm_buf_release(&server->reply.body);
    cm_buf_release(&server->log);
    free(server);
}

void http_server_turn(http_server *server, int milliseconds)
{
    http_queue_next_turn(server);
    (void)MHD_run_wait(server->daemon, milliseconds);
    if (server->log.n > 0) {
        http_log_flush(server);
    }
}

/* Whether a client is connected whom nobody has accepted yet. */
static bool somebody_waits(const http_server *server)
{
    struct pollfd listener = {.fd = server->listener, .events = POLLIN};
    return poll(&listener, 1, 0) == 1 && (listener.revents & POLLIN) != 0;
}

/* Those who have connected are still served. */
static bool goes_on_taking(http_server *server)
{
    if (!atomic_load(&server->shared->stopped_taking) ||
        somebody_waits(server)) {
        return true;
    }
    (void)MHD_quiesce_daemon(server->daemon);
    return false;
}

void http_server_run(http_server *server)
{
    bool taking = true;
    double swept = cm_seconds();
    while (!atomic_load(&server->shared->abandon) &&
           (taking || server->connections.n > 0)) {
        http_server_turn(server, TURN_MILLISECONDS);
        taking = taking && goes_on_taking(server);
        double now = cm_seconds();
        if (now - swept >= sweep_interval) {
            swept = now;
            http_connections_sweep(&server->connections);
            http_log_flush(server);
        }
    }
    http_log_flush(server);
}
