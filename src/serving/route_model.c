/* GET /model: the model that speaks, its metrics and example rows. */
#include "serving/server_thread.h"

void route_model(server_thread *thread, const http_request *request,
                 http_reply *reply)
{
    (void)request;
    if (!server_thread_model(thread, reply)) {
        return;
    }
    const cm_buf *told = &thread->model->told;
    cm_buf_add(&reply->body, told->p, told->n);
    http_reply_header(reply, "Cache-Control", "no-store");
}
