/* Variables: a tree of them, merged of several sources. */
#include "versioning/variables.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "dvc/yaml_text.h"
#include "versioning/paths.h"

/* ---- making -------------------------------------------------------------- */

static cm_status add_child(variables *v, variable *parent, variable *child,
                           cm_error *err)
{
    if (parent->n == parent->capacity) {
        size_t capacity = parent->capacity == 0 ? 4 : 2 * parent->capacity;
        variable **children =
            cm_arena_alloc(v->arena, capacity * sizeof(variable *), err);
        if (children == NULL) {
            return CM_ERR_NOMEM;
        }
        if (parent->n > 0) {
            memcpy(children, parent->children, parent->n * sizeof *children);
        }
        parent->children = children;
        parent->capacity = capacity;
    }
    parent->children[parent->n++] = child;
    return CM_OK;
}

static variable *child_of(const variable *map, const char *name, size_t n)
{
    for (size_t i = 0; i < map->n; i++) {
        const char *own = map->children[i]->name;
        if (own != NULL && strncmp(own, name, n) == 0 && own[n] == '\0') {
            return map->children[i];
        }
    }
    return NULL;
}

/* "parent.name" of the arena, "name" below the root. */
static const char *path_below(variables *v, const variable *parent,
                              const char *name, cm_error *err)
{
    cm_buf path = {0};
    if (parent->path[0] != '\0') {
        cm_buf_addf(&path, "%s.", parent->path);
    }
    cm_buf_adds(&path, name);
    char *copy = cm_buf_check(&path, err) == CM_OK
                     ? cm_arena_strdup(v->arena, path.p, path.n, err)
                     : NULL;
    cm_buf_release(&path);
    return copy;
}

static cm_status fill(variables *v, variable *var, json_t *value,
                      cm_error *err);

static cm_status add_value(variables *v, variable *parent, const char *name,
                           size_t index, json_t *value, cm_error *err)
{
    char digits[CM_NUM_TEXT];
    cm_format_u64(digits, index);
    variable *child = cm_arena_alloc(v->arena, sizeof *child, err);
    if (child == NULL) {
        return CM_ERR_NOMEM;
    }
    *child = (variable){.source = parent->source, .of_file = parent->of_file};
    child->path = path_below(v, parent, name != NULL ? name : digits, err);
    if (name != NULL) {
        child->name = cm_arena_strdup(v->arena, name, strlen(name), err);
    }
    if (child->path == NULL || (name != NULL && child->name == NULL)) {
        return CM_ERR_NOMEM;
    }
    cm_status status = fill(v, child, value, err);
    return status == CM_OK ? add_child(v, parent, child, err) : status;
}

static cm_status fill(variables *v, variable *var, json_t *value, cm_error *err)
{
    const char *key;
    json_t *inner;
    cm_status status = CM_OK;
    var->value = json_is_object(value) ? NULL : value;
    json_object_foreach(value, key, inner)
    {
        status =
            status == CM_OK ? add_value(v, var, key, 0, inner, err) : status;
    }
    for (size_t i = 0; i < json_array_size(value) && status == CM_OK; i++) {
        status = add_value(v, var, NULL, i, json_array_get(value, i), err);
    }
    return status;
}

/* A tree of value, which goes to the documents. */
static cm_status tree_of(variables *v, json_t *value, variable origin,
                         variable **out, cm_error *err)
{
    *out = NULL;
    if (json_array_append_new(v->documents, value) != 0) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
    }
    variable *var = cm_arena_alloc(v->arena, sizeof *var, err);
    if (var == NULL) {
        return CM_ERR_NOMEM;
    }
    *var = origin;
    var->path = "";
    *out = var;
    return fill(v, var, value, err);
}

cm_status variables_of_json(variables *v, json_t *value, variable **out,
                            cm_error *err)
{
    return tree_of(v, value, (variable){0}, out, err);
}

