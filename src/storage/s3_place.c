/* The backend of S3: from a URL and settings to a bucket's address. */
#include "storage/s3.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/md5.h"

enum { LONGEST_BUCKET = 255 };

static const char *format(cm_arena *arena, cm_error *err, const char *fmt, ...)
    CM_PRINTF(3, 4);

static const char *format(cm_arena *arena, cm_error *err, const char *fmt, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, fmt);
    int n = vsnprintf(text, sizeof text, fmt, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= sizeof text) {
        (void)cm_fail(err, CM_ERR_USAGE, "the remote's url is too long");
        return NULL;
    }
    return cm_arena_strdup(arena, text, (size_t)n, err);
}

/* ---- "s3://bucket/some/folder" ------------------------------------------ */

static cm_status parse_url(s3_place *place, const char *url, cm_arena *arena,
                           cm_error *err)
{
    const char *bucket = url + strlen("s3://");
    size_t n = strcspn(bucket, "/");
    const char *prefix = bucket + n + strspn(bucket + n, "/");
    size_t length = strlen(prefix);
    bool good = n > 0 && n <= LONGEST_BUCKET;
    for (size_t i = 0; i < n && good; i++) {
        unsigned char c = (unsigned char)bucket[i];
        good = isalnum(c) || c == '-' || c == '.' || c == '_';
    }
    if (!good) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: expected s3://bucket or s3://bucket/folder, the "
                       "bucket of letters, digits, '-' and '.'",
                       url);
    }
    while (length > 0 && prefix[length - 1] == '/') {
        length--;
    }
    place->bucket = cm_arena_strdup(arena, bucket, n, err);
    place->prefix = format(arena, err, "%.*s%s", (int)length, prefix,
                           length > 0 ? "/" : "");
    return place->bucket == NULL || place->prefix == NULL ? CM_ERR_NOMEM
                                                          : CM_OK;
}

/* ---- the endpoint ------------------------------------------------------- */

typedef struct endpoint {
    const char *scheme; /* "https" */
    cm_str host;        /* with the port unless it is the scheme's */
    cm_str path;        /* "" or "/s3" */
} endpoint;

static cm_status parse_endpoint(endpoint *out, const char *text, bool use_ssl,
                                cm_error *err)
{
    const char *rest = strstr(text, "://");
    bool https = rest == NULL ? use_ssl : strncasecmp(text, "https:", 6) == 0;
    if (rest != NULL && !https && strncasecmp(text, "http:", 5) != 0) {
        return cm_fail(err, CM_ERR_USAGE,
                       "endpointurl %.200s: expected https:// or http://",
                       text);
    }
    rest = rest == NULL ? text : rest + 3;
    size_t n = strcspn(rest, "/?#");
    if (n == 0 || memchr(rest, '@', n) != NULL || memchr(rest, ' ', n) ||
        strchr(rest, '?') != NULL || strchr(rest, '#') != NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "endpointurl: expected https://host, without a name "
                       "and password, '?' and '#'; keys have options of their "
                       "own (access_key_id, secret_access_key)");
    }
    size_t length = strlen(rest + n);
    while (length > 0 && rest[n + length - 1] == '/') {
        length--;
    }
    out->scheme = https ? "https" : "http";
    out->path = (cm_str){rest + n, length};
    cm_str usual = cm_str_of(https ? ":443" : ":80");
    bool has_usual =
        n > usual.n && memcmp(rest + n - usual.n, usual.p, usual.n) == 0;
    out->host = (cm_str){rest, has_usual ? n - usual.n : n};
    return CM_OK;
}

/* Certificates of "*.host" do not cover a bucket with dots. */
static bool bucket_in_host(const s3_place *place, const endpoint *at)
{
    return place->access.virtual_host && (strcmp(at->scheme, "http") == 0 ||
                                          strchr(place->bucket, '.') == NULL);
}

static cm_status find_address(s3_place *place, bool use_ssl, cm_arena *arena,
                              cm_error *err)
{
    endpoint at = {0};
    const char *given = place->access.endpoint;
    if (given == NULL) {
        given = format(arena, err, "%s://s3.%s.amazonaws.com",
                       use_ssl ? "https" : "http", place->access.region);
    }
    cm_status status =
        given == NULL ? CM_ERR_NOMEM : parse_endpoint(&at, given, use_ssl, err);
    if (status != CM_OK) {
        return status;
    }
    bool in_host = bucket_in_host(place, &at);
    place->endpoint = format(arena, err, "%s://%.*s%.*s", at.scheme,
                             CM_STR_ARG(at.host), CM_STR_ARG(at.path));
    place->host = format(arena, err, "%s%s%.*s", in_host ? place->bucket : "",
                         in_host ? "." : "", CM_STR_ARG(at.host));
    if (place->endpoint == NULL || place->host == NULL) {
        return CM_ERR_NOMEM;
    }
    place->origin = format(arena, err, "%s://%s", at.scheme, place->host);
    place->root = format(arena, err, "%.*s%s%s", CM_STR_ARG(at.path),
                         in_host ? "" : "/", in_host ? "" : place->bucket);
    return place->origin == NULL || place->root == NULL ? CM_ERR_NOMEM : CM_OK;
}

