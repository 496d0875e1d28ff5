/* The access log: a JSON object a request.  Lines of one turn of the loop are
 * handed over together. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/hash.h"
#include "base/log.h"
#include "codec/json.h"
#include "serving/http_exchange.h"

static bool is_id(const char *text)
{
    size_t n = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-");
    return n > 0 && n < HTTP_ID_TEXT && text[n] == '\0';
}

void http_request_id(http_server *server, const char *given,
                     char id[HTTP_ID_TEXT])
{
    if (given != NULL && is_id(given)) {
        memcpy(id, given, strlen(given) + 1);
    } else if (given != NULL || server->shared->access_log != NULL) {
        uint64_t number = cm_mix64(server->id_base + server->n_ids++);
        (void)snprintf(id, HTTP_ID_TEXT, "%016llx", (unsigned long long)number);
    } else {
        id[0] = '\0';
    }
}

static void put_time(cm_json_writer *w)
{
    char text[40];
    struct timeval now;
    struct tm utc;
    (void)gettimeofday(&now, NULL);
    (void)gmtime_r(&now.tv_sec, &utc);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(text + n, sizeof text - n, ".%06dZ", (int)now.tv_usec);
    cm_json_put_text(w, "time", text);
}

static void put_address(cm_json_writer *w, const struct sockaddr *address)
{
    char host[64] = "?";
    socklen_t size = address->sa_family == AF_INET6
                         ? sizeof(struct sockaddr_in6)
                         : sizeof(struct sockaddr_in);
    (void)getnameinfo(address, size, host, sizeof host, NULL, 0,
                      NI_NUMERICHOST);
    cm_json_put_text(w, "remote", host);
}

/* Which model spoke, where one did. */
static void put_model(cm_json_writer *w, const http_reply *reply)
{
    for (size_t i = 0; i < reply->n_headers; i++) {
        if (strcmp(reply->headers[i].name, HTTP_MODEL_VERSION) == 0) {
            cm_json_put_text(w, "model", reply->headers[i].value);
        }
    }
}

void http_log_request(http_server *server, const http_exchange *exchange,
                      const http_reply *reply)
{
    const http_request *request = &exchange->request;
    cm_json_writer w = cm_json_writer_of(&server->log, 0);
    cm_json_begin_object(&w, NULL);
    put_time(&w);
    cm_json_put_text(&w, "id", request->id);
    put_address(&w, exchange->connection->address);
    cm_json_put_text(&w, "method", http_method_names[request->method]);
    cm_json_put_text(&w, "path", request->path);
    cm_json_put_u64(&w, "status", reply->status);
    cm_json_put_u64(&w, "request_bytes", exchange->received);
    cm_json_put_double(&w, "seconds", cm_seconds() - request->started);
    put_model(&w, reply);
    cm_json_end_object(&w);
    cm_buf_addc(&server->log, '\n');
}

void http_log_flush(http_server *server)
{
    if (server->shared->access_log == NULL) {
        return;
    }
    if (server->log.failed) {
        cm_buf_release(&server->log);
    }
    line_sink_add(server->shared->access_log,
                  (cm_str){server->log.p, server->log.n});
    cm_buf_clear(&server->log);
}