json_t *variable_json(const variable *var)
{
    if (!variable_is_map(var)) {
        return json_deep_copy(var->value);
    }
    json_t *object = json_object();
    for (size_t i = 0; i < var->n && object != NULL; i++) {
        const variable *child = var->children[i];
        if (json_object_set_new(object, child->name, variable_json(child)) !=
            0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

/* ---- merging ------------------------------------------------------------- */

static cm_status refuse_twice(const variable *old, const variable *new,
                              cm_error *err)
{
    return cm_fail(err, CM_ERR_USAGE,
                   "cannot redefine '%s' from '%s' as it already exists in "
                   "'%s'; keep one of them",
                   new->path, new->source != NULL ? new->source : "vars",
                   old->source != NULL ? old->source : "foreach or matrix");
}

static cm_status merge(variables *v, variable *into, const variable *from,
                       cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < from->n && status == CM_OK; i++) {
        variable *new = from->children[i];
        variable *old = child_of(into, new->name, strlen(new->name));
        if (old == NULL) {
            status = add_child(v, into, new, err);
        } else if (variable_is_map(old) && variable_is_map(new)) {
            status = merge(v, old, new, err);
        } else {
            status = refuse_twice(old, new, err);
        }
    }
    return status;
}

static variable *copy_maps(variables *v, const variable *from, cm_error *err)
{
    variable *copy = cm_arena_alloc(v->arena, sizeof *copy, err);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *from;
    copy->n = copy->capacity = 0;
    copy->children = NULL;
    for (size_t i = 0; i < from->n; i++) {
        variable *child = from->children[i];
        child = variable_is_map(child) ? copy_maps(v, child, err) : child;
        if (child == NULL || add_child(v, copy, child, err) != CM_OK) {
            return NULL;
        }
    }
    return copy;
}

cm_status variables_init(variables *v, const cm_snapshot *snapshot,
                         cm_arena *arena, cm_error *err)
{
    *v =
        (variables){.root = {.path = ""}, .snapshot = snapshot, .arena = arena};
    v->documents = json_array();
    return v->documents != NULL
               ? CM_OK
               : cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
}

void variables_release(variables *v)
{
    for (size_t i = 0; i < v->n_imports; i++) {
        json_decref(v->imports[i].keys);
    }
    free(v->imports);
    json_decref(v->documents);
    *v = (variables){0};
}

cm_status variables_clone(variables *out, const variables *from, cm_error *err)
{
    *out = *from;
    out->imports = NULL;
    out->n_imports = out->capacity = 0;
    json_incref(out->documents);
    variable *root = copy_maps(out, &from->root, err);
    if (root == NULL) {
        return CM_ERR_NOMEM;
    }
    out->root = *root;
    for (size_t i = 0; i < from->n_imports; i++) {
        cm_status status = cm_grow(&out->imports, out->n_imports,
                                   &out->capacity, sizeof *out->imports, err);
        if (status != CM_OK) {
            return status;
        }
        json_t *keys = from->imports[i].keys;
        variable_import *copy = &out->imports[out->n_imports++];
        *copy = (variable_import){from->imports[i].path, json_copy(keys)};
        if (keys != NULL && copy->keys == NULL) {
            return cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
        }
    }
    return CM_OK;
}

cm_status variables_set(variables *v, const char *name, const variable *value,
                        cm_error *err)
{
    variable *copy = cm_arena_alloc(v->arena, sizeof *copy, err);
    if (copy == NULL) {
        return CM_ERR_NOMEM;
    }
    *copy = *value;
    copy->name = name;
    for (size_t i = 0; i < v->root.n; i++) {
        if (strcmp(v->root.children[i]->name, name) == 0) {
            v->root.children[i] = copy;
            return CM_OK;
        }
    }
    return add_child(v, &v->root, copy, err);
}

/* ---- loading ------------------------------------------------------------- */

/* One import more, or keys more of one; refused as DVC does. */
static cm_status note_import(variables *v, const char *path, json_t *keys,
                             bool *known, cm_error *err)
{
    variable_import *own = NULL;
    *known = false;
    for (size_t i = 0; i < v->n_imports && own == NULL; i++) {
        own = strcmp(v->imports[i].path, path) == 0 ? &v->imports[i] : NULL;
    }
    if (own == NULL) {
        cm_status status = cm_grow(&v->imports, v->n_imports, &v->capacity,
                                   sizeof *v->imports, err);
        json_t *copy = status == CM_OK ? json_copy(keys) : NULL;
        if (status == CM_OK && keys != NULL && copy == NULL) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
        }
        if (status == CM_OK) {
            v->imports[v->n_imports++] = (variable_import){path, copy};
        }
        return status;
    }
    *known = own->keys == NULL && keys == NULL;
    if ((own->keys == NULL) != (keys == NULL)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "cannot load '%s' both whole and by keys; name it once",
                       path);
    }
    for (size_t i = 0; i < json_array_size(keys); i++) {
        json_t *key = json_array_get(keys, i);
        for (size_t j = 0; j < json_array_size(own->keys); j++) {
            if (json_equal(json_array_get(own->keys, j), key)) {
                return cm_fail(err, CM_ERR_USAGE,
                               "cannot load '%s' of '%s' twice",
                               json_string_value(key), path);
            }
        }
    }
    if (keys != NULL && json_array_extend(own->keys, keys) != 0) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
    }
    return CM_OK;
}

