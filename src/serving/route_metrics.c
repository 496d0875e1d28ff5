/* GET /metrics: what Prometheus scrapes.  docs/metrics.md tells it to users. */
#include <zlib.h>

#include "serving/server_thread.h"

/* Names that one scrape may ask for. */
enum { MAX_NAMES = 64 };

/* text as gzip, in *out; false: no memory. */
static bool compress_text(cm_str text, cm_buf *out)
{
    enum { GZIP_WINDOW = 15 + 16, MEMORY = 8 };
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text.p,
                  .avail_in = (uInt)text.n};
    unsigned char piece[4096];
    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return false;
    }
    int code = Z_OK;
    while (code == Z_OK) {
        z.next_out = piece;
        z.avail_out = sizeof piece;
        code = deflate(&z, Z_FINISH);
        cm_buf_add(out, piece, sizeof piece - z.avail_out);
    }
    deflateEnd(&z);
    return code == Z_STREAM_END && !out->failed;
}

/* Without memory to compress, the body stays as it is. */
static void compress_body(http_reply *reply)
{
    cm_buf packed = {0};
    if (compress_text((cm_str){reply->body.p, reply->body.n}, &packed)) {
        cm_buf_clear(&reply->body);
        cm_buf_add(&reply->body, packed.p, packed.n);
        http_reply_header(reply, "Content-Encoding", "gzip");
    }
    cm_buf_release(&packed);
}

void route_metrics(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    server *of = thread->server;
    cm_str names[MAX_NAMES + 1];
    size_t n = http_query_all(request, "name[]", names, MAX_NAMES + 1);
    if (n > MAX_NAMES) {
        http_reply_detail(reply, 400, "more than %d name[] in the query",
                          MAX_NAMES);
        return;
    }
    cm_exposition format = cm_exposition_of(request->accept);
    cm_registry_set(of->metrics, CM_METRIC_connections, 0,
                    (double)atomic_load(&of->http.connections));
    cm_registry_format(of->metrics, format, names, n, &reply->body);
    reply->content_type = cm_exposition_content_type(format);
    http_reply_header(reply, "Vary", "Accept, Accept-Encoding");
    if (cm_accepts_gzip(http_header(request, "Accept-Encoding"))) {
        compress_body(reply);
    }
}
