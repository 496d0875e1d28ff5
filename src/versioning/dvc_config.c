/* The four files of the configuration as one. */
#include "versioning/dvc_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/paths.h"

enum { MAX_BYTES = 1 << 20 };

/* ---- files --------------------------------------------------------------- */

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* $HOME/.config, or the home of the XDG specification. */
static char *global_folder(void)
{
    const char *folder = environment("DVC_GLOBAL_CONFIG_DIR");
    const char *base = environment("XDG_CONFIG_HOME");
    const char *home = environment("HOME");
    if (folder != NULL) {
        return cm_strdup(folder, NULL);
    }
    return base != NULL
               ? cm_path_join(base, "dvc")
               : cm_path_join(home != NULL ? home : "/", ".config/dvc");
}

static char *system_folder(void)
{
    const char *folder = environment("DVC_SYSTEM_CONFIG_DIR");
    const char *bases = environment("XDG_CONFIG_DIRS");
    if (folder != NULL) {
        return cm_strdup(folder, NULL);
    }
    cm_buf path = {0};
    cm_buf_adds(&path, bases != NULL ? "" : "/etc/xdg");
    cm_buf_add(&path, bases, bases != NULL ? strcspn(bases, ":") : 0);
    cm_buf_adds(&path, "/dvc");
    return path.p;
}

char *dvc_config_path(const char *dvc_dir, cm_config_level level)
{
    char *folder = level == CM_CONFIG_SYSTEM   ? system_folder()
                   : level == CM_CONFIG_GLOBAL ? global_folder()
                                               : cm_strdup(dvc_dir, NULL);
    if (folder == NULL) {
        return NULL;
    }
    char *path = cm_path_join(folder, level == CM_CONFIG_LOCAL ? "config.local"
                                                               : "config");
    free(folder);
    return path;
}

cm_status dvc_config_read(cm_ini_file *out, const char *path, cm_error *err)
{
    cm_buf text = {0};
    cm_status status = CM_OK;
    if (cm_file_exists(path)) {
        status = cm_read_file(&text, path, MAX_BYTES, err);
    }
    if (status == CM_OK) {
        status = cm_ini_parse(out, (cm_str){text.p, text.n}, path, err);
    } else {
        *out = (cm_ini_file){0};
    }
    cm_buf_release(&text);
    return status;
}

/* ---- paths --------------------------------------------------------------- */

bool dvc_config_is_path(const cm_ini_section *section, const char *key)
{
    static const char *const keys[] = {"url",
                                       "credentialpath",
                                       "configpath",
                                       "keyfile",
                                       "cert_path",
                                       "key_path",
                                       "gdrive_user_credentials_file",
                                       "gdrive_service_account_json_file_path"};
    cm_str name;
    if (strcmp(section->name, "cache") == 0) {
        return strcmp(key, "dir") == 0;
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(key, keys[i]) == 0) {
            return cm_ini_named(section, "remote", &name);
        }
    }
    return false;
}

/* "~/x" as HOME/x; others are relative to the file's folder; malloc'ed. */
static char *resolve(const char *file, const char *value)
{
    const char *home = environment("HOME");
    if (path_is_url(value) || value[0] == '/') {
        return cm_strdup(value, NULL);
    }
    if (value[0] == '~' && (value[1] == '/' || value[1] == '\0') &&
        home != NULL) {
        return value[1] == '\0' ? cm_strdup(home, NULL)
                                : cm_path_join(home, value + 2);
    }
    char *folder = cm_path_dir(file);
    char *path = folder != NULL ? path_absolute(folder, value) : NULL;
    free(folder);
    return path;
}

static cm_status merge_option(cm_ini_file *into, cm_ini_section *section,
                              const cm_ini_option *option, const char *file,
                              cm_error *err)
{
    if (option->list || !dvc_config_is_path(section, option->key)) {
        return cm_ini_set(into, section, option->key, option->items, option->n,
                          option->list, err);
    }
    char *path = resolve(file, option->text);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory reading %s", file);
    }
    cm_status status = cm_ini_set_text(into, section, option->key, path, err);
    free(path);
    return status;
}

cm_status dvc_config_merge(cm_ini_file *into, const cm_ini_file *from,
                           const char *path, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < from->n; i++) {
        cm_ini_section *section = cm_ini_add(into, from->sections[i].name, err);
        if (section == NULL) {
            return CM_ERR_NOMEM;
        }
        for (size_t j = 0; j < from->sections[i].n && status == CM_OK; j++) {
            status = merge_option(into, section, &from->sections[i].options[j],
                                  path, err);
        }
    }
    return status;
}

static cm_status merge_level(cm_ini_file *into, const char *dvc_dir,
                             cm_config_level level, cm_error *err)
{
    cm_ini_file from = {0};
    char *path = dvc_config_path(dvc_dir, level);
    if (path == NULL) {
        return cm_fail(err, CM_ERR_NOMEM,
                       "out of memory reading the "
                       "configuration");
    }
    cm_status status = dvc_config_read(&from, path, err);
    if (status == CM_OK) {
        status = dvc_config_merge(into, &from, path, err);
    }
    cm_ini_release(&from);
    free(path);
    return status;
}

cm_status dvc_config_load_below(cm_ini_file *out, const char *dvc_dir,
                                cm_config_level level, cm_error *err)
{
    cm_status status = CM_OK;
    *out = (cm_ini_file){0};
    for (int i = 0; i < (int)level && status == CM_OK; i++) {
        status = merge_level(out, dvc_dir, (cm_config_level)i, err);
    }
    return status;
}

/* ---- all of it ----------------------------------------------------------- */

cm_status dvc_config_load(cm_dvc_config **out, const char *dvc_dir,
                          cm_error *err)
{
    *out = cm_alloc_zero(1, sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = dvc_config_load_below(
        &(*out)->merged, dvc_dir, (cm_config_level)CM_CONFIG_LEVELS, err);
    if (status != CM_OK) {
        dvc_config_free(*out);
        *out = NULL;
    }
    return status;
}

void dvc_config_free(cm_dvc_config *config)
{
    if (config != NULL) {
        cm_ini_release(&config->merged);
        free(config);
    }
}

const char *cm_dvc_config_get(const cm_dvc_config *config, const char *section,
                              const char *option)
{
    const cm_ini_option *found =
        cm_ini_get(cm_ini_find(&config->merged, section), option);
    return found != NULL ? found->text : NULL;
}

cm_status cm_dvc_config_remote(const cm_dvc_config *config, size_t i,
                               cm_arena *arena, const char **name,
                               cm_error *err)
{
    cm_str view;
    *name = NULL;
    for (size_t j = 0; j < config->merged.n; j++) {
        if (cm_ini_named(&config->merged.sections[j], "remote", &view) &&
            i-- == 0) {
            *name = cm_arena_strdup(arena, view.p, view.n, err);
            return *name == NULL ? CM_ERR_NOMEM : CM_OK;
        }
    }
    return CM_OK;
}
