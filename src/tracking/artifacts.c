/* Artifacts by the kind of their URI, and several at once. */
#include "tracking/artifacts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/thread.h"
#include "storage/storage.h"

/* ---- S3 and folders ----------------------------------------------------- */

static bool is_path(const char *uri)
{
    return uri[0] == '/' || strncmp(uri, "./", 2) == 0;
}

/* The URL as storage has it; NULL: of a kind that is not known. */
static const char *storage_url(const char *uri)
{
    if (strncmp(uri, "s3://", 5) == 0 || is_path(uri)) {
        return uri;
    }
    if (strncmp(uri, "file://", 7) == 0) {
        return uri[7] == '/' ? uri + 7 : NULL;
    }
    return strncmp(uri, "file:/", 6) == 0 ? uri + 5 : NULL;
}

static cm_status open_storage(const mlflow *m, const char *uri,
                              cm_storage **out, cm_error *err)
{
    const char *endpoint = getenv("MLFLOW_S3_ENDPOINT_URL");
    const char *ignore_tls = getenv("MLFLOW_S3_IGNORE_TLS");
    bool ignore = ignore_tls != NULL && strcmp(ignore_tls, "true") == 0;
    cm_storage_settings settings = {
        .url = storage_url(uri),
        .endpoint_url = endpoint != NULL && endpoint[0] ? endpoint : NULL,
        .ssl_verify = ignore ? "false" : NULL,
        .connect_timeout = m->options.connect_timeout,
        .read_timeout = m->options.idle_timeout,
        .deadline = m->options.deadline,
        .stop = m->options.stop};
    if (settings.url == NULL) {
        return cm_fail(err, CM_ERR_UNSUPPORTED,
                       "%s keeps files at %s; only mlflow-artifacts:, s3: and "
                       "folders are supported",
                       m->base, uri);
    }
    return cm_storage_open(out, &settings, err);
}

static cm_status put_bytes(cm_storage *storage, artifact *items, size_t n,
                           cm_error *err)
{
    cm_storage_session *session = NULL;
    cm_status status = cm_storage_session_new(&session, storage, err);
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (items[i].file == NULL) {
            status =
                cm_storage_write(session, items[i].path, items[i].bytes, err);
            items[i].arrived = status == CM_OK;
        }
    }
    cm_storage_session_free(session);
    return status;
}

static cm_status storage_put(const mlflow *m, const char *uri, artifact *items,
                             size_t n, cm_error *err)
{
    cm_storage *storage = NULL;
    cm_transfer *moves = cm_alloc_zero(n, sizeof *moves, err);
    cm_status status =
        moves == NULL ? CM_ERR_NOMEM : open_storage(m, uri, &storage, err);
    size_t n_files = 0;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (items[i].file != NULL) {
            moves[n_files++] = (cm_transfer){.key = items[i].path,
                                             .path = items[i].file,
                                             .size = items[i].size};
        }
    }
    if (status == CM_OK) {
        status = cm_storage_put_all(storage, moves, n_files, NULL, err);
        for (size_t i = n, left = n_files; i-- > 0 && left > 0;) {
            if (items[i].file != NULL) {
                items[i].arrived = moves[--left].status == CM_OK;
            }
        }
    }
    if (status == CM_OK) {
        status = put_bytes(storage, items, n, err);
    }
    cm_storage_close(storage);
    free(moves);
    return status;
}

/* ---- getting from there ------------------------------------------------- */

enum { MOST_FILES = 10000 };

typedef struct wanted {
    const char *folder;
    cm_transfer *moves;
    size_t n, capacity;
    cm_arena arena;
} wanted;

/* A key leads nowhere but below the folder. */
static bool is_safe(const char *key)
{
    for (const char *part = key;; part += strcspn(part, "/") + 1) {
        size_t n = strcspn(part, "/");
        bool dots = (n == 1 && part[0] == '.') ||
                    (n == 2 && part[0] == '.' && part[1] == '.');
        if (n == 0 || dots) {
            return false;
        }
        if (part[n] == '\0') {
            return true;
        }
    }
}

static cm_status want(void *context, const char *key, uint64_t size,
                      cm_error *err)
{
    wanted *w = context;
    if (!is_safe(key) || w->n == MOST_FILES) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: a model cannot have this file, or so many", key);
    }
    cm_status status =
        cm_grow(&w->moves, w->n, &w->capacity, sizeof *w->moves, err);
    char *path = status == CM_OK ? cm_path_join(w->folder, key) : NULL;
    if (path == NULL) {
        return status == CM_OK ? cm_fail(err, CM_ERR_NOMEM, "no memory")
                               : status;
    }
    const char *kept_key = cm_arena_strdup(&w->arena, key, strlen(key), err);
    const char *kept_path = cm_arena_strdup(&w->arena, path, strlen(path), err);
    free(path);
    if (kept_key == NULL || kept_path == NULL) {
        return CM_ERR_NOMEM;
    }
    w->moves[w->n++] =
        (cm_transfer){.key = kept_key, .path = kept_path, .size = size};
    return CM_OK;
}

