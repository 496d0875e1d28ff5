/* Filling a configuration: defaults first, then a YAML file, then flags. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "codec/yaml.h"
#include "config/param.h"

cm_status cm_config_init(cm_config *config, cm_error *err)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < CM_N_PARAMS; i++) {
        cm_status status = cm_value_parse(
            config, &cm_params[i], cm_str_of(cm_params[i].fallback), err);
        if (status != CM_OK) {
            cm_error_prefix(err, "default of %s", cm_params[i].key);
            return status;
        }
    }
    return CM_OK;
}

void cm_config_release(cm_config *config)
{
    cm_arena_release(&config->arena);
    memset(config, 0, sizeof *config);
}

/* {a: 1, b: -1} is the list a:1, b:-1. */
static cm_status pair_of(cm_str *out, cm_config *config, const cm_yaml *map,
                         size_t i, cm_error *err)
{
    cm_str key = map->keys[i].text, value = map->children[i].text;
    char *text = cm_arena_alloc(&config->arena, key.n + value.n + 1, err);
    if (text == NULL) {
        return CM_ERR_NOMEM;
    }
    memcpy(text, key.p, key.n);
    text[key.n] = ':';
    memcpy(text + key.n + 1, value.p, value.n);
    *out = (cm_str){text, key.n + 1 + value.n};
    return CM_OK;
}

static cm_status set_items(cm_config *config, const cm_param *param,
                           const cm_yaml *value, cm_error *err)
{
    cm_str *items = cm_alloc(value->n, sizeof *items, err);
    cm_status status = items != NULL ? CM_OK : CM_ERR_NOMEM;
    for (size_t i = 0; i < value->n && status == CM_OK; i++) {
        items[i] = value->children[i].text;
        if (value->children[i].kind != CM_YAML_SCALAR) {
            status =
                cm_fail(err, CM_ERR_USAGE,
                        "item %zu is a list or a map, expected a text", i + 1);
        } else if (value->kind == CM_YAML_MAP) {
            status = pair_of(&items[i], config, value, i, err);
        }
    }
    if (status == CM_OK) {
        status = cm_value_set_list(config, param, items, value->n, err);
    }
    free(items);
    return status;
}

/* A scalar, a list or a map into the parameter. */
static cm_status set_from_yaml(cm_config *config, const cm_param *param,
                               const cm_yaml *value, cm_error *err)
{
    bool takes_map = strcmp(param->limits, "map") == 0;
    if (value->kind == CM_YAML_SCALAR) {
        return cm_value_parse(config, param, value->text, err);
    }
    if (value->kind == CM_YAML_MAP && !takes_map) {
        return cm_fail(err, CM_ERR_USAGE, "found a map, expected %s",
                       param->type == CM_PARAM_LIST ? "a list" : "one value");
    }
    return set_items(config, param, value, err);
}

/* Remembers where the value came from; refuses a second one of one file, which
 * only an alias can be. */
static cm_status note_origin(cm_config *config, const cm_param *param,
                             const cm_yaml *key, cm_error *err)
{
    cm_origin *origin = &config->origins[param - cm_params];
    if (origin->kind == CM_ORIGIN_FILE &&
        strcmp(origin->where.file, key->where.file) == 0) {
        return cm_fail_at(err, CM_ERR_USAGE, key->where,
                          "%.*s is given twice: line %llu has it as %s",
                          CM_STR_ARG(key->text),
                          (unsigned long long)origin->where.line, origin->name);
    }
    char *file = cm_arena_strdup(&config->arena, key->where.file,
                                 strlen(key->where.file), err);
    char *name = cm_arena_strdup(&config->arena, key->text.p, key->text.n, err);
    if (file == NULL || name == NULL) {
        return CM_ERR_NOMEM;
    }
    *origin = (cm_origin){
        CM_ORIGIN_FILE, {file, key->where.line, key->where.column}, name};
    return CM_OK;
}

