/* Changing remotes. */
#include "versioning/remotes.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/config_edit.h"
#include "versioning/paths.h"

static cm_status no_remote(const config_edit *e, const char *name)
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

static cm_status set_core_remote(config_edit *e, const char *name)
{
    cm_ini_section *core = cm_ini_add(&e->ini, "core", e->err);
    return core == NULL
               ? CM_ERR_NOMEM
               : cm_ini_set_text(&e->ini, core, "remote", name, e->err);
}

static cm_status add(config_edit *e, const cm_new_remote *remote)
{
    const char *name = config_edit_lower(&e->ini, remote->name, e->err);
    const char *section =
        name != NULL ? config_edit_section(&e->ini, name, e->err) : NULL;
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
    cm_status status = config_edit_set(e, place, "url", remote->url);
    if (status == CM_OK && remote->is_default) {
        status = set_core_remote(e, name);
    }
    if (status == CM_OK) {
        status = config_edit_check(e, section);
    }
    return status == CM_OK ? config_edit_save(e) : status;
}

cm_status cm_remote_add(const cm_repo *repo, cm_config_level level,
                        const cm_new_remote *remote, cm_error *err)
{
    config_edit e;
    cm_status status = check_name(remote->name, err);
    if (status != CM_OK) {
        return status;
    }
    status = config_edit_begin(&e, repo, level, err);
    if (status == CM_OK) {
        status = add(&e, remote);
    }
    config_edit_end(&e);
    return status;
}

static cm_status modify(config_edit *e, const char *name, const char *option,
                        const char *value)
{
    cm_ini_file seen = {0};
    const char *section = config_edit_section(&e->ini, name, e->err);
    cm_status status =
        section == NULL ? CM_ERR_NOMEM : config_edit_seen(&seen, e);
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
        status = config_edit_set(e, place, option, value);
    }
    if (status == CM_OK) {
        status = config_edit_check(e, section);
    }
    return status == CM_OK ? config_edit_save(e) : status;
}

cm_status cm_remote_modify(const cm_repo *repo, cm_config_level level,
                           const char *name, const char *option,
                           const char *value, cm_error *err)
{
    config_edit e;
    cm_status status = config_edit_begin(&e, repo, level, err);
    const char *lower =
        status == CM_OK ? config_edit_lower(&e.ini, name, err) : NULL;
    if (status == CM_OK) {
        status =
            lower == NULL ? CM_ERR_NOMEM : modify(&e, lower, option, value);
    }
    config_edit_end(&e);
    return status;
}

/* Where a level names `from` as its default, it names `to`, or none (NULL). */
static cm_status change_default(config_edit *e, const char *from,
                                const char *to, bool *changed)
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
        config_edit e;
        bool changed = false;
        status = config_edit_begin(&e, repo, (cm_config_level)i, err);
        if (status == CM_OK) {
            status = change_default(&e, from, to, &changed);
        }
        if (status == CM_OK && changed) {
            status = config_edit_save(&e);
        }
        config_edit_end(&e);
    }
    return status;
}

/* Removes the remote, or gives it another name at the end of the file. */
static cm_status move(config_edit *e, const char *name, const char *new_name)
{
    bool changed = false;
    const char *from = config_edit_section(&e->ini, name, e->err);
    const char *to = new_name != NULL
                         ? config_edit_section(&e->ini, new_name, e->err)
                         : NULL;
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
    return status == CM_OK ? config_edit_save(e) : status;
}

cm_status cm_remote_remove(const cm_repo *repo, cm_config_level level,
                           const char *name, cm_error *err)
{
    config_edit e;
    cm_status status = config_edit_begin(&e, repo, level, err);
    const char *lower =
        status == CM_OK ? config_edit_lower(&e.ini, name, err) : NULL;
    if (status == CM_OK) {
        status = lower == NULL ? CM_ERR_NOMEM : move(&e, lower, NULL);
    }
    if (status == CM_OK) {
        status = change_defaults_above(repo, level, lower, NULL, err);
    }
    config_edit_end(&e);
    return status;
}

static cm_status check_free(const config_edit *e, const char *name)
{
    cm_ini_file all = {0};
    cm_status status = dvc_config_load_below(
        &all, e->repo->dvc_dir, (cm_config_level)CM_CONFIG_LEVELS, e->err);
    const char *section =
        status == CM_OK ? config_edit_section(&all, name, e->err) : NULL;
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
    config_edit e;
    cm_status status = check_name(new_name, err);
    if (status != CM_OK) {
        return status;
    }
    status = config_edit_begin(&e, repo, level, err);
    const char *from =
        status == CM_OK ? config_edit_lower(&e.ini, name, err) : NULL;
    const char *to =
        from != NULL ? config_edit_lower(&e.ini, new_name, err) : NULL;
    if (status == CM_OK) {
        status = to == NULL ? CM_ERR_NOMEM : check_free(&e, to);
    }
    if (status == CM_OK) {
        status = move(&e, from, to);
    }
    if (status == CM_OK) {
        status = change_defaults_above(repo, level, from, to, err);
    }
    config_edit_end(&e);
    return status;
}

static cm_status set_default(config_edit *e, const char *name)
{
    cm_ini_file seen = {0};
    const char *section = config_edit_section(&e->ini, name, e->err);
    cm_status status =
        section == NULL ? CM_ERR_NOMEM : config_edit_seen(&seen, e);
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
    return status == CM_OK ? config_edit_save(e) : status;
}

cm_status cm_remote_set_default(const cm_repo *repo, cm_config_level level,
                                const char *name, cm_error *err)
{
    config_edit e;
    cm_status status = config_edit_begin(&e, repo, level, err);
    if (status == CM_OK && name == NULL) {
        cm_ini_section *core = cm_ini_find(&e.ini, "core");
        if (core != NULL) {
            cm_ini_remove_option(core, "remote");
        }
        status = config_edit_save(&e);
    } else if (status == CM_OK) {
        const char *lower = config_edit_lower(&e.ini, name, err);
        status = lower == NULL ? CM_ERR_NOMEM : set_default(&e, lower);
    }
    config_edit_end(&e);
    return status;
}

void cm_url_put(cm_buf *out, const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme != NULL ? scheme + 3 : url;
    const char *at = memchr(host, '@', strcspn(host, "/"));
    const char *colon = scheme != NULL && at != NULL
                            ? memchr(host, ':', (size_t)(at - host))
                            : NULL;
    if (colon == NULL) {
        cm_buf_adds(out, url);
    } else {
        cm_buf_addf(out, "%.*s:***%s", (int)(colon - url), url, at);
    }
}