/* Keeps the keys of document alone. */
static cm_status select_keys(json_t **document, const json_t *keys,
                             const char *path, cm_error *err)
{
    json_t *chosen = json_object();
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        json_t *value = json_object_get(*document, key);
        if (value == NULL) {
            json_decref(chosen);
            return cm_fail(err, CM_ERR_USAGE, "could not find '%s' in '%s'",
                           key, path);
        }
        if (json_object_set(chosen, key, value) != 0) {
            json_decref(chosen);
            return cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
        }
    }
    json_decref(*document);
    *document = chosen;
    return CM_OK;
}

/* keys NULL: the whole file. */
static cm_status load_file(variables *v, const char *path, json_t *keys,
                           cm_error *err)
{
    json_t *document = NULL;
    variable *tree = NULL;
    bool known = false;
    cm_status status = note_import(v, path, keys, &known, err);
    if (status != CM_OK || known) {
        return status;
    }
    status = param_file_load(&document, v->snapshot, path, err);
    if (status == CM_OK && document == NULL) {
        return cm_fail(err, CM_ERR_USAGE, "'%s' does not exist", path);
    }
    if (status == CM_OK && !json_is_object(document)) {
        status = cm_fail(err, CM_ERR_PARSE,
                         "%s: expected a map of parameters, found a list or "
                         "value",
                         path);
    }
    if (status == CM_OK && keys != NULL) {
        status = select_keys(&document, keys, path, err);
    }
    if (status != CM_OK) {
        json_decref(document);
        return status;
    }
    status = tree_of(v, document, (variable){.source = path, .of_file = true},
                     &tree, err);
    return status == CM_OK ? merge(v, &v->root, tree, err) : status;
}

cm_status variables_load_default(variables *v, const char *folder,
                                 cm_error *err)
{
    const char *path = NULL;
    cm_buf text = {0};
    bool found = false;
    cm_status status =
        path_in_repo(&path, folder, "params.yaml", v->arena, err);
    if (status == CM_OK && path != NULL) {
        status = v->snapshot->read(v->snapshot, path, &text, &found, err);
    }
    cm_buf_release(&text);
    return status == CM_OK && found ? load_file(v, path, NULL, err) : status;
}

/* "file:key,key" */
static cm_status load_named(variables *v, const cm_yaml *node,
                            const char *folder, cm_error *err)
{
    const char *colon = memchr(node->text.p, ':', node->text.n);
    size_t n = colon != NULL ? (size_t)(colon - node->text.p) : node->text.n;
    const char *path = NULL;
    char *name = cm_arena_strdup(v->arena, node->text.p, n, err);
    if (name == NULL) {
        return CM_ERR_NOMEM;
    }
    cm_status status = path_in_repo(&path, folder, name, v->arena, err);
    json_t *keys = NULL;
    for (size_t at = n; at < node->text.n && status == CM_OK;) {
        const char *key = node->text.p + at + 1;
        size_t left = node->text.n - at - 1;
        const char *comma = memchr(key, ',', left);
        size_t length = comma != NULL ? (size_t)(comma - key) : left;
        keys = keys == NULL && length > 0 ? json_array() : keys;
        if (length > 0 &&
            json_array_append_new(keys, json_stringn(key, length)) != 0) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
        }
        at += length + 1;
    }
    if (status == CM_OK && path == NULL) {
        status = cm_fail(err, CM_ERR_USAGE, "'%s' is outside of the repository",
                         name);
    }
    if (status == CM_OK) {
        status = load_file(v, path, keys, err);
    }
    json_decref(keys);
    return status;
}

