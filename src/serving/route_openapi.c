/* GET /openapi.json: the routes as OpenAPI, with examples of the model that
 * speaks. */
#include "serving/openapi.h"
#include "serving/server_thread.h"

void route_openapi(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    (void)request;
    const server *of = thread->server;
    cm_error err = {0};
    served_model *model = live_model_acquire(of->live);
    cm_status status =
        openapi_write(model != NULL ? model->bundle : NULL,
                      of->options->model_name, &reply->body, &err);
    served_model_release(model);
    if (status != CM_OK) {
        http_reply_detail(reply, 503, "%s", err.message);
    }
    http_reply_header(reply, "Cache-Control", "no-cache");
}
