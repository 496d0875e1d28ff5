/* dvc.lock, read.  What stands in it is kept as text, stage by stage, so that
 * a file in which one stage changes differs in that stage alone. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "dvc/lock_file.h"
#include "dvc/yaml_map.h"
#include "dvc/yaml_text.h"

enum { MAX_BYTES = 1 << 20 };

/* ---- values -------------------------------------------------------------- */

static cm_status read_commands(cm_locked_stage *stage, const cm_yaml *map,
                               cm_arena *arena, cm_error *err)
{
    const cm_yaml *cmd = cm_yaml_get(map, "cmd");
    if (cmd == NULL) {
        return cm_fail_at(err, CM_ERR_PARSE, map->where,
                          "found a stage without cmd, expected the command it "
                          "ran");
    }
    stage->one_command = cmd->kind != CM_YAML_LIST;
    stage->n_commands = stage->one_command ? 1 : cmd->n;
    const cm_yaml *nodes = stage->one_command ? cmd : cmd->children;
    const char **commands =
        cm_arena_alloc(arena, stage->n_commands * sizeof *commands, err);
    if (commands == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < stage->n_commands; i++) {
        cm_status status =
            yaml_expect(&nodes[i], CM_YAML_SCALAR, "a command", err);
        if (status != CM_OK) {
            return status;
        }
        commands[i] =
            cm_arena_strdup(arena, nodes[i].text.p, nodes[i].text.n, err);
        if (commands[i] == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    stage->commands = commands;
    return CM_OK;
}

static cm_status read_entries(cm_out **out, size_t *n, const cm_yaml *map,
                              const char *key, cm_arena *arena, cm_error *err)
{
    const cm_yaml *list = cm_yaml_get(map, key);
    *n = 0;
    if (list == NULL) {
        return CM_OK;
    }
    cm_status status = yaml_expect(list, CM_YAML_LIST, key, err);
    if (status != CM_OK) {
        return status;
    }
    *out = cm_arena_alloc(arena, list->n * sizeof **out, err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < list->n && status == CM_OK; i++) {
        status = yaml_map_entry(&(*out)[i], &list->children[i], arena, err);
    }
    *n = list->n;
    return status;
}

static cm_status read_params(cm_locked_stage *stage, const cm_yaml *map,
                             cm_error *err)
{
    const cm_yaml *params = cm_yaml_get(map, "params");
    if (params == NULL) {
        return CM_OK;
    }
    cm_status status = yaml_expect(params, CM_YAML_MAP, "params", err);
    for (size_t i = 0; i < params->n && status == CM_OK; i++) {
        status = yaml_expect(&params->children[i], CM_YAML_MAP,
                             "the params of a file", err);
    }
    return status == CM_OK ? cm_yaml_to_json(&stage->params, params, err)
                           : status;
}

static cm_status read_stage(cm_locked_stage *stage, const cm_yaml *name,
                            const cm_yaml *map, cm_arena *arena, cm_error *err)
{
    cm_status status = yaml_expect(map, CM_YAML_MAP, "a stage", err);
    if (status != CM_OK) {
        return status;
    }
    stage->name = cm_arena_strdup(arena, name->text.p, name->text.n, err);
    if (stage->name == NULL) {
        return CM_ERR_NOMEM;
    }
    status = read_commands(stage, map, arena, err);
    if (status == CM_OK) {
        status =
            read_entries(&stage->deps, &stage->n_deps, map, "deps", arena, err);
    }
    if (status == CM_OK) {
        status = read_params(stage, map, err);
    }
    if (status == CM_OK) {
        status =
            read_entries(&stage->outs, &stage->n_outs, map, "outs", arena, err);
    }
    return status;
}

/* ---- text ---------------------------------------------------------------- */

/* Where each line begins: at[line - 1], and at[n] is the end. */
typedef struct line_starts {
    size_t *at;
    size_t n;
} line_starts;

static cm_status find_lines(line_starts *out, cm_str text, cm_error *err)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '\n';
    }
    out->at = cm_alloc(n + 1, sizeof *out->at, err);
    if (out->at == NULL) {
        return CM_ERR_NOMEM;
    }
    out->at[0] = 0;
    out->n = 1;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n') {
            out->at[out->n++] = i + 1;
        }
    }
    out->at[out->n] = text.n;
    return CM_OK;
}

static size_t start_of(const line_starts *lines, const cm_yaml *key)
{
    size_t line = (size_t)key->where.line - 1;
    return lines->at[line < lines->n ? line : lines->n];
}

/* Whether every key begins a line of its own at this column. */
static bool stand_apart(const cm_yaml *map, uint64_t column)
{
    for (size_t i = 0; i < map->n; i++) {
        if (map->keys[i].where.column != column ||
            (i > 0 && map->keys[i].where.line <= map->keys[i - 1].where.line)) {
            return false;
        }
    }
    return true;
}

/* Cuts the text of the arena into head, stages and tail. */
static void cut(cm_lock_file *lock, cm_str text, const line_starts *lines,
                const cm_yaml *root, const cm_yaml *stages)
{
    size_t end = text.n;
    for (size_t i = 0; i < root->n; i++) {
        size_t start = start_of(lines, &root->keys[i]);
        if (start > start_of(lines, &stages->keys[0]) && start < end) {
            end = start;
        }
    }
    size_t first = start_of(lines, &stages->keys[0]);
    lock->head = (cm_str){text.p, first};
    lock->tail = (cm_str){text.p + end, text.n - end};
    for (size_t i = 0; i < stages->n; i++) {
        size_t start = start_of(lines, &stages->keys[i]);
        size_t next =
            i + 1 < stages->n ? start_of(lines, &stages->keys[i + 1]) : end;
        lock->stages[i].raw = (cm_str){text.p + start, next - start};
    }
}

