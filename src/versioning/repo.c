/* Finding a repository and reading what it is set to. */
#include "versioning/repo.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/dvc_config.h"
#include "versioning/paths.h"

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder above; "" above the root.  In place. */
static void go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
}

/* The nearest folder from path upward that has name in it, in place; false:
 * there is none. */
static bool find_above(char *path, const char *name)
{
    while (!path_has(path, name)) {
        if (path[0] == '\0') {
            return false;
        }
        go_up(path);
    }
    return true;
}

/* folder (NULL: the working one), absolute; malloc'ed. */
static cm_status find_start(char **out, const char *folder, cm_error *err)
{
    *out = path_working(err);
    if (*out == NULL || folder == NULL) {
        return *out == NULL ? CM_ERR_IO : CM_OK;
    }
    char *path = path_absolute(*out, folder);
    free(*out);
    *out = path;
    return path != NULL
               ? CM_OK
               : cm_fail(err, CM_ERR_NOMEM, "out of memory opening %s", folder);
}

static cm_status find_root(cm_repo *repo, const char *folder, cm_error *err)
{
    cm_status status = find_start(&repo->root, folder, err);
    if (status != CM_OK) {
        return status;
    }
    char *asked = cm_strdup(repo->root, err);
    status = asked == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK && !find_above(repo->root, ".dvc")) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s is in no DVC repository: there is no .dvc in it "
                         "or in a folder above; make one with clickmill init",
                         asked);
    }
    free(asked);
    if (status != CM_OK) {
        return status;
    }
    repo->dvc_dir = cm_path_join(repo->root, ".dvc");
    if (repo->dvc_dir == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory opening %s",
                       repo->root);
    }
    return is_folder(repo->dvc_dir)
               ? CM_OK
               : cm_fail(err, CM_ERR_DATA, "%s is not a folder", repo->dvc_dir);
}

/* ---- settings ------------------------------------------------------------ */

static bool is_true(const cm_repo *repo, const char *section, const char *key)
{
    const char *value = cm_dvc_config_get(repo->config, section, key);
    return value != NULL && strcasecmp(value, "true") == 0;
}

static cm_status find_git(cm_repo *repo, cm_error *err)
{
    char *path = cm_strdup(repo->root, err);
    if (path == NULL) {
        return CM_ERR_NOMEM;
    }
    repo->has_git =
        find_above(path, ".git") && !is_true(repo, "core", "no_scm");
    free(path);
    return CM_OK;
}

static cm_status read_link(cm_repo *repo, cm_str word, cm_error *err)
{
    static const char *const names[CM_MAX_LINK_TYPES] = {
        [CM_LINK_REFLINK] = "reflink",
        [CM_LINK_COPY] = "copy",
        [CM_LINK_HARDLINK] = "hardlink",
        [CM_LINK_SYMLINK] = "symlink"};
    for (int i = 0; i < CM_MAX_LINK_TYPES; i++) {
        if (cm_str_is(word, names[i]) && repo->n_links < CM_MAX_LINK_TYPES) {
            repo->links[repo->n_links++] = (cm_link_type)i;
            return CM_OK;
        }
    }
    return cm_fail(err, CM_ERR_USAGE,
                   "config file error: found '%.*s' in cache.type, expected "
                   "reflink, hardlink, symlink or copy, each once",
                   CM_STR_ARG(word));
}

static cm_status read_links(cm_repo *repo, cm_error *err)
{
    const char *types = cm_dvc_config_get(repo->config, "cache", "type");
    cm_status status = CM_OK;
    for (const char *p = types != NULL ? types : "reflink,copy";
         *p != '\0' && status == CM_OK;) {
        size_t n = strcspn(p, ",");
        status = read_link(repo, cm_str_trim((cm_str){p, n}), err);
        p += n;
        p += *p == ',';
    }
    return status;
}

static cm_status read_settings(cm_repo *repo, cm_error *err)
{
    const char *cache = cm_dvc_config_get(repo->config, "cache", "dir");
    repo->cache = cache != NULL ? cm_strdup(cache, err)
                                : cm_path_join(repo->dvc_dir, "cache");
    if (repo->cache == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory opening %s",
                       repo->root);
    }
    if (is_true(repo, "core", "hardlink_lock")) {
        return cm_fail(err, CM_ERR_USAGE,
                       "config file error: core.hardlink_lock is true, a kind "
                       "of lock that clickmill does not have; remove the "
                       "option");
    }
    cm_status status = find_git(repo, err);
    return status == CM_OK ? read_links(repo, err) : status;
}

cm_status cm_repo_find(cm_repo *repo, const char *folder, cm_error *err)
{
    *repo = (cm_repo){.lock = -1};
    return find_root(repo, folder, err);
}

cm_status cm_repo_open(cm_repo *repo, const char *folder, const cm_log *log,
                       cm_error *err)
{
    cm_status status = cm_repo_find(repo, folder, err);
    repo->log = log;
    if (status == CM_OK) {
        status = dvc_config_load(&repo->config, repo->dvc_dir, err);
    }
    return status == CM_OK ? read_settings(repo, err) : status;
}

void cm_repo_close(cm_repo *repo)
{
    cm_repo_unlock(repo);
    dvc_config_free(repo->config);
    free(repo->root);
    free(repo->dvc_dir);
    free(repo->cache);
    *repo = (cm_repo){.lock = -1};
}

/* ---- paths --------------------------------------------------------------- */

/* The path with the links of its folder resolved, where that leads into the
 * repository: a working folder may have been entered through a link. */
static char *real_path(const char *path)
{
    char *folder = cm_path_dir(path);
    char *real = folder != NULL ? realpath(folder, NULL) : NULL;
    char *whole = real != NULL ? cm_path_join(real, cm_path_base(path)) : NULL;
    free(folder);
    free(real);
    return whole;
}

cm_status cm_repo_path(const cm_repo *repo, const char *given, cm_arena *arena,
                       const char **out, cm_error *err)
{
    char *working = path_working(err);
    char *path = working != NULL ? path_absolute(working, given) : NULL;
    char *real = path != NULL ? real_path(path) : NULL;
    char *root = realpath(repo->root, NULL);
    const char *inside = NULL;
    if (path != NULL && path_is_below(path, repo->root)) {
        inside = path + strlen(repo->root);
    } else if (real != NULL && root != NULL && path_is_below(real, root)) {
        inside = real + strlen(root);
    }
    cm_status status = CM_OK;
    if (path == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "out of memory reading %s", given);
    } else if (inside == NULL) {
        status =
            cm_fail(err, CM_ERR_USAGE, "%s lies outside of the repository %s",
                    given, repo->root);
    } else {
        inside += *inside == '/';
        *out = cm_arena_strdup(arena, inside, strlen(inside), err);
        status = *out == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    free(working);
    free(path);
    free(real);
    free(root);
    return status;
}
