/* dvc.yaml: its stages, those that foreach and matrix make too.
 *
 * A stage is resolved from the YAML tree, so that every error has the place of
 * the text it is about. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "versioning/interpolation.h"
#include "versioning/pipeline.h"

enum { MAX_STAGES = 10000, MAX_TEXT = 32 << 20 };

typedef struct loader {
    cm_pipeline *pipeline;
    const cm_snapshot *snapshot;
    const char *path;   /* of dvc.yaml */
    const char *folder; /* of dvc.yaml, "" is the root */
    variables vars;
    variable **round_children; /* (vars.root.n + 2) */
    bool boolean_optional, append;
    size_t budget;
    cm_error *err;
} loader;

static interpolation resolver_of(loader *l, const variables *vars)
{
    return (interpolation){.vars = vars,
                           .boolean_optional = l->boolean_optional,
                           .append = l->append,
                           .used = l->pipeline->used,
                           .budget = &l->budget};
}

/* ---- one stage ----------------------------------------------------------- */

/* The folder that a stage's own vars are loaded from. */
static cm_status resolve_wdir(loader *l, const variables *vars,
                              const cm_yaml *definition, const char **out)
{
    const cm_yaml *node = cm_yaml_get(definition, "wdir");
    json_t *value = NULL;
    cm_buf text = {0};
    *out = l->folder;
    if (node == NULL) {
        return CM_OK;
    }
    interpolation with = resolver_of(l, vars);
    with.used = NULL;
    cm_status status = interpolate(&value, &with, node, "wdir", l->err);
    if (status == CM_OK) {
        interpolation_put(&text, value);
        cm_buf_adds(&text, text.n == 0 ? "." : "");
        status = cm_buf_check(&text, l->err);
    }
    if (status == CM_OK) {
        status =
            path_in_repo(out, l->folder, text.p, &l->pipeline->arena, l->err);
    }
    if (status == CM_OK && *out == NULL) {
        status =
            cm_fail_at(l->err, CM_ERR_USAGE, node->where,
                       "the wdir '%s' is outside of the repository", text.p);
    }
    json_decref(value);
    cm_buf_release(&text);
    return status;
}

static bool is_of_stage(cm_str key)
{
    return !cm_str_is(key, "vars") && !cm_str_is(key, "matrix");
}

static cm_status resolve_keys(loader *l, const variables *vars,
                              const cm_yaml *definition, json_t *out)
{
    interpolation with = resolver_of(l, vars);
    cm_status status = CM_OK;
    for (size_t i = 0; i < definition->n && status == CM_OK; i++) {
        cm_str key = definition->keys[i].text;
        json_t *value = NULL;
        if (!is_of_stage(key)) {
            continue;
        }
        status =
            interpolate(&value, &with, &definition->children[i], key.p, l->err);
        if (status == CM_OK &&
            json_object_setn_new(out, key.p, key.n, value) != 0) {
            status = cm_fail(l->err, CM_ERR_NOMEM, "out of memory");
        }
    }
    return status;
}

/* With the variables that the stage itself loads. */
static cm_status resolve_with_vars(loader *l, const variables *vars,
                                   const char *name, const cm_yaml *definition,
                                   json_t *out)
{
    const cm_yaml *own = cm_yaml_get(definition, "vars");
    if (own == NULL || own->n == 0) {
        return resolve_keys(l, vars, definition, out);
    }
    const char *wdir = NULL;
    variables with = {0};
    cm_status status = resolve_wdir(l, vars, definition, &wdir);
    if (status == CM_OK) {
        status = interpolation_forbid(own, "vars", l->err);
    }
    if (status == CM_OK) {
        status = variables_clone(&with, vars, l->err);
    }
    if (status == CM_OK) {
        status = variables_load(&with, own, wdir, name, l->err);
    }
    if (status == CM_OK) {
        status = resolve_keys(l, &with, definition, out);
    }
    variables_release(&with);
    return status;
}

