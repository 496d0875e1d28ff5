/* A folder as a storage.  Objects that are named by their hash are read-only
 * files, as dvc leaves them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/md5.h"
#include "storage/backend.h"

enum { STEP = 256 << 10, OBJECT_MODE = 0444, MAX_DEPTH = 64 };

static const char *root_of(const cm_storage_session *session)
{
    return session->storage->place;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* "file:///a%20b" is /a b. */
static void decode(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0'; to++) {
        int high = at[0] == '%' ? digit_of(at[1]) : -1;
        int low = high >= 0 ? digit_of(at[2]) : -1;
        int c = high * 16 + low;
        *to = low >= 0 && c > 0 ? (char)c : *at;
        at += low >= 0 && c > 0 ? 3 : 1;
    }
    *to = '\0';
}

static cm_status open_root(cm_storage *storage,
                           const cm_storage_settings *settings, cm_error *err)
{
    const char *url = settings->url;
    bool is_url = strncmp(url, "file://", 7) == 0;
    const char *path = is_url ? url + 7 : url;
    char *root = cm_arena_strdup(&storage->arena, path, strlen(path), err);
    if (root == NULL) {
        return CM_ERR_NOMEM;
    }
    if (is_url) {
        decode(root);
    }
    storage->place = root;
    return CM_OK;
}

static void close_root(cm_storage *storage)
{
    (void)storage;
}

static cm_status open_session(cm_storage_session *session, cm_error *err)
{
    (void)session;
    (void)err;
    return CM_OK;
}

static void close_session(cm_storage_session *session)
{
    (void)session;
}

/* Keys come from files that others wrote: none may leave the folder. */
static bool is_inside(const char *key)
{
    bool good = key[0] != '/';
    for (const char *at = key; *at != '\0' && good;) {
        size_t n = strcspn(at, "/");
        good = !(n == 2 && at[0] == '.' && at[1] == '.');
        at += n + (at[n] == '/');
    }
    return good;
}

static cm_status path_of(char **out, const cm_storage_session *session,
                         const char *key, cm_error *err)
{
    *out = NULL;
    if (!is_inside(key)) {
        return cm_fail(err, CM_ERR_DATA, "%s: the key %s leads out of it",
                       root_of(session), key);
    }
    *out = cm_path_join(root_of(session), key);
    return *out != NULL ? CM_OK
                        : cm_fail(err, CM_ERR_NOMEM, "%s: no memory", key);
}

/* ---- copying ------------------------------------------------------------ */

/* One copy, hashed as it goes. */
typedef struct copying {
    const char *from, *to;
    const char *md5; /* what it must have; NULL: not known */
    unsigned mode;
    cm_progress *progress;
} copying;

/* A clone needs no writing, but what it is must be read all the same. */
static cm_status copy_bytes(const copying *c, int fd, cm_atomic_file *file,
                            cm_md5_stream *md5, cm_error *err)
{
    bool cloned = cm_atomic_clone(file, fd);
    uint8_t *bytes = cm_alloc(STEP, 1, err);
    cm_status status = bytes == NULL ? CM_ERR_NOMEM : CM_OK;
    while (status == CM_OK) {
        ssize_t got = read(fd, bytes, STEP);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            status = cm_fail_errno(err, "%s: cannot read", c->from);
        }
        if (got <= 0) {
            break;
        }
        cm_md5_add(md5, bytes, (size_t)got);
        if (!cloned) {
            cm_atomic_write(file, bytes, (size_t)got);
        }
        cm_progress_add(c->progress, (uint64_t)got);
    }
    free(bytes);
    return status;
}

static cm_status check(const copying *c, const cm_md5_stream *md5,
                       cm_error *err)
{
    char found[CM_MD5_HEX];
    cm_md5_end(md5, found);
    return c->md5 == NULL || strcmp(found, c->md5) == 0
               ? CM_OK
               : cm_fail(err, CM_ERR_DATA,
                         "%s: has %" PRIu64 " bytes with md5 %s, expected %s: "
                         "it was changed or is damaged, and was not copied",
                         c->from, md5->size, found, c->md5);
}

