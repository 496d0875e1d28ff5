/* dvc.lock, written: entries sorted by path, params.yaml before other files of
 * parameters, keys sorted. */
#include <stdlib.h>
#include <string.h>

#include "dvc/lock_file.h"
#include "dvc/yaml_map.h"
#include "dvc/yaml_text.h"

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp((*(const cm_out *const *)a)->path,
                  (*(const cm_out *const *)b)->path);
}

static json_t *entry_json(const cm_out *entry)
{
    json_map map = json_map_new();
    json_map_put_text(&map, "path", entry->path);
    json_map_put_text(&map, "hash", entry->old_hash ? NULL : "md5");
    json_map_put_hash(&map, entry);
    return json_map_end(&map);
}

/* A list of entries; NULL without memory. */
static json_t *entries_json(const cm_out *entries, size_t n)
{
    json_t *list = json_array();
    const cm_out **sorted = cm_alloc(n, sizeof *sorted, NULL);
    bool ok = list != NULL && sorted != NULL;
    for (size_t i = 0; i < n && ok; i++) {
        sorted[i] = &entries[i];
    }
    if (ok) {
        qsort(sorted, n, sizeof *sorted, compare_entries);
    }
    for (size_t i = 0; i < n && ok; i++) {
        ok = json_array_append_new(list, entry_json(sorted[i])) == 0;
    }
    free(sorted);
    if (!ok) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* The object with sorted keys, the key `first` (may be NULL) in front. */
static json_t *sorted_json(const json_t *object, const char *first)
{
    size_t n = json_object_size(object), i = 0;
    const char **keys = cm_alloc(n, sizeof *keys, NULL);
    json_map map = json_map_new();
    const char *key;
    json_t *value;
    if (keys == NULL) {
        map.failed = true;
        return json_map_end(&map);
    }
    json_object_foreach((json_t *)object, key, value)
    {
        keys[i++] = key;
    }
    qsort(keys, n, sizeof *keys, compare_texts);
    value = first != NULL ? json_object_get(object, first) : NULL;
    if (value != NULL) {
        json_map_put(&map, first, json_incref(value));
    }
    for (i = 0; i < n; i++) {
        json_map_put(&map, keys[i],
                     json_incref(json_object_get(object, keys[i])));
    }
    free(keys);
    return json_map_end(&map);
}

static json_t *params_json(const json_t *params)
{
    json_t *files = sorted_json(params, "params.yaml");
    const char *file;
    json_t *values;
    void *next;
    if (files == NULL) {
        return NULL;
    }
    json_map map = {files, false};
    json_object_foreach_safe(files, next, file, values)
    {
        json_map_put(&map, file, sorted_json(values, NULL));
    }
    return json_map_end(&map);
}

static json_t *commands_json(const cm_locked_stage *stage)
{
    if (stage->one_command) {
        return json_string(stage->commands[0]);
    }
    json_t *list = json_array();
    for (size_t i = 0; i < stage->n_commands; i++) {
        if (json_array_append_new(list, json_string(stage->commands[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

cm_status cm_locked_stage_json(json_t **out, const cm_locked_stage *stage,
                               cm_error *err)
{
    json_map map = json_map_new();
    json_map_put(&map, "cmd", commands_json(stage));
    if (stage->n_deps > 0) {
        json_map_put(&map, "deps", entries_json(stage->deps, stage->n_deps));
    }
    if (json_object_size(stage->params) > 0) {
        json_map_put(&map, "params", params_json(stage->params));
    }
    if (stage->n_outs > 0) {
        json_map_put(&map, "outs", entries_json(stage->outs, stage->n_outs));
    }
    *out = json_map_end(&map);
    if (*out == NULL) {
        return cm_fail(err, CM_ERR_NOMEM,
                       "out of memory, or text that is not UTF-8, in the "
                       "lock of stage %s",
                       stage->name);
    }
    return CM_OK;
}

/* "  NAME:" and what is below it. */
static cm_status put_stage(cm_buf *out, const cm_locked_stage *stage,
                           cm_error *err)
{
    static const char above[] = "stages:\n";
    json_t *value = NULL;
    cm_status status = cm_locked_stage_json(&value, stage, err);
    if (status != CM_OK) {
        return status;
    }
    json_map stages = json_map_new(), root = json_map_new();
    cm_buf text = {0};
    json_map_put(&stages, stage->name, value);
    json_map_put(&root, "stages", json_map_end(&stages));
    json_t *document = json_map_end(&root);
    text.failed = document == NULL;
    cm_yaml_put_document(&text, document);
    status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        cm_buf_add(out, text.p + sizeof above - 1, text.n - sizeof above + 1);
    }
    cm_buf_release(&text);
    json_decref(document);
    return status;
}

cm_status cm_lock_file_format(const cm_lock_file *lock, cm_buf *out,
                              cm_error *err)
{
    cm_status status = CM_OK;
    if (lock->head.n > 0) {
        cm_buf_add(out, lock->head.p, lock->head.n);
    } else {
        cm_buf_adds(out, "schema: '2.0'\nstages:");
        cm_buf_adds(out, lock->n > 0 ? "\n" : " {}\n");
    }
    for (size_t i = 0; i < lock->n && status == CM_OK; i++) {
        const cm_locked_stage *stage = &lock->stages[i];
        if (stage->raw.p == NULL) {
            status = put_stage(out, stage, err);
            continue;
        }
        cm_buf_add(out, stage->raw.p, stage->raw.n);
        if (stage->raw.n > 0 && stage->raw.p[stage->raw.n - 1] != '\n') {
            cm_buf_addc(out, '\n');
        }
    }
    cm_buf_add(out, lock->tail.p, lock->tail.n);
    return status == CM_OK ? cm_buf_check(out, err) : status;
}
