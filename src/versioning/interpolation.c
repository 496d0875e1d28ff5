/* Texts with ${…} in them.  A text that is one ${…} and nothing else becomes
 * the value itself, of any type; else values are written into the text. */
#include "versioning/interpolation.h"

#include <stdlib.h>
#include <string.h>

#include "dvc/yaml_scalar.h"
#include "dvc/yaml_text.h"
#include "versioning/command_flags.h"

/* ---- finding ------------------------------------------------------------- */

/* The next ${…} of text at or after `from`: where it starts and ends, and what
 * is between its braces.  "\${" is none, nor is one that a line end cuts. */
static bool next_match(cm_str text, size_t from, size_t *start, size_t *end,
                       cm_str *inner)
{
    for (size_t i = from; i + 1 < text.n; i++) {
        if (text.p[i] != '$' || text.p[i + 1] != '{' ||
            (i > 0 && text.p[i - 1] == '\\')) {
            continue;
        }
        size_t j = i + 2;
        while (j < text.n && text.p[j] != '}' && text.p[j] != '\n') {
            j++;
        }
        if (j < text.n && text.p[j] == '}') {
            *start = i;
            *end = j + 1;
            *inner = (cm_str){text.p + i + 2, j - i - 2};
            return true;
        }
    }
    return false;
}

bool is_interpolated(cm_str text)
{
    size_t start, end;
    cm_str inner;
    return next_match(text, 0, &start, &end, &inner);
}

static bool is_text(const cm_yaml *node)
{
    return node->kind == CM_YAML_SCALAR &&
           (node->quoted || cm_yaml_plain_tag(node->text) == YAML_TAG_TEXT ||
            cm_yaml_plain_tag(node->text) == YAML_TAG_OTHER);
}

static cm_status check_text(const cm_yaml *node, cm_error *err)
{
    size_t from = 0, start, end;
    cm_str inner;
    while (next_match(node->text, from, &start, &end, &inner)) {
        if (!variables_check(inner)) {
            return cm_fail_at(err, CM_ERR_PARSE, node->where,
                              "found ${%.*s}, expected a name, with .NAME or "
                              "[NUMBER] behind it",
                              CM_STR_ARG(inner));
        }
        from = end;
    }
    return CM_OK;
}

typedef cm_status (*visitor)(const cm_yaml *text, const char *what,
                             cm_error *err);

static cm_status visit(const cm_yaml *node, visitor visit_text,
                       const char *what, cm_error *err)
{
    cm_status status = CM_OK;
    if (node->kind == CM_YAML_SCALAR) {
        return visit_text(node, what, err);
    }
    for (size_t i = 0; i < node->n && status == CM_OK; i++) {
        if (node->kind == CM_YAML_MAP) {
            status = visit_text(&node->keys[i], what, err);
        }
        if (status == CM_OK) {
            status = visit(&node->children[i], visit_text, what, err);
        }
    }
    return status;
}

static cm_status check_visitor(const cm_yaml *text, const char *what,
                               cm_error *err)
{
    (void)what;
    return check_text(text, err);
}

static cm_status forbid_visitor(const cm_yaml *text, const char *what,
                                cm_error *err)
{
    if (!is_interpolated(text->text)) {
        return CM_OK;
    }
    return cm_fail_at(err, CM_ERR_PARSE, text->where,
                      "found %.*s in %s, where ${…} is not allowed; write the "
                      "value out",
                      CM_STR_ARG(text->text), what);
}

cm_status interpolation_check(const cm_yaml *node, cm_error *err)
{
    return visit(node, check_visitor, NULL, err);
}

cm_status interpolation_forbid(const cm_yaml *node, const char *what,
                               cm_error *err)
{
    return visit(node, forbid_visitor, what, err);
}

/* ---- values -------------------------------------------------------------- */

void interpolation_put(cm_buf *out, const json_t *value)
{
    if (json_is_boolean(value)) {
        cm_buf_adds(out, json_is_true(value) ? "true" : "false");
    } else {
        cm_python_str(out, value);
    }
}

/* Remembers a value that came of a file; a map is remembered by no path. */
static bool note_used(const interpolation *with, const variable *var)
{
    if (with->used == NULL || !var->of_file || variable_is_map(var)) {
        return true;
    }
    json_t *file = json_object_get(with->used, var->source);
    if (file == NULL) {
        file = json_object();
        if (json_object_set_new(with->used, var->source, file) != 0) {
            return false;
        }
    }
    return json_object_set_new(file, var->path, json_deep_copy(var->value)) ==
           0;
}

