/* Reading and changing single options. */
#include "versioning/options.h"

#include <stdlib.h>
#include <string.h>

#include "versioning/config_edit.h"

/* ---- names --------------------------------------------------------------- */

/* "remote.name.option" in parts, in lower case. */
typedef struct option_name {
    char *section; /* 'remote "name"', or "core" */
    char *option;
} option_name;

static void name_release(option_name *name)
{
    free(name->section);
    free(name->option);
}

static void to_lower(char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        *text = *text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text;
    }
}

static cm_status name_parse(option_name *out, const char *text, cm_error *err)
{
    cm_buf section = {0};
    const char *dot = strrchr(text, '.');
    size_t kind = strncmp(text, "remote.", 7) == 0 ? 6
                  : strncmp(text, "db.", 3) == 0   ? 2
                                                   : 0;
    kind = dot == text + kind ? 0 : kind; /* "remote.x" is an option */
    const char *name = text + (kind > 0 ? kind + 1 : 0);
    *out = (option_name){0};
    if (dot == NULL || memchr(name, '.', (size_t)(dot - name)) != NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "found the name %s, expected SECTION.OPTION, "
                       "remote.NAME.OPTION or db.NAME.OPTION",
                       text);
    }
    if (kind > 0) {
        cm_buf_addf(&section, "%.*s \"%.*s\"", (int)kind, text,
                    (int)(dot - name), name);
    } else {
        cm_buf_add(&section, name, (size_t)(dot - name));
        cm_buf_adds(&section, "");
    }
    cm_status status = cm_buf_check(&section, err);
    out->section = section.p;
    out->option = status == CM_OK ? cm_strdup(dot + 1, err) : NULL;
    to_lower(out->section);
    to_lower(out->option);
    return out->option != NULL ? CM_OK : CM_ERR_NOMEM;
}

/* ---- reading ------------------------------------------------------------- */

/* One level, paths absolute. */
static cm_status load_level(cm_ini_file *out, const cm_repo *repo,
                            cm_config_level level, cm_error *err)
{
    cm_ini_file raw = {0};
    char *path = dvc_config_path(repo->dvc_dir, level);
    *out = (cm_ini_file){0};
    cm_status status = path != NULL
                           ? dvc_config_read(&raw, path, err)
                           : cm_fail(err, CM_ERR_NOMEM, "out of memory");
    if (status == CM_OK) {
        status = dvc_config_merge(out, &raw, path, err);
    }
    cm_ini_release(&raw);
    free(path);
    return status;
}

/* All levels as one, or the one that is asked for. */
static cm_status load(cm_ini_file *out, const cm_repo *repo,
                      const cm_config_level *level, cm_error *err)
{
    int end = repo->dvc_dir != NULL ? CM_CONFIG_LEVELS : CM_CONFIG_REPO;
    return level != NULL ? load_level(out, repo, *level, err)
                         : dvc_config_load_below(out, repo->dvc_dir,
                                                 (cm_config_level)end, err);
}

static void put_value(cm_buf *out, const cm_ini_option *option)
{
    if (!option->list) {
        cm_buf_adds(out, option->text);
        return;
    }
    cm_buf_addc(out, '[');
    for (size_t i = 0; i < option->n; i++) {
        cm_buf_addf(out, "%s'%s'", i > 0 ? ", " : "", option->items[i]);
    }
    cm_buf_addc(out, ']');
}

static cm_status refuse(const option_name *name, bool has_section,
                        cm_error *err)
{
    return has_section ? cm_fail(err, CM_ERR_USAGE,
                                 "config file error: option '%s' doesn't exist "
                                 "in section '%s'",
                                 name->option, name->section)
                       : cm_fail(err, CM_ERR_USAGE,
                                 "config file error: section '%s' doesn't "
                                 "exist",
                                 name->section);
}

static cm_status find(char **out, const cm_ini_file *ini, bool must,
                      const option_name *name, cm_error *err)
{
    cm_buf text = {0};
    const cm_ini_section *section = cm_ini_find(ini, name->section);
    const cm_ini_option *option =
        section != NULL ? cm_ini_get(section, name->option) : NULL;
    if (option == NULL) {
        return must ? refuse(name, section != NULL, err) : CM_OK;
    }
    put_value(&text, option);
    cm_buf_adds(&text, "");
    *out = text.p;
    return cm_buf_check(&text, err);
}

