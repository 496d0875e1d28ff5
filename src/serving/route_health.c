/* Is it alive, is it ready, is it well?  /livez speaks of the process alone, so
 * that nobody restarts a server for want of a model. */
#include "serving/server_thread.h"

static bool is_draining(const server_thread *thread)
{
    return atomic_load(&thread->server->http.draining);
}

static bool has_model(const server_thread *thread)
{
    return live_model_generation(thread->server->live) != 0;
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
    if (is_draining(thread)) {
        http_reply_detail(reply, 503, "The server is stopping.");
    } else if (!has_model(thread)) {
        http_reply_detail(reply, 503, "No model is loaded.");
    } else {
        say_ok(reply);
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
    if (has_model(thread)) {
        say_ok(reply);
    } else {
        live_model_reason(thread->server->live, reason);
        http_reply_detail(reply, 400, "No model is loaded: %s", reason);
    }
}