static cm_status unknown_key(cm_str section, const cm_yaml *key, cm_error *err)
{
    const char *dot = section.n > 0 ? "." : "";
    if (cm_param_is_unsupported(section, key->text)) {
        return cm_fail_at(err, CM_ERR_USAGE, key->where,
                          "not supported: %.*s%s%.*s is a parameter of "
                          "CatBoost's that this program does not take",
                          CM_STR_ARG(section), dot, CM_STR_ARG(key->text));
    }
    cm_str nearest = cm_param_nearest(section, key->text);
    if (nearest.n == 0) {
        return cm_fail_at(err, CM_ERR_USAGE, key->where,
                          "unknown key %.*s%s%.*s; see clickmill config doc",
                          CM_STR_ARG(section), dot, CM_STR_ARG(key->text));
    }
    return cm_fail_at(err, CM_ERR_USAGE, key->where,
                      "unknown key %.*s%s%.*s; did you mean %.*s?",
                      CM_STR_ARG(section), dot, CM_STR_ARG(key->text),
                      CM_STR_ARG(nearest));
}

static cm_status take_value(cm_config *config, cm_str section,
                            const cm_yaml *key, const cm_yaml *value,
                            cm_error *err)
{
    const cm_param *param = cm_param_find(section, key->text);
    if (param == NULL) {
        return unknown_key(section, key, err);
    }
    if (cm_yaml_is_null(value)) {
        return CM_OK; /* as absent: Python's None */
    }
    cm_status status = note_origin(config, param, key, err);
    if (status == CM_OK) {
        status = set_from_yaml(config, param, value, err);
        if (status != CM_OK) {
            cm_error_prefix(err, "%s:%llu:%llu: %s", value->where.file,
                            (unsigned long long)value->where.line,
                            (unsigned long long)value->where.column,
                            param->key);
        }
    }
    return status;
}

static cm_status take_section(cm_config *config, const cm_yaml *key,
                              const cm_yaml *map, cm_error *err)
{
    if (cm_yaml_is_null(map)) {
        return CM_OK;
    }
    if (map->kind != CM_YAML_MAP) {
        return cm_fail_at(err, CM_ERR_USAGE, map->where,
                          "%.*s: expected a map of parameters",
                          CM_STR_ARG(key->text));
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < map->n && status == CM_OK; i++) {
        status = take_value(config, key->text, &map->keys[i], &map->children[i],
                            err);
    }
    return status;
}

static cm_status take_all(cm_config *config, const cm_yaml *root, cm_error *err)
{
    if (root->kind != CM_YAML_MAP) {
        return cm_fail_at(err, CM_ERR_USAGE, root->where,
                          "expected a map of parameters");
    }
    cm_status status = CM_OK;
    for (size_t i = 0; i < root->n && status == CM_OK; i++) {
        const cm_yaml *key = &root->keys[i];
        status =
            cm_param_is_section(key->text)
                ? take_section(config, key, &root->children[i], err)
                : take_value(config, CM_STR(""), key, &root->children[i], err);
    }
    return status;
}

cm_status cm_config_parse(cm_config *config, cm_str text, const char *file,
                          cm_error *err)
{
    cm_yaml *root = NULL;
    cm_status status = cm_yaml_parse(&root, text, file, err);
    if (status == CM_OK) {
        status = take_all(config, root, err);
    }
    cm_yaml_free(root);
    return status;
}

cm_status cm_config_load(cm_config *config, const char *path, cm_error *err)
{
    cm_yaml *root = NULL;
    cm_status status = cm_yaml_load(&root, path, err);
    if (status == CM_OK) {
        status = take_all(config, root, err);
    }
    cm_yaml_free(root);
    return status;
}

cm_status cm_config_set_flag(cm_config *config, const cm_param *param,
                             cm_str name, cm_str value, cm_error *err)
{
    cm_status status = cm_value_parse(config, param, value, err);
    if (status != CM_OK) {
        cm_error_prefix(err, "--%.*s", CM_STR_ARG(name));
        return status;
    }
    char *copy = cm_arena_strdup(&config->arena, name.p, name.n, err);
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    config->origins[param - cm_params] =
        (cm_origin){.kind = CM_ORIGIN_FLAG, .name = copy};
    return CM_OK;
}