static cm_status copy(const copying *c, cm_error *err)
{
    cm_md5_stream md5;
    cm_atomic_file *file = NULL;
    cm_md5_start(&md5);
    int fd = open(c->from, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return cm_fail_errno(err, "%s: cannot open", c->from);
    }
    cm_status status = cm_make_parent(c->to, err);
    if (status == CM_OK) {
        status = cm_atomic_open(&file, c->to, err);
    }
    if (status == CM_OK) {
        status = copy_bytes(c, fd, file, &md5, err);
    }
    if (status == CM_OK) {
        status = check(c, &md5, err);
    }
    close(fd);
    if (status != CM_OK) {
        cm_atomic_abandon(file);
        return status;
    }
    return cm_atomic_commit_unsynced(file, c->mode, err);
}

static cm_status put_file(cm_storage_session *session, const storage_move *move,
                          cm_error *err)
{
    char *path = NULL;
    cm_status status = path_of(&path, session, move->key, err);
    unsigned mode = move->md5 != NULL ? (unsigned)OBJECT_MODE : 0;
    copying c = {move->path, path, move->md5, mode, move->progress};
    status = status == CM_OK ? copy(&c, err) : status;
    free(path);
    return status;
}

static cm_status get_file(cm_storage_session *session, const storage_move *move,
                          cm_error *err)
{
    char *path = NULL;
    cm_status status = path_of(&path, session, move->key, err);
    copying c = {path, move->path, move->md5, 0, move->progress};
    status = status == CM_OK ? copy(&c, err) : status;
    free(path);
    return status;
}

/* ---- one object --------------------------------------------------------- */

static cm_status stat_file(cm_storage_session *session, const char *key,
                           cm_stored *out, cm_error *err)
{
    struct stat about;
    *out = (cm_stored){0};
    char *path = NULL;
    cm_status status = path_of(&path, session, key, err);
    if (status != CM_OK) {
        return status;
    }
    if (stat(path, &about) == 0) {
        out->exists = S_ISREG(about.st_mode);
        out->size = out->exists ? (uint64_t)about.st_size : 0;
    } else if (errno != ENOENT && errno != ENOTDIR) {
        status = cm_fail_errno(err, "%s: cannot look at it", path);
    }
    free(path);
    return status;
}

static cm_status read_file(cm_storage_session *session, const char *key,
                           size_t max_bytes, cm_buf *out, cm_error *err)
{
    char *path = NULL;
    cm_status status = path_of(&path, session, key, err);
    if (status == CM_OK) {
        status = cm_read_file(out, path, max_bytes, err);
    }
    free(path);
    return status;
}

static cm_status write_file(cm_storage_session *session, const char *key,
                            cm_str bytes, cm_error *err)
{
    cm_atomic_file *file = NULL;
    char *path = NULL;
    cm_status status = path_of(&path, session, key, err);
    if (status == CM_OK) {
        status = cm_make_parent(path, err);
    }
    if (status == CM_OK) {
        status = cm_atomic_open(&file, path, err);
    }
    if (status == CM_OK) {
        cm_atomic_write(file, bytes.p, bytes.n);
        status = cm_atomic_commit_unsynced(file, OBJECT_MODE, err);
    }
    free(path);
    return status;
}

/* The tag is the content's MD5. */
static cm_status read_tagged(cm_storage_session *session, const char *key,
                             size_t max_bytes, cm_buf *out,
                             char tag[CM_STORAGE_TAG], cm_error *err)
{
    cm_stored about;
    size_t before = out->n;
    tag[0] = '\0';
    cm_status status = stat_file(session, key, &about, err);
    if (status == CM_OK && about.exists) {
        status = read_file(session, key, max_bytes, out, err);
        if (status == CM_OK) {
            cm_md5(tag, out->p + before, out->n - before);
        }
    }
    return status;
}

/* Writers take turns by a lock on the folder. */
static cm_status lock_folder_of(int *fd, const char *path, cm_error *err)
{
    char *folder = cm_path_dir(path);
    cm_status status = folder == NULL
                           ? cm_fail(err, CM_ERR_NOMEM, "%s: no memory", path)
                           : cm_make_dirs(folder, err);
    if (status == CM_OK) {
        *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (*fd < 0 || flock(*fd, LOCK_EX) != 0) {
            status = cm_fail_errno(err, "%s: cannot lock it", folder);
        }
    }
    free(folder);
    return status;
}