static cm_status find(const interpolation *with, cm_str inner,
                      const cm_yaml *node, const variable **out, cm_error *err)
{
    *out = variables_find(with->vars, inner);
    if (*out == NULL) {
        return cm_fail_at(err, CM_ERR_USAGE, node->where,
                          "could not find '%.*s'; it is not in params.yaml nor "
                          "in vars",
                          CM_STR_ARG(inner));
    }
    return note_used(with, *out)
               ? CM_OK
               : cm_fail(err, CM_ERR_NOMEM, "out of memory for variables");
}

static cm_status refuse_composite(cm_str inner, const variable *var,
                                  const cm_yaml *node, cm_error *err)
{
    return cm_fail_at(err, CM_ERR_USAGE, node->where,
                      "${%.*s} is a %s, expected a value; name one in it",
                      CM_STR_ARG(inner), variable_is_map(var) ? "map" : "list");
}

static cm_status put_variable(cm_buf *out, const interpolation *with,
                              cm_str inner, const variable *var,
                              const cm_yaml *node, const char *key,
                              cm_error *err)
{
    if (variable_is_map(var) && strcmp(key, "cmd") == 0) {
        return command_flags_put(out, with, var, node->where, err);
    }
    if (variable_is_map(var) || variable_is_list(var)) {
        return refuse_composite(inner, var, node, err);
    }
    interpolation_put(out, var->value);
    return CM_OK;
}

/* Text is spent as it is made, so that little YAML cannot fill the memory. */
static cm_status spend(const interpolation *with, size_t n, const cm_yaml *node,
                       cm_error *err)
{
    if (n > *with->budget) {
        return cm_fail_at(err, CM_ERR_DATA, node->where,
                          "the texts of the stages are more than 32 MB with "
                          "all ${…} resolved");
    }
    *with->budget -= n;
    return CM_OK;
}

/* "\${" is how a text says "${". */
static json_t *unescaped(const cm_buf *text)
{
    cm_buf out = {0};
    for (size_t i = 0; i < text->n; i++) {
        bool escape = text->p[i] == '\\' && i + 2 < text->n &&
                      text->p[i + 1] == '$' && text->p[i + 2] == '{';
        if (!escape) {
            cm_buf_addc(&out, text->p[i]);
        }
    }
    json_t *value =
        out.failed ? NULL : json_stringn(out.p != NULL ? out.p : "", out.n);
    cm_buf_release(&out);
    return value;
}

static cm_status resolve_text(json_t **out, const interpolation *with,
                              const cm_yaml *node, const char *key,
                              cm_error *err)
{
    cm_buf text = {0};
    cm_status status = CM_OK;
    size_t from = 0, before = 0, start, end;
    cm_str inner;
    while (status == CM_OK &&
           next_match(node->text, from, &start, &end, &inner)) {
        const variable *var = NULL;
        cm_buf_add(&text, node->text.p + from, start - from);
        status = find(with, inner, node, &var, err);
        if (status == CM_OK) {
            status = put_variable(&text, with, inner, var, node, key, err);
        }
        if (status == CM_OK) {
            status = spend(with, text.n - before, node, err);
            before = text.n;
        }
        from = end;
    }
    cm_buf_add(&text, node->text.p + from, node->text.n - from);
    if (status == CM_OK) {
        status = spend(with, text.n - before, node, err);
    }
    if (status == CM_OK) {
        status = cm_buf_check(&text, err);
    }
    if (status == CM_OK) {
        *out = unescaped(&text);
        status = *out == NULL
                     ? cm_fail(err, CM_ERR_NOMEM, "out of memory for a text")
                     : CM_OK;
    }
    cm_buf_release(&text);
    return status;
}

/* Whether the text is one ${…} alone. */
static bool stands_alone(cm_str text, cm_str *inner)
{
    size_t start, end;
    return next_match(text, 0, &start, &end, inner) && start == 0 &&
           end == text.n;
}

static cm_status resolve_scalar(json_t **out, const interpolation *with,
                                const cm_yaml *node, const char *key,
                                cm_error *err)
{
    cm_str inner;
    const variable *var = NULL;
    if (!is_text(node)) {
        return cm_yaml_to_json(out, node, err);
    }
    if (!stands_alone(node->text, &inner)) {
        return resolve_text(out, with, node, key, err);
    }
    cm_status status = find(with, inner, node, &var, err);
    if (status != CM_OK) {
        return status;
    }
    if (variable_is_map(var) || variable_is_list(var)) {
        return refuse_composite(inner, var, node, err);
    }
    status = spend(with, json_string_length(var->value), node, err);
    if (status != CM_OK) {
        return status;
    }
    *out = json_deep_copy(var->value);
    return *out != NULL
               ? CM_OK
               : cm_fail(err, CM_ERR_NOMEM, "out of memory for a value");
}