static cm_status add_stage(loader *l, const variables *vars, const char *name,
                           const cm_yaml *definition)
{
    cm_pipeline *p = l->pipeline;
    if (p->n == MAX_STAGES) {
        return cm_fail_at(l->err, CM_ERR_DATA, definition->where,
                          "found more than %d stages; split %s", MAX_STAGES,
                          l->path);
    }
    cm_status status =
        cm_grow(&p->stages, p->n, &p->capacity, sizeof *p->stages, l->err);
    json_t *resolved = status == CM_OK ? json_object() : NULL;
    if (resolved == NULL) {
        return cm_fail(l->err, CM_ERR_NOMEM, "out of memory for stages");
    }
    cm_stage *stage = &p->stages[p->n++];
    *stage = (cm_stage){.name = name, .file = l->path};
    status = resolve_with_vars(l, vars, name, definition, resolved);
    if (status == CM_OK) {
        status = stage_of_json(stage, resolved, l->folder, definition->where,
                               &p->arena, l->err);
    }
    if (status != CM_OK) {
        cm_error_prefix(l->err, "stage '%s'", name);
    }
    json_decref(resolved);
    return status;
}

/* ---- foreach and matrix -------------------------------------------------- */

/* Gives with a list of the root's children of its own, with room for two more;
 * the list is the same in all rounds. */
static cm_status open_round(loader *l, variables *with)
{
    size_t n = l->vars.root.n;
    if (l->round_children == NULL) {
        l->round_children = cm_arena_alloc(
            &l->pipeline->arena, (n + 2) * sizeof *l->round_children, l->err);
    }
    if (l->round_children == NULL) {
        return CM_ERR_NOMEM;
    }
    if (n > 0) {
        memcpy(l->round_children, l->vars.root.children,
               n * sizeof *l->round_children);
    }
    with->root.children = l->round_children;
    with->root.capacity = n + 2;
    return CM_OK;
}

/* One round of foreach or matrix, which adds item and key to the variables. */
static cm_status add_round(loader *l, const char *name,
                           const cm_yaml *definition, const variable *item,
                           const char *key)
{
    variables with = l->vars;
    variable *key_variable = NULL;
    cm_status status = open_round(l, &with);
    if (status == CM_OK) {
        status = variables_set(&with, "item", item, l->err);
    }
    if (status == CM_OK && key != NULL) {
        status =
            variables_of_json(&with, json_string(key), &key_variable, l->err);
    }
    if (status == CM_OK && key != NULL) {
        status = variables_set(&with, "key", key_variable, l->err);
    }
    return status == CM_OK ? add_stage(l, &with, name, definition) : status;
}

/* "GROUP@KEY"; NULL when a stage of that name is there already, or without
 * memory, which err tells. */
static const char *round_name(loader *l, cm_str group, const char *key,
                              bool *repeated)
{
    cm_buf name = {0};
    const char *copy = NULL;
    *repeated = false;
    cm_buf_addf(&name, "%.*s@%s", CM_STR_ARG(group), key);
    if (cm_buf_check(&name, l->err) == CM_OK) {
        copy = cm_arena_strdup(&l->pipeline->arena, name.p, name.n, l->err);
    }
    cm_buf_release(&name);
    for (size_t i = 0; copy != NULL && i < l->pipeline->n; i++) {
        *repeated = *repeated || strcmp(l->pipeline->stages[i].name, copy) == 0;
    }
    return copy;
}

/* How a value names its stage; false: by its place. */
static bool put_name(cm_buf *out, const variable *item)
{
    if (variable_is_map(item) || variable_is_list(item)) {
        return false;
    }
    if (item->source != NULL) {
        cm_python_str(out, item->value);
    } else {
        interpolation_put(out, item->value);
    }
    return true;
}

/* Whether a list's items are named by their places. */
static bool named_by_place(const variable *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (variable_is_map(list->children[i]) ||
            variable_is_list(list->children[i])) {
            return true;
        }
    }
    return false;
}

