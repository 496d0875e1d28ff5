/* The workspace and git's trees as sources of files. */
#include "versioning/snapshot.h"

#include <fcntl.h>
#include <git2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/folder_names.h"
#include "versioning/paths.h"

enum { MAX_BYTES = 16 << 20 };

typedef struct source {
    const char *root; /* of the DVC repository */
    git_repository *git;
    git_tree *tree; /* NULL: the workspace */
    char *prefix;   /* of the DVC repository in git's tree, "" or "sub/" */
    char *rev;
} source;

/* ---- a folder's entries -------------------------------------------------- */

static cm_status add_entry(snapshot_folder *folder, const char *name,
                           bool is_folder, bool is_file, cm_error *err)
{
    cm_status status = cm_grow(&folder->entries, folder->n, &folder->capacity,
                               sizeof *folder->entries, err);
    char *copy = status == CM_OK ? cm_strdup(name, err) : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    folder->entries[folder->n++] = (snapshot_entry){copy, is_folder, is_file};
    return CM_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const snapshot_entry *)a)->name,
                  ((const snapshot_entry *)b)->name);
}

void snapshot_folder_release(snapshot_folder *folder)
{
    for (size_t i = 0; i < folder->n; i++) {
        free(folder->entries[i].name);
    }
    free(folder->entries);
    *folder = (snapshot_folder){0};
}

/* ---- the workspace ------------------------------------------------------- */

static cm_status read_workspace(const cm_snapshot *snapshot, const char *path,
                                cm_buf *out, bool *found, cm_error *err)
{
    const source *s = snapshot->state;
    struct stat info;
    char *full = cm_path_join(s->root, path);
    if (full == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory reading %s", path);
    }
    *found = stat(full, &info) == 0;
    cm_status status = CM_OK;
    if (*found && S_ISDIR(info.st_mode)) {
        status =
            cm_fail(err, CM_ERR_DATA, "%s is a folder, expected a file", path);
    } else if (*found) {
        status = cm_read_file(out, full, MAX_BYTES, err);
    }
    free(full);
    return status;
}

static cm_status has_workspace(const cm_snapshot *snapshot, const char *path,
                               bool *has, cm_error *err)
{
    const source *s = snapshot->state;
    char *full = cm_path_join(s->root, path);
    if (full == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory reading %s", path);
    }
    *has = cm_file_exists(full);
    free(full);
    return CM_OK;
}

static cm_status list_names(const folder_names *names, int fd,
                            snapshot_folder *out, cm_error *err)
{
    struct stat info;
    cm_status status = CM_OK;
    for (size_t i = 0; i < names->n && status == CM_OK; i++) {
        const char *name = names->items[i];
        if (fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
            status = add_entry(out, name, S_ISDIR(info.st_mode),
                               S_ISREG(info.st_mode), err);
        }
    }
    return status;
}

