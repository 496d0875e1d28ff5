/* GET /v2…: what Open Inference Protocol v2 says of the server and its model.
 */
#include "codec/json.h"
#include "score/score.h"
#include "serving/v2.h"

void route_v2_server(server_thread *thread, const http_request *request,
                     http_reply *reply)
{
    (void)thread;
    (void)request;
    reply->fixed = CM_STR("{\"name\":\"clickmill\",\"version\":\"" CM_VERSION
                          "\",\"extensions\":[]}");
}

void route_v2_live(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    (void)thread;
    (void)request;
    reply->fixed = CM_STR("{\"live\":true}");
}

/* False: reply has the 503. */
static bool is_ready(const server_thread *thread, http_reply *reply)
{
    const char *reason = server_not_ready(thread->server);
    if (reason != NULL) {
        v2_error(reply, 503, "%s", reason);
    }
    return reason == NULL;
}

void route_v2_ready(server_thread *thread, const http_request *request,
                    http_reply *reply)
{
    (void)request;
    if (is_ready(thread, reply)) {
        reply->fixed = CM_STR("{\"ready\":true}");
    }
}

void route_v2_model_ready(server_thread *thread, const http_request *request,
                          http_reply *reply)
{
    if (!v2_take_model(thread, request, reply) || !is_ready(thread, reply)) {
        return;
    }
    cm_json_writer w = cm_json_writer_of(&reply->body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "name", thread->server->options->model_name);
    cm_json_put_bool(&w, "ready", true);
    cm_json_end_object(&w);
}

/* A tensor of as many elements as there are rows. */
static void put_tensor(cm_json_writer *w, const char *name, const char *type)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "name", name);
    cm_json_put_text(w, "datatype", type);
    cm_json_put_raw(w, "shape", CM_STR("[-1]"));
    cm_json_end_object(w);
}

void route_v2_model(server_thread *thread, const http_request *request,
                    http_reply *reply)
{
    if (!v2_take_model(thread, request, reply)) {
        return;
    }
    const cm_bundle *bundle = thread->model->bundle;
    cm_json_writer w = cm_json_writer_of(&reply->body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "name", thread->server->options->model_name);
    cm_json_begin_array(&w, "versions");
    cm_json_put_text(&w, NULL, cm_bundle_version(bundle));
    cm_json_end_array(&w);
    cm_json_put_text(&w, "platform", "clickmill");
    cm_json_begin_array(&w, "inputs");
    for (size_t i = 0; i < cm_score_n_columns(bundle); i++) {
        put_tensor(&w, cm_score_columns(bundle)[i], "BYTES");
    }
    cm_json_end_array(&w);
    cm_json_begin_array(&w, "outputs");
    put_tensor(&w, "click_proba", "FP64");
    cm_json_end_array(&w);
    cm_json_end_object(&w);
}