static cm_status add_item(loader *l, cm_str group, const cm_yaml *definition,
                          const variable *data, size_t i)
{
    const variable *item = data->children[i];
    bool map = variable_is_map(data), repeated = false;
    cm_buf key = {0};
    if (map) {
        cm_buf_adds(&key, item->name);
    } else if (named_by_place(data) || !put_name(&key, item)) {
        cm_buf_addf(&key, "%zu", i);
    }
    cm_buf_adds(&key, "");
    const char *name =
        key.failed
            ? NULL
            : round_name(l, group, key.p != NULL ? key.p : "", &repeated);
    const char *copy =
        name != NULL && map
            ? cm_arena_strdup(&l->pipeline->arena, key.p, key.n, l->err)
            : NULL;
    cm_buf_release(&key);
    if (name == NULL || (map && copy == NULL)) {
        return CM_ERR_NOMEM;
    }
    return repeated ? CM_OK : add_round(l, name, definition, item, copy);
}

static cm_status add_foreach(loader *l, const cm_yaml *name,
                             const cm_yaml *stage)
{
    const cm_yaml *data_node = cm_yaml_get(stage, "foreach");
    const cm_yaml *definition = cm_yaml_get(stage, "do");
    variable *data = NULL;
    interpolation with = resolver_of(l, &l->vars);
    with.used = NULL;
    cm_status status = interpolation_check(definition, l->err);
    if (status == CM_OK) {
        status =
            interpolate_variable(&data, &l->vars, &with, data_node, l->err);
    }
    if (status == CM_OK && !variable_is_map(data) && !variable_is_list(data)) {
        status = cm_fail_at(l->err, CM_ERR_USAGE, data_node->where,
                            "foreach is a value, expected a list or map");
    }
    if (status == CM_OK && data->n > MAX_STAGES) {
        status = cm_fail_at(l->err, CM_ERR_DATA, data_node->where,
                            "foreach makes more than %d stages", MAX_STAGES);
    }
    for (size_t i = 0; status == CM_OK && i < data->n; i++) {
        status = add_item(l, name->text, definition, data, i);
    }
    return status;
}

/* The i-th combination: the last list runs fastest. */
static void choose(const variable *matrix, size_t i, size_t *chosen)
{
    for (size_t k = matrix->n; k-- > 0;) {
        chosen[k] = i % matrix->children[k]->n;
        i /= matrix->children[k]->n;
    }
}

static cm_status add_combination(loader *l, cm_str group,
                                 const cm_yaml *definition,
                                 const variable *matrix, const size_t *chosen)
{
    cm_arena *arena = &l->pipeline->arena;
    variable item = {.path = "", .n = matrix->n, .capacity = matrix->n};
    cm_buf key = {0};
    bool repeated = false;
    item.children =
        cm_arena_alloc(arena, item.n * sizeof *item.children, l->err);
    for (size_t k = 0; k < item.n && item.children != NULL; k++) {
        const variable *list = matrix->children[k];
        variable *one = cm_arena_alloc(arena, sizeof *one, l->err);
        if (one == NULL) {
            cm_buf_release(&key);
            return CM_ERR_NOMEM;
        }
        *one = *list->children[chosen[k]];
        one->name = list->name;
        item.children[k] = one;
        cm_buf_adds(&key, k > 0 ? "-" : "");
        if (!put_name(&key, one)) {
            cm_buf_addf(&key, "%s%zu", list->name, chosen[k]);
        }
    }
    cm_buf_adds(&key, "");
    const char *copy =
        item.children == NULL || key.failed
            ? NULL
            : cm_arena_strdup(arena, key.p != NULL ? key.p : "", key.n, l->err);
    cm_buf_release(&key);
    const char *name =
        copy != NULL ? round_name(l, group, copy, &repeated) : NULL;
    if (name == NULL) {
        return CM_ERR_NOMEM;
    }
    return repeated ? CM_OK : add_round(l, name, definition, &item, copy);
}

