/* Git by libgit2: the index and the rules of .gitignore. */
#include "versioning/git.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/paths.h"

struct cm_git {
    git_repository *repository;
    git_index *index;
    char *root;   /* of the DVC repository */
    char *prefix; /* of it in git's working tree, "" or "dir/sub" */
};

/* ---- opening ------------------------------------------------------------- */

/* libgit2 reads every certificate of the machine when it starts, for
 * connections that nothing here makes: 10 ms, a third of `status`.  This
 * function is found before Mbed TLS's own; where libgit2 has another TLS nobody
 * calls it. */
__attribute__((visibility("default"))) int
mbedtls_x509_crt_parse_file(void *certificates, const char *path);

int mbedtls_x509_crt_parse_file(void *certificates, const char *path)
{
    (void)certificates;
    (void)path;
    return 0;
}

static cm_status git_failed(const char *what, const char *path, cm_error *err)
{
    const git_error *last = git_error_last();
    return cm_fail(err, CM_ERR_IO, "git cannot %s %s: %s", what, path,
                   last != NULL ? last->message : "no reason given");
}

/* The way from git's working tree to the root, links resolved on both. */
static cm_status find_prefix(cm_git *git, const char *root, cm_error *err)
{
    const char *tree = git_repository_workdir(git->repository);
    char *real = realpath(root, NULL);
    char *real_tree = tree != NULL ? realpath(tree, NULL) : NULL;
    cm_status status = CM_OK;
    if (real == NULL || real_tree == NULL || !path_is_below(real, real_tree)) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s is not in the working tree of its git repository",
                         root);
    } else {
        git->prefix = path_relative(real, real_tree);
        if (git->prefix == NULL) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory opening git");
        } else if (strcmp(git->prefix, ".") == 0) {
            git->prefix[0] = '\0';
        }
    }
    free(real);
    free(real_tree);
    return status;
}

static cm_status open_at(cm_git *git, const char *root, cm_error *err)
{
    git->root = cm_strdup(root, err);
    if (git->root == NULL) {
        return CM_ERR_NOMEM;
    }
    if (git_repository_open_ext(&git->repository, root, 0, NULL) != 0 ||
        git_repository_index(&git->index, git->repository) != 0) {
        return git_failed("open the repository of", root, err);
    }
    return find_prefix(git, root, err);
}

cm_status cm_git_open(cm_git **out, const cm_repo *repo, cm_error *err)
{
    *out = NULL;
    if (!repo->has_git) {
        return CM_OK;
    }
    cm_git *git = cm_alloc_zero(1, sizeof *git, err);
    if (git == NULL) {
        return CM_ERR_NOMEM;
    }
    git_libgit2_init();
    cm_status status = open_at(git, repo->root, err);
    if (status != CM_OK) {
        cm_git_close(git);
        return status;
    }
    *out = git;
    return CM_OK;
}

void cm_git_close(cm_git *git)
{
    if (git != NULL) {
        git_index_free(git->index);
        git_repository_free(git->repository);
        free(git->root);
        free(git->prefix);
        free(git);
        git_libgit2_shutdown();
    }
}

/* The path in git's working tree; malloc'ed. */
static char *tree_path(const cm_git *git, const char *path, cm_error *err)
{
    char *whole = git->prefix[0] != '\0' ? cm_path_join(git->prefix, path)
                                         : cm_strdup(path, NULL);
    if (whole == NULL) {
        (void)cm_fail(err, CM_ERR_NOMEM, "out of memory asking git");
    }
    return whole;
}

/* ---- the index ----------------------------------------------------------- */

static cm_status refuse_tracked(const char *path, cm_error *err)
{
    return cm_fail(err, CM_ERR_USAGE,
                   "output '%s' is already tracked by git; to let DVC track it "
                   "instead: git rm -r --cached '%s' && git commit -m 'stop "
                   "tracking %s'",
                   path, path, path);
}

cm_status cm_git_check_untracked(const cm_git *git, const char *path,
                                 cm_error *err)
{
    if (git == NULL) {
        return CM_OK;
    }
    char *whole = tree_path(git, path, err);
    char *folder = whole != NULL ? cm_path_join(whole, "") : NULL;
    size_t at = 0;
    cm_status status = CM_OK;
    if (whole == NULL || folder == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory asking git");
    } else if (git_index_get_bypath(git->index, whole, 0) != NULL ||
               git_index_find_prefix(&at, git->index, folder) == 0) {
        status = refuse_tracked(path, err);
    }
    free(whole);
    free(folder);
    return status;
}

cm_status cm_git_stage(const cm_git *git, const char *path, cm_error *err)
{
    if (git == NULL) {
        return CM_OK;
    }
    char *whole = tree_path(git, path, err);
    cm_status status = whole == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK && (git_index_add_bypath(git->index, whole) != 0 ||
                            git_index_write(git->index) != 0)) {
        status = git_failed("add", path, err);
    }
    free(whole);
    return status;
}

/* ---- .gitignore ---------------------------------------------------------- */

