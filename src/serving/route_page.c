/* GET /, GET /docs and GET /assets/NAME: the page that shows the model, scores
 * a row and draws what the server does, and the one that shows the routes. They
 * ask no other host for anything, and the browser is told to hold them to
 * that. */
#include <string.h>

#include "monitoring/metrics.h"
#include "serving/page_files.h"
#include "serving/routes.h"

#define ASSETS "/assets/"
#define POLICY                                                 \
    "default-src 'self'; object-src 'none'; base-uri 'none'; " \
    "form-action 'self'; frame-ancestors 'none'"

_Static_assert(sizeof POLICY <= HTTP_HEADER_TEXT, "a header would be cut");

/* Whether the asker has these bytes.  A proxy may have made the tag weak. */
static bool is_known(const http_request *request, const char *etag)
{
    const char *known = http_header(request, "If-None-Match");
    return known != NULL &&
           (strcmp(known, "*") == 0 || strstr(known, etag) != NULL);
}

/* no-cache: kept, but asked for each time whether it is still the same, so
 * that a new program's page is never mixed from two versions. */
static void send_file(const page_file *file, const http_request *request,
                      http_reply *reply)
{
    char etag[PAGE_ETAG];
    bool compressed = cm_accepts_gzip(http_header(request, "Accept-Encoding"));
    page_file_etag(file, compressed, etag);
    http_reply_header(reply, "ETag", etag);
    http_reply_header(reply, "Cache-Control", "no-cache");
    http_reply_header(reply, "Vary", "Accept-Encoding");
    http_reply_header(reply, "Content-Security-Policy", POLICY);
    http_reply_header(reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(reply, "Referrer-Policy", "no-referrer");
    reply->content_type = file->content_type;
    if (is_known(request, etag)) {
        reply->status = 304;
        return;
    }
    reply->fixed = page_file_bytes(file, compressed);
    if (compressed) {
        http_reply_header(reply, "Content-Encoding", "gzip");
    }
}

void route_page(server_thread *thread, const http_request *request,
                http_reply *reply)
{
    (void)thread;
    send_file(page_file_find("index.html"), request, reply);
}

void route_docs(server_thread *thread, const http_request *request,
                http_reply *reply)
{
    (void)thread;
    send_file(page_file_find("docs.html"), request, reply);
}

void route_asset(server_thread *thread, const http_request *request,
                 http_reply *reply)
{
    (void)thread;
    const page_file *file = page_file_find(request->path + strlen(ASSETS));
    if (file == NULL) {
        http_reply_detail(reply, 404, "Not Found");
    } else {
        send_file(file, request, reply);
    }
}
