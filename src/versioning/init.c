/* Making a repository, file by file as `dvc init` does. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "versioning/git.h"
#include "versioning/paths.h"

static const char config_without_scm[] = "[core]\n    no_scm = True\n";
static const char gitignore[] = "/config.local\n/tmp\n/cache\n";
static const char dvcignore[] =
    "# Add patterns of files dvc should ignore, which could improve\n"
    "# the performance. Learn more at\n"
    "# https://dvc.org/doc/user-guide/dvcignore\n";

static cm_status write_below(const cm_repo *repo, const char *path, cm_str text,
                             cm_error *err)
{
    char *whole = cm_path_join(repo->root, path);
    if (whole == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory writing %s", path);
    }
    cm_status status = cm_write_file(whole, text, err);
    free(whole);
    return status;
}

/* ---- what stands against it ---------------------------------------------- */

static cm_status check_git(const cm_repo *repo, const cm_git *git,
                           cm_error *err)
{
    bool ignored = false;
    cm_status status = cm_git_is_ignored(git, ".dvc/config", &ignored, err);
    if (status == CM_OK && ignored) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s is ignored by git; add '!.dvc' to .gitignore",
                       repo->dvc_dir);
    }
    return status;
}

static cm_status check(const cm_repo *repo, const cm_init_options *options,
                       cm_error *err)
{
    if (options->no_scm && options->subdir) {
        return cm_fail(err, CM_ERR_USAGE,
                       "--no-scm and --subdir cannot go together: a "
                       "subdirectory is one of a git repository");
    }
    if (!options->no_scm && !options->subdir && !path_has(repo->root, ".git")) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s is not the root of a git repository; run git init "
                       "first, or give --subdir below one, or --no-scm to do "
                       "without",
                       repo->root);
    }
    if (path_has(repo->root, ".dvc") && !options->force) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s exists: this is a DVC repository already; --force "
                       "makes it anew and deletes its cache",
                       repo->dvc_dir);
    }
    return CM_OK;
}

/* ---- what it makes ------------------------------------------------------- */

static cm_status write_files(const cm_repo *repo,
                             const cm_init_options *options, cm_error *err)
{
    cm_status status = cm_remove_tree(repo->dvc_dir, err);
    if (status == CM_OK) {
        status = cm_make_dirs(repo->dvc_dir, err);
    }
    if (status == CM_OK) {
        cm_str config =
            options->no_scm ? CM_STR(config_without_scm) : CM_STR("");
        status = write_below(repo, ".dvc/config", config, err);
    }
    if (status == CM_OK && !options->no_scm) {
        status = write_below(repo, ".dvc/.gitignore", CM_STR(gitignore), err);
    }
    if (status == CM_OK && !path_has(repo->root, ".dvcignore")) {
        status = write_below(repo, ".dvcignore", CM_STR(dvcignore), err);
    }
    return status;
}

static cm_status stage_files(const cm_git *git, cm_error *err)
{
    static const char *const files[] = {".dvc/.gitignore", ".dvc/config",
                                        ".dvcignore"};
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof files / sizeof *files && status == CM_OK;
         i++) {
        status = cm_git_stage(git, files[i], err);
    }
    return status;
}

static cm_status make(const cm_repo *repo, const cm_init_options *options,
                      cm_error *err)
{
    cm_git *git = NULL;
    cm_status status = check(repo, options, err);
    if (status == CM_OK) {
        status = cm_git_open(&git, repo, err);
    }
    if (status == CM_OK) {
        status = check_git(repo, git, err);
    }
    if (status == CM_OK) {
        status = write_files(repo, options, err);
    }
    if (status == CM_OK) {
        status = stage_files(git, err);
    }
    cm_git_close(git);
    return status;
}

cm_status cm_repo_init(const char *folder, const cm_init_options *options,
                       cm_error *err)
{
    cm_repo repo = {.lock = -1, .has_git = !options->no_scm};
    char *working = path_working(err);
    if (working == NULL) {
        return CM_ERR_IO;
    }
    repo.root = path_absolute(working, folder != NULL ? folder : ".");
    repo.dvc_dir = repo.root != NULL ? cm_path_join(repo.root, ".dvc") : NULL;
    cm_status status =
        repo.dvc_dir == NULL
            ? cm_fail(err, CM_ERR_NOMEM, "out of memory making a repository")
            : make(&repo, options, err);
    free(working);
    cm_repo_close(&repo);
    return status;
}