static cm_status load_map(variables *v, const cm_yaml *node, const char *stage,
                          size_t index, cm_error *err)
{
    cm_buf name = {0};
    json_t *value = NULL;
    variable *tree = NULL;
    cm_buf_addf(&name, "%s%svars[%zu]", stage != NULL ? stage : "",
                stage != NULL ? "." : "", index);
    cm_status status = cm_buf_check(&name, err);
    char *source =
        status == CM_OK ? cm_arena_strdup(v->arena, name.p, name.n, err) : NULL;
    cm_buf_release(&name);
    if (source == NULL) {
        return CM_ERR_NOMEM;
    }
    status = cm_yaml_to_json(&value, node, err);
    if (status == CM_OK) {
        status = tree_of(v, value, (variable){.source = source}, &tree, err);
    }
    return status == CM_OK ? merge(v, &v->root, tree, err) : status;
}

cm_status variables_load(variables *v, const cm_yaml *list, const char *folder,
                         const char *stage, cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; list != NULL && i < list->n && status == CM_OK; i++) {
        const cm_yaml *item = &list->children[i];
        status = item->kind == CM_YAML_MAP ? load_map(v, item, stage, i, err)
                                           : load_named(v, item, folder, err);
        if (status != CM_OK) {
            cm_error_prefix(err, "%s:%llu: vars", item->where.file,
                            (unsigned long long)item->where.line);
        }
    }
    return status;
}

/* ---- finding ------------------------------------------------------------- */

/* The next word of an expression; false: none where one must be. */
static bool next_word(cm_str *rest, cm_str *word, bool first)
{
    bool index = false;
    if (!first) {
        *rest = cm_str_trim(*rest);
        index = rest->p[0] == '[';
        if (!index && rest->p[0] != '.') {
            return false;
        }
        rest->p++;
        rest->n--;
    }
    size_t n = 0;
    while (n < rest->n && strchr(".[]", rest->p[n]) == NULL) {
        n++;
    }
    *word = (cm_str){rest->p, n};
    bool closed = !index || (n < rest->n && rest->p[n] == ']');
    n += index && closed ? 1 : 0;
    rest->p += n;
    rest->n -= n;
    return word->n > 0 && closed;
}

bool variables_check(cm_str expression)
{
    cm_str rest = expression, word;
    bool first = true;
    do {
        if (memchr(rest.p, '\0', rest.n) != NULL ||
            !next_word(&rest, &word, first)) {
            return false;
        }
        first = false;
    } while (cm_str_trim(rest).n > 0);
    return true;
}

static const variable *element_of(const variable *list, cm_str word)
{
    int64_t index = 0;
    if (!cm_parse_i64(word, &index)) {
        return NULL;
    }
    index += index < 0 ? (int64_t)list->n : 0;
    return index >= 0 && (uint64_t)index < list->n ? list->children[index]
                                                   : NULL;
}

const variable *variables_find(const variables *v, cm_str expression)
{
    const variable *at = &v->root;
    cm_str rest = expression, word;
    if (!variables_check(expression)) {
        return NULL;
    }
    for (bool first = true; at != NULL && cm_str_trim(rest).n > 0;
         first = false) {
        if (!next_word(&rest, &word, first)) {
            return NULL;
        }
        word = cm_str_trim(word);
        at = variable_is_map(at)    ? child_of(at, word.p, word.n)
             : variable_is_list(at) ? element_of(at, word)
                                    : NULL;
    }
    return at == &v->root ? NULL : at;
}

/* ---- paths --------------------------------------------------------------- */

cm_status path_in_repo(const char **out, const char *folder, const char *path,
                       cm_arena *arena, cm_error *err)
{
    /* Above "/" there is nothing: two folders tell what leaves the root. */
    cm_buf base = {0};
    *out = NULL;
    cm_buf_addf(&base, "/r/%s", folder);
    char *clean = base.failed ? NULL : path_absolute(base.p, path);
    cm_buf_release(&base);
    if (clean == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory for a path");
    }
    if (strcmp(clean, "/r") == 0) {
        *out = "";
    } else if (strncmp(clean, "/r/", 3) == 0 && path[0] != '/') {
        *out = cm_arena_strdup(arena, clean + 3, strlen(clean + 3), err);
    }
    bool failed = *out == NULL && strncmp(clean, "/r/", 3) == 0;
    free(clean);
    return failed && path[0] != '/' ? CM_ERR_NOMEM : CM_OK;
}