static cm_status write_tagged(cm_storage_session *session, const char *key,
                              cm_str bytes, const char *tag, bool *written,
                              cm_error *err)
{
    enum { LARGEST = 1 << 20 };
    char now[CM_STORAGE_TAG], *path = NULL;
    cm_buf content = {0};
    int fd = -1;
    *written = false;
    cm_status status = path_of(&path, session, key, err);
    if (status == CM_OK) {
        status = lock_folder_of(&fd, path, err);
    }
    if (status == CM_OK) {
        status = read_tagged(session, key, LARGEST, &content, now, err);
    }
    if (status == CM_OK && strcmp(now, tag) == 0) {
        status = write_file(session, key, bytes, err);
        *written = status == CM_OK;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    cm_buf_release(&content);
    free(path);
    return status;
}

static cm_status remove_file(cm_storage_session *session, const char *key,
                             cm_error *err)
{
    char *path = NULL;
    cm_status status = path_of(&path, session, key, err);
    if (status == CM_OK && unlink(path) != 0 && errno != ENOENT) {
        status = cm_fail_errno(err, "%s: cannot remove it", path);
    }
    free(path);
    return status;
}

/* ---- listing ------------------------------------------------------------ */

typedef struct walk {
    const char *root, *prefix;
    cm_storage_seen seen;
    void *context;
} walk;

/* A folder or file may hold keys that start with prefix. */
static bool may_match(const char *key, size_t n, const char *prefix,
                      bool is_folder)
{
    size_t m = strlen(prefix);
    return n >= m
               ? memcmp(key, prefix, m) == 0
               : is_folder && memcmp(key, prefix, n) == 0 && prefix[n] == '/';
}

static cm_status walk_folder(const walk *w, cm_buf *path, int depth,
                             cm_error *err);

/* A temporary of a copy that goes on, or was killed, is no object. */
static bool is_temporary(const char *name)
{
    return name[0] == '.' && cm_str_ends_with(cm_str_of(name), ".tmp");
}

static cm_status walk_entry(const walk *w, cm_buf *path, int depth,
                            cm_error *err)
{
    struct stat about;
    const char *key = path->p + strlen(w->root) + 1;
    size_t n = path->n - strlen(w->root) - 1;
    if (stat(path->p, &about) != 0) {
        return errno == ENOENT
                   ? CM_OK
                   : cm_fail_errno(err, "%s: cannot look at it", path->p);
    }
    if (!may_match(key, n, w->prefix, S_ISDIR(about.st_mode))) {
        return CM_OK;
    }
    if (S_ISDIR(about.st_mode)) {
        return walk_folder(w, path, depth + 1, err);
    }
    cm_stored stored = {.exists = true, .size = (uint64_t)about.st_size};
    return S_ISREG(about.st_mode) ? w->seen(w->context, key, &stored, err)
                                  : CM_OK;
}

static cm_status walk_folder(const walk *w, cm_buf *path, int depth,
                             cm_error *err)
{
    DIR *dir = depth < MAX_DEPTH ? opendir(path->p) : NULL;
    if (dir == NULL) {
        return depth < MAX_DEPTH && errno == ENOENT
                   ? CM_OK
                   : cm_fail_errno(err, "%s: cannot list it", path->p);
    }
    cm_status status = CM_OK;
    size_t n = path->n;
    for (struct dirent *entry = readdir(dir); entry != NULL && status == CM_OK;
         entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") == 0 ||
            strcmp(entry->d_name, "..") == 0 || is_temporary(entry->d_name)) {
            continue;
        }
        cm_buf_addf(path, "/%s", entry->d_name);
        status = path->failed ? cm_buf_check(path, err)
                              : walk_entry(w, path, depth, err);
        path->n = n;
        path->p[n] = '\0';
    }
    closedir(dir);
    return status;
}

static cm_status list_files(cm_storage_session *session, const char *prefix,
                            cm_storage_seen seen, void *context, cm_error *err)
{
    cm_buf path = {0};
    size_t n = strlen(root_of(session));
    while (n > 1 && root_of(session)[n - 1] == '/') {
        n--;
    }
    cm_buf_add(&path, root_of(session), n);
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK) {
        char *root = cm_strdup(path.p, err);
        walk w = {root, prefix, seen, context};
        status = root == NULL ? CM_ERR_NOMEM : walk_folder(&w, &path, 0, err);
        free(root);
    }
    cm_buf_release(&path);
    return status;
}

const storage_backend storage_local = {.sorted = false,
                                       .open = open_root,
                                       .close = close_root,
                                       .session_new = open_session,
                                       .session_free = close_session,
                                       .stat = stat_file,
                                       .list = list_files,
                                       .read = read_file,
                                       .write = write_file,
                                       .read_tagged = read_tagged,
                                       .write_tagged = write_tagged,
                                       .put = put_file,
                                       .get = get_file,
                                       .remove = remove_file};
