/* A large artifact in parts: the server names a URL for each, in its own
 * store, and puts them together in the end. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "tracking/artifacts.h"

/* Bytes.  S3 wants parts of 5 MiB or more, and at most 10,000 of them. */
#define USUAL_THRESHOLD (100ull << 20)
#define PART_BYTES      (16ull << 20)
#define MOST_PARTS      1000ull

typedef struct upload {
    mlflow *m;
    cm_http_client *http;
    const char *uri;
    int fd;
    const artifact *item;
    uint64_t part_bytes, n_parts;
    json_t *answer; /* to the beginning: an upload id and a URL each */
} upload;

static bool is_large(const artifact *item)
{
    const char *text = getenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE");
    uint64_t threshold = USUAL_THRESHOLD;
    if (text != NULL && !cm_parse_u64(cm_str_of(text), &threshold)) {
        threshold = USUAL_THRESHOLD;
    }
    return item->size > 0 && item->size >= threshold;
}

static void plan(upload *u)
{
    uint64_t size = u->item->size;
    u->part_bytes = PART_BYTES;
    while ((size + u->part_bytes - 1) / u->part_bytes > MOST_PARTS) {
        u->part_bytes *= 2;
    }
    u->n_parts = (size + u->part_bytes - 1) / u->part_bytes;
}

/* A POST to the service for the folder that the file is in. */
static cm_status ask(const upload *u, const char *service, const cm_buf *body,
                     cm_http_reply *reply, cm_error *err)
{
    cm_buf url = {0};
    char *folder = cm_path_dir(u->item->path);
    CM_ASSERT(proxy_url(u->m, u->uri, service, &url));
    if (folder != NULL && strcmp(folder, ".") != 0) {
        cm_buf_addc(&url, '/');
        cm_url_encode(&url, cm_str_of(folder), true);
    }
    url.failed = url.failed || folder == NULL;
    cm_status status = cm_buf_check(&url, err);
    if (status == CM_OK) {
        status = cm_buf_check(body, err);
    }
    cm_http_call call = {.method = "POST",
                         .url = url.p,
                         .body = {body->p, body->n},
                         .max_reply = 8 << 20};
    call.headers[call.n_headers++] =
        (cm_http_header){"Content-Type", "application/json"};
    mlflow_authorize(u->m, &call);
    if (status == CM_OK) {
        status = cm_http_run(u->http, &call, reply, err);
    }
    free(folder);
    cm_buf_release(&url);
    return status;
}

/* *out false: the server's store has no parts; then the file goes whole. */
static cm_status begin(upload *u, bool *out, cm_error *err)
{
    cm_buf body = {0};
    cm_http_reply reply = {0};
    cm_error ignored;
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "path", cm_path_base(u->item->path));
    cm_json_put_u64(&w, "num_parts", u->n_parts);
    cm_json_end_object(&w);
    cm_status status = ask(u, "mpu/create", &body, &reply, err);
    *out = status == CM_OK && reply.status / 100 == 2 &&
           cm_json_parse(&u->answer, (cm_str){reply.body.p, reply.body.n}, "",
                         &ignored) == CM_OK &&
           json_is_string(json_object_get(u->answer, "upload_id")) &&
           json_array_size(json_object_get(u->answer, "credentials")) ==
               u->n_parts;
    cm_http_reply_release(&reply);
    cm_buf_release(&body);
    return status;
}

/* The URL has the right to write in itself: nothing of ours goes with it. */
static cm_status send_part(const upload *u, size_t i, cm_json_writer *parts,
                           cm_error *err)
{
    const json_t *place =
        json_array_get(json_object_get(u->answer, "credentials"), i);
    const char *url = json_string_value(json_object_get(place, "url"));
    uint64_t offset = i * u->part_bytes;
    uint64_t left = u->item->size - offset;
    cm_http_reply reply = {0};
    if (url == NULL) {
        return cm_fail(err, CM_ERR_DATA, "%s: part %zu has no address",
                       u->item->path, i + 1);
    }
    cm_http_call call = {.method = "PUT",
                         .url = url,
                         .file = u->fd,
                         .offset = offset,
                         .length = left < u->part_bytes ? left : u->part_bytes};
    cm_status status = cm_http_run(u->http, &call, &reply, err);
    cm_str etag = cm_http_reply_header(&reply, "ETag");
    if (status == CM_OK && reply.status / 100 != 2) {
        status = cm_fail(err, CM_ERR_IO,
                         "%s: the store of %s refuses part %zu (HTTP %ld)",
                         u->item->path, u->m->base, i + 1, reply.status);
    }
    cm_json_begin_object(parts, NULL);
    cm_json_put_u64(parts, "part_number", i + 1);
    cm_json_put_str(parts, "etag", etag);
    cm_json_put_text(parts, "url", url);
    cm_json_end_object(parts);
    cm_http_reply_release(&reply);
    return status;
}

static cm_status send_parts(const upload *u, cm_buf *body, cm_error *err)
{
    cm_status status = CM_OK;
    cm_json_writer w = cm_json_writer_of(body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "path", cm_path_base(u->item->path));
    cm_json_put_text(
        &w, "upload_id",
        json_string_value(json_object_get(u->answer, "upload_id")));
    cm_json_begin_array(&w, "parts");
    for (size_t i = 0; i < u->n_parts && status == CM_OK; i++) {
        status = send_part(u, i, &w, err);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return status;
}

/* "mpu/complete", or "mpu/abort" when something failed. */
static cm_status end(const upload *u, const char *service, const cm_buf *body,
                     cm_error *err)
{
    cm_http_reply reply = {0};
    cm_status status = ask(u, service, body, &reply, err);
    if (status == CM_OK && reply.status / 100 != 2) {
        status = cm_fail(err, CM_ERR_IO,
                         "%s: %s does not put its parts together (HTTP %ld)",
                         u->item->path, u->m->base, reply.status);
    }
    cm_http_reply_release(&reply);
    return status;
}

cm_status proxy_put_parts(mlflow *m, cm_http_client *http, const char *uri,
                          int fd, artifact *item, bool *done, cm_error *err)
{
    upload u = {.m = m, .http = http, .uri = uri, .fd = fd, .item = item};
    cm_buf body = {0};
    cm_error ignored;
    *done = false;
    if (!is_large(item)) {
        return CM_OK;
    }
    plan(&u);
    cm_status status = begin(&u, done, err);
    if (status == CM_OK && *done) {
        status = send_parts(&u, &body, err);
        if (status == CM_OK) {
            status = end(&u, "mpu/complete", &body, err);
        }
        if (status != CM_OK) {
            (void)end(&u, "mpu/abort", &body, &ignored);
        }
    }
    json_decref(u.answer);
    cm_buf_release(&body);
    return status;
}
