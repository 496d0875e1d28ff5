/* Artifacts through the tracking server: it keeps them, we send and get them
 * by name. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tracking/artifacts.h"

/* ---- addresses ---------------------------------------------------------- */

static const char scheme[] = "mlflow-artifacts:";
static const char service_root[] = "/api/2.0/mlflow-artifacts/";

/* "mlflow-artifacts://host:5001/1/abc" names a server of its own. */
static void add_origin(const mlflow *m, const char **rest, cm_buf *out)
{
    const char *end = strstr(m->base, "://") + 3;
    if (strncmp(*rest, "//", 2) != 0) {
        cm_buf_adds(out, m->base);
        return;
    }
    size_t host = strcspn(*rest + 2, "/");
    if (host == 0) {
        cm_buf_adds(out, m->base);
    } else {
        const char *prefix = end + strcspn(end, "/");
        cm_buf_add(out, m->base, (size_t)(end - m->base));
        cm_buf_add(out, *rest + 2, host);
        cm_buf_adds(out, prefix);
    }
    *rest += 2 + host;
}

bool proxy_url(const mlflow *m, const char *uri, const char *service,
               cm_buf *out)
{
    const char *rest = uri + sizeof scheme - 1;
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0) {
        return false;
    }
    add_origin(m, &rest, out);
    cm_buf_adds(out, service_root);
    cm_buf_adds(out, service);
    rest += strspn(rest, "/");
    if (rest[0] != '\0') {
        cm_buf_addc(out, '/');
        cm_url_encode(out, cm_str_of(rest), true);
    }
    return true;
}

static cm_status file_url(const mlflow *m, const char *uri, const char *path,
                          cm_buf *out, cm_error *err)
{
    CM_ASSERT(proxy_url(m, uri, "artifacts", out));
    cm_buf_addc(out, '/');
    cm_url_encode(out, cm_str_of(path), true);
    return cm_buf_check(out, err);
}

/* ---- sending ------------------------------------------------------------ */

static cm_status refused(const mlflow *m, const cm_http_call *call,
                         const cm_http_reply *reply, cm_error *err)
{
    mlflow_answer answer;
    mlflow_answer_read(&answer, reply);
    mlflow_call shown = {.method = call->method,
                         .path = strstr(call->url, "/api/") + 5};
    cm_status status = mlflow_fail(m, &shown, &answer, err);
    mlflow_answer_release(&answer);
    return status;
}

static cm_status run_put(mlflow *m, cm_http_client *http, cm_http_call *call,
                         cm_error *err)
{
    cm_http_reply reply = {0};
    call->headers[call->n_headers++] =
        (cm_http_header){"Content-Type", "application/octet-stream"};
    mlflow_authorize(m, call);
    cm_status status = cm_http_run(http, call, &reply, err);
    if (status == CM_OK && reply.status / 100 != 2) {
        status = refused(m, call, &reply, err);
    }
    cm_http_reply_release(&reply);
    return status;
}

static cm_status put_file(mlflow *m, cm_http_client *http, const char *uri,
                          cm_http_call *call, artifact *item, cm_error *err)
{
    bool done = false;
    call->file = open(item->file, O_RDONLY | O_CLOEXEC);
    if (call->file < 0) {
        return cm_fail_errno(err, "%s", item->file);
    }
    off_t size = lseek(call->file, 0, SEEK_END);
    call->length = size > 0 ? (uint64_t)size : 0;
    item->size = call->length;
    cm_status status =
        proxy_put_parts(m, http, uri, call->file, item, &done, err);
    if (status == CM_OK && !done) {
        status = run_put(m, http, call, err);
    }
    (void)close(call->file);
    return status;
}

cm_status proxy_put(mlflow *m, cm_http_client *http, const char *uri,
                    artifact *item, cm_error *err)
{
    cm_buf url = {0};
    cm_status status = file_url(m, uri, item->path, &url, err);
    cm_http_call call = {.method = "PUT", .url = url.p, .body = item->bytes};
    if (status == CM_OK) {
        status = item->file != NULL ? put_file(m, http, uri, &call, item, err)
                                    : run_put(m, http, &call, err);
    }
    cm_buf_release(&url);
    return status;
}

/* ---- getting ------------------------------------------------------------ */

enum { MOST_FILES = 10000, MOST_DEPTH = 16, LONGEST_NAME = 255 };

typedef struct proxy_gets {
    mlflow *m;
    const char *uri;
    size_t n_files;
} proxy_gets;

/* What stands in one folder; path "" is the whole. */
static cm_status list(mlflow *m, const char *uri, const char *path,
                      mlflow_answer *answer, cm_error *err)
{
    cm_buf query = {0}, place = {0};
    const char *rest = uri + sizeof scheme - 1;
    add_origin(m, &rest, &place);
    cm_buf_adds(&query, "2.0/mlflow-artifacts/artifacts?path=");
    cm_url_encode(&query, cm_str_of(rest + strspn(rest, "/")), false);
    if (path[0] != '\0') {
        cm_buf_adds(&query, "%2F");
        cm_url_encode(&query, cm_str_of(path), false);
    }
    cm_status status = cm_buf_check(&query, err);
    if (status == CM_OK) {
        status = cm_buf_check(&place, err);
    }
    mlflow_call call = {.method = "GET", .path = query.p, .origin = place.p};
    if (status == CM_OK) {
        status = mlflow_demand(m, &call, answer, err);
    }
    cm_buf_release(&place);
    cm_buf_release(&query);
    return status;
}

