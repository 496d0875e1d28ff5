/* A file is read as DVC reads it and written from its values alone, so its
 * comments go, as they do with `dvc remote` and `dvc config`; its paths are
 * made relative to its folder. */
#include "versioning/config_edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/paths.h"

/* ---- names --------------------------------------------------------------- */

static cm_status out_of_memory(cm_error *err)
{
    return cm_fail(err, CM_ERR_NOMEM,
                   "out of memory changing the "
                   "configuration");
}

const char *config_edit_section(cm_ini_file *ini, const char *name,
                                cm_error *err)
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

const char *config_edit_lower(cm_ini_file *ini, const char *text, cm_error *err)
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
static char *relative_to_file(const config_edit *e, const char *base,
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

static cm_status set_path(config_edit *e, cm_ini_section *section,
                          const char *key, const char *base, const char *value)
{
    char *path = relative_to_file(e, base, value);
    if (path == NULL) {
        return out_of_memory(e->err);
    }
    cm_status status = cm_ini_set_text(&e->ini, section, key, path, e->err);
    free(path);
    return status;
}

cm_status config_edit_set(config_edit *e, cm_ini_section *section,
                          const char *key, const char *value)
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
static cm_status clean_paths(config_edit *e)
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

cm_status config_edit_begin(config_edit *e, const cm_repo *repo,
                            cm_config_level level, cm_error *err)
{
    *e = (config_edit){.repo = repo, .level = level, .err = err};
    e->path = dvc_config_path(repo->dvc_dir, level);
    cm_status status = e->path == NULL ? out_of_memory(err)
                                       : dvc_config_read(&e->ini, e->path, err);
    return status == CM_OK ? clean_paths(e) : status;
}

cm_status config_edit_save(config_edit *e)
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

void config_edit_end(config_edit *e)
{
    free(e->path);
    cm_ini_release(&e->ini);
}

cm_status config_edit_seen(cm_ini_file *out, const config_edit *e)
{
    cm_config_level level = e->level == CM_CONFIG_REPO
                                ? (cm_config_level)CM_CONFIG_LEVELS
                                : e->level;
    cm_status status =
        dvc_config_load_below(out, e->repo->dvc_dir, level, e->err);
    return status == CM_OK ? dvc_config_merge(out, &e->ini, e->path, e->err)
                           : status;
}

cm_status config_edit_check(const config_edit *e, const char *section)
{
    cm_ini_file seen = {0};
    cm_status status =
        dvc_config_load_below(&seen, e->repo->dvc_dir, e->level, e->err);
    if (status == CM_OK) {
        status = dvc_config_merge(&seen, &e->ini, e->path, e->err);
    }
    const cm_ini_section *found = cm_ini_find(&seen, section);
    if (status == CM_OK && found != NULL) {
        status = dvc_config_check(found, e->err);
    }
    cm_ini_release(&seen);
    return status;
}
