/* Changing remotes.  A file is read as DVC reads it and written from its values
 * alone, so its comments go, as they do with `dvc remote`; its paths are made
 * relative to its folder. */
#include "versioning/remotes.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/dvc_config.h"
#include "versioning/paths.h"

/* One file being changed. */
typedef struct edit {
    const cm_repo *repo;
    cm_config_level level;
    char *path;
    cm_ini_file ini;
    cm_error *err;
} edit;

/* ---- names --------------------------------------------------------------- */

static cm_status out_of_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM,
                   "out of memory changing the "
                   "configuration");
}

/* 'remote "name"', of the arena of ini. */
static const char *section_of(cm_ini_file *ini, const char *name, cm_error *err)
{
    cm_buf text = {0};
    cm_buf_addf(&text, "remote \"%s\"", name);
    const char *copy =
        text.failed ? NULL : cm_arena_strdup(&ini->arena, text.p, text.n, err);
    cm_buf_release(&text);
    if (copy == NULL) {
        (void)out_of_memory(err);
    }
    return copy;
}

/* A name as an option's key is read: in lower case. */
static const char *lower_of(cm_ini_file *ini, const char *text, cm_error *err)
{
    char *copy = cm_arena_strdup(&ini->arena, text, strlen(text), err);
    for (char *p = copy; p != NULL && *p != '\0'; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    }
    return copy;
}

/* ---- paths --------------------------------------------------------------- */

/* A path relative to `base` as one relative to the file's folder; what is
 * absolute, a URL or begins with '~' stays.  malloc'ed. */
static char *relative_to_file(const edit *e, const char *base,
                              const char *value)
{
    if (path_is_url(value) || value[0] == '/' || value[0] == '~') {
        return cm_strdup(value, NULL);
    }
    char *folder = cm_path_dir(e->path);
    char *path = path_absolute(base, value);
    char *relative =
        folder != NULL && path != NULL ? path_relative(path, folder) : NULL;
    free(folder);
    free(path);
    return relative;
}

static cm_status set_path(edit *e, cm_ini_section *section, const char *key,
                          const char *base, const char *value)
{
    char *path = relative_to_file(e, base, value);
    if (path == NULL) {
        return out_of_memory(e->err);
    }
    cm_status status = cm_ini_set_text(&e->ini, section, key, path, e->err);
    free(path);
    return status;
}

/* A value from the command line. */
static cm_status set_value(edit *e, cm_ini_section *section, const char *key,
                           const char *value)
{
    if (!dvc_config_is_path(section, key)) {
        return cm_ini_set_text(&e->ini, section, key, value, e->err);
    }
    char *working = path_working(e->err);
    cm_status status =
        working == NULL ? CM_ERR_IO : set_path(e, section, key, working, value);
    free(working);
    return status;
}

/* Paths of the file as DVC would write them. */
static cm_status clean_paths(edit *e)
{
    char *folder = cm_path_dir(e->path);
    cm_status status = folder == NULL ? out_of_memory(e->err) : CM_OK;
    for (size_t i = 0; i < e->ini.n; i++) {
        cm_ini_section *section = &e->ini.sections[i];
        for (size_t j = 0; j < section->n && status == CM_OK; j++) {
            const cm_ini_option *option = &section->options[j];
            if (!option->list && dvc_config_is_path(section, option->key)) {
                status =
                    set_path(e, section, option->key, folder, option->text);
            }
        }
    }
    free(folder);
    return status;
}

/* ---- files --------------------------------------------------------------- */

static cm_status edit_begin(edit *e, const cm_repo *repo, cm_config_level level,
                            cm_error *err)
{
    *e = (edit){.repo = repo, .level = level, .err = err};
    e->path = dvc_config_path(repo->dvc_dir, level);
    cm_status status = e->path == NULL ? out_of_memory(err)
                                       : dvc_config_read(&e->ini, e->path, err);
    return status == CM_OK ? clean_paths(e) : status;
}

static cm_status edit_save(edit *e)
{
    cm_buf text = {0};
    cm_status status = cm_ini_format(&e->ini, &text, e->err);
    if (status == CM_OK) {
        status = cm_make_parent(e->path, e->err);
    }
    if (status == CM_OK) {
        status = cm_write_file(e->path, (cm_str){text.p, text.n}, e->err);
    }
    cm_buf_release(&text);
    return status;
}

static void edit_end(edit *e)
{
    free(e->path);
    cm_ini_release(&e->ini);
}

/* What edits of a level see: all levels for the repository's own file, else
 * those below, and the file itself. */
static cm_status load_seen(cm_ini_file *out, const edit *e)
{
    cm_config_level level = e->level == CM_CONFIG_REPO
                                ? (cm_config_level)CM_CONFIG_LEVELS
                                : e->level;
    cm_status status =
        dvc_config_load_below(out, e->repo->dvc_dir, level, e->err);
    return status == CM_OK ? dvc_config_merge(out, &e->ini, e->path, e->err)
                           : status;
}

