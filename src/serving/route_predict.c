/* POST /predict: rows in, probabilities out. */
#include <string.h>
#include <strings.h>

#include "serving/route_rows.h"

/* The media type without its parameters. */
static bool type_is(const char *type, const char *wanted)
{
    size_t n = strcspn(type, "; \t");
    return n == strlen(wanted) && strncasecmp(type, wanted, n) == 0;
}

/* "application/vnd.x+json" */
static bool is_json_kind(const char *type)
{
    size_t n = strcspn(type, "; \t");
    return n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0;
}

/* curl -d says that it sends a form, whatever it sends. */
static bool is_json(const char *type)
{
    return type == NULL || strcmp(type, "application/json") == 0 ||
           type_is(type, "application/json") || is_json_kind(type) ||
           type_is(type, "text/json") ||
           type_is(type, "application/x-www-form-urlencoded");
}

bool route_rows_format(const http_request *request, rows_format json,
                       rows_format *format, http_reply *reply)
{
    const char *type = request->content_type;
    if (is_json(type)) {
        *format = json;
        return true;
    }
    if (type_is(type, "text/csv")) {
        *format = ROWS_CSV;
        return true;
    }
    http_reply_detail(reply, 415,
                      "Unsupported Media Type: expected application/json or "
                      "text/csv");
    return false;
}

bool route_takes_json(const http_request *request, http_reply *reply)
{
    if (!is_json(request->content_type)) {
        http_reply_detail(reply, 415,
                          "Unsupported Media Type: expected application/json");
        return false;
    }
    return true;
}

bool route_wants_csv(const http_request *request)
{
    return request->accept != NULL &&
           strncasecmp(request->accept, "text/csv", 8) == 0;
}

void route_predict(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    const cm_serve_options *options = thread->server->options;
    rows_format format = ROWS_JSON;
    rows read;
    if (!route_rows_format(request, ROWS_JSON, &format, reply) ||
        !server_thread_score(thread, request, format, &read, reply)) {
        return;
    }
    if (route_wants_csv(request)) {
        reply->content_type = "text/csv; charset=utf-8";
        rows_write_csv(&read, options->echo_column, thread->probabilities,
                       options->precision, &reply->body);
    } else {
        rows_write_answer(&read, options->echo_column, thread->probabilities,
                          options->precision, &reply->body);
    }
}
