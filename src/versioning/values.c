/* Which files have metrics or parameters, and what is in them. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "versioning/cache.h"
#include "versioning/graph.h"
#include "versioning/values.h"
#include "versioning/param_file.h"
#include "versioning/pipeline.h"
#include "versioning/values_diff.h"
#include "versioning/variables.h"

enum { MAX_BYTES = 16 << 20 };

/* What one snapshot of the repository says. */
typedef struct reader {
    const cm_repo *repo;
    const cm_values_options *options;
    cm_snapshot snapshot;
    graph g;                 /* of the workspace: owns its pipelines */
    cm_pipeline *own;        /* (n) of a revision; NULL: the workspace */
    cm_pipeline **pipelines; /* (n) */
    size_t n;
    json_t *objects; /* {path: md5}: outs of all dvc.lock */
    cm_arena arena;
    cm_error *err;
} reader;

static cm_status no_memory(const reader *r)
{
    return cm_fail(r->err, CM_ERR_NOMEM, "out of memory reading values");
}

/* ---- what the snapshot has ----------------------------------------------- */

static cm_status note_objects(reader *r, const cm_pipeline *pipeline,
                              const cm_lock_file *lock)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < pipeline->n && status == CM_OK; i++) {
        const cm_stage *stage = &pipeline->stages[i];
        const cm_locked_stage *locked = cm_lock_file_find(lock, stage->name);
        for (size_t k = 0;
             locked != NULL && k < locked->n_outs && status == CM_OK; k++) {
            const char *path = NULL;
            status = path_in_repo(&path, stage->wdir, locked->outs[k].path,
                                  &r->arena, r->err);
            if (status == CM_OK && path != NULL &&
                json_object_set_new(r->objects, path,
                                    json_string(locked->outs[k].md5)) != 0) {
                status = no_memory(r);
            }
        }
    }
    return status;
}

static cm_status load_lock(reader *r, const cm_pipeline *pipeline)
{
    cm_buf text = {0}, path = {0};
    cm_lock_file lock = {0};
    bool found = false;
    if (pipeline->path == NULL) {
        return CM_OK;
    }
    cm_buf_addf(&path, "%.*s.lock",
                (int)(strlen(pipeline->path) - strlen(".yaml")),
                pipeline->path);
    cm_status status = cm_buf_check(&path, r->err);
    if (status == CM_OK) {
        status = r->snapshot.read(&r->snapshot, path.p, &text, &found, r->err);
    }
    if (status == CM_OK && found) {
        status =
            cm_lock_file_parse(&lock, (cm_str){text.p, text.n}, path.p, r->err);
    }
    if (status == CM_OK && found) {
        status = note_objects(r, pipeline, &lock);
    }
    cm_lock_file_release(&lock);
    cm_buf_release(&path);
    cm_buf_release(&text);
    return status;
}

/* The pipelines of a revision. */
static cm_status load_of_revision(reader *r)
{
    snapshot_files files = {0};
    cm_status status = snapshot_find(&r->snapshot, "dvc.yaml", &files, r->err);
    if (status == CM_OK) {
        r->own = cm_alloc_zero(files.n, sizeof *r->own, r->err);
        r->pipelines = cm_alloc(files.n, sizeof *r->pipelines, r->err);
        status = r->own == NULL || r->pipelines == NULL ? CM_ERR_NOMEM : CM_OK;
    }
    for (size_t i = 0; i < files.n && status == CM_OK; i++) {
        r->pipelines[r->n++] = &r->own[i];
        status = pipeline_load(&r->own[i], &r->snapshot, r->repo->config,
                               files.paths[i], r->err);
    }
    snapshot_files_release(&files);
    return status;
}

static cm_status load_of_workspace(reader *r)
{
    cm_status status = graph_collect(&r->g, r->repo, &r->snapshot, r->err);
    r->pipelines = cm_alloc(r->g.n_pipelines, sizeof *r->pipelines, r->err);
    if (status != CM_OK || r->pipelines == NULL) {
        return status != CM_OK ? status : CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < r->g.n_pipelines; i++) {
        r->pipelines[r->n++] = r->g.pipelines[i];
    }
    return CM_OK;
}

static bool is_workspace(const char *rev)
{
    return rev == NULL || strcmp(rev, "workspace") == 0;
}

static cm_status reader_open(reader *r, const cm_repo *repo,
                             const cm_values_options *options, const char *rev,
                             cm_error *err)
{
    *r = (reader){.repo = repo, .options = options, .err = err};
    r->objects = json_object();
    cm_status status = r->objects == NULL ? no_memory(r) : CM_OK;
    if (status == CM_OK) {
        status = cm_snapshot_open(&r->snapshot, repo, rev, err);
    }
    if (status == CM_OK) {
        status = is_workspace(rev) ? load_of_workspace(r) : load_of_revision(r);
    }
    for (size_t i = 0; i < r->n && status == CM_OK; i++) {
        status = load_lock(r, r->pipelines[i]);
    }
    return status;
}