/* ---- the backend -------------------------------------------------------- */

static cm_status open_place(cm_storage *storage,
                            const cm_storage_settings *settings, cm_error *err)
{
    s3_place *place = cm_arena_alloc(&storage->arena, sizeof *place, err);
    if (place == NULL) {
        return CM_ERR_NOMEM;
    }
    memset(place, 0, sizeof *place);
    atomic_init(&place->bucket_is_there, false);
    storage->place = place;
    cm_status status = parse_url(place, settings->url, &storage->arena, err);
    if (status == CM_OK) {
        status = s3_access_find(&place->access, settings, &storage->arena, err);
    }
    if (status == CM_OK) {
        status =
            find_address(place, !settings->use_ssl_false, &storage->arena, err);
    }
    place->http = (cm_http_options){
        .connect_timeout =
            settings->connect_timeout > 0 ? settings->connect_timeout : 60,
        .idle_timeout =
            settings->read_timeout > 0 ? settings->read_timeout : 60,
        .verify = place->access.verify,
        .ca_file = place->access.ca_file,
        .ca_setting = "ssl_verify",
        .retries = settings->retries > 0 ? settings->retries : 8,
        .backoff = 0.2,
        .longest_backoff = 10,
        .deadline = settings->deadline,
        .stop = settings->stop};
    return status;
}

/* The arena has everything. */
static void close_place(cm_storage *storage)
{
    const s3_place *place = storage->place;
    if (place != NULL && place->access.secret_access_key != NULL) {
        char *secret = (char *)(uintptr_t)place->access.secret_access_key;
        explicit_bzero(secret, strlen(secret));
    }
}

static cm_status open_session(cm_storage_session *session, cm_error *err)
{
    const s3_place *place = session->storage->place;
    cm_http_client *client = NULL;
    cm_status status = cm_http_client_new(&client, &place->http, err);
    session->way = client;
    return status;
}

static void close_session(cm_storage_session *session)
{
    cm_http_client_free(session->way);
}

void s3_set_clock(cm_storage *storage, long seconds_ahead)
{
    s3_place *place = storage->place;
    place->clock_ahead = seconds_ahead;
}

/* ---- small objects ------------------------------------------------------ */

static cm_status read_object(cm_storage_session *session, const char *key,
                             size_t max_bytes, cm_buf *out, cm_error *err)
{
    s3_call call = {.method = "GET", .key = key, .max_reply = max_bytes};
    cm_status status = s3_demand(session, &call, err);
    if (status == CM_OK) {
        cm_buf_add(out, call.reply.body.p, call.reply.body.n);
        status = cm_buf_check(out, err);
    }
    s3_call_release(&call);
    return status;
}

static cm_status remove_object(cm_storage_session *session, const char *key,
                               cm_error *err)
{
    s3_call call = {.method = "DELETE", .key = key};
    cm_status status = s3_run(session, &call, err);
    bool gone = s3_is_success(&call) || s3_has_code(&call, "NoSuchKey");
    if (status == CM_OK && !gone) {
        status = s3_fail(session, &call, err);
    }
    s3_call_release(&call);
    return status;
}

static cm_status write_object(cm_storage_session *session, const char *key,
                              cm_str bytes, cm_error *err)
{
    char md5[CM_MD5_HEX], content_md5[S3_CONTENT_MD5];
    cm_md5(md5, bytes.p, bytes.n);
    s3_content_md5(content_md5, md5);
    s3_call call = {.method = "PUT",
                    .key = key,
                    .body = bytes,
                    .extra = {{"Content-MD5", content_md5}},
                    .n_extra = 1};
    cm_status status = s3_demand(session, &call, err);
    s3_call_release(&call);
    return status;
}

const storage_backend storage_s3 = {.sorted = true,
                                    .open = open_place,
                                    .close = close_place,
                                    .session_new = open_session,
                                    .session_free = close_session,
                                    .stat = s3_stat,
                                    .list = s3_list,
                                    .read = read_object,
                                    .write = write_object,
                                    .read_tagged = s3_read_tagged,
                                    .write_tagged = s3_write_tagged,
                                    .put = s3_put,
                                    .get = s3_get,
                                    .remove = remove_object,
                                    .remove_many = s3_remove_many};
