/* A storage by its URL, and the way to it. */
#include "storage/storage.h"

#include <stdlib.h>
#include <string.h>

#include "storage/backend.h"

enum { DEFAULT_JOBS = 16, MAX_JOBS = 256, MAX_PART_JOBS = 8 };

static const storage_backend *backend_of(const char *url, cm_error *err)
{
    const char *scheme_end = strstr(url, "://");
    if (strncmp(url, "s3://", 5) == 0) {
        return &storage_s3;
    }
    if (scheme_end == NULL || strncmp(url, "file://", 7) == 0) {
        return &storage_local;
    }
    (void)cm_fail(err, CM_ERR_UNSUPPORTED,
                  "%s: remotes are s3:// or a folder, not %.*s://", url,
                  (int)(scheme_end - url), url);
    return NULL;
}

cm_status cm_storage_open(cm_storage **out, const cm_storage_settings *settings,
                          cm_error *err)
{
    *out = NULL;
    if (settings->url == NULL || settings->url[0] == '\0') {
        return cm_fail(err, CM_ERR_USAGE,
                       "the remote has no url; set one: s3://bucket/prefix or "
                       "a folder");
    }
    const storage_backend *backend = backend_of(settings->url, err);
    if (backend == NULL) {
        return CM_ERR_UNSUPPORTED;
    }
    cm_storage *storage = cm_alloc_zero(1, sizeof *storage, err);
    if (storage == NULL) {
        return CM_ERR_NOMEM;
    }
    storage->backend = backend;
    storage->jobs = settings->jobs == 0         ? DEFAULT_JOBS
                    : settings->jobs > MAX_JOBS ? MAX_JOBS
                                                : settings->jobs;
    storage->name = cm_arena_strdup(&storage->arena, settings->url,
                                    strlen(settings->url), err);
    cm_status status = storage->name == NULL
                           ? CM_ERR_NOMEM
                           : backend->open(storage, settings, err);
    if (status != CM_OK) {
        cm_storage_close(storage);
        return status;
    }
    *out = storage;
    return CM_OK;
}

void cm_storage_close(cm_storage *storage)
{
    if (storage != NULL) {
        storage->backend->close(storage);
        cm_arena_release(&storage->arena);
        free(storage);
    }
}

const char *cm_storage_name(const cm_storage *storage)
{
    return storage->name;
}

cm_status cm_storage_session_new(cm_storage_session **out, cm_storage *storage,
                                 cm_error *err)
{
    *out = NULL;
    cm_storage_session *session = cm_alloc_zero(1, sizeof *session, err);
    if (session == NULL) {
        return CM_ERR_NOMEM;
    }
    session->storage = storage;
    session->part_jobs =
        storage->jobs < MAX_PART_JOBS ? storage->jobs : MAX_PART_JOBS;
    cm_status status = storage->backend->session_new(session, err);
    if (status != CM_OK) {
        free(session);
        return status;
    }
    *out = session;
    return CM_OK;
}

void cm_storage_session_free(cm_storage_session *session)
{
    if (session != NULL) {
        session->storage->backend->session_free(session);
        free(session);
    }
}

cm_status cm_storage_stat(cm_storage_session *session, const char *key,
                          cm_stored *out, cm_error *err)
{
    return session->storage->backend->stat(session, key, out, err);
}

cm_status cm_storage_list_stored(cm_storage_session *session,
                                 const char *prefix, cm_storage_seen seen,
                                 void *context, cm_error *err)
{
    return session->storage->backend->list(session, prefix, seen, context, err);
}

typedef struct finder {
    cm_storage_found found;
    void *context;
} finder;

static cm_status tell_size(void *context, const char *key,
                           const cm_stored *about, cm_error *err)
{
    const finder *f = context;
    return f->found(f->context, key, about->size, err);
}

cm_status cm_storage_list(cm_storage_session *session, const char *prefix,
                          cm_storage_found found, void *context, cm_error *err)
{
    finder f = {found, context};
    return cm_storage_list_stored(session, prefix, tell_size, &f, err);
}

cm_status cm_storage_read(cm_storage_session *session, const char *key,
                          size_t max_bytes, cm_buf *out, cm_error *err)
{
    cm_buf_clear(out);
    return session->storage->backend->read(session, key, max_bytes, out, err);
}

cm_status cm_storage_write(cm_storage_session *session, const char *key,
                           cm_str bytes, cm_error *err)
{
    return session->storage->backend->write(session, key, bytes, err);
}

cm_status cm_storage_read_tagged(cm_storage_session *session, const char *key,
                                 size_t max_bytes, cm_buf *out,
                                 char tag[CM_STORAGE_TAG], cm_error *err)
{
    return session->storage->backend->read_tagged(session, key, max_bytes, out,
                                                  tag, err);
}

cm_status cm_storage_write_tagged(cm_storage_session *session, const char *key,
                                  cm_str bytes, const char *tag, bool *written,
                                  cm_error *err)
{
    return session->storage->backend->write_tagged(session, key, bytes, tag,
                                                   written, err);
}

cm_status cm_storage_put(cm_storage_session *session, const char *key,
                         const char *path, const char *md5,
                         cm_progress *progress, cm_error *err)
{
    storage_move move = {key, path, md5, progress, NULL};
    return session->storage->backend->put(session, &move, err);
}

cm_status cm_storage_get(cm_storage_session *session, const char *key,
                         const char *path, const char *md5,
                         cm_progress *progress, cm_error *err)
{
    storage_move move = {key, path, md5, progress, NULL};
    return session->storage->backend->get(session, &move, err);
}

cm_status cm_storage_remove(cm_storage_session *session, const char *key,
                            cm_error *err)
{
    return session->storage->backend->remove(session, key, err);
}
