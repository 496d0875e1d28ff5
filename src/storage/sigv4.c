/* AWS Signature Version 4, as its documentation says: a canonical text of the
 * request is hashed, and the hash signed with a key made of the secret, the
 * day, the region and the service. */
#include "storage/sigv4.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/mem.h"

enum {
    HMAC_BYTES = 32,
    DATE_TEXT = 17, /* 20130524T000000Z */
    DAY_DIGITS = 8,
    MAX_PARAMETERS = 16,
    MAX_SIGNED = CM_HTTP_MAX_HEADERS + 4
};

typedef struct hmac {
    unsigned char bytes[HMAC_BYTES];
} hmac;

/* What is being signed.  Texts grow in the buffers. */
typedef struct signing {
    const sigv4_key *key;
    const sigv4_request *request;
    const cm_http_header *headers[MAX_SIGNED]; /* sorted by name */
    size_t n_headers;
    char date[DATE_TEXT];
    cm_buf names;     /* "host;x-amz-date" */
    cm_buf canonical; /* the request */
    cm_buf scope;     /* 20130524/us-east-1/s3/aws4_request */
} signing;

static bool hmac_of(hmac *out, const void *key, size_t key_size, cm_str text)
{
    unsigned n = 0;
    return HMAC(EVP_sha256(), key, (int)key_size, (const unsigned char *)text.p,
                text.n, out->bytes, &n) != NULL &&
           n == HMAC_BYTES;
}

/* ---- the canonical request ---------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return cm_str_compare(*(const cm_str *)a, *(const cm_str *)b);
}

static cm_str name_of(cm_str parameter)
{
    const char *sign =
        parameter.n == 0 ? NULL : memchr(parameter.p, '=', parameter.n);
    return (cm_str){parameter.p,
                    sign == NULL ? parameter.n : (size_t)(sign - parameter.p)};
}

/* By name, then by value: "a-b=1" comes after "a=2", which the texts as a whole
 * would not give. */
static int by_name(const void *a, const void *b)
{
    int order = cm_str_compare(name_of(*(const cm_str *)a),
                               name_of(*(const cm_str *)b));
    return order != 0 ? order : by_text(a, b);
}

static cm_status add_query(signing *s, cm_error *err)
{
    cm_str parameters[MAX_PARAMETERS];
    size_t n = 0;
    const char *at = s->request->query;
    while (*at != '\0') {
        size_t length = strcspn(at, "&");
        if (n == MAX_PARAMETERS) {
            return cm_fail(err, CM_ERR_UNSUPPORTED,
                           "more than %d parameters in a query to be signed",
                           MAX_PARAMETERS);
        }
        parameters[n++] = (cm_str){at, length};
        at += length + (at[length] == '&');
    }
    qsort(parameters, n, sizeof *parameters, by_name);
    for (size_t i = 0; i < n; i++) {
        cm_buf_adds(&s->canonical, i == 0 ? "" : "&");
        cm_buf_add(&s->canonical, parameters[i].p, parameters[i].n);
        bool has_value = name_of(parameters[i]).n < parameters[i].n;
        cm_buf_adds(&s->canonical, has_value ? "" : "=");
    }
    return CM_OK;
}

static int by_header_name(const void *a, const void *b)
{
    return strcasecmp((*(const cm_http_header *const *)a)->name,
                      (*(const cm_http_header *const *)b)->name);
}

static void add_lower(cm_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        cm_buf_addc(out, (char)tolower((unsigned char)*text));
    }
}

/* Without blanks at the ends, and one where there were several. */
static void add_trimmed(cm_buf *out, const char *text)
{
    cm_str value = cm_str_trim(cm_str_of(text));
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != ' ' || value.p[i - 1] != ' ') {
            cm_buf_addc(out, value.p[i]);
        }
    }
}

static void add_headers(signing *s)
{
    for (size_t i = 0; i < s->n_headers; i++) {
        const cm_http_header *header = s->headers[i];
        add_lower(&s->canonical, header->name);
        cm_buf_addc(&s->canonical, ':');
        add_trimmed(&s->canonical, header->value);
        cm_buf_addc(&s->canonical, '\n');
        cm_buf_adds(&s->names, i == 0 ? "" : ";");
        add_lower(&s->names, header->name);
    }
    cm_buf_addc(&s->canonical, '\n');
    cm_buf_add(&s->canonical, s->names.p, s->names.n);
}

static cm_status make_canonical(signing *s, cm_error *err)
{
    const sigv4_request *request = s->request;
    cm_buf_addf(&s->canonical, "%s\n%s\n", request->method, request->path);
    cm_status status = add_query(s, err);
    if (status != CM_OK) {
        return status;
    }
    cm_buf_addc(&s->canonical, '\n');
    add_headers(s);
    cm_buf_addf(&s->canonical, "\n%s", request->payload_hash);
    return cm_buf_check(&s->canonical, err);
}

/* ---- the signature ------------------------------------------------------ */

