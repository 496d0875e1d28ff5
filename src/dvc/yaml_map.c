/* Typed look-ups in YAML maps, with the place in every error. */
#include "dvc/yaml_map.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"

cm_status yaml_expect(const cm_yaml *node, cm_yaml_kind kind, const char *what,
                      cm_error *err)
{
    static const char *const names[] = {[CM_YAML_SCALAR] = "a text",
                                        [CM_YAML_MAP] = "a map of keys",
                                        [CM_YAML_LIST] = "a list"};
    if (node->kind == kind) {
        return CM_OK;
    }
    return cm_fail_at(err, CM_ERR_PARSE, node->where,
                      "found %s, expected %s for %s", names[node->kind],
                      names[kind], what);
}

cm_status yaml_map_text(const char **out, const cm_yaml *map, const char *key,
                        cm_arena *arena, cm_error *err)
{
    const cm_yaml *node = cm_yaml_get(map, key);
    *out = NULL;
    if (node == NULL || cm_yaml_is_null(node)) {
        return CM_OK;
    }
    cm_status status = yaml_expect(node, CM_YAML_SCALAR, key, err);
    if (status != CM_OK) {
        return status;
    }
    if (memchr(node->text.p, '\0', node->text.n) != NULL) {
        return cm_fail_at(err, CM_ERR_PARSE, node->where,
                          "found a NUL in the text of %s", key);
    }
    *out = cm_arena_strdup(arena, node->text.p, node->text.n, err);
    return *out == NULL ? CM_ERR_NOMEM : CM_OK;
}

cm_status yaml_map_bool(bool *out, const cm_yaml *map, const char *key,
                        cm_error *err)
{
    const cm_yaml *node = cm_yaml_get(map, key);
    if (node == NULL || cm_yaml_is_null(node) || cm_yaml_bool(node, out)) {
        return CM_OK;
    }
    return cm_fail_at(err, CM_ERR_PARSE, node->where,
                      "found %s: %.*s, expected true or false", key,
                      CM_STR_ARG(node->text));
}

static cm_status map_number(bool *has, uint64_t *out, const cm_yaml *map,
                            const char *key, cm_error *err)
{
    const cm_yaml *node = cm_yaml_get(map, key);
    *has = node != NULL && !cm_yaml_is_null(node);
    if (!*has || (node->kind == CM_YAML_SCALAR && !node->quoted &&
                  cm_parse_u64(node->text, out))) {
        return CM_OK;
    }
    return cm_fail_at(err, CM_ERR_PARSE, node->where,
                      "found %s: %.*s, expected an integer", key,
                      CM_STR_ARG(node->text));
}

static bool is_md5(cm_str text)
{
    enum { DIGITS = 32 };
    for (size_t i = 0; i < DIGITS; i++) {
        char c = i < text.n ? text.p[i] : ' ';
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
              (c >= 'A' && c <= 'F'))) {
            return false;
        }
    }
    cm_str rest = {text.p + DIGITS, text.n - DIGITS};
    return rest.n == 0 || cm_str_is(rest, ".dir");
}

cm_status yaml_map_md5(char out[CM_OBJECT_TEXT], const cm_yaml *map,
                       const char *key, cm_error *err)
{
    const cm_yaml *node = cm_yaml_get(map, key);
    out[0] = '\0';
    if (node == NULL || cm_yaml_is_null(node) ||
        (node->kind == CM_YAML_SCALAR && node->text.n == 0)) {
        return CM_OK;
    }
    if (node->kind != CM_YAML_SCALAR || !is_md5(node->text)) {
        return cm_fail_at(err, CM_ERR_PARSE, node->where,
                          "found %s: %.*s, expected an MD5: 32 digits, with "
                          ".dir behind them for a folder",
                          key, CM_STR_ARG(node->text));
    }
    for (size_t i = 0; i < node->text.n; i++) {
        char c = node->text.p[i];
        out[i] = c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c;
    }
    out[node->text.n] = '\0';
    return CM_OK;
}

static cm_status map_numbers(cm_out *out, const cm_yaml *map, cm_error *err)
{
    cm_status status = map_number(&out->has_size, &out->size, map, "size", err);
    if (status == CM_OK) {
        status = map_number(&out->has_nfiles, &out->nfiles, map, "nfiles", err);
    }
    return status;
}

static cm_status map_flags(cm_out *out, const cm_yaml *map, cm_error *err)
{
    bool cache = true, push = true;
    struct {
        const char *key;
        bool *value;
    } flags[] = {{"isexec", &out->is_exec},
                 {"cache", &cache},
                 {"persist", &out->persist},
                 {"push", &push}};
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof flags / sizeof *flags && status == CM_OK;
         i++) {
        status = yaml_map_bool(flags[i].value, map, flags[i].key, err);
    }
    out->no_cache = !cache;
    out->no_push = !push;
    return status;
}

static cm_status map_texts(cm_out *out, const cm_yaml *map, cm_arena *arena,
                           cm_error *err)
{
    struct {
        const char *key;
        const char **value;
    } texts[] = {{"path", &out->path},
                 {"remote", &out->remote},
                 {"desc", &out->desc},
                 {"etag", &out->etag}};
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == CM_OK;
         i++) {
        status = yaml_map_text(texts[i].value, map, texts[i].key, arena, err);
    }
    return status;
}

cm_status yaml_map_entry(cm_out *out, const cm_yaml *map, cm_arena *arena,
                         cm_error *err)
{
    *out = (cm_out){0};
    cm_status status = yaml_expect(map, CM_YAML_MAP, "an out or dep", err);
    if (status == CM_OK) {
        status = map_texts(out, map, arena, err);
    }
    if (status == CM_OK && (out->path == NULL || out->path[0] == '\0')) {
        return cm_fail_at(err, CM_ERR_PARSE, map->where,
                          "found an out or dep without a path; add \"path: "
                          "NAME\"");
    }
    if (status == CM_OK) {
        status = yaml_map_md5(out->md5, map, "md5", err);
    }
    if (status == CM_OK) {
        status = map_numbers(out, map, err);
    }
    if (status == CM_OK) {
        status = map_flags(out, map, err);
    }
    out->old_hash = cm_yaml_get(map, "hash") == NULL;
    out->of_other_repo = cm_yaml_get(map, "repo") != NULL;
    return status;
}

/* ---- the way back -------------------------------------------------------- */

json_map json_map_new(void)
{
    json_t *object = json_object();
    return (json_map){object, object == NULL};
}

void json_map_put(json_map *map, const char *key, json_t *value)
{
    if (json_object_set_new(map->object, key, value) != 0) {
        map->failed = true;
    }
}

void json_map_put_text(json_map *map, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        json_map_put(map, key, json_string(text));
    }
}

void json_map_put_hash(json_map *map, const cm_out *entry)
{
    json_map_put_text(map, "md5", entry->md5);
    if (entry->md5[0] == '\0') {
        json_map_put_text(map, "etag", entry->etag);
    }
    if (entry->has_size) {
        json_map_put(map, "size", json_integer((json_int_t)entry->size));
    }
    if (entry->has_nfiles) {
        json_map_put(map, "nfiles", json_integer((json_int_t)entry->nfiles));
    }
    if (entry->is_exec) {
        json_map_put(map, "isexec", json_true());
    }
    json_map_put_text(map, "etag", entry->etag);
}

json_t *json_map_end(json_map *map)
{
    if (map->failed) {
        json_decref(map->object);
        map->object = NULL;
    }
    return map->object;
}