static cm_status list_workspace(const cm_snapshot *snapshot, const char *folder,
                                snapshot_folder *out, cm_error *err)
{
    const source *s = snapshot->state;
    folder_names names = {0};
    int fd = -1;
    char *full = cm_path_join(s->root, folder);
    cm_status status =
        full == NULL
            ? cm_fail(err, CM_ERR_NOMEM, "out of memory reading %s", folder)
            : folder_names_read(&names, full, &fd, err);
    if (status == CM_OK) {
        status = list_names(&names, fd, out, err);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    folder_names_release(&names);
    free(full);
    return status;
}

/* ---- git ----------------------------------------------------------------- */

static cm_status git_failed(const char *what, cm_error *err)
{
    const git_error *last = git_error_last();
    return cm_fail(err, CM_ERR_DATA, "git: %s: %s", what,
                   last != NULL ? last->message : "no reason given");
}

/* The tree's entry of a path, NULL when there is none. */
static cm_status find_entry(const source *s, const char *path,
                            git_tree_entry **out, cm_error *err)
{
    cm_buf full = {0};
    *out = NULL;
    cm_buf_addf(&full, "%s%s", s->prefix, path);
    cm_status status = cm_buf_check(&full, err);
    if (status == CM_OK) {
        size_t n = full.n;
        if (n > 0 && full.p[n - 1] == '/') {
            full.p[n - 1] = '\0'; /* the root itself */
        }
        int code = git_tree_entry_bypath(out, s->tree, full.p);
        if (code != 0 && code != GIT_ENOTFOUND) {
            status = git_failed(path, err);
        }
    }
    cm_buf_release(&full);
    return status;
}

static cm_status read_tree(const cm_snapshot *snapshot, const char *path,
                           cm_buf *out, bool *found, cm_error *err)
{
    const source *s = snapshot->state;
    git_tree_entry *entry = NULL;
    git_blob *blob = NULL;
    cm_status status = find_entry(s, path, &entry, err);
    *found = entry != NULL && git_tree_entry_type(entry) == GIT_OBJECT_BLOB;
    if (status == CM_OK && *found) {
        if (git_blob_lookup(&blob, s->git, git_tree_entry_id(entry)) != 0) {
            status = git_failed(path, err);
        } else if (git_blob_rawsize(blob) > MAX_BYTES) {
            status =
                cm_fail(err, CM_ERR_DATA, "%s at %s has more than %d bytes",
                        path, s->rev, MAX_BYTES);
        } else {
            cm_buf_add(out, git_blob_rawcontent(blob),
                       (size_t)git_blob_rawsize(blob));
            status = cm_buf_check(out, err);
        }
    }
    git_blob_free(blob);
    git_tree_entry_free(entry);
    return status;
}

static cm_status has_in_tree(const cm_snapshot *snapshot, const char *path,
                             bool *has, cm_error *err)
{
    git_tree_entry *entry = NULL;
    cm_status status = find_entry(snapshot->state, path, &entry, err);
    *has = entry != NULL;
    git_tree_entry_free(entry);
    return status;
}

static cm_status list_tree(const git_tree *tree, snapshot_folder *out,
                           cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < git_tree_entrycount(tree) && status == CM_OK; i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        git_object_t type = git_tree_entry_type(entry);
        bool is_file = type == GIT_OBJECT_BLOB &&
                       git_tree_entry_filemode(entry) != GIT_FILEMODE_LINK;
        status = add_entry(out, git_tree_entry_name(entry),
                           type == GIT_OBJECT_TREE, is_file, err);
    }
    if (out->n > 0) {
        qsort(out->entries, out->n, sizeof *out->entries, compare_names);
    }
    return status;
}

static cm_status list_in_tree(const cm_snapshot *snapshot, const char *folder,
                              snapshot_folder *out, cm_error *err)
{
    const source *s = snapshot->state;
    git_tree_entry *entry = NULL;
    git_tree *tree = NULL;
    if (folder[0] == '\0' && s->prefix[0] == '\0') {
        return list_tree(s->tree, out, err);
    }
    cm_status status = find_entry(s, folder, &entry, err);
    bool is_folder =
        entry != NULL && git_tree_entry_type(entry) == GIT_OBJECT_TREE;
    if (is_folder &&
        git_tree_lookup(&tree, s->git, git_tree_entry_id(entry)) != 0) {
        status = git_failed(folder, err);
    } else if (is_folder) {
        status = list_tree(tree, out, err);
    }
    git_tree_free(tree);
    git_tree_entry_free(entry);
    return status;
}

/* ---- files of a name ----------------------------------------------------- */

typedef struct finder {
    const char *name, *prefix;
    snapshot_files *out;
    cm_error *err;
} finder;

static int find_visitor(const char *folder, const git_tree_entry *entry,
                        void *context)
{
    finder *f = context;
    size_t n = strlen(f->prefix);
    cm_buf path = {0};
    if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB ||
        strcmp(git_tree_entry_name(entry), f->name) != 0 ||
        strncmp(folder, f->prefix, n) != 0) {
        return 0;
    }
    cm_buf_addf(&path, "%s%s", folder + n, f->name);
    if (cm_buf_check(&path, f->err) != CM_OK ||
        cm_grow(&f->out->paths, f->out->n, &f->out->capacity,
                sizeof *f->out->paths, f->err) != CM_OK) {
        cm_buf_release(&path);
        return -1;
    }
    f->out->paths[f->out->n++] = path.p;
    return 0;
}

static size_t depth_of(const char *path)
{
    size_t n = 0;
    for (; *path != '\0'; path++) {
        n += *path == '/';
    }
    return n;
}

static int compare_depths(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    size_t m = depth_of(x), n = depth_of(y);
    return m != n ? (m > n) - (m < n) : strcmp(x, y);
}

cm_status snapshot_find(const cm_snapshot *snapshot, const char *name,
                        snapshot_files *out, cm_error *err)
{
    const source *s = snapshot->state;
    finder f = {name, s->prefix, out, err};
    CM_ASSERT(s->tree != NULL);
    if (git_tree_walk(s->tree, GIT_TREEWALK_PRE, find_visitor, &f) != 0) {
        return err != NULL && err->code != CM_OK ? err->code
                                                 : git_failed(s->rev, err);
    }
    if (out->n > 0) {
        qsort(out->paths, out->n, sizeof *out->paths, compare_depths);
    }
    return CM_OK;
}

