/* Is it alive, is it ready, is it well?  /livez speaks of the process alone, so
 * that nobody restarts a server for want of a model. */
#include "serving/server_thread.h"

static bool has_model(const server *of)
{
    return live_model_generation(of->live) != 0;
}

const char *server_not_ready(const server *of)
{
    return atomic_load(&of->http.draining) ? "The server is stopping."
           : !has_model(of)                ? "No model is loaded."
                                           : NULL;
}

static void say_ok(http_reply *reply)
{
    reply->fixed = CM_STR("{\"status\":\"ok\"}");
}

void route_livez(server_thread *thread, const http_request *request,
                 http_reply *reply)
{
    (void)thread;
    (void)request;
    say_ok(reply);
}

void route_readyz(server_thread *thread, const http_request *request,
                  http_reply *reply)
{
    (void)request;
    const char *reason = server_not_ready(thread->server);
    if (reason == NULL) {
        say_ok(reply);
    } else {
        http_reply_detail(reply, 503, "%s", reason);
    }
}

void route_ping(server_thread *thread, const http_request *request,
                http_reply *reply)
{
    route_readyz(thread, request, reply);
}

void route_health(server_thread *thread, const http_request *request,
                  http_reply *reply)
{
    (void)request;
    char reason[1024];
    if (has_model(thread->server)) {
        say_ok(reply);
    } else {
        live_model_reason(thread->server->live, reason);
        http_reply_detail(reply, 400, "No model is loaded: %s",
                          reason[0] != '\0' ? reason
                                            : "the first is on its way");
    }
}
