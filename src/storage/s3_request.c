/* One request of S3: address, signature, answer. */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/hash.h"
#include "storage/s3.h"
#include "storage/s3_xml.h"
#include "storage/sigv4.h"

static const char hash_of_nothing[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/* A request between our shape and HTTP's. */
typedef struct outgoing {
    const s3_place *place;
    s3_call *call;
    cm_buf path, url;
    char payload_hash[CM_SHA256_HEX];
    sigv4_signed signature;
} outgoing;

void s3_call_release(s3_call *call)
{
    cm_http_reply_release(&call->reply);
}

bool s3_is_success(const s3_call *call)
{
    return call->reply.status / 100 == 2;
}

/* A file is not hashed for the signature: its Content-MD5 is signed, and says
 * what must arrive. */
static cm_status hash_payload(outgoing *out, cm_error *err)
{
    const s3_call *call = out->call;
    if (call->file > 0) {
        (void)snprintf(out->payload_hash, sizeof out->payload_hash,
                       "UNSIGNED-PAYLOAD");
        return CM_OK;
    }
    if (call->body.n == 0) {
        memcpy(out->payload_hash, hash_of_nothing, sizeof hash_of_nothing);
        return CM_OK;
    }
    return cm_sha256(out->payload_hash, call->body.p, call->body.n, err);
}

static cm_status make_url(outgoing *out, cm_error *err)
{
    const s3_call *call = out->call;
    cm_buf_adds(&out->path, out->place->root);
    if (call->key != NULL) {
        cm_buf_addc(&out->path, '/');
        cm_url_encode(&out->path, cm_str_of(out->place->prefix), true);
        cm_url_encode(&out->path, cm_str_of(call->key), true);
    } else if (out->place->root[0] == '\0') {
        cm_buf_addc(&out->path, '/');
    }
    cm_status status = cm_buf_check(&out->path, err);
    if (status != CM_OK) {
        return status;
    }
    cm_buf_addf(&out->url, "%s%s", out->place->origin, out->path.p);
    if (call->query != NULL) {
        cm_buf_addf(&out->url, "?%s", call->query);
    }
    return cm_buf_check(&out->url, err);
}

static cm_status sign(outgoing *out, cm_http_call *http, cm_error *err)
{
    const s3_access *access = &out->place->access;
    const s3_call *call = out->call;
    if (access->access_key_id == NULL) {
        return CM_OK;
    }
    sigv4_key key = {access->access_key_id, access->secret_access_key,
                     access->session_token, access->region, "s3"};
    sigv4_request request = {.method = call->method,
                             .host = out->place->host,
                             .path = out->path.p,
                             .query = call->query == NULL ? "" : call->query,
                             .payload_hash = out->payload_hash,
                             .now = time(NULL) + out->place->clock_ahead};
    cm_status status = sigv4_sign(&out->signature, &key, &request, call->extra,
                                  call->n_extra, err);
    for (size_t i = 0; i < out->signature.n && status == CM_OK; i++) {
        http->headers[http->n_headers++] = out->signature.headers[i];
    }
    return status;
}

static cm_status prepare(void *context, cm_http_call *http, cm_error *err)
{
    outgoing *out = context;
    s3_call *call = out->call;
    if (call->restart != NULL) {
        cm_status status = call->restart(call->context, call, err);
        if (status != CM_OK) {
            return status;
        }
    }
    http->n_headers = 0;
    http->headers[http->n_headers++] =
        (cm_http_header){"Host", out->place->host};
    for (size_t i = 0; i < call->n_extra; i++) {
        http->headers[http->n_headers++] = call->extra[i];
    }
    return sign(out, http, err);
}

static cm_status take(void *context, const void *bytes, size_t n, cm_error *err)
{
    const outgoing *out = context;
    return out->call->take(out->call->context, bytes, n, err);
}

/* Refusals of what the network did to a request, though the status says that it
 * is the client's fault. */
static bool is_passing(const s3_call *call)
{
    return call->reply.status == 400 && (s3_has_code(call, "RequestTimeout") ||
                                         s3_has_code(call, "BadDigest"));
}

static cm_status run(cm_storage_session *session, outgoing *out, cm_error *err)
{
    s3_call *call = out->call;
    cm_http_call http = {.method = call->method,
                         .url = out->url.p,
                         .body = call->body,
                         .file = call->file,
                         .offset = call->offset,
                         .length = call->length,
                         .take = call->take == NULL ? NULL : take,
                         .prepare = prepare,
                         .context = out,
                         .max_reply = call->max_reply};
    cm_status status = cm_http_run(session->way, &http, &call->reply, err);
    if (status == CM_OK && is_passing(call)) {
        status = cm_http_run(session->way, &http, &call->reply, err);
    }
    return status;
}

cm_status s3_run(cm_storage_session *session, s3_call *call, cm_error *err)
{
    outgoing out = {.place = session->storage->place, .call = call};
    cm_status status = make_url(&out, err);
    if (status == CM_OK) {
        status = hash_payload(&out, err);
    }
    if (status == CM_OK) {
        status = run(session, &out, err);
    }
    cm_buf_release(&out.path);
    cm_buf_release(&out.url);
    return status;
}

cm_status s3_demand(cm_storage_session *session, s3_call *call, cm_error *err)
{
    cm_status status = s3_run(session, call, err);
    return status != CM_OK || s3_is_success(call) ? status
                                                  : s3_fail(session, call, err);
}

bool s3_has_code(const s3_call *call, const char *code)
{
    cm_buf found = {0};
    const cm_buf *body = &call->reply.body;
    bool same = s3_xml_find((cm_str){body->p, body->n}, "Code", &found) &&
                cm_str_is((cm_str){found.p, found.n}, code);
    cm_buf_release(&found);
    return same;
}

void s3_etag(const s3_call *call, char out[S3_ETAG])
{
    cm_str etag = cm_http_reply_header(&call->reply, "ETag");
    if (etag.n >= 2 && etag.p[0] == '"' && etag.p[etag.n - 1] == '"') {
        etag = (cm_str){etag.p + 1, etag.n - 2};
    }
    size_t n = etag.n < S3_ETAG ? etag.n : 0;
    memcpy(out, etag.p, n);
    out[n] = '\0';
}

static unsigned nibble(char c)
{
    return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

void s3_content_md5(char out[S3_CONTENT_MD5], const char *md5)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[18] = {0}; /* 16, and what base64 fills up with */
    for (size_t i = 0; i < 16; i++) {
        bytes[i] = (uint8_t)(nibble(md5[2 * i]) << 4 | nibble(md5[2 * i + 1]));
    }
    for (size_t i = 0; i < 6; i++) {
        uint32_t three = (uint32_t)bytes[3 * i] << 16 |
                         (uint32_t)bytes[3 * i + 1] << 8 | bytes[3 * i + 2];
        for (size_t j = 0; j < 4; j++) {
            out[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
        }
    }
    out[22] = out[23] = '=';
    out[24] = '\0';
}
