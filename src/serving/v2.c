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

/* "inputs.hour.0: Value error, …" */
static void add_problem(cm_buf *text, const json_t *problem)
{
    const json_t *loc = json_object_get(problem, "loc");
    for (size_t i = 1; i < json_array_size(loc); i++) { /* 0: "body" */
        const json_t *part = json_array_get(loc, i);
        cm_buf_adds(text, i == 1 ? "" : ".");
        if (json_is_string(part)) {
            cm_buf_adds(text, json_string_value(part));
        } else {
            cm_buf_addf(text, "%lld", (long long)json_integer_value(part));
        }
    }
    cm_buf_adds(text, json_array_size(loc) > 1 ? ": " : "");
    cm_buf_adds(text, json_string_value(json_object_get(problem, "msg")));
    const char *why = json_string_value(
        json_object_get(json_object_get(problem, "ctx"), "error"));
    if (why != NULL) {
        cm_buf_addf(text, " (%s)", why);
    }
}

static void add_detail(cm_buf *text, const json_t *detail)
{
    if (json_is_string(detail)) {
        cm_buf_adds(text, json_string_value(detail));
    }
    for (size_t i = 0; i < json_array_size(detail); i++) {
        cm_buf_adds(text, i == 0 ? "" : "; ");
        add_problem(text, json_array_get(detail, i));
    }
}

void v2_error_of_detail(http_reply *reply)
{
    json_t *answer = NULL;
    cm_buf text = {0};
    cm_status status = cm_json_parse(
        &answer, (cm_str){reply->body.p, reply->body.n}, "answer", NULL);
    if (status == CM_OK) {
        add_detail(&text, json_object_get(answer, "detail"));
    }
    if (status == CM_OK && !text.failed) {
        reply->status = reply->status == 422 ? 400 : reply->status;
        cm_buf_clear(&reply->body);
        put_error(reply, (cm_str){text.p, text.n});
    } else {
        v2_error(reply, 503, "The server is out of memory.");
    }
    json_decref(answer);
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
        v2_error_of_detail(reply);
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