static void reader_close(reader *r)
{
    for (size_t i = 0; i < r->n && r->own != NULL; i++) {
        cm_pipeline_release(&r->own[i]);
    }
    free(r->own);
    free(r->pipelines);
    graph_release(&r->g);
    cm_snapshot_close(&r->snapshot);
    json_decref(r->objects);
    cm_arena_release(&r->arena);
}

/* ---- which files --------------------------------------------------------- */

/* {file: [keys]}; no keys: all of the file. */
static cm_status add_file(reader *r, json_t *files, const char *path,
                          const cm_stage_params *params)
{
    json_t *keys = json_object_get(files, path);
    bool known = keys != NULL, whole = params == NULL || params->n == 0;
    if (!known) {
        keys = json_array();
        if (json_object_set_new(files, path, keys) != 0) {
            return no_memory(r);
        }
    }
    if (whole) {
        json_array_clear(keys);
    } else if (!known || json_array_size(keys) > 0) {
        for (size_t i = 0; i < params->n; i++) {
            if (json_array_append_new(keys, json_string(params->keys[i])) !=
                0) {
                return no_memory(r);
            }
        }
    }
    return CM_OK;
}

static cm_status add_of_stage(reader *r, json_t *files, const cm_stage *stage)
{
    cm_status status = CM_OK;
    const char *path = NULL;
    bool params = r->options->kind == CM_VALUES_PARAMS;
    size_t n = params ? stage->n_params : stage->n_outs;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (!params && stage->outs[i].kind != CM_OUT_METRIC) {
            continue;
        }
        status = path_in_repo(&path, stage->wdir,
                              params ? stage->params[i].file
                                     : stage->outs[i].out.path,
                              &r->arena, r->err);
        if (status == CM_OK && path != NULL) {
            status =
                add_file(r, files, path, params ? &stage->params[i] : NULL);
        }
    }
    return status;
}

/* What the top of a dvc.yaml names. */
static cm_status add_of_top(reader *r, json_t *files, const cm_pipeline *p)
{
    bool params = r->options->kind == CM_VALUES_PARAMS;
    cm_status status = CM_OK;
    for (size_t i = 0;
         status == CM_OK && i < (params ? p->n_params : p->n_metrics); i++) {
        status =
            add_file(r, files, params ? p->params[i] : p->metrics[i], NULL);
    }
    return status;
}

static cm_status add_default(reader *r, json_t *files)
{
    cm_buf text = {0};
    bool found = false;
    cm_status status =
        r->snapshot.read(&r->snapshot, "params.yaml", &text, &found, r->err);
    cm_buf_release(&text);
    return status == CM_OK && found ? add_file(r, files, "params.yaml", NULL)
                                    : status;
}

static cm_status list_files(reader *r, json_t *files)
{
    const cm_values_options *o = r->options;
    cm_status status = CM_OK;
    for (size_t i = 0; i < o->n_files && status == CM_OK; i++) {
        status = add_file(r, files, o->files[i], NULL);
    }
    if (o->n_files > 0) {
        return status;
    }
    for (size_t i = 0; i < r->n; i++) {
        for (size_t k = 0; k < r->pipelines[i]->n && status == CM_OK; k++) {
            status = add_of_stage(r, files, &r->pipelines[i]->stages[k]);
        }
    }
    for (size_t i = 0; i < r->n && status == CM_OK; i++) {
        status = add_of_top(r, files, r->pipelines[i]);
    }
    return status == CM_OK && o->kind == CM_VALUES_PARAMS
               ? add_default(r, files)
               : status;
}

/* ---- what is in them ----------------------------------------------------- */

/* Whether Python takes it for false: such a file has no metrics. */
static bool is_nothing(const json_t *v)
{
    return json_is_false(v) ||
           (json_is_string(v) && json_string_length(v) == 0) ||
           (json_is_object(v) && json_object_size(v) == 0) ||
           (json_is_number(v) && !(json_number_value(v) < 0) &&
            !(json_number_value(v) > 0));
}

static bool is_metric(const json_t *v)
{
    return json_is_number(v) || json_is_boolean(v) || json_is_string(v);
}