/* Checks a remote as it is with the levels below. */
static cm_status check(const edit *e, const char *section)
{
    cm_ini_file seen = {0};
    cm_status status =
        dvc_config_load_below(&seen, e->repo->dvc_dir, e->level, e->err);
    if (status == CM_OK) {
        status = dvc_config_merge(&seen, &e->ini, e->path, e->err);
    }
    const cm_ini_section *remote = cm_ini_find(&seen, section);
    if (status == CM_OK && remote != NULL) {
        status = dvc_config_check_remote(remote, e->err);
    }
    cm_ini_release(&seen);
    return status;
}

static cm_status no_remote(const edit *e, const char *name)
{
    return cm_fail(e->err, CM_ERR_USAGE,
                   "config file error: remote '%s' doesn't exist in %s; see "
                   "clickmill remote list",
                   name, e->path);
}

static cm_status check_name(const char *name, cm_error *err)
{
    if (name[0] != '\0' && strpbrk(name, "\"'\n\r]#,") == NULL) {
        return CM_OK;
    }
    return cm_fail(err, CM_ERR_USAGE,
                   "found the name '%s' for a remote, expected letters, "
                   "digits, '-', '_' or '.'",
                   name);
}

/* ---- changes ------------------------------------------------------------- */

static cm_status set_core_remote(edit *e, const char *name)
{
    cm_ini_section *core = cm_ini_add(&e->ini, "core", e->err);
    return core == NULL
               ? CM_ERR_NOMEM
               : cm_ini_set_text(&e->ini, core, "remote", name, e->err);
}

