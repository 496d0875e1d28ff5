/* A schema from its YAML text.  docs/formats/schema.md describes the keys. */
#include "data/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/csv.h"
#include "codec/yaml.h"
#include "data/schema_builtin.h"

/* The schema comes first, so that a pointer to it is one to all of this. */
typedef struct owned_schema {
    cm_schema schema;
    cm_arena arena;
} owned_schema;

void cm_schema_free(cm_schema *schema)
{
    if (schema != NULL) {
        owned_schema *owned = (owned_schema *)schema;
        cm_arena_release(&owned->arena);
        free(owned);
    }
}

const cm_schema_column *cm_schema_find(const cm_schema *schema, cm_str name)
{
    for (size_t i = 0; i < schema->n_columns; i++) {
        if (cm_str_is(name, schema->columns[i].name)) {
            return &schema->columns[i];
        }
    }
    return NULL;
}

const cm_schema_column *cm_schema_of_kind(const cm_schema *schema,
                                          cm_column_kind kind)
{
    for (size_t i = 0; i < schema->n_columns; i++) {
        if (schema->columns[i].kind == kind) {
            return &schema->columns[i];
        }
    }
    return NULL;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Refuses keys of map that are not among words. */
static cm_status check_keys(const cm_yaml *map, const char *const *words,
                            size_t n, cm_error *err)
{
    for (size_t i = 0; i < map->n; i++) {
        const cm_yaml *key = &map->keys[i];
        bool known = false;
        for (size_t j = 0; j < n && !known; j++) {
            known = cm_str_is(key->text, words[j]);
        }
        if (known) {
            continue;
        }
        const char *near = cm_nearest_word(key->text, words, n);
        return cm_fail_at(err, CM_ERR_USAGE, key->where,
                          "unknown key \"%.*s\"%s%s%s; see "
                          "docs/formats/schema.md for the keys of a schema",
                          CM_STR_ARG(key->text),
                          near == NULL ? "" : ", did you mean \"",
                          near == NULL ? "" : near, near == NULL ? "" : "\"?");
    }
    return CM_OK;
}

static cm_status want_kind(const cm_yaml *node, cm_yaml_kind kind,
                           const char *what, const char *expected,
                           cm_error *err)
{
    if (node->kind == kind) {
        return CM_OK;
    }
    return cm_fail_at(err, CM_ERR_USAGE, node->where, "%s: expected %s", what,
                      expected);
}

static cm_status parse_bool(bool *out, const cm_yaml *map, const char *key,
                            cm_error *err)
{
    const cm_yaml *node = cm_yaml_get(map, key);
    if (node == NULL || cm_yaml_bool(node, out)) {
        return CM_OK;
    }
    return cm_fail_at(err, CM_ERR_USAGE, node->where,
                      "%s: expected true or false", key);
}

static cm_status parse_text(const char **out, cm_arena *arena,
                            const cm_yaml *map, const char *key, cm_error *err)
{
    const cm_yaml *node = cm_yaml_get(map, key);
    if (node == NULL || node->kind != CM_YAML_SCALAR || node->text.n == 0) {
        return cm_fail_at(err, CM_ERR_USAGE,
                          node == NULL ? map->where : node->where,
                          "%s: expected a text, found %s", key,
                          node == NULL ? "no such key" : "something else");
    }
    *out = cm_arena_strdup(arena, node->text.p, node->text.n, err);
    return *out == NULL ? CM_ERR_NOMEM : CM_OK;
}

static cm_status parse_delimiter(char *out, const cm_yaml *map, cm_error *err)
{
    const cm_yaml *node = cm_yaml_get(map, "delimiter");
    if (node == NULL) {
        return CM_OK;
    }
    if (node->kind == CM_YAML_SCALAR &&
        (cm_str_is(node->text, ",") || cm_str_is(node->text, "comma"))) {
        *out = ',';
    } else if (node->kind == CM_YAML_SCALAR &&
               (cm_str_is(node->text, "\t") || cm_str_is(node->text, "tab"))) {
        *out = '\t';
    } else {
        return cm_fail_at(err, CM_ERR_USAGE, node->where,
                          "delimiter: expected \",\" or tab");
    }
    return CM_OK;
}

static cm_status parse_kind(cm_column_kind *out, const cm_yaml *map,
                            cm_error *err)
{
    static const char *const KINDS[] = {[CM_COLUMN_ID] = "id",
                                        [CM_COLUMN_TARGET] = "target",
                                        [CM_COLUMN_TIME] = "time",
                                        [CM_COLUMN_TEXT] = "text",
                                        [CM_COLUMN_INTEGER] = "integer"};
    const cm_yaml *node = cm_yaml_get(map, "kind");
    for (size_t i = 0; node != NULL && i < COUNT(KINDS); i++) {
        if (node->kind == CM_YAML_SCALAR && cm_str_is(node->text, KINDS[i])) {
            *out = (cm_column_kind)i;
            return CM_OK;
        }
    }
    return cm_fail_at(err, CM_ERR_USAGE,
                      node == NULL ? map->where : node->where,
                      "kind: expected id, target, time, text or integer");
}

static cm_status parse_column(cm_schema_column *out, cm_arena *arena,
                              const cm_yaml *node, cm_error *err)
{
    static const char *const KEYS[] = {"name", "kind", "required"};
    cm_status status = want_kind(node, CM_YAML_MAP, "columns",
                                 "a list of {name, kind, required}", err);
    if (status == CM_OK) {
        status = check_keys(node, KEYS, COUNT(KEYS), err);
    }
    if (status == CM_OK) {
        status = parse_text(&out->name, arena, node, "name", err);
    }
    if (status == CM_OK) {
        status = parse_kind(&out->kind, node, err);
    }
    out->required = true;
    return status == CM_OK ? parse_bool(&out->required, node, "required", err)
                           : status;
}

/* Refuses a second column of the same name or, of some kinds, of that kind. */
static cm_status check_column(const cm_schema *schema,
                              const cm_schema_column *column, cm_where where,
                              cm_error *err)
{
    if (cm_schema_find(schema, cm_str_of(column->name)) != NULL) {
        return cm_fail_at(err, CM_ERR_USAGE, where,
                          "columns: \"%s\" is named twice", column->name);
    }
    bool single =
        column->kind != CM_COLUMN_TEXT && column->kind != CM_COLUMN_INTEGER;
    const cm_schema_column *other = cm_schema_of_kind(schema, column->kind);
    if (single && other != NULL) {
        return cm_fail_at(err, CM_ERR_USAGE, where,
                          "columns: \"%s\" and \"%s\" are of the same kind, of "
                          "which a log has at most one column",
                          other->name, column->name);
    }
    return CM_OK;
}

static cm_status parse_columns(owned_schema *owned, const cm_yaml *root,
                               cm_error *err)
{
    cm_schema *schema = &owned->schema;
    const cm_yaml *list = cm_yaml_get(root, "columns");
    if (list == NULL || list->kind != CM_YAML_LIST || list->n == 0 ||
        list->n > CM_CSV_MAX_COLUMNS) {
        return cm_fail_at(
            err, CM_ERR_USAGE, list == NULL ? root->where : list->where,
            "columns: expected a list of 1 to %d columns", CM_CSV_MAX_COLUMNS);
    }
    cm_schema_column *columns =
        cm_arena_alloc(&owned->arena, list->n * sizeof *columns, err);
    if (columns == NULL) {
        return CM_ERR_NOMEM;
    }
    schema->columns = columns;
    for (size_t i = 0; i < list->n; i++) {
        const cm_yaml *node = &list->children[i];
        cm_status status = parse_column(&columns[i], &owned->arena, node, err);
        if (status == CM_OK) {
            status = check_column(schema, &columns[i], node->where, err);
        }
        if (status != CM_OK) {
            return status;
        }
        schema->n_columns = i + 1;
    }
    return CM_OK;
}

static cm_status parse_root(owned_schema *owned, const cm_yaml *root,
                            cm_error *err)
{
    static const char *const KEYS[] = {"name", "delimiter", "header",
                                       "keep_extra", "columns"};
    cm_schema *schema = &owned->schema;
    *schema = (cm_schema){.header = true, .delimiter = ','};
    cm_status status =
        want_kind(root, CM_YAML_MAP, "schema", "keys and values", err);
    if (status == CM_OK) {
        status = check_keys(root, KEYS, COUNT(KEYS), err);
    }
    if (status == CM_OK) {
        status = parse_text(&schema->name, &owned->arena, root, "name", err);
    }
    if (status == CM_OK) {
        status = parse_delimiter(&schema->delimiter, root, err);
    }
    if (status == CM_OK) {
        status = parse_bool(&schema->header, root, "header", err);
    }
    if (status == CM_OK) {
        status = parse_bool(&schema->keep_extra, root, "keep_extra", err);
    }
    return status == CM_OK ? parse_columns(owned, root, err) : status;
}

static cm_status unknown_name(const char *name, cm_error *err)
{
    const char *near = cm_nearest_word(cm_str_of(name), cm_builtin_schema_names,
                                       CM_N_BUILTIN_SCHEMAS);
    return cm_fail(err, CM_ERR_USAGE,
                   "unknown schema \"%s\"%s%s%s: expected avazu, criteo, "
                   "talkingdata, or the path of a .yaml file",
                   name, near == NULL ? "" : ", did you mean \"",
                   near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

static cm_status load_yaml(cm_yaml **out, const char *name, cm_error *err)
{
    cm_str builtin = cm_builtin_schema(name);
    if (builtin.p != NULL) {
        return cm_yaml_parse(out, builtin, name, err);
    }
    if (strchr(name, '/') == NULL &&
        !cm_str_ends_with(cm_str_of(name), ".yaml")) {
        return unknown_name(name, err);
    }
    return cm_yaml_load(out, name, err);
}

cm_status cm_schema_load(cm_schema **out, const char *name_or_path,
                         cm_error *err)
{
    *out = NULL;
    cm_yaml *root = NULL;
    owned_schema *owned = NULL;
    cm_status status = load_yaml(&root, name_or_path, err);
    if (status != CM_OK) {
        goto done;
    }
    owned = cm_alloc_zero(1, sizeof *owned, err);
    status = owned == NULL ? CM_ERR_NOMEM : parse_root(owned, root, err);
    if (status == CM_OK) {
        *out = &owned->schema;
        owned = NULL;
    }
done:
    cm_schema_free(owned == NULL ? NULL : &owned->schema);
    cm_yaml_free(root);
    return status;
}
