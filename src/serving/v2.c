/* Open Inference Protocol v2: its errors, and which model a path means. */
#include "serving/v2.h"

#include <stdarg.h>
#include <stdio.h>

#include "codec/json.h"

/* ---- errors ------------------------------------------------------------- */

static void put_error(http_reply *reply, cm_str text)
{
    cm_json_writer w = cm_json_writer_of(&reply->body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_str(&w, "error", text);
    cm_json_end_object(&w);
}

void v2_error(http_reply *reply, unsigned status, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    reply->status = status;
    cm_buf_clear(&reply->body);
    put_error(reply, cm_str_of(text));
}

/* FastAPI's {"detail": text}, which this server has written. */
static bool take_detail(cm_buf *text, const http_reply *reply)
{
    json_t *answer = NULL;
    cm_str body = {reply->body.p, reply->body.n};
    bool parsed = cm_json_parse(&answer, body, "answer", NULL) == CM_OK;
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    if (detail != NULL) {
        cm_buf_adds(text, detail);
    }
    json_decref(answer);
    return parsed && detail != NULL && !text->failed;
}

void v2_error_of_reply(const server_thread *thread, http_reply *reply)
{
    cm_buf text = {0};
    if (reply->status == 422) {
        const cm_buf *all = &thread->problems.text;
        reply->status = 400;
        cm_buf_clear(&reply->body);
        put_error(reply, (cm_str){all->p, all->n});
    } else if (take_detail(&text, reply)) {
        cm_buf_clear(&reply->body);
        put_error(reply, (cm_str){text.p, text.n});
    } else {
        v2_error(reply, 503, "The server is out of memory.");
    }
    cm_buf_release(&text);
}

/* ---- the model ---------------------------------------------------------- */

static bool is_version(const http_request *request, const char *version)
{
    return !cm_str_is(route_part(request->path, 3), "versions") ||
           cm_str_is(route_part(request->path, 4), version);
}

bool v2_take_model(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    const char *name = thread->server->options->model_name;
    cm_str asked = route_part(request->path, 2);
    if (!cm_str_is(asked, name)) {
        v2_error(reply, 404, "There is no model \"%.*s\"; there is \"%s\".",
                 (int)(asked.n < 100 ? asked.n : 100), asked.p, name);
        return false;
    }
    if (!server_thread_model(thread, reply)) {
        v2_error_of_reply(thread, reply);
        return false;
    }
    const char *version = cm_bundle_version(thread->model->bundle);
    if (!is_version(request, version)) {
        v2_error(reply, 404, "Model \"%s\" is served in version %s alone.",
                 name, version);
        return false;
    }
    return true;
}