static cm_status make_signature(signing *s, char out[CM_SHA256_HEX],
                                cm_error *err)
{
    char canonical[CM_SHA256_HEX];
    hmac h;
    cm_buf start = {0}, text = {0};
    cm_status status =
        cm_sha256(canonical, s->canonical.p, s->canonical.n, err);
    if (status != CM_OK) {
        return status;
    }
    cm_buf_addf(&start, "AWS4%s", s->key->secret_access_key);
    cm_buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", s->date,
                s->scope.p == NULL ? "" : s->scope.p, canonical);
    bool made = !start.failed && !text.failed &&
                hmac_of(&h, start.p, start.n, (cm_str){s->date, DAY_DIGITS}) &&
                hmac_of(&h, h.bytes, HMAC_BYTES, cm_str_of(s->key->region)) &&
                hmac_of(&h, h.bytes, HMAC_BYTES, cm_str_of(s->key->service)) &&
                hmac_of(&h, h.bytes, HMAC_BYTES, CM_STR("aws4_request")) &&
                hmac_of(&h, h.bytes, HMAC_BYTES, (cm_str){text.p, text.n});
    if (made) {
        cm_hex(out, h.bytes, HMAC_BYTES);
    }
    if (start.p != NULL) {
        explicit_bzero(start.p, start.n);
    }
    cm_buf_release(&start);
    cm_buf_release(&text);
    return made ? CM_OK : cm_fail(err, CM_ERR_NOMEM, "cannot sign a request");
}

/* S3 alone wants the hash of the payload as a header. */
static bool names_payload(const sigv4_key *key)
{
    return strcmp(key->service, "s3") == 0;
}

static bool put_text(sigv4_signed *out, size_t *used, const char *name,
                     const char *value)
{
    size_t n = strlen(value) + 1;
    if (n > SIGV4_TEXT - *used) {
        return false;
    }
    memcpy(out->text + *used, value, n);
    out->headers[out->n++] = (cm_http_header){name, out->text + *used};
    *used += n;
    return true;
}

static cm_status put_headers(sigv4_signed *out, const signing *s,
                             const char *signature, cm_error *err)
{
    cm_buf authorization = {0};
    size_t used = 0;
    out->n = 0;
    cm_buf_addf(&authorization,
                "AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,"
                "Signature=%s",
                s->key->access_key_id, s->scope.p, s->names.p, signature);
    cm_status status = cm_buf_check(&authorization, err);
    if (status != CM_OK) {
        return status;
    }
    bool fits =
        put_text(out, &used, "Authorization", authorization.p) &&
        put_text(out, &used, "x-amz-date", s->date) &&
        (!names_payload(s->key) || put_text(out, &used, "x-amz-content-sha256",
                                            s->request->payload_hash));
    cm_buf_release(&authorization);
    if (s->key->session_token != NULL) {
        out->headers[out->n++] =
            (cm_http_header){"x-amz-security-token", s->key->session_token};
    }
    return fits ? CM_OK
                : cm_fail(err, CM_ERR_DATA,
                          "the access key id or the region is too long");
}

static cm_status sign(sigv4_signed *out, signing *s, cm_error *err)
{
    char signature[CM_SHA256_HEX];
    cm_buf_addf(&s->scope, "%.*s/%s/%s/aws4_request", DAY_DIGITS, s->date,
                s->key->region, s->key->service);
    qsort(s->headers, s->n_headers, sizeof *s->headers, by_header_name);
    cm_status status = make_canonical(s, err);
    if (status == CM_OK) {
        status = cm_buf_check(&s->names, err);
    }
    if (status == CM_OK) {
        status = cm_buf_check(&s->scope, err);
    }
    if (status == CM_OK) {
        status = make_signature(s, signature, err);
    }
    return status == CM_OK ? put_headers(out, s, signature, err) : status;
}

cm_status sigv4_sign(sigv4_signed *out, const sigv4_key *key,
                     const sigv4_request *request, const cm_http_header *extra,
                     size_t n_extra, cm_error *err)
{
    signing s = {.key = key, .request = request};
    struct tm day;
    if (gmtime_r(&request->now, &day) == NULL ||
        strftime(s.date, sizeof s.date, "%Y%m%dT%H%M%SZ", &day) !=
            DATE_TEXT - 1) {
        return cm_fail(err, CM_ERR_DATA,
                       "the clock of this machine says no day that can be "
                       "signed; set it");
    }
    CM_ASSERT(n_extra <= CM_HTTP_MAX_HEADERS);
    const cm_http_header own[] = {
        {"host", request->host},
        {"x-amz-date", s.date},
        {"x-amz-content-sha256",
         names_payload(key) ? request->payload_hash : NULL},
        {"x-amz-security-token", key->session_token}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (own[i].value != NULL) {
            s.headers[s.n_headers++] = &own[i];
        }
    }
    for (size_t i = 0; i < n_extra; i++) {
        s.headers[s.n_headers++] = &extra[i];
    }
    cm_status status = sign(out, &s, err);
    cm_buf_release(&s.names);
    cm_buf_release(&s.canonical);
    cm_buf_release(&s.scope);
    return status;
}