static cm_status storage_get(const mlflow *m, const char *uri,
                             const char *folder, cm_error *err)
{
    wanted w = {.folder = folder};
    cm_storage *storage = NULL;
    cm_storage_session *session = NULL;
    cm_status status = open_storage(m, uri, &storage, err);
    if (status == CM_OK) {
        status = cm_storage_session_new(&session, storage, err);
    }
    if (status == CM_OK) {
        status = cm_storage_list(session, "", want, &w, err);
    }
    if (status == CM_OK) {
        status = cm_storage_get_all(storage, w.moves, w.n, NULL, err);
    }
    cm_storage_session_free(session);
    cm_storage_close(storage);
    cm_arena_release(&w.arena);
    free(w.moves);
    return status;
}

static cm_status storage_have(const mlflow *m, const char *uri,
                              const char *name, bool *out, cm_error *err)
{
    cm_storage *storage = NULL;
    cm_storage_session *session = NULL;
    cm_stored stored = {0};
    cm_status status = open_storage(m, uri, &storage, err);
    if (status == CM_OK) {
        status = cm_storage_session_new(&session, storage, err);
    }
    if (status == CM_OK) {
        status = cm_storage_stat(session, name, &stored, err);
    }
    *out = stored.exists;
    cm_storage_session_free(session);
    cm_storage_close(storage);
    return status;
}

/* ---- by the server, several at once ------------------------------------- */

enum { JOBS = 4 };

typedef struct proxy_puts {
    mlflow *m;
    const char *uri;
    artifact *items;
    cm_http_client *clients[JOBS];
    pthread_mutex_t lock; /* of what stands below */
    cm_status status;
    cm_error error;
    atomic_bool stop;
} proxy_puts;

static void put_task(void *context, size_t task, int thread)
{
    proxy_puts *p = context;
    cm_error error = {0};
    if (atomic_load(&p->stop)) {
        return;
    }
    cm_status status = CM_OK;
    cm_http_client **client = &p->clients[thread];
    if (*client == NULL) {
        status = cm_http_client_new(client, &p->m->options, &error);
    }
    if (status == CM_OK) {
        status = proxy_put(p->m, *client, p->uri, &p->items[task], &error);
    }
    pthread_mutex_lock(&p->lock);
    p->items[task].arrived = status == CM_OK;
    p->m->requests += status == CM_OK;
    if (status != CM_OK && p->status == CM_OK) {
        p->status = status;
        p->error = error;
        atomic_store(&p->stop, true);
    }
    pthread_mutex_unlock(&p->lock);
}

static cm_status puts_by_proxy(mlflow *m, const char *uri, artifact *items,
                               size_t n, cm_error *err)
{
    proxy_puts p = {.m = m, .uri = uri, .items = items};
    pthread_mutex_init(&p.lock, NULL);
    cm_parallel(n, n < JOBS ? (int)n : JOBS, put_task, &p);
    for (int i = 0; i < JOBS; i++) {
        cm_http_client_free(p.clients[i]);
    }
    pthread_mutex_destroy(&p.lock);
    return p.status == CM_OK ? CM_OK
                             : cm_fail(err, p.status, "%s", p.error.message);
}

static bool is_proxied(const mlflow *m, const char *uri)
{
    cm_buf ignored = {0};
    bool is = proxy_url(m, uri, "artifacts", &ignored);
    cm_buf_release(&ignored);
    return is;
}

cm_status artifacts_put(mlflow *m, const char *uri, artifact *items, size_t n,
                        cm_error *err)
{
    if (n == 0) {
        return CM_OK;
    }
    return is_proxied(m, uri) ? puts_by_proxy(m, uri, items, n, err)
                              : storage_put(m, uri, items, n, err);
}

cm_status artifacts_get(mlflow *m, const char *uri, const char *folder,
                        cm_error *err)
{
    return is_proxied(m, uri) ? proxy_get(m, uri, folder, err)
                              : storage_get(m, uri, folder, err);
}

cm_status artifacts_have(mlflow *m, const char *uri, const char *name,
                         bool *out, cm_error *err)
{
    return is_proxied(m, uri) ? proxy_have(m, uri, name, out, err)
                              : storage_have(m, uri, name, out, err);
}