/* Numbers and texts, and maps of them that have any; NULL without memory. */
static json_t *metrics_of(const json_t *map)
{
    const char *key;
    json_t *value;
    json_t *out = json_object();
    bool ok = out != NULL;
    json_object_foreach((json_t *)map, key, value)
    {
        json_t *kept =
            json_is_object(value) ? metrics_of(value) : json_deep_copy(value);
        ok = ok && kept != NULL;
        if (ok && (is_metric(kept) ||
                   (json_is_object(kept) && json_object_size(kept) > 0))) {
            ok = json_object_set(out, key, kept) == 0;
        }
        json_decref(kept);
    }
    if (!ok) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static json_t *metrics_of_file(const json_t *value)
{
    return is_metric(value) && !is_nothing(value) ? json_deep_copy(value)
                                                  : metrics_of(value);
}

/* Puts value at a dotted key of a tree of maps. */
static bool put_at(json_t *root, const char *key, const json_t *value)
{
    size_t n = strcspn(key, ".");
    if (key[n] == '\0') {
        return json_object_set_new(root, key, json_deep_copy(value)) == 0;
    }
    json_t *next = json_object_getn(root, key, n);
    if (!json_is_object(next)) {
        next = json_object();
        if (json_object_setn_new(root, key, n, next) != 0) {
            return false;
        }
    }
    return put_at(next, key + n + 1, value);
}

static json_t *params_of(const json_t *value, const json_t *keys)
{
    if (json_array_size(keys) == 0) {
        return json_deep_copy(value);
    }
    json_t *out = json_object();
    for (size_t i = 0; i < json_array_size(keys) && out != NULL; i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        const json_t *own = param_get(value, key);
        if (own != NULL && !put_at(out, key, own)) {
            json_decref(out);
            out = NULL;
        }
    }
    return out;
}

/* The file where it is, or the object that dvc.lock names for it. */
static cm_status read_text(reader *r, const char *path, cm_buf *text,
                           cm_error *err)
{
    bool found = false;
    const char *object = json_string_value(json_object_get(r->objects, path));
    cm_status status = r->snapshot.read(&r->snapshot, path, text, &found, err);
    if (status != CM_OK || found) {
        return status;
    }
    if (object == NULL || object[0] == '\0' || !cm_cache_has(r->repo, object)) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s is not there, and not in the cache; run clickmill "
                       "pull or repro",
                       path);
    }
    char *full = cm_cache_path(r->repo, object);
    status = full == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory")
                          : cm_read_file(text, full, MAX_BYTES, err);
    free(full);
    return status;
}

static cm_status read_values(reader *r, const char *path, const json_t *keys,
                             json_t **out, cm_error *err)
{
    cm_buf text = {0};
    json_t *value = NULL;
    *out = NULL;
    cm_status status = read_text(r, path, &text, err);
    if (status == CM_OK) {
        status = param_file_parse(
            &value, (cm_str){text.p != NULL ? text.p : "", text.n}, path, err);
    }
    if (status == CM_OK) {
        *out = r->options->kind == CM_VALUES_METRICS ? metrics_of_file(value)
                                                     : params_of(value, keys);
        status =
            *out == NULL ? cm_fail(err, CM_ERR_NOMEM, "out of memory") : CM_OK;
    }
    json_decref(value);
    cm_buf_release(&text);
    return status;
}

/* {"data": …} or {"error": …} */
static cm_status add_values(reader *r, json_t *out, const char *path,
                            const json_t *keys)
{
    cm_error why = {0};
    json_t *value = NULL, *entry = NULL;
    cm_status status = read_values(r, path, keys, &value, &why);
    if (status == CM_ERR_NOMEM) {
        return no_memory(r);
    }
    entry = status == CM_OK ? json_pack("{s:o}", "data", value)
                            : json_pack("{s:{s:s,s:s}}", "error", "type",
                                        "Error", "msg", why.message);
    return json_object_set_new(out, path, entry) == 0 ? CM_OK : no_memory(r);
}

/* Variables that commands took of files that are shown by nothing else. */
static cm_status add_used(reader *r, json_t *out)
{
    const char *file;
    json_t *values;
    for (size_t i = 0; i < r->n; i++) {
        json_object_foreach(r->pipelines[i]->used, file, values)
        {
            if (json_object_get(out, file) == NULL &&
                json_object_set_new(out, file,
                                    json_pack("{s:O}", "data", values)) != 0) {
                return no_memory(r);
            }
        }
    }
    return CM_OK;
}

static cm_status show(reader *r, json_t *out)
{
    json_t *files = json_object();
    const char *path;
    json_t *keys;
    cm_status status = files == NULL ? no_memory(r) : list_files(r, files);
    json_object_foreach(files, path, keys)
    {
        status = status == CM_OK ? add_values(r, out, path, keys) : status;
    }
    if (status == CM_OK && r->options->kind == CM_VALUES_PARAMS &&
        r->options->n_files == 0) {
        status = add_used(r, out);
    }
    json_decref(files);
    return status;
}

cm_status cm_values_show(json_t **out, const cm_repo *repo,
                         const cm_values_options *options, const char *rev,
                         cm_error *err)
{
    reader r;
    cm_status status = reader_open(&r, repo, options, rev, err);
    *out = json_object();
    if (status == CM_OK && *out == NULL) {
        status = no_memory(&r);
    }
    if (status == CM_OK) {
        status = show(&r, *out);
    }
    reader_close(&r);
    return status;
}

cm_status cm_values_diff(json_t **out, const cm_repo *repo,
                         const cm_values_options *options, const char *old_rev,
                         const char *new_rev, cm_error *err)
{
    json_t *old = NULL, *new = NULL;
    bool commits = false;
    *out = NULL;
    cm_status status = cm_repo_has_commits(repo, &commits, err);
    if (status == CM_OK && commits) {
        status = cm_values_show(&old, repo, options, old_rev, err);
    }
    if (status == CM_OK && commits) {
        status = cm_values_show(&new, repo, options, new_rev, err);
    }
    if (status == CM_OK) {
        status = values_diff(out, old, new, options->all, err);
    }
    json_decref(old);
    json_decref(new);
    return status;
}