cm_status cm_option_get(char **out, const cm_repo *repo,
                        const cm_config_level *level, const char *name,
                        cm_error *err)
{
    option_name parts = {0};
    cm_ini_file ini = {0};
    *out = NULL;
    cm_status status = name_parse(&parts, name, err);
    if (status == CM_OK) {
        status = load(&ini, repo, level, err);
    }
    if (status == CM_OK) {
        status = find(out, &ini, level != NULL, &parts, err);
    }
    cm_ini_release(&ini);
    name_release(&parts);
    return status;
}

/* ---- listing ------------------------------------------------------------- */

/* 'remote "name"' as "remote.name". */
static void put_section(cm_buf *out, const cm_ini_section *section)
{
    static const char *const kinds[] = {"remote", "machine", "db"};
    cm_str name;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (cm_ini_named(section, kinds[i], &name)) {
            cm_buf_addf(out, "%s.%.*s", kinds[i], CM_STR_ARG(name));
            return;
        }
    }
    cm_buf_adds(out, section->name);
}

static void list_level(cm_buf *out, const cm_ini_file *ini, bool named)
{
    for (size_t i = 0; i < ini->n; i++) {
        const cm_ini_section *section = &ini->sections[i];
        bool is_named = strchr(section->name, '"') != NULL;
        for (size_t k = 0; k < section->n && is_named == named; k++) {
            const cm_ini_option *option = &section->options[k];
            put_section(out, section);
            cm_buf_addf(out, ".%s=", option->key);
            if (cm_remote_option_is_secret(option->key)) {
                cm_buf_adds(out, "***");
            } else if (strcmp(option->key, "url") == 0) {
                cm_url_put(out, option->text);
            } else {
                put_value(out, option);
            }
            cm_buf_addc(out, '\n');
        }
    }
}

cm_status cm_options_list(cm_buf *out, const cm_repo *repo,
                          const cm_config_level *level, cm_error *err)
{
    int end = repo->dvc_dir != NULL ? CM_CONFIG_LEVELS : CM_CONFIG_REPO;
    int first = level != NULL ? (int)*level : 0;
    end = level != NULL ? first + 1 : end;
    cm_status status = CM_OK;
    for (int i = first; i < end && status == CM_OK; i++) {
        cm_ini_file ini = {0};
        status = load_level(&ini, repo, (cm_config_level)i, err);
        if (status == CM_OK) {
            list_level(out, &ini, true);
            list_level(out, &ini, false);
        }
        cm_ini_release(&ini);
    }
    return status == CM_OK ? cm_buf_check(out, err) : status;
}

/* ---- setting ------------------------------------------------------------- */

static cm_status change(config_edit *e, const option_name *name,
                        const char *value)
{
    cm_ini_section *section = cm_ini_find(&e->ini, name->section);
    cm_status status = CM_OK;
    if (value == NULL) {
        if (section == NULL || cm_ini_get(section, name->option) == NULL) {
            return refuse(name, section != NULL, e->err);
        }
        cm_ini_remove_option(section, name->option);
    } else {
        section = cm_ini_add(&e->ini, name->section, e->err);
        status = section == NULL
                     ? CM_ERR_NOMEM
                     : config_edit_set(e, section, name->option, value);
    }
    if (status == CM_OK) {
        status = config_edit_check(e, name->section);
    }
    return status == CM_OK ? config_edit_save(e) : status;
}

cm_status cm_option_set(const cm_repo *repo, cm_config_level level,
                        const char *name, const char *value, cm_error *err)
{
    option_name parts = {0};
    config_edit e = {0};
    cm_status status = name_parse(&parts, name, err);
    if (status == CM_OK) {
        status = config_edit_begin(&e, repo, level, err);
    }
    if (status == CM_OK) {
        status = change(&e, &parts, value);
    }
    config_edit_end(&e);
    name_release(&parts);
    return status;
}