/* How many combinations there are; refused when they are too many. */
static cm_status count_combinations(const loader *l, const cm_yaml *node,
                                    const variable *matrix, size_t *out)
{
    *out = 1;
    for (size_t k = 0; k < matrix->n; k++) {
        if (!variable_is_list(matrix->children[k])) {
            return cm_fail_at(l->err, CM_ERR_USAGE, node->where,
                              "matrix has %s that is no list",
                              matrix->children[k]->name);
        }
        *out *= matrix->children[k]->n;
        if (*out > MAX_STAGES) {
            return cm_fail_at(l->err, CM_ERR_DATA, node->where,
                              "matrix makes more than %d stages", MAX_STAGES);
        }
    }
    return CM_OK;
}

static cm_status add_matrix(loader *l, const cm_yaml *name,
                            const cm_yaml *definition)
{
    const cm_yaml *node = cm_yaml_get(definition, "matrix");
    variable *matrix = NULL;
    size_t n = 0;
    interpolation with = resolver_of(l, &l->vars);
    with.used = NULL;
    cm_status status = interpolation_check(definition, l->err);
    if (status == CM_OK) {
        status = interpolate_variable(&matrix, &l->vars, &with, node, l->err);
    }
    if (status == CM_OK) {
        status = count_combinations(l, node, matrix, &n);
    }
    size_t *chosen =
        status == CM_OK ? cm_alloc(matrix->n, sizeof *chosen, l->err) : NULL;
    if (chosen == NULL) {
        return status == CM_OK ? CM_ERR_NOMEM : status;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        choose(matrix, i, chosen);
        status = add_combination(l, name->text, definition, matrix, chosen);
    }
    free(chosen);
    return status;
}

/* ---- the file ------------------------------------------------------------ */

static cm_status add_stages(loader *l, const cm_yaml *stages)
{
    cm_status status = CM_OK;
    for (size_t i = 0; stages != NULL && i < stages->n && status == CM_OK;
         i++) {
        const cm_yaml *key = &stages->keys[i], *node = &stages->children[i];
        if (cm_yaml_get(node, "matrix") != NULL) {
            status = add_matrix(l, key, node);
        } else if (cm_yaml_get(node, "foreach") != NULL) {
            status = add_foreach(l, key, node);
        } else {
            const char *name = cm_arena_strdup(&l->pipeline->arena, key->text.p,
                                               key->text.n, l->err);
            status =
                name == NULL ? CM_ERR_NOMEM : interpolation_check(node, l->err);
            if (status == CM_OK) {
                status = add_stage(l, &l->vars, name, node);
            }
        }
    }
    return status;
}

/* The files that a list at the top names. */
static cm_status take_files(loader *l, const cm_yaml *list,
                            const char *const **out, size_t *n)
{
    size_t most = list != NULL ? list->n : 0;
    const char **files =
        cm_arena_alloc(&l->pipeline->arena, most * sizeof *files, l->err);
    interpolation with = resolver_of(l, &l->vars);
    with.used = NULL;
    cm_status status = files == NULL ? CM_ERR_NOMEM : CM_OK;
    for (size_t i = 0; i < most && status == CM_OK; i++) {
        json_t *value = NULL;
        cm_buf text = {0};
        status = interpolation_check(&list->children[i], l->err);
        if (status == CM_OK) {
            status = interpolate(&value, &with, &list->children[i], "", l->err);
        }
        if (status == CM_OK) {
            interpolation_put(&text, value);
            cm_buf_adds(&text, text.n == 0 ? "." : "");
            status = cm_buf_check(&text, l->err);
        }
        if (status == CM_OK) {
            status = path_in_repo(&files[*n], l->folder, text.p,
                                  &l->pipeline->arena, l->err);
        }
        *n += status == CM_OK && files[*n] != NULL;
        cm_buf_release(&text);
        json_decref(value);
    }
    *out = files;
    return status;
}

