/* .dvc/tmp/rwlock: {"write": {path: {"pid", "cmd"}}, "read": {path: [{"pid",
 * "cmd"}, …]}}, changed under a lock of its own. */
#include "versioning/rwlock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/param_file.h"

enum { MAX_BYTES = 16 << 20 };

/* Whether an entry is of another process that lives. */
static bool is_foreign(const json_t *info)
{
    pid_t pid = (pid_t)json_integer_value(json_object_get(info, "pid"));
    return pid > 0 && pid != getpid() && (kill(pid, 0) == 0 || errno == EPERM);
}

/* Those of a list that are foreign; NULL without memory. */
static json_t *foreign_readers(const json_t *list)
{
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(list) && out != NULL; i++) {
        json_t *info = json_array_get(list, i);
        if (is_foreign(info) && json_array_append(out, info) != 0) {
            json_decref(out);
            out = NULL;
        }
    }
    return out;
}

/* The entries of others that were there; a damaged file has none.  NULL without
 * memory. */
static json_t *keep_foreign(const json_t *old)
{
    json_t *out = json_pack("{s:{},s:{}}", "write", "read");
    const char *path;
    json_t *value;
    bool ok = out != NULL;
    json_object_foreach(json_object_get(old, "write"), path, value)
    {
        if (ok && is_foreign(value)) {
            ok = json_object_set(json_object_get(out, "write"), path, value) ==
                 0;
        }
    }
    json_object_foreach(json_object_get(old, "read"), path, value)
    {
        json_t *readers = foreign_readers(value);
        ok = ok && readers != NULL;
        if (ok && json_array_size(readers) > 0) {
            ok = json_object_set(json_object_get(out, "read"), path, readers) ==
                 0;
        }
        json_decref(readers);
    }
    if (!ok) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static bool add_path(json_t *entries, const char *root, const char *path,
                     json_t *info, bool write)
{
    char *full = cm_path_join(root, path);
    json_t *readers = full != NULL ? json_object_get(entries, full) : NULL;
    bool ok = full != NULL;
    if (ok && write) {
        ok = json_object_set(entries, full, info) == 0;
    } else if (ok && readers == NULL) {
        ok = json_object_set_new(entries, full, json_pack("[O]", info)) == 0;
    } else if (ok) {
        ok = json_array_append(readers, info) == 0;
    }
    free(full);
    return ok;
}

static bool add_step(json_t *locks, const char *root, const graph_step *step)
{
    json_t *info =
        json_pack("{s:i,s:s}", "pid", (int)getpid(), "cmd", "clickmill repro");
    bool ok = info != NULL;
    for (size_t i = 0; i < step->n_deps && ok; i++) {
        ok =
            step->deps[i] == NULL || add_path(json_object_get(locks, "read"),
                                              root, step->deps[i], info, false);
    }
    for (size_t i = 0; i < step->stage->n_outs && ok; i++) {
        ok = add_path(json_object_get(locks, "write"), root, step->outs[i],
                      info, true);
    }
    json_decref(info);
    return ok;
}

static cm_status change(const char *path, const cm_repo *repo,
                        const graph_step *const *steps, size_t n, cm_error *err)
{
    json_t *old = NULL;
    cm_buf text = {0};
    if (cm_file_exists(path) &&
        cm_json_load(&old, path, MAX_BYTES, NULL) != CM_OK) {
        old = NULL;
    }
    json_t *locks = keep_foreign(old);
    bool ok = locks != NULL;
    for (size_t i = 0; i < n && ok; i++) {
        ok = add_step(locks, repo->root, steps[i]);
    }
    text.failed = !ok;
    if (ok) {
        cm_python_json(&text, locks, false);
    }
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    json_decref(locks);
    json_decref(old);
    return status;
}

cm_status rwlock_tell(const cm_repo *repo, const graph_step *const *steps,
                      size_t n, cm_error *err)
{
    char *path = cm_path_join(repo->dvc_dir, "tmp/rwlock");
    char *guard_path = cm_path_join(repo->dvc_dir, "tmp/rwlock.lock");
    cm_status status = CM_OK;
    int guard = -1;
    if (path == NULL || guard_path == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory locking");
    }
    if (status == CM_OK) {
        guard = open(guard_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (guard < 0 || flock(guard, LOCK_EX) != 0) {
            status = cm_fail_errno(err, "cannot lock %s", guard_path);
        }
    }
    if (status == CM_OK) {
        status = change(path, repo, steps, n, err);
    }
    if (guard >= 0) {
        close(guard);
    }
    free(guard_path);
    free(path);
    return status;
}