enum { MAX_BYTES = 16 << 20 };

cm_status cm_git_is_ignored(const cm_git *git, const char *path, bool *ignored,
                            cm_error *err)
{
    int answer = 0;
    *ignored = false;
    if (git == NULL) {
        return CM_OK;
    }
    char *whole = tree_path(git, path, err);
    cm_status status = whole == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK &&
        git_ignore_path_is_ignored(&answer, git->repository, whole) != 0) {
        status = git_failed("read the .gitignore files for", path, err);
    }
    free(whole);
    *ignored = answer != 0;
    return status;
}

/* ROOT/folder of path/.gitignore; malloc'ed. */
static char *gitignore_of(const cm_git *git, const char *path, cm_error *err)
{
    char *whole = cm_path_join(git->root, path);
    char *folder = whole != NULL ? cm_path_dir(whole) : NULL;
    char *file = folder != NULL ? cm_path_join(folder, ".gitignore") : NULL;
    free(whole);
    free(folder);
    if (file == NULL) {
        (void)cm_fail(err, CM_ERR_NOMEM, "out of memory writing .gitignore");
    }
    return file;
}

/* "/name", with '\' before what a pattern would take for more. */
static void put_entry(cm_buf *out, const char *path)
{
    cm_buf_addc(out, '/');
    for (const char *p = cm_path_base(path); *p != '\0'; p++) {
        cm_buf_adds(out, strchr("\\[]!*#?", *p) != NULL ? "\\" : "");
        cm_buf_addc(out, *p);
    }
}

static cm_status read_ignores(cm_buf *out, const char *file, cm_error *err)
{
    return cm_file_exists(file) ? cm_read_file(out, file, MAX_BYTES, err)
                                : CM_OK;
}

static cm_status append(const char *file, const char *path, cm_error *err)
{
    cm_buf text = {0};
    cm_status status = read_ignores(&text, file, err);
    if (status == CM_OK) {
        bool open_line = text.n > 0 && text.p[text.n - 1] != '\n';
        cm_buf_adds(&text, open_line ? "\n" : "");
        put_entry(&text, path);
        cm_buf_addc(&text, '\n');
        status = cm_buf_check(&text, err);
    }
    if (status == CM_OK) {
        status = cm_write_file(file, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}

cm_status cm_git_ignore(const cm_git *git, const char *path, bool *changed,
                        cm_error *err)
{
    bool ignored = false;
    *changed = false;
    if (git == NULL) {
        return CM_OK;
    }
    cm_status status = cm_git_is_ignored(git, path, &ignored, err);
    if (status != CM_OK || ignored) {
        return status;
    }
    char *file = gitignore_of(git, path, err);
    status = file == NULL ? CM_ERR_NOMEM : append(file, path, err);
    *changed = status == CM_OK;
    free(file);
    return status;
}

static bool is_entry(cm_str line, cm_str entry, const char *path)
{
    const char *name = cm_path_base(path);
    cm_str bare = cm_str_trim(line);
    return cm_str_equal(bare, cm_str_trim(entry)) ||
           (bare.n > 0 && bare.p[0] == '/' &&
            cm_str_is((cm_str){bare.p + 1, bare.n - 1}, name));
}

/* The lines of text that do not name path, as entry does or without '\';
 * *found: whether one did. */
static void put_others(cm_buf *out, cm_str text, cm_str entry, const char *path,
                       bool *found)
{
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) + 1 : text.n;
        cm_str line = {text.p, n - (end != NULL)};
        if (line.n > 0 && line.p[line.n - 1] == '\r') {
            line.n--;
        }
        if (is_entry(line, entry, path)) {
            *found = true;
        } else {
            cm_buf_add(out, text.p, n);
        }
        text = (cm_str){text.p + n, text.n - n};
    }
}

static cm_status take_out(const char *file, const char *path, bool *changed,
                          cm_error *err)
{
    cm_buf text = {0}, entry = {0}, others = {0};
    cm_status status = read_ignores(&text, file, err);
    if (status == CM_OK) {
        put_entry(&entry, path);
        put_others(&others, (cm_str){text.p, text.n},
                   (cm_str){entry.p, entry.n}, path, changed);
        status = cm_buf_check(&others, err);
    }
    if (status == CM_OK && *changed && others.n == 0) {
        status = unlink(file) == 0
                     ? CM_OK
                     : cm_fail_errno(err, "cannot remove %s", file);
    } else if (status == CM_OK && *changed) {
        status = cm_write_file(file, (cm_str){others.p, others.n}, err);
    }
    cm_buf_release(&text);
    cm_buf_release(&entry);
    cm_buf_release(&others);
    return status;
}

cm_status cm_git_unignore(const cm_git *git, const char *path, bool *changed,
                          cm_error *err)
{
    *changed = false;
    if (git == NULL) {
        return CM_OK;
    }
    char *file = gitignore_of(git, path, err);
    cm_status status = file == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK && cm_file_exists(file)) {
        status = take_out(file, path, changed, err);
    }
    free(file);
    return status;
}
