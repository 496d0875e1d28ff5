/* Keys and entries of the run cache. */
#include "versioning/run_cache.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "dvc/yaml_text.h"
#include "versioning/param_file.h"
#include "versioning/paths.h"

enum { MAX_BYTES = 1 << 20 };

bool run_cache_takes(const cm_stage *stage)
{
    if (stage->always_changed || stage->n_commands == 0 ||
        stage->n_deps + stage->n_params == 0 || stage->n_outs == 0) {
        return false;
    }
    for (size_t i = 0; i < stage->n_outs; i++) {
        if (stage->outs[i].out.persist || stage->outs[i].out.path[0] == '/') {
            return false;
        }
    }
    return true;
}

/* ---- keys ---------------------------------------------------------------- */

/* A copy without the keys "size" and "nfiles", wherever they are; NULL without
 * memory. */
static json_t *without_sizes(const json_t *value)
{
    const char *key;
    json_t *inner;
    bool map = json_is_object(value);
    if (!map && !json_is_array(value)) {
        return json_deep_copy(value);
    }
    json_t *out = map ? json_object() : json_array();
    bool ok = out != NULL;
    for (size_t i = 0; i < json_array_size(value) && ok; i++) {
        ok = json_array_append_new(
                 out, without_sizes(json_array_get(value, i))) == 0;
    }
    json_object_foreach((json_t *)value, key, inner)
    {
        if (ok && strcmp(key, "size") != 0 && strcmp(key, "nfiles") != 0) {
            ok = json_object_set_new(out, key, without_sizes(inner)) == 0;
        }
    }
    if (!ok) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static cm_status hash_json(char out[CM_SHA256_HEX], const json_t *entry,
                           cm_error *err)
{
    cm_buf text = {0};
    json_t *plain = without_sizes(entry);
    if (plain == NULL) {
        return cm_fail(err, CM_ERR_NOMEM, "out of memory for the run cache");
    }
    cm_python_json(&text, plain, true);
    cm_status status = cm_buf_check(&text, err);
    if (status == CM_OK) {
        status = cm_sha256(out, text.p, text.n, err);
    }
    json_decref(plain);
    cm_buf_release(&text);
    return status;
}

/* The key: outs are their paths. */
static cm_status hash_key(char out[CM_SHA256_HEX], const json_t *entry,
                          cm_error *err)
{
    json_t *copy = json_copy((json_t *)entry);
    json_t *paths = json_array();
    const json_t *outs = json_object_get(entry, "outs");
    bool ok = true;
    for (size_t i = 0; i < json_array_size(outs) && ok; i++) {
        ok = json_array_append(
                 paths, json_object_get(json_array_get(outs, i), "path")) == 0;
    }
    ok = json_object_set_new(copy, "outs", paths) == 0 && ok;
    cm_status status =
        ok ? hash_json(out, copy, err)
           : cm_fail(err, CM_ERR_NOMEM, "out of memory for the run cache");
    json_decref(copy);
    return status;
}

/* CACHE/runs/K2/K */
static char *folder_of(const cm_repo *repo, const char key[CM_SHA256_HEX])
{
    cm_buf path = {0};
    cm_buf_addf(&path, "%s/runs/%.2s/%s", repo->cache, key, key);
    return path.failed ? NULL : path.p;
}

static cm_status key_of(json_t **entry, char **folder, const cm_repo *repo,
                        const cm_locked_stage *stage, cm_error *err)
{
    char key[CM_SHA256_HEX];
    *folder = NULL;
    cm_status status = cm_locked_stage_json(entry, stage, err);
    if (status == CM_OK) {
        status = hash_key(key, *entry, err);
    }
    if (status != CM_OK) {
        return status;
    }
    *folder = folder_of(repo, key);
    return *folder != NULL ? CM_OK
                           : cm_fail(err, CM_ERR_NOMEM, "out of memory");
}

/* ---- entries ------------------------------------------------------------- */

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
                                  : a->tv_nsec > b->tv_nsec;
}

/* Path of the newest file of a folder; NULL: there is none. */
static char *newest_of(const char *folder)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry;
    char *best = NULL;
    struct timespec best_time = {0};
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        struct stat info;
        char *path = entry->d_name[0] != '.'
                         ? cm_path_join(folder, entry->d_name)
                         : NULL;
        if (path != NULL && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
            (best == NULL || is_newer(&info.st_mtim, &best_time))) {
            free(best);
            best = path;
            best_time = info.st_mtim;
        } else {
            free(path);
        }
    }
    if (stream != NULL) {
        closedir(stream);
    }
    return best;
}

