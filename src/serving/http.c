/* Requests and replies: what routes read of the one and write of the other. */
#include "serving/http.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "codec/json.h"

const char *const http_method_names[N_HTTP_METHODS] = {"GET", "HEAD", "POST",
                                                       "other"};

const char *http_header(const http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                       name);
}

const char *http_query(const http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection,
                                       MHD_GET_ARGUMENT_KIND, name);
}

typedef struct query_values {
    const char *name;
    cm_str *values;
    size_t n, max;
} query_values;

static enum MHD_Result note_value(void *context, enum MHD_ValueKind kind,
                                  const char *name, const char *value)
{
    (void)kind;
    query_values *found = context;
    if (found->n < found->max && strcmp(name, found->name) == 0) {
        found->values[found->n++] = cm_str_of(value != NULL ? value : "");
    }
    return MHD_YES;
}

size_t http_query_all(const http_request *request, const char *name,
                      cm_str *values, size_t max)
{
    query_values found = {.name = name, .values = values, .max = max};
    (void)MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND,
                                    note_value, &found);
    return found.n;
}

void http_reply_reset(http_reply *reply)
{
    reply->status = 200;
    reply->content_type = "application/json";
    reply->fixed = (cm_str){0};
    reply->n_headers = 0;
    reply->later = false;
    cm_buf_clear(&reply->body);
}

void http_reply_header(http_reply *reply, const char *name, const char *value)
{
    size_t i = 0;
    while (i < reply->n_headers && strcmp(reply->headers[i].name, name) != 0) {
        i++;
    }
    if (i < HTTP_MAX_HEADERS) {
        http_reply_field *field = &reply->headers[i];
        size_t n = strnlen(value, HTTP_HEADER_TEXT - 1);
        field->name = name;
        memcpy(field->value, value, n);
        field->value[n] = '\0';
        reply->n_headers += i == reply->n_headers;
    }
}

void http_reply_detail(http_reply *reply, unsigned status, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    reply->status = status;
    cm_buf_clear(&reply->body);
    cm_buf_adds(&reply->body, "{\"detail\":");
    cm_json_quote(&reply->body, cm_str_of(n < 0 ? "" : text));
    cm_buf_addc(&reply->body, '}');
}
