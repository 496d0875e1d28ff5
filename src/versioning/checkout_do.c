/* The doing of a plan: removed files first, for they may be in the way, then
 * folders, then files on all threads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tasks.h"
#include "versioning/checkout.h"

enum { WORTH_SAYING = 1000 }; /* files, for progress to be told */

/* ---- removing ------------------------------------------------------------ */

/* The folders that a removed file leaves empty, up to the out's own, which
 * goes when the out is to be a file. */
static void remove_empty_folders(const checkout_plan *plan, const char *path)
{
    size_t stop = strlen(plan->path);
    char *folder = cm_path_dir(path);
    while (folder != NULL &&
           strlen(folder) + (plan->is_folder ? 0 : 1) > stop &&
           rmdir(folder) == 0) {
        char *above = cm_path_dir(folder);
        free(folder);
        folder = above;
    }
    free(folder);
}

static cm_status remove_files(const checkout_plan *plan, cm_error *err)
{
    for (size_t i = 0; i < plan->remove.n; i++) {
        const char *path = plan->remove.items[i].path;
        if (unlink(path) != 0 && errno != ENOENT) {
            return cm_fail_errno(err, "%s: cannot remove it", path);
        }
        remove_empty_folders(plan, path);
    }
    return CM_OK;
}

/* ---- folders ------------------------------------------------------------- */

static cm_status make_folder(const char *path, cm_error *err)
{
    struct stat st;
    if (mkdir(path, 0777) == 0) {
        return CM_OK;
    }
    if (errno != EEXIST) {
        return cm_fail_errno(err, "%s: cannot create the folder", path);
    }
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s is in the way: a folder is to be there; move it "
                       "away",
                       path);
    }
    return CM_OK;
}

/* The folders between the out's and the file: not through links, which could
 * lead anywhere. */
static cm_status make_folders_to(const checkout_plan *plan, const char *path,
                                 cm_error *err)
{
    cm_status status = CM_OK;
    char *partial = cm_strdup(path, err);
    if (partial == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = strlen(plan->path) + 1; partial[i] != '\0'; i++) {
        if (partial[i] == '/' && status == CM_OK) {
            partial[i] = '\0';
            status = make_folder(partial, err);
            partial[i] = '/';
        }
    }
    free(partial);
    return status;
}

static bool same_folder(const char *a, const char *b)
{
    size_t n = (size_t)(cm_path_base(a) - a);
    return n == (size_t)(cm_path_base(b) - b) && memcmp(a, b, n) == 0;
}

static cm_status make_folders(const checkout_plan *plan, cm_error *err)
{
    cm_status status = cm_make_parent(plan->path, err);
    if (status == CM_OK && plan->is_folder) {
        status = make_folder(plan->path, err);
    }
    for (size_t i = 0; i < plan->make.n && status == CM_OK; i++) {
        const checkout_file *file = &plan->make.items[i];
        if (plan->is_folder &&
            (i == 0 || !same_folder(file[-1].path, file->path))) {
            status = make_folders_to(plan, file->path, err);
        }
    }
    return status;
}

/* ---- files --------------------------------------------------------------- */

typedef struct making {
    const checkout_plan *plan;
    linker *linker;
    cm_progress *progress;
    file_stamp *stamps; /* (n) of files just made; zero: none */
} making;

static file_stamp look_at(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? file_stamp_of(&st) : (file_stamp){0};
}

static cm_status make_file(void *context, size_t task, cm_error *err)
{
    const making *m = context;
    const checkout_file *file = &m->plan->make.items[task];
    char *object = cm_cache_path(m->plan->repo, file->md5);
    if (object == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    cm_status status = linker_make(m->linker, object, file->path, err);
    m->stamps[task] = look_at(file->path);
    cm_progress_add(m->progress, 1);
    free(object);
    return status;
}

static bool same_stamp(const file_stamp *a, const file_stamp *b)
{
    return a->inode == b->inode && a->size == b->size &&
           a->mtime_ns == b->mtime_ns;
}

/* Of files that nobody has changed since they were made. */
static void keep_states(const making *m, cm_file_state *state)
{
    const checkout_plan *plan = m->plan;
    size_t root = strlen(plan->repo->root) + 1;
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    for (size_t i = 0; i < plan->make.n; i++) {
        const checkout_file *file = &plan->make.items[i];
        file_stamp stamp = look_at(file->path);
        if (stamp.inode != 0 && same_stamp(&stamp, &m->stamps[i])) {
            file_state_keep_made(state, file->path + root, &stamp, file->md5,
                                 now_ns);
        }
    }
}

static cm_status make_files(making *m, cm_file_state *state, cm_error *err)
{
    const checkout_plan *plan = m->plan;
    size_t n = plan->make.n;
    m->stamps = cm_alloc_zero(n, sizeof *m->stamps, err);
    if (m->stamps == NULL) {
        return CM_ERR_NOMEM;
    }
    m->progress = cm_progress_new(n >= WORTH_SAYING ? plan->repo->log : NULL,
                                  "checking out", "files", n);
    cm_status status = cm_try_parallel(n, 0, make_file, m, err);
    cm_progress_free(m->progress);
    if (status == CM_OK) {
        keep_states(m, state);
    }
    free(m->stamps);
    return status;
}

cm_status checkout_do(const checkout_plan *plan, cm_file_state *state,
                      linker *l, cm_error *err)
{
    making m = {.plan = plan, .linker = l};
    cm_status status = remove_files(plan, err);
    if (status == CM_OK && checkout_plan_changes(plan)) {
        status = make_folders(plan, err);
    }
    if (status == CM_OK && plan->make.n > 0) {
        status = make_files(&m, state, err);
    }
    if (status == CM_OK && plan->is_exec && !plan->is_folder) {
        link_set_exec(plan->path);
    }
    return status;
}

/* ---- one object ---------------------------------------------------------- */

cm_status cm_cache_checkout(const cm_repo *repo, cm_file_state *state,
                            const char *path, const char *object, bool force,
                            bool *changed, cm_error *err)
{
    checkout_plan plan;
    linker l;
    cm_out out = {.path = path};
    CM_ASSERT(strlen(object) < CM_OBJECT_TEXT);
    memcpy(out.md5, object, strlen(object) + 1);
    cm_status status =
        checkout_plan_make(&plan, repo, state, path, NULL, &out, false, err);
    if (status == CM_OK) {
        status = checkout_refuse_missing(&plan, err);
    }
    if (status == CM_OK && !force) {
        status = checkout_refuse_loss(&plan, 1, err);
    }
    *changed = status == CM_OK && checkout_plan_changes(&plan);
    if (*changed) {
        status = linker_open(&l, repo, err);
        if (status == CM_OK) {
            status = checkout_do(&plan, state, &l, err);
        }
        linker_close(&l);
    }
    checkout_plan_release(&plan);
    return status;
}