/* An entry is the value of a stage: as a dvc.lock of that stage alone it is
 * indented below a name. */
static cm_status parse_entry(cm_lock_file *out, cm_str text, const char *path,
                             cm_error *err)
{
    cm_buf lock = {0};
    cm_buf_adds(&lock, "schema: '2.0'\nstages:\n  run:\n");
    for (size_t i = 0; i < text.n;) {
        const char *end = memchr(text.p + i, '\n', text.n - i);
        size_t n = end != NULL ? (size_t)(end - text.p) - i : text.n - i;
        cm_buf_adds(&lock, n > 0 ? "    " : "");
        cm_buf_add(&lock, text.p + i, n);
        cm_buf_addc(&lock, '\n');
        i += n + 1;
    }
    cm_status status = cm_buf_check(&lock, err);
    if (status == CM_OK) {
        status = cm_lock_file_parse(out, (cm_str){lock.p, lock.n}, path, err);
    }
    cm_buf_release(&lock);
    return status;
}

cm_status run_cache_load(cm_lock_file *out, const cm_repo *repo,
                         const char *path, cm_error *err)
{
    cm_buf text = {0};
    cm_error why = {0};
    *out = (cm_lock_file){0};
    cm_status status = cm_read_file(&text, path, MAX_BYTES, &why);
    if (status == CM_OK) {
        status = parse_entry(out, (cm_str){text.p, text.n}, path, &why);
    }
    cm_buf_release(&text);
    if (status == CM_ERR_PARSE) {
        cm_warn(repo->log, "damaged entry of the run cache removed: %s",
                why.message);
        cm_lock_file_release(out);
        return cm_remove_tree(path, err);
    }
    return status == CM_OK ? CM_OK : cm_fail(err, status, "%s", why.message);
}

cm_status run_cache_find(cm_lock_file *out, const cm_repo *repo,
                         const cm_locked_stage *stage, cm_error *err)
{
    json_t *entry = NULL;
    char *folder = NULL, *path = NULL;
    *out = (cm_lock_file){0};
    cm_status status = key_of(&entry, &folder, repo, stage, err);
    if (status == CM_OK) {
        path = newest_of(folder);
    }
    if (path != NULL) {
        status = run_cache_load(out, repo, path, err);
    }
    free(path);
    free(folder);
    json_decref(entry);
    return status;
}

cm_status run_cache_name(char out[RUN_NAME], const cm_locked_stage *stage,
                         cm_error *err)
{
    json_t *entry = NULL;
    char key[CM_SHA256_HEX], value[CM_SHA256_HEX];
    cm_status status = cm_locked_stage_json(&entry, stage, err);
    if (status == CM_OK) {
        status = hash_key(key, entry, err);
    }
    if (status == CM_OK) {
        status = hash_json(value, entry, err);
    }
    if (status == CM_OK) {
        (void)snprintf(out, RUN_NAME, "runs/%.2s/%s/%s", key, key, value);
    }
    json_decref(entry);
    return status;
}

cm_status run_cache_save(const cm_repo *repo, const cm_locked_stage *stage,
                         cm_error *err)
{
    json_t *entry = NULL;
    char *folder = NULL, *path = NULL;
    char value[CM_SHA256_HEX];
    cm_buf text = {0};
    cm_status status = key_of(&entry, &folder, repo, stage, err);
    if (status == CM_OK) {
        status = hash_json(value, entry, err);
    }
    if (status == CM_OK) {
        path = cm_path_join(folder, value);
        status =
            path == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory") : CM_OK;
    }
    if (status == CM_OK && !cm_file_exists(path)) {
        cm_yaml_put_document(&text, entry);
        status = cm_buf_check(&text, err);
        if (status == CM_OK) {
            status = cm_make_dirs(folder, err);
        }
        if (status == CM_OK) {
            status = cm_write_file(path, (cm_str){text.p, text.n}, err);
        }
    }
    cm_buf_release(&text);
    free(path);
    free(folder);
    json_decref(entry);
    return status;
}