static cm_status load_root(loader *l, const cm_yaml *root)
{
    const cm_yaml *vars = cm_yaml_get(root, "vars");
    cm_pipeline *p = l->pipeline;
    cm_status status = pipeline_check(root, l->err);
    if (status == CM_OK && vars != NULL) {
        status = interpolation_forbid(vars, "vars", l->err);
    }
    if (status == CM_OK) {
        status = variables_load_default(&l->vars, l->folder, l->err);
    }
    if (status == CM_OK) {
        status = variables_load(&l->vars, vars, l->folder, NULL, l->err);
    }
    if (status == CM_OK) {
        status = add_stages(l, cm_yaml_get(root, "stages"));
    }
    if (status == CM_OK) {
        status = take_files(l, cm_yaml_get(root, "metrics"), &p->metrics,
                            &p->n_metrics);
    }
    if (status == CM_OK) {
        status = take_files(l, cm_yaml_get(root, "params"), &p->params,
                            &p->n_params);
    }
    return status;
}

static cm_status load_text(loader *l, cm_str text)
{
    cm_yaml *root = NULL;
    cm_arena *arena = &l->pipeline->arena;
    const char *slash = strrchr(l->path, '/');
    l->folder = cm_arena_strdup(
        arena, l->path, slash != NULL ? (size_t)(slash - l->path) : 0, l->err);
    l->path = cm_arena_strdup(arena, l->path, strlen(l->path), l->err);
    if (l->folder == NULL || l->path == NULL) {
        return CM_ERR_NOMEM;
    }
    l->pipeline->path = l->path;
    cm_status status = variables_init(&l->vars, l->snapshot, arena, l->err);
    if (status == CM_OK) {
        status = cm_yaml_parse(&root, text, l->path, l->err);
    }
    if (status == CM_OK) {
        status = load_root(l, root);
    }
    variables_release(&l->vars);
    cm_yaml_free(root);
    return status;
}

static bool option_is(const cm_dvc_config *config, const char *option,
                      const char *value)
{
    const char *set =
        config != NULL ? cm_dvc_config_get(config, "parsing", option) : NULL;
    return set != NULL && strcmp(set, value) == 0;
}

cm_status pipeline_load(cm_pipeline *pipeline, const cm_snapshot *snapshot,
                        const cm_dvc_config *config, const char *path,
                        cm_error *err)
{
    cm_buf text = {0};
    bool found = false;
    *pipeline = (cm_pipeline){.used = json_object()};
    loader l = {.pipeline = pipeline,
                .snapshot = snapshot,
                .path = path,
                .boolean_optional =
                    option_is(config, "bool", "boolean_optional"),
                .append = option_is(config, "list", "append"),
                .budget = MAX_TEXT,
                .err = err};
    if (pipeline->used == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory for stages");
    }
    cm_status status = snapshot->read(snapshot, path, &text, &found, err);
    if (status == CM_OK && found) {
        status = load_text(&l, (cm_str){text.p != NULL ? text.p : "", text.n});
    }
    cm_buf_release(&text);
    return status;
}

cm_status cm_pipeline_load(cm_pipeline *pipeline, const cm_repo *repo,
                           const char *path, cm_error *err)
{
    cm_snapshot snapshot = {0};
    *pipeline = (cm_pipeline){0};
    cm_status status = cm_snapshot_open(&snapshot, repo, NULL, err);
    if (status == CM_OK) {
        status = pipeline_load(pipeline, &snapshot, repo->config, path, err);
    }
    cm_snapshot_close(&snapshot);
    return status;
}

void cm_pipeline_release(cm_pipeline *pipeline)
{
    free(pipeline->stages);
    json_decref(pipeline->used);
    cm_arena_release(&pipeline->arena);
    *pipeline = (cm_pipeline){0};
}
