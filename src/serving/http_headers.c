/* What every request's headers are asked for, found in one pass; and whether
 * they leave no doubt whom the request is for and where its body ends.  Two
 * servers that disagree about that end let a client smuggle one request inside
 * another, so whatever could be read in two ways is refused (RFC 9112, 3.2,
 * 6.3 and 11.2). */
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "serving/http_exchange.h"

typedef struct known_headers {
    const char *content_type, *content_length, *request_id, *encoding, *expect;
    const char *accept;
    unsigned n_lengths, n_encodings, n_hosts;
    bool odd_name; /* blank before the colon: another server may skip it */
} known_headers;

static enum MHD_Result note_header(void *context, enum MHD_ValueKind kind,
                                   const char *name, size_t n_name,
                                   const char *value, size_t n_value)
{
    (void)kind;
    (void)n_value;
    known_headers *known = context;
    if (n_name == 12 && strcasecmp(name, "Content-Type") == 0) {
        known->content_type = value;
    } else if (n_name == 14 && strcasecmp(name, "Content-Length") == 0) {
        known->content_length = value;
        known->n_lengths++;
    } else if (n_name == 12 && strcasecmp(name, "X-Request-ID") == 0) {
        known->request_id = value;
    } else if (n_name == 17 && strcasecmp(name, "Transfer-Encoding") == 0) {
        known->encoding = value;
        known->n_encodings++;
    } else if (n_name == 4 && strcasecmp(name, "Host") == 0) {
        known->n_hosts++;
    } else if (n_name == 6 && strcasecmp(name, "Expect") == 0) {
        known->expect = value;
    } else if (n_name == 6 && strcasecmp(name, "Accept") == 0) {
        known->accept = value;
    } else if (n_name == 0 || name[n_name - 1] == ' ' ||
               name[n_name - 1] == '\t') {
        known->odd_name = true;
    }
    return MHD_YES;
}

static http_method method_of(const char *method)
{
    for (int i = 0; i < HTTP_OTHER; i++) {
        if (strcmp(method, http_method_names[i]) == 0) {
            return (http_method)i;
        }
    }
    return HTTP_OTHER;
}

static bool is_ambiguous(const known_headers *known, const char *version)
{
    bool is_1_1 = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    if (known->odd_name || known->n_lengths + known->n_encodings > 1 ||
        known->n_hosts > 1 || (known->n_hosts == 0 && is_1_1)) {
        return true;
    }
    return known->n_encodings == 1 &&
           (strcasecmp(known->encoding, "chunked") != 0 || !is_1_1);
}

void http_headers_read(http_server *server, http_exchange *x,
                       const char *method, const char *version)
{
    known_headers known = {0};
    (void)MHD_get_connection_values_n(x->request.connection, MHD_HEADER_KIND,
                                      note_header, &known);
    x->has_headers = true;
    x->request.method = method_of(method);
    x->request.content_type = known.content_type;
    x->request.accept = known.accept;
    http_request_id(server, known.request_id, x->id);
    x->request.id = x->id;
    x->expects_waiting =
        known.expect != NULL && strcasecmp(known.expect, "100-continue") == 0;
    x->length = 0;
    if (is_ambiguous(&known, version)) {
        x->request.refusal = HTTP_MALFORMED;
    } else if (known.content_length != NULL &&
               (!cm_parse_u64(cm_str_of(known.content_length), &x->length) ||
                x->length > server->shared->limits->body_bytes)) {
        x->request.refusal = HTTP_TOO_LARGE;
    }
    x->has_body = known.n_encodings > 0 || x->length > 0;
}