void snapshot_files_release(snapshot_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        free(files->paths[i]);
    }
    free(files->paths);
    *files = (snapshot_files){0};
}

/* ---- opening ------------------------------------------------------------- */

static cm_status find_prefix(source *s, cm_error *err)
{
    const char *folder = git_repository_workdir(s->git);
    char *root = realpath(s->root, NULL);
    char *tree = folder != NULL ? realpath(folder, NULL) : NULL;
    char *way = root != NULL && tree != NULL ? path_relative(root, tree) : NULL;
    cm_buf prefix = {0};
    if (way != NULL && strcmp(way, ".") != 0) {
        cm_buf_addf(&prefix, "%s/", way);
    }
    bool found = root != NULL && tree != NULL;
    bool ok = way != NULL && !prefix.failed;
    if (ok) {
        s->prefix = prefix.p != NULL ? prefix.p : cm_strdup("", err);
        ok = s->prefix != NULL;
    } else {
        cm_buf_release(&prefix);
    }
    free(way);
    free(root);
    free(tree);
    return ok      ? CM_OK
           : found ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                   : cm_fail(err, CM_ERR_DATA,
                             "cannot find %s in the working tree of its git "
                             "repository",
                             s->root);
}

static cm_status open_tree(source *s, cm_error *err)
{
    git_object *object = NULL;
    git_object *commit = NULL;
    cm_status status = CM_OK;
    if (s->git == NULL &&
        git_repository_open_ext(&s->git, s->root, 0, NULL) != 0) {
        status = git_failed(s->root, err);
    } else if (git_revparse_single(&object, s->git, s->rev) != 0 ||
               git_object_peel(&commit, object, GIT_OBJECT_COMMIT) != 0 ||
               git_commit_tree(&s->tree, (const git_commit *)commit) != 0) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "git has no commit '%s'; see git log, or name a "
                         "branch or tag",
                         s->rev);
    } else if (s->prefix == NULL) {
        status = find_prefix(s, err);
    }
    git_object_free(commit);
    git_object_free(object);
    return status;
}

cm_status cm_snapshot_open(cm_snapshot *out, const cm_repo *repo,
                           const char *rev, cm_error *err)
{
    *out = (cm_snapshot){
        .read = read_workspace, .list = list_workspace, .has = has_workspace};
    source *s = cm_alloc_zero(1, sizeof *s, err);
    if (s == NULL) {
        return CM_ERR_NOMEM;
    }
    git_libgit2_init();
    out->state = s;
    s->root = repo->root;
    return rev == NULL || strcmp(rev, "workspace") == 0
               ? CM_OK
               : snapshot_move(out, rev, err);
}

cm_status snapshot_move(cm_snapshot *snapshot, const char *rev, cm_error *err)
{
    source *s = snapshot->state;
    snapshot->read = read_tree;
    snapshot->list = list_in_tree;
    snapshot->has = has_in_tree;
    git_tree_free(s->tree);
    s->tree = NULL;
    free(s->rev);
    s->rev = cm_strdup(rev, err);
    return s->rev == NULL ? CM_ERR_NOMEM : open_tree(s, err);
}

void cm_snapshot_close(cm_snapshot *snapshot)
{
    source *s = snapshot->state;
    if (s == NULL) {
        return;
    }
    git_tree_free(s->tree);
    git_repository_free(s->git);
    git_libgit2_shutdown();
    free(s->prefix);
    free(s->rev);
    free(s);
    snapshot->state = NULL;
}

const char *snapshot_rev(const cm_snapshot *snapshot)
{
    return ((const source *)snapshot->state)->rev;
}

cm_status cm_repo_has_commits(const cm_repo *repo, bool *out, cm_error *err)
{
    git_repository *git = NULL;
    git_oid id;
    *out = false;
    if (!repo->has_git) {
        return CM_OK;
    }
    git_libgit2_init();
    cm_status status = CM_OK;
    if (git_repository_open_ext(&git, repo->root, 0, NULL) != 0) {
        status = git_failed(repo->root, err);
    } else {
        *out = git_reference_name_to_id(&id, git, "HEAD") == 0;
    }
    git_repository_free(git);
    git_libgit2_shutdown();
    return status;
}