/* What cannot be kept as text must not be more than stages. */
static cm_status check_alone(const cm_yaml *root, cm_error *err)
{
    for (size_t i = 0; i < root->n; i++) {
        cm_str key = root->keys[i].text;
        if (!cm_str_is(key, "schema") && !cm_str_is(key, "stages")) {
            return cm_fail_at(err, CM_ERR_PARSE, root->keys[i].where,
                              "found %.*s beside stages that are none, or not "
                              "laid out as DVC does it; run dvc repro, or "
                              "indent stages by two blanks",
                              CM_STR_ARG(key));
        }
    }
    return CM_OK;
}

/* Text that is laid out as DVC does it is kept; else it is written anew. */
static cm_status keep_text(cm_lock_file *lock, cm_str text, const cm_yaml *root,
                           const cm_yaml *stages, cm_error *err)
{
    enum { ROOT_COLUMN = 1, STAGE_COLUMN = 3 };
    if (stages->n == 0 || !stand_apart(root, ROOT_COLUMN) ||
        !stand_apart(stages, STAGE_COLUMN)) {
        return check_alone(root, err);
    }
    char *copy = cm_arena_strdup(&lock->arena, text.p, text.n, err);
    line_starts lines = {0};
    cm_status status = copy == NULL ? CM_ERR_NOMEM : CM_OK;
    if (status == CM_OK) {
        status = find_lines(&lines, text, err);
    }
    if (status == CM_OK) {
        cut(lock, (cm_str){copy, text.n}, &lines, root, stages);
    }
    free(lines.at);
    return status;
}

/* ---- the file ------------------------------------------------------------ */

static cm_status check_schema(const cm_yaml *root, cm_error *err)
{
    const cm_yaml *schema = cm_yaml_get(root, "schema");
    if (root->n == 0 || (schema != NULL && cm_str_is(schema->text, "2.0"))) {
        return CM_OK;
    }
    return cm_fail_at(err, CM_ERR_PARSE,
                      schema != NULL ? schema->where : root->where,
                      "found schema %.*s, expected schema: '2.0'; write the "
                      "file anew with dvc commit of DVC 2 or later",
                      schema != NULL ? (int)schema->text.n : 4,
                      schema != NULL ? schema->text.p : "none");
}

static cm_status read_root(cm_lock_file *lock, const cm_yaml *root, cm_str text,
                           cm_error *err)
{
    cm_status status = yaml_expect(root, CM_YAML_MAP, "dvc.lock", err);
    if (status == CM_OK) {
        status = check_schema(root, err);
    }
    const cm_yaml *stages = cm_yaml_get(root, "stages");
    if (status != CM_OK || stages == NULL || cm_yaml_is_null(stages)) {
        return status;
    }
    status = yaml_expect(stages, CM_YAML_MAP, "stages", err);
    if (status != CM_OK) {
        return status;
    }
    lock->stages = cm_alloc_zero(stages->n, sizeof *lock->stages, err);
    if (lock->stages == NULL) {
        return CM_ERR_NOMEM;
    }
    lock->n = lock->capacity = stages->n;
    for (size_t i = 0; i < stages->n && status == CM_OK; i++) {
        status = read_stage(&lock->stages[i], &stages->keys[i],
                            &stages->children[i], &lock->arena, err);
    }
    return status == CM_OK ? keep_text(lock, text, root, stages, err) : status;
}

cm_status cm_lock_file_parse(cm_lock_file *lock, cm_str text, const char *path,
                             cm_error *err)
{
    cm_yaml *root = NULL;
    *lock = (cm_lock_file){0};
    cm_status status = cm_yaml_parse(&root, text, path, err);
    if (status == CM_OK) {
        status = read_root(lock, root, text, err);
    }
    cm_yaml_free(root);
    return status;
}

cm_status cm_lock_file_load(cm_lock_file *lock, const char *path, cm_error *err)
{
    cm_buf text = {0};
    *lock = (cm_lock_file){0};
    if (!cm_file_exists(path)) {
        return CM_OK;
    }
    cm_status status = cm_read_file(&text, path, MAX_BYTES, err);
    if (status == CM_OK) {
        status = cm_lock_file_parse(lock, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    return status;
}

cm_locked_stage *cm_lock_file_find(const cm_lock_file *lock, const char *name)
{
    for (size_t i = 0; i < lock->n; i++) {
        if (strcmp(lock->stages[i].name, name) == 0) {
            return &lock->stages[i];
        }
    }
    return NULL;
}

cm_status cm_lock_file_set(cm_lock_file *lock, const cm_locked_stage *stage,
                           cm_error *err)
{
    cm_locked_stage *place = cm_lock_file_find(lock, stage->name);
    if (place == NULL) {
        cm_status status = cm_grow(&lock->stages, lock->n, &lock->capacity,
                                   sizeof *lock->stages, err);
        if (status != CM_OK) {
            return status;
        }
        place = &lock->stages[lock->n++];
    } else if (place->params != stage->params) {
        json_decref(place->params);
    }
    *place = *stage;
    place->raw = (cm_str){0};
    return CM_OK;
}

void cm_lock_file_release(cm_lock_file *lock)
{
    for (size_t i = 0; i < lock->n; i++) {
        json_decref(lock->stages[i].params);
    }
    free(lock->stages);
    cm_arena_release(&lock->arena);
    *lock = (cm_lock_file){0};
}
