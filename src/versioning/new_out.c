/* The paths of new outs, what git has to know of them, and their files. */
#include "versioning/new_out.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "versioning/paths.h"

/* ---- what may not be ----------------------------------------------------- */

static cm_status check_name(const char *path, cm_error *err)
{
    const char *base = cm_path_base(path);
    cm_str name = cm_str_of(path);
    if (cm_utf8_valid(name) != name.n) {
        return cm_fail(err, CM_ERR_USAGE,
                       "%s: the name is not UTF-8, and a .dvc file cannot "
                       "hold it; rename it",
                       path);
    }
    if (path[0] == '\0') {
        return cm_fail(err, CM_ERR_USAGE,
                       "the root of the repository cannot be added");
    }
    if (path_is_below(path, ".dvc") || path_is_below(path, ".git")) {
        return cm_fail(err, CM_ERR_USAGE, "'%s' is no data, but of DVC or git",
                       path);
    }
    if (strcmp(base, "dvc.yaml") == 0 || strcmp(base, "dvc.lock") == 0 ||
        cm_str_ends_with(name, ".dvc")) {
        return cm_fail(err, CM_ERR_USAGE, "DVC file '%s' cannot be an output",
                       path);
    }
    return CM_OK;
}

/* No folder above the target may be a link, nor the target one to a folder:
 * its files would have another name elsewhere. */
static cm_status check_links(const cm_repo *repo, const char *path,
                             cm_error *err)
{
    struct stat st;
    cm_status status = CM_OK;
    char *whole = cm_path_join(repo->root, path);
    if (whole == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    for (char *p = whole + strlen(repo->root) + 1; status == CM_OK; p++) {
        char end = *p;
        if (end != '/' && end != '\0') {
            continue;
        }
        *p = '\0';
        bool is_link = lstat(whole, &st) == 0 && S_ISLNK(st.st_mode);
        if (is_link && stat(whole, &st) == 0 && S_ISDIR(st.st_mode)) {
            status = cm_fail(err, CM_ERR_USAGE,
                             "%s is a link to a folder, and files cannot be "
                             "added through one; add the folder itself",
                             whole);
        }
        *p = end;
        if (end == '\0') {
            break;
        }
    }
    free(whole);
    return status;
}

cm_status new_out_check(const cm_repo *repo, const char *path, cm_error *err)
{
    cm_status status = check_name(path, err);
    return status == CM_OK ? check_links(repo, path, err) : status;
}

cm_status new_out_check_git(const cm_git *git, const char *out,
                            const char *file, cm_error *err)
{
    bool ignored = false;
    cm_status status = cm_git_check_untracked(git, out, err);
    if (status == CM_OK) {
        status = cm_git_is_ignored(git, file, &ignored, err);
    }
    return status == CM_OK && ignored
               ? cm_fail(err, CM_ERR_USAGE,
                         "'%s' is git-ignored, and would be lost; take it out "
                         "of .gitignore",
                         file)
               : status;
}

/* ---- what is told and written -------------------------------------------- */

cm_status new_out_report(cm_add_report *report, const char *file, cm_error *err)
{
    for (size_t i = 0; i < report->n; i++) {
        if (strcmp(report->files[i], file) == 0) {
            return CM_OK;
        }
    }
    cm_status status = cm_grow(&report->files, report->n, &report->capacity,
                               sizeof *report->files, err);
    char *copy = status == CM_OK
                     ? cm_arena_strdup(&report->arena, file, strlen(file), err)
                     : NULL;
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    report->files[report->n++] = copy;
    return CM_OK;
}

cm_status new_out_ignore(cm_add_report *report, const cm_git *git,
                         const char *out, cm_error *err)
{
    bool changed = false;
    cm_status status = cm_git_ignore(git, out, &changed, err);
    if (status != CM_OK || !changed) {
        return status;
    }
    const char *base = cm_path_base(out);
    cm_buf file = {0};
    cm_buf_add(&file, out, (size_t)(base - out));
    cm_buf_adds(&file, ".gitignore");
    status = cm_buf_check(&file, err);
    if (status == CM_OK) {
        status = new_out_report(report, file.p, err);
    }
    cm_buf_release(&file);
    return status;
}

cm_status new_out_save(const cm_dvc_file *file, const char *path, cm_error *err)
{
    cm_buf text = {0};
    cm_status status = cm_dvc_file_format(file, &text, err);
    if (status == CM_OK &&
        !cm_str_equal((cm_str){text.p, text.n}, file->text)) {
        status = cm_write_file(path, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}

cm_status new_out_stage(cm_add_report *report, const cm_repo *repo,
                        const cm_git *git, cm_error *err)
{
    const char *wanted = cm_dvc_config_get(repo->config, "core", "autostage");
    cm_status status = CM_OK;
    report->staged =
        git != NULL && wanted != NULL && strcasecmp(wanted, "true") == 0;
    for (size_t i = 0; i < report->n && report->staged && status == CM_OK;
         i++) {
        status = cm_git_stage(git, report->files[i], err);
    }
    return status;
}