/* A key is a text, whatever it resolves to. */
static cm_status resolve_key(cm_buf *out, const interpolation *with,
                             const cm_yaml *node, const char *key,
                             cm_error *err)
{
    json_t *value = NULL;
    cm_status status = resolve_text(&value, with, node, key, err);
    if (status == CM_OK) {
        interpolation_put(out, value);
        status = cm_buf_check(out, err);
    }
    json_decref(value);
    return status;
}

static cm_status resolve_map(json_t *out, const interpolation *with,
                             const cm_yaml *node, const char *key,
                             cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < node->n && status == CM_OK; i++) {
        cm_buf name = {0};
        json_t *value = NULL;
        status = resolve_key(&name, with, &node->keys[i], key, err);
        if (status == CM_OK) {
            status = interpolate(&value, with, &node->children[i], key, err);
        }
        if (status == CM_OK &&
            json_object_setn_new(out, name.p != NULL ? name.p : "", name.n,
                                 value) != 0) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory for a map");
        }
        cm_buf_release(&name);
    }
    return status;
}

cm_status interpolate(json_t **out, const interpolation *with,
                      const cm_yaml *node, const char *key, cm_error *err)
{
    *out = NULL;
    if (node->kind == CM_YAML_SCALAR) {
        return resolve_scalar(out, with, node, key, err);
    }
    json_t *value = node->kind == CM_YAML_MAP ? json_object() : json_array();
    cm_status status =
        value == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory") : CM_OK;
    if (status == CM_OK && node->kind == CM_YAML_MAP) {
        status = resolve_map(value, with, node, key, err);
    }
    for (size_t i = 0;
         node->kind == CM_YAML_LIST && i < node->n && status == CM_OK; i++) {
        json_t *element = NULL;
        status = interpolate(&element, with, &node->children[i], key, err);
        if (status == CM_OK && json_array_append_new(value, element) != 0) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory for a list");
        }
    }
    if (status != CM_OK) {
        json_decref(value);
        return status;
    }
    *out = value;
    return CM_OK;
}

/* ---- as variables -------------------------------------------------------- */

static cm_status scalar_variable(variable **out, variables *vars,
                                 const interpolation *with, const cm_yaml *node,
                                 cm_error *err)
{
    cm_str inner;
    const variable *var = NULL;
    json_t *value = NULL;
    if (is_text(node) && stands_alone(node->text, &inner)) {
        cm_status status = find(with, inner, node, &var, err);
        *out = status == CM_OK ? cm_arena_alloc(vars->arena, sizeof **out, err)
                               : NULL;
        if (*out == NULL) {
            return status == CM_OK ? CM_ERR_NOMEM : status;
        }
        **out = *var;
        return CM_OK;
    }
    cm_status status = resolve_scalar(&value, with, node, "", err);
    return status == CM_OK ? variables_of_json(vars, value, out, err) : status;
}

/* Gives a list or map of the value its children, each with its own source. */
cm_status interpolate_variable(variable **out, variables *vars,
                               const interpolation *with, const cm_yaml *node,
                               cm_error *err)
{
    *out = NULL;
    if (node->kind == CM_YAML_SCALAR) {
        return scalar_variable(out, vars, with, node, err);
    }
    bool map = node->kind == CM_YAML_MAP;
    cm_status status =
        variables_of_json(vars, map ? json_object() : json_array(), out, err);
    if (status != CM_OK) {
        return status;
    }
    variable *own = *out;
    own->n = own->capacity = node->n;
    own->children =
        cm_arena_alloc(vars->arena, node->n * sizeof *own->children, err);
    if (own->children == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < node->n && status == CM_OK; i++) {
        cm_buf name = {0};
        status = interpolate_variable(&own->children[i], vars, with,
                                      &node->children[i], err);
        if (status == CM_OK && map) {
            status = resolve_key(&name, with, &node->keys[i], "", err);
        }
        if (status == CM_OK && map) {
            own->children[i]->name = cm_arena_strdup(
                vars->arena, name.p != NULL ? name.p : "", name.n, err);
            status = own->children[i]->name == NULL ? CM_ERR_NOMEM : CM_OK;
        }
        if (status == CM_OK && !map &&
            json_array_append_new(own->value,
                                  variable_json(own->children[i])) != 0) {
            status = cm_fail(err, CM_ERR_NOMEM, "out of memory for a list");
        }
        cm_buf_release(&name);
    }
    return status;
}
