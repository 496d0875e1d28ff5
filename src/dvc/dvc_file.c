/* .dvc files: read with the place in every error; written with what they had
 * before, keys in their order and comments, as DVC does. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "dvc/yaml_comments.h"
#include "dvc/yaml_map.h"
#include "dvc/yaml_text.h"

enum { MAX_BYTES = 1 << 20 };

/* ---- reading ------------------------------------------------------------- */

/* The only entry of a list that must not have more. */
static cm_status read_only_entry(cm_out *out, const cm_yaml *root,
                                 const char *key, cm_arena *arena,
                                 cm_error *err)
{
    const cm_yaml *list = cm_yaml_get(root, key);
    if (list == NULL || cm_yaml_is_null(list)) {
        return CM_OK;
    }
    cm_status status = yaml_expect(list, CM_YAML_LIST, key, err);
    if (status == CM_OK && list->n != 1) {
        return cm_fail_at(err, CM_ERR_PARSE, list->where,
                          "found %zu entries in %s, expected one", list->n,
                          key);
    }
    return status == CM_OK ? yaml_map_entry(out, &list->children[0], arena, err)
                           : status;
}

/* DVC 1 called it locked. */
static cm_status read_frozen(cm_dvc_file *file, const cm_yaml *root,
                             cm_error *err)
{
    cm_status status = yaml_map_bool(&file->frozen, root, "locked", err);
    return status == CM_OK ? yaml_map_bool(&file->frozen, root, "frozen", err)
                           : status;
}

static cm_status read_root(cm_dvc_file *file, const cm_yaml *root,
                           cm_error *err)
{
    cm_status status = yaml_expect(root, CM_YAML_MAP, "a .dvc file", err);
    if (status == CM_OK) {
        status = read_only_entry(&file->out, root, "outs", &file->arena, err);
    }
    if (status == CM_OK && file->out.path == NULL) {
        return cm_fail_at(err, CM_ERR_PARSE, root->where,
                          "found no outs, expected \"outs:\" with one entry");
    }
    if (status == CM_OK) {
        status = read_only_entry(&file->dep, root, "deps", &file->arena, err);
    }
    if (status == CM_OK) {
        status = yaml_map_md5(file->md5, root, "md5", err);
    }
    if (status == CM_OK) {
        status = read_frozen(file, root, err);
    }
    if (status == CM_OK) {
        status = yaml_map_text(&file->wdir, root, "wdir", &file->arena, err);
    }
    if (status == CM_OK) {
        status = yaml_map_text(&file->desc, root, "desc", &file->arena, err);
    }
    return status;
}

cm_status cm_dvc_file_parse(cm_dvc_file *file, cm_str text, const char *path,
                            cm_error *err)
{
    cm_yaml *root = NULL;
    *file = (cm_dvc_file){0};
    cm_status status = cm_yaml_parse(&root, text, path, err);
    if (status != CM_OK) {
        return status;
    }
    file->text =
        (cm_str){cm_arena_strdup(&file->arena, text.p, text.n, err), text.n};
    status = file->text.p == NULL ? CM_ERR_NOMEM : read_root(file, root, err);
    cm_yaml_free(root);
    return status;
}

cm_status cm_dvc_file_load(cm_dvc_file *file, const char *path, cm_error *err)
{
    cm_buf text = {0};
    *file = (cm_dvc_file){0};
    cm_status status = cm_read_file(&text, path, MAX_BYTES, err);
    if (status == CM_OK) {
        status = cm_dvc_file_parse(file, (cm_str){text.p, text.n}, path, err);
    }
    cm_buf_release(&text);
    return status;
}

void cm_dvc_file_release(cm_dvc_file *file)
{
    cm_arena_release(&file->arena);
    *file = (cm_dvc_file){0};
}

/* ---- what it says now ---------------------------------------------------- */

