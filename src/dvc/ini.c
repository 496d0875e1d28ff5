/* Sections and options in memory. */
#include "dvc/ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cm_ini_release(cm_ini_file *ini)
{
    for (size_t i = 0; i < ini->n; i++) {
        free(ini->sections[i].options);
    }
    free(ini->sections);
    cm_arena_release(&ini->arena);
    *ini = (cm_ini_file){0};
}

cm_ini_section *cm_ini_find(const cm_ini_file *ini, const char *section)
{
    for (size_t i = 0; i < ini->n; i++) {
        if (strcmp(ini->sections[i].name, section) == 0) {
            return &ini->sections[i];
        }
    }
    return NULL;
}

cm_ini_section *cm_ini_add(cm_ini_file *ini, const char *section, cm_error *err)
{
    cm_ini_section *found = cm_ini_find(ini, section);
    if (found != NULL) {
        return found;
    }
    const char *name =
        cm_arena_strdup(&ini->arena, section, strlen(section), err);
    if (name == NULL || cm_grow(&ini->sections, ini->n, &ini->capacity,
                                sizeof *ini->sections, err) != CM_OK) {
        return NULL;
    }
    ini->sections[ini->n] = (cm_ini_section){.name = name};
    return &ini->sections[ini->n++];
}

cm_ini_option *cm_ini_get(const cm_ini_section *section, const char *key)
{
    for (size_t i = 0; section != NULL && i < section->n; i++) {
        if (strcmp(section->options[i].key, key) == 0) {
            return &section->options[i];
        }
    }
    return NULL;
}

/* The items in the arena, and their text. */
static cm_status copy_items(cm_ini_file *ini, cm_ini_option *option,
                            const char *const *items, cm_error *err)
{
    const char **copies =
        cm_arena_alloc(&ini->arena, option->n * sizeof *copies, err);
    cm_buf text = {0};
    cm_status status = copies == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < option->n && status == CM_OK; i++) {
        cm_buf_adds(&text, i > 0 ? "," : "");
        cm_buf_adds(&text, items[i]);
        copies[i] =
            cm_arena_strdup(&ini->arena, items[i], strlen(items[i]), err);
        status = copies[i] == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    option->items = copies;
    if (status == CM_OK) {
        status = cm_buf_check(&text, err);
    }
    if (status == CM_OK) {
        option->text = cm_arena_strdup(
            &ini->arena, text.p != NULL ? text.p : "", text.n, err);
        status = option->text == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    cm_buf_release(&text);
    return status;
}

cm_status cm_ini_set(cm_ini_file *ini, cm_ini_section *section, const char *key,
                     const char *const *items, size_t n, bool list,
                     cm_error *err)
{
    cm_ini_option option = {.n = n, .list = list};
    cm_status status = copy_items(ini, &option, items, err);
    if (status != CM_OK) {
        return status;
    }
    cm_ini_option *place = cm_ini_get(section, key);
    if (place != NULL) {
        option.key = place->key;
        *place = option;
        return CM_OK;
    }
    option.key = cm_arena_strdup(&ini->arena, key, strlen(key), err);
    if (option.key == NULL ||
        cm_grow(&section->options, section->n, &section->capacity,
                sizeof *section->options, err) != CM_OK) {
        return CM_ERR_NOMEM;
    }
    section->options[section->n++] = option;
    return CM_OK;
}

cm_status cm_ini_set_text(cm_ini_file *ini, cm_ini_section *section,
                          const char *key, const char *text, cm_error *err)
{
    return cm_ini_set(ini, section, key, &text, 1, false, err);
}

void cm_ini_remove_option(cm_ini_section *section, const char *key)
{
    cm_ini_option *option = cm_ini_get(section, key);
    if (option != NULL) {
        size_t at = (size_t)(option - section->options);
        memmove(option, option + 1, (section->n - at - 1) * sizeof *option);
        section->n--;
    }
}

void cm_ini_remove_section(cm_ini_file *ini, const char *name)
{
    cm_ini_section *section = cm_ini_find(ini, name);
    if (section != NULL) {
        size_t at = (size_t)(section - ini->sections);
        free(section->options);
        memmove(section, section + 1, (ini->n - at - 1) * sizeof *section);
        ini->n--;
    }
}

bool cm_ini_named(const cm_ini_section *section, const char *kind, cm_str *name)
{
    size_t n = strlen(kind), length = strlen(section->name);
    if (length < n + 3 || strncmp(section->name, kind, n) != 0 ||
        section->name[n] != ' ' || section->name[n + 1] != '"' ||
        section->name[length - 1] != '"') {
        return false;
    }
    *name = (cm_str){section->name + n + 2, length - n - 3};
    return true;
}