static cm_status add(edit *e, const cm_new_remote *remote)
{
    const char *name = lower_of(&e->ini, remote->name, e->err);
    const char *section =
        name != NULL ? section_of(&e->ini, name, e->err) : NULL;
    if (section == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_ini_section *place = cm_ini_find(&e->ini, section);
    if (place != NULL && !remote->force) {
        return cm_fail(e->err, CM_ERR_USAGE,
                       "config file error: remote '%s' already exists. Use "
                       "--force to overwrite it.",
                       name);
    }
    place = cm_ini_add(&e->ini, section, e->err);
    if (place == NULL) {
        return CM_ERR_NOMEM;
    }
    place->n = 0;
    cm_status status = set_value(e, place, "url", remote->url);
    if (status == CM_OK && remote->is_default) {
        status = set_core_remote(e, name);
    }
    if (status == CM_OK) {
        status = check(e, section);
    }
    return status == CM_OK ? edit_save(e) : status;
}

cm_status cm_remote_add(const cm_repo *repo, cm_config_level level,
                        const cm_new_remote *remote, cm_error *err)
{
    edit e;
    cm_status status = check_name(remote->name, err);
    if (status != CM_OK) {
        return status;
    }
    status = edit_begin(&e, repo, level, err);
    if (status == CM_OK) {
        status = add(&e, remote);
    }
    edit_end(&e);
    return status;
}

static cm_status modify(edit *e, const char *name, const char *option,
                        const char *value)
{
    cm_ini_file seen = {0};
    const char *section = section_of(&e->ini, name, e->err);
    cm_status status = section == NULL ? CM_ERR_NOMEM : load_seen(&seen, e);
    if (status == CM_OK && cm_ini_find(&seen, section) == NULL) {
        status = no_remote(e, name);
    }
    cm_ini_release(&seen);
    cm_ini_section *place =
        status == CM_OK ? cm_ini_add(&e->ini, section, e->err) : NULL;
    if (place == NULL) {
        return status == CM_OK ? CM_ERR_NOMEM : status;
    }
    if (value == NULL) {
        cm_ini_remove_option(place, option);
    } else {
        status = set_value(e, place, option, value);
    }
    if (status == CM_OK) {
        status = check(e, section);
    }
    return status == CM_OK ? edit_save(e) : status;
}

cm_status cm_remote_modify(const cm_repo *repo, cm_config_level level,
                           const char *name, const char *option,
                           const char *value, cm_error *err)
{
    edit e;
    cm_status status = edit_begin(&e, repo, level, err);
    const char *lower = status == CM_OK ? lower_of(&e.ini, name, err) : NULL;
    if (status == CM_OK) {
        status =
            lower == NULL ? CM_ERR_NOMEM : modify(&e, lower, option, value);
    }
    edit_end(&e);
    return status;
}

/* Where a level names `from` as its default, it names `to`, or none (NULL). */
static cm_status change_default(edit *e, const char *from, const char *to,
                                bool *changed)
{
    cm_ini_section *core = cm_ini_find(&e->ini, "core");
    const cm_ini_option *remote = cm_ini_get(core, "remote");
    *changed = remote != NULL && strcasecmp(remote->text, from) == 0;
    if (*changed && to == NULL) {
        cm_ini_remove_option(core, "remote");
    }
    return *changed && to != NULL ? set_core_remote(e, to) : CM_OK;
}

/* The same in every level that shadows `level`. */
static cm_status change_defaults_above(const cm_repo *repo,
                                       cm_config_level level, const char *from,
                                       const char *to, cm_error *err)
{
    cm_status status = CM_OK;
    for (int i = CM_CONFIG_LOCAL; i > (int)level && status == CM_OK; i--) {
        edit e;
        bool changed = false;
        status = edit_begin(&e, repo, (cm_config_level)i, err);
        if (status == CM_OK) {
            status = change_default(&e, from, to, &changed);
        }
        if (status == CM_OK && changed) {
            status = edit_save(&e);
        }
        edit_end(&e);
    }
    return status;
}

/* Removes the remote, or gives it another name at the end of the file. */
static cm_status move(edit *e, const char *name, const char *new_name)
{
    bool changed = false;
    const char *from = section_of(&e->ini, name, e->err);
    const char *to =
        new_name != NULL ? section_of(&e->ini, new_name, e->err) : NULL;
    if (from == NULL || (new_name != NULL && to == NULL)) {
        return CM_ERR_NOMEM;
    }
    if (cm_ini_find(&e->ini, from) == NULL) {
        return no_remote(e, name);
    }
    if (to != NULL) {
        if (cm_ini_add(&e->ini, to, e->err) == NULL) {
            return CM_ERR_NOMEM;
        }
        cm_ini_section *old = cm_ini_find(&e->ini, from), moved = *old;
        cm_ini_section *place = cm_ini_find(&e->ini, to);
        *old = (cm_ini_section){.name = old->name};
        moved.name = place->name;
        *place = moved;
    }
    cm_ini_remove_section(&e->ini, from);
    cm_status status = change_default(e, name, new_name, &changed);
    return status == CM_OK ? edit_save(e) : status;
}

cm_status cm_remote_remove(const cm_repo *repo, cm_config_level level,
                           const char *name, cm_error *err)
{
    edit e;
    cm_status status = edit_begin(&e, repo, level, err);
    const char *lower = status == CM_OK ? lower_of(&e.ini, name, err) : NULL;
    if (status == CM_OK) {
        status = lower == NULL ? CM_ERR_NOMEM : move(&e, lower, NULL);
    }
    if (status == CM_OK) {
        status = change_defaults_above(repo, level, lower, NULL, err);
    }
    edit_end(&e);
    return status;
}

static cm_status check_free(const edit *e, const char *name)
{
    cm_ini_file all = {0};
    cm_status status = dvc_config_load_below(
        &all, e->repo->dvc_dir, (cm_config_level)CM_CONFIG_LEVELS, e->err);
    const char *section =
        status == CM_OK ? section_of(&all, name, e->err) : NULL;
    if (status == CM_OK && section == NULL) {
        status = CM_ERR_NOMEM;
    }
    if (status == CM_OK && cm_ini_find(&all, section) != NULL) {
        status = cm_fail(e->err, CM_ERR_USAGE,
                         "config file error: Rename failed. Remote name '%s' "
                         "already exists.",
                         name);
    }
    cm_ini_release(&all);
    return status;
}

cm_status cm_remote_rename(const cm_repo *repo, cm_config_level level,
                           const char *name, const char *new_name,
                           cm_error *err)
{
    edit e;
    cm_status status = check_name(new_name, err);
    if (status != CM_OK) {
        return status;
    }
    status = edit_begin(&e, repo, level, err);
    const char *from = status == CM_OK ? lower_of(&e.ini, name, err) : NULL;
    const char *to = from != NULL ? lower_of(&e.ini, new_name, err) : NULL;
    if (status == CM_OK) {
        status = to == NULL ? CM_ERR_NOMEM : check_free(&e, to);
    }
    if (status == CM_OK) {
        status = move(&e, from, to);
    }
    if (status == CM_OK) {
        status = change_defaults_above(repo, level, from, to, err);
    }
    edit_end(&e);
    return status;
}

static cm_status set_default(edit *e, const char *name)
{
    cm_ini_file seen = {0};
    const char *section = section_of(&e->ini, name, e->err);
    cm_status status = section == NULL ? CM_ERR_NOMEM : load_seen(&seen, e);
    if (status == CM_OK && cm_ini_find(&seen, section) == NULL) {
        status = cm_fail(e->err, CM_ERR_USAGE,
                         "config file error: default remote must be present in "
                         "remote list, found '%s'; add it with clickmill "
                         "remote add",
                         name);
    }
    cm_ini_release(&seen);
    if (status == CM_OK) {
        status = set_core_remote(e, name);
    }
    return status == CM_OK ? edit_save(e) : status;
}

cm_status cm_remote_set_default(const cm_repo *repo, cm_config_level level,
                                const char *name, cm_error *err)
{
    edit e;
    cm_status status = edit_begin(&e, repo, level, err);
    if (status == CM_OK && name == NULL) {
        cm_ini_section *core = cm_ini_find(&e.ini, "core");
        if (core != NULL) {
            cm_ini_remove_option(core, "remote");
        }
        status = edit_save(&e);
    } else if (status == CM_OK) {
        const char *lower = lower_of(&e.ini, name, err);
        status = lower == NULL ? CM_ERR_NOMEM : set_default(&e, lower);
    }
    edit_end(&e);
    return status;
}