static json_t *entry_json(const cm_out *entry)
{
    json_map map = json_map_new();
    json_map_put_hash(&map, entry);
    json_map_put_text(&map, "hash", entry->old_hash ? NULL : "md5");
    json_map_put_text(&map, "path", entry->path);
    json_map_put_text(&map, "desc", entry->desc);
    if (entry->no_cache) {
        json_map_put(&map, "cache", json_false());
    }
    if (entry->persist) {
        json_map_put(&map, "persist", json_true());
    }
    json_map_put_text(&map, "remote", entry->remote);
    if (entry->no_push) {
        json_map_put(&map, "push", json_false());
    }
    return json_map_end(&map);
}

static void put_entry(json_map *map, const char *key, const cm_out *entry)
{
    json_t *list = json_array();
    if (json_array_append_new(list, entry_json(entry)) != 0) {
        json_decref(list);
        list = NULL;
    }
    json_map_put(map, key, list);
}

static json_t *file_json(const cm_dvc_file *file)
{
    json_map map = json_map_new();
    json_map_put_text(&map, "desc", file->desc);
    json_map_put_text(&map, "md5", file->md5);
    json_map_put_text(&map, "wdir", file->wdir);
    if (file->frozen) {
        json_map_put(&map, "frozen", json_true());
    }
    if (file->dep.path != NULL) {
        put_entry(&map, "deps", &file->dep);
    }
    put_entry(&map, "outs", &file->out);
    return json_map_end(&map);
}

/* ---- into what it said before -------------------------------------------- */

static bool is_known(const char *key)
{
    static const char *const keys[] = {"desc",   "md5",     "wdir",   "frozen",
                                       "deps",   "outs",    "etag",   "size",
                                       "nfiles", "path",    "hash",   "isexec",
                                       "cache",  "persist", "remote", "push"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Old keys that now say nothing go; keys that we do not know stay. */
static void drop_keys(json_t *old, const json_t *now)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(old, next, key, value)
    {
        if (is_known(key) && json_object_get(now, key) == NULL) {
            json_object_del(old, key);
        }
    }
}

/* Gives old, with the order of its keys, the values of now; false
 * without memory. */
static bool update(json_t *old, const json_t *now)
{
    const char *key;
    json_t *value;
    bool ok = true;
    drop_keys(old, now);
    json_object_foreach((json_t *)now, key, value)
    {
        json_t *before = json_object_get(old, key);
        json_t *entry = json_array_get(before, 0);
        if (json_is_array(value) && json_is_object(entry)) {
            ok = update(entry, json_array_get(value, 0)) && ok;
        } else {
            ok = json_object_set(old, key, value) == 0 && ok;
        }
    }
    return ok;
}

static cm_status put_updated(const cm_dvc_file *file, const json_t *now,
                             cm_buf *out, cm_error *err)
{
    cm_yaml *root = NULL;
    json_t *old = NULL;
    cm_buf fresh = {0};
    cm_status status = cm_yaml_parse(&root, file->text, ".dvc file", err);
    if (status == CM_OK) {
        status = cm_yaml_to_json(&old, root, err);
    }
    if (status == CM_OK) {
        fresh.failed = !update(old, now);
        cm_yaml_put_document(&fresh, old);
        status = cm_buf_check(&fresh, err);
    }
    if (status == CM_OK) {
        status = yaml_put_commented(out, (cm_str){fresh.p, fresh.n}, file->text,
                                    err);
    }
    cm_buf_release(&fresh);
    json_decref(old);
    cm_yaml_free(root);
    return status;
}

cm_status cm_dvc_file_format(const cm_dvc_file *file, cm_buf *out,
                             cm_error *err)
{
    cm_status status = CM_OK;
    json_t *now = file_json(file);
    if (now == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory writing a .dvc file");
    }
    if (file->text.n > 0) {
        status = put_updated(file, now, out, err);
    } else {
        cm_yaml_put_document(out, now);
        status = cm_buf_check(out, err);
    }
    json_decref(now);
    return status;
}

cm_status cm_dvc_file_save(const cm_dvc_file *file, const char *path,
                           cm_error *err)
{
    cm_buf text = {0};
    cm_status status = cm_dvc_file_format(file, &text, err);
    if (status == CM_OK) {
        status = cm_write_file(path, (cm_str){text.p, text.n}, err);
    }
    cm_buf_release(&text);
    return status;
}