/* A file being written as it comes; begun anew with each attempt. */
typedef struct incoming {
    const char *file;
    cm_atomic_file *out;
    uint64_t size;
} incoming;

static cm_status begin_file(void *context, cm_http_call *call, cm_error *err)
{
    incoming *in = context;
    (void)call;
    cm_atomic_abandon(in->out);
    in->out = NULL;
    in->size = 0;
    return cm_atomic_open(&in->out, in->file, err);
}

static cm_status take_bytes(void *context, const void *bytes, size_t n,
                            cm_error *err)
{
    incoming *in = context;
    (void)err;
    cm_atomic_write(in->out, bytes, n);
    in->size += n;
    return CM_OK;
}

static cm_status get_file(proxy_gets *g, const char *path, const char *file,
                          const json_t *size, cm_error *err)
{
    cm_buf url = {0};
    incoming in = {.file = file};
    cm_http_reply reply = {0};
    cm_status status = file_url(g->m, g->uri, path, &url, err);
    cm_http_call call = {.method = "GET",
                         .url = url.p,
                         .prepare = begin_file,
                         .take = take_bytes,
                         .context = &in};
    mlflow_authorize(g->m, &call);
    if (status == CM_OK) {
        status = cm_http_run(g->m->http, &call, &reply, err);
    }
    g->m->requests += status == CM_OK;
    if (status == CM_OK && reply.status / 100 != 2) {
        status = refused(g->m, &call, &reply, err);
    }
    if (status == CM_OK && json_is_integer(size) &&
        (uint64_t)json_integer_value(size) != in.size) {
        status = cm_fail(err, CM_ERR_IO,
                         "%s: %s has %llu bytes there, %llu came", g->m->base,
                         path, (unsigned long long)json_integer_value(size),
                         (unsigned long long)in.size);
    }
    if (status == CM_OK) {
        status = cm_atomic_commit_unsynced(in.out, 0, err);
    } else {
        cm_atomic_abandon(in.out);
    }
    cm_http_reply_release(&reply);
    cm_buf_release(&url);
    return status;
}

static bool is_name(const char *name)
{
    return name != NULL && name[0] != '\0' && strlen(name) <= LONGEST_NAME &&
           strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strpbrk(name, "/\\") == NULL;
}

static cm_status get_folder(proxy_gets *g, const char *path, const char *folder,
                            int depth, cm_error *err);

static cm_status get_entry(proxy_gets *g, const char *path, const char *folder,
                           int depth, const json_t *entry, cm_error *err)
{
    const char *name = json_string_value(json_object_get(entry, "path"));
    bool is_dir = json_is_true(json_object_get(entry, "is_dir"));
    if (!is_name(name) || ++g->n_files > MOST_FILES) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: %s has a file that no model can have, or too many",
                       g->m->base, g->uri);
    }
    char *below = path[0] == '\0' ? strdup(name) : cm_path_join(path, name);
    char *file = cm_path_join(folder, name);
    cm_status status =
        below == NULL || file == NULL ? cm_fail(err, CM_ERR_NOMEM, "no memory")
        : is_dir ? get_folder(g, below, file, depth + 1, err)
                 : get_file(g, below, file, json_object_get(entry, "file_size"),
                            err);
    free(below);
    free(file);
    return status;
}

static cm_status get_folder(proxy_gets *g, const char *path, const char *folder,
                            int depth, cm_error *err)
{
    mlflow_answer answer = {0};
    if (depth > MOST_DEPTH) {
        return cm_fail(err, CM_ERR_DATA, "%s: %s: folders more than %d deep",
                       g->m->base, g->uri, MOST_DEPTH);
    }
    cm_status status = cm_make_dirs(folder, err);
    if (status == CM_OK) {
        status = list(g->m, g->uri, path, &answer, err);
    }
    const json_t *files = mlflow_at(answer.json, "files");
    for (size_t i = 0; i < json_array_size(files) && status == CM_OK; i++) {
        status =
            get_entry(g, path, folder, depth, json_array_get(files, i), err);
    }
    mlflow_answer_release(&answer);
    return status;
}

cm_status proxy_get(mlflow *m, const char *uri, const char *folder,
                    cm_error *err)
{
    proxy_gets gets = {.m = m, .uri = uri};
    cm_status status = get_folder(&gets, "", folder, 0, err);
    if (status == CM_OK && gets.n_files == 0) {
        status = cm_fail(err, CM_ERR_DATA, "%s: %s has no files", m->base, uri);
    }
    return status;
}

cm_status proxy_have(mlflow *m, const char *uri, const char *name, bool *out,
                     cm_error *err)
{
    mlflow_answer answer = {0};
    cm_status status = list(m, uri, "", &answer, err);
    const json_t *files = mlflow_at(answer.json, "files");
    *out = false;
    for (size_t i = 0; i < json_array_size(files); i++) {
        const char *there = json_string_value(
            json_object_get(json_array_get(files, i), "path"));
        *out = *out || (there != NULL && strcmp(there, name) == 0);
    }
    mlflow_answer_release(&answer);
    return status;
}
