/* What a kind of storage does; storage.c asks the right one.  Private to
 * storage. */
#ifndef CM_STORAGE_BACKEND_H
#define CM_STORAGE_BACKEND_H

#include "base/file.h"
#include "base/mem.h"
#include "storage/storage.h"

/* A file on its way.  md5 NULL: not known. */
typedef struct storage_move {
    const char *key, *path, *md5;
    cm_progress *progress;
    /* Where get may leave the file with all its bytes, for others to check and
     * to name; NULL: it does that itself. */
    cm_atomic_file **unchecked;
} storage_move;

/* place is the storage's, way the session's. */
typedef struct storage_backend {
    bool sorted; /* list gives keys in order of their bytes */
    cm_status (*open)(cm_storage *storage, const cm_storage_settings *settings,
                      cm_error *err);
    void (*close)(cm_storage *storage);
    cm_status (*session_new)(cm_storage_session *session, cm_error *err);
    void (*session_free)(cm_storage_session *session);
    cm_status (*stat)(cm_storage_session *session, const char *key,
                      cm_stored *out, cm_error *err);
    cm_status (*list)(cm_storage_session *session, const char *prefix,
                      cm_storage_seen seen, void *context, cm_error *err);
    cm_status (*read)(cm_storage_session *session, const char *key,
                      size_t max_bytes, cm_buf *out, cm_error *err);
    cm_status (*write)(cm_storage_session *session, const char *key,
                       cm_str bytes, cm_error *err);
    cm_status (*read_tagged)(cm_storage_session *session, const char *key,
                             size_t max_bytes, cm_buf *out,
                             char tag[CM_STORAGE_TAG], cm_error *err);
    cm_status (*write_tagged)(cm_storage_session *session, const char *key,
                              cm_str bytes, const char *tag, bool *written,
                              cm_error *err);
    cm_status (*put)(cm_storage_session *session, const storage_move *move,
                     cm_error *err);
    cm_status (*get)(cm_storage_session *session, const storage_move *move,
                     cm_error *err);
    cm_status (*remove)(cm_storage_session *session, const char *key,
                        cm_error *err);
    /* Up to a thousand, whose gone and why it sets; CM_ERR_UNSUPPORTED when the
     * storage turns out not to have it.  NULL: one by one. */
    cm_status (*remove_many)(cm_storage_session *session, cm_removal *removals,
                             size_t n, cm_error *err);
} storage_backend;

struct cm_storage {
    const storage_backend *backend;
    cm_arena arena;
    const char *name;
    unsigned jobs;
    void *place;
};

struct cm_storage_session {
    cm_storage *storage;
    void *way;
    unsigned part_jobs; /* threads that one large file may take */
};

extern const storage_backend storage_local;
extern const storage_backend storage_s3;

#endif
