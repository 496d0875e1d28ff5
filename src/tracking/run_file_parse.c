/* run.json into a record: nothing in it is believed. */
#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "tracking/run_file.h"
#include "tracking/run_limits.h"

enum { VERSION = 1, MAX_DATASETS = 1000 };

typedef struct reader {
    cm_run_record *out;
    const char *file;
    cm_error *err;
} reader;

/* A text that has to be there, at most so many characters long. */
static cm_status read_text(reader *r, const json_t *parent, const char *key,
                           size_t most, const char **out)
{
    cm_status status = cm_json_string(out, parent, key, r->file, r->err);
    if (status == CM_OK && (*out)[run_cut(*out, most)] != '\0') {
        return cm_fail(r->err, CM_ERR_PARSE,
                       "%s: %s: found more than %zu characters", r->file, key,
                       most);
    }
    if (status == CM_OK) {
        *out = run_copy(&r->out->arena, *out, r->err);
        status = *out != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    return status;
}

/* NULL when it is not there. */
static cm_status read_optional(reader *r, const json_t *parent, const char *key,
                               const char **out)
{
    *out = NULL;
    return json_object_get(parent, key) == NULL
               ? CM_OK
               : read_text(r, parent, key, RUN_MAX_FILE, out);
}

/* ---- the head ------------------------------------------------------------ */

static cm_status read_version(reader *r, const json_t *root)
{
    int64_t version = 0;
    cm_status status =
        cm_json_integer(&version, root, "run_version", r->file, r->err);
    if (status == CM_OK && version != VERSION) {
        status = cm_fail(r->err, CM_ERR_UNSUPPORTED,
                         "%s: a run of version %lld, expected %d", r->file,
                         (long long)version, (int)VERSION);
    }
    return status;
}

static cm_status read_id(reader *r, const json_t *root)
{
    const char *id = NULL;
    cm_status status = cm_json_string(&id, root, "id", r->file, r->err);
    if (status != CM_OK) {
        return status;
    }
    if (strlen(id) != CM_RUN_ID_TEXT - 1 ||
        strspn(id, "0123456789abcdef") != CM_RUN_ID_TEXT - 1) {
        return cm_fail(r->err, CM_ERR_PARSE,
                       "%s: id: expected %d hexadecimal digits", r->file,
                       CM_RUN_ID_TEXT - 1);
    }
    memcpy(r->out->id, id, CM_RUN_ID_TEXT);
    return CM_OK;
}

static cm_status read_status(reader *r, const json_t *root)
{
    const char *name = NULL;
    cm_status status = cm_json_string(&name, root, "status", r->file, r->err);
    for (int i = 0; i <= CM_RUN_FAILED && status == CM_OK; i++) {
        if (strcmp(name, cm_run_status_name((cm_run_status)i)) == 0) {
            r->out->status = (cm_run_status)i;
            return CM_OK;
        }
    }
    return status != CM_OK
               ? status
               : cm_fail(r->err, CM_ERR_PARSE,
                         "%s: status: found %.40s, expected RUNNING, FINISHED "
                         "or FAILED",
                         r->file, name);
}

static cm_status read_time(reader *r, const json_t *root, const char *key,
                           int64_t *out)
{
    cm_status status = cm_json_integer(out, root, key, r->file, r->err);
    if (status == CM_OK && *out < 0) {
        status = cm_fail(r->err, CM_ERR_PARSE,
                         "%s: %s: found %lld, expected milliseconds since 1970",
                         r->file, key, (long long)*out);
    }
    return status;
}

static cm_status read_head(reader *r, const json_t *root)
{
    cm_status status = read_version(r, root);
    if (status == CM_OK) {
        status = read_id(r, root);
    }
    if (status == CM_OK) {
        status = read_text(r, root, "experiment", RUN_MAX_EXPERIMENT,
                           &r->out->experiment);
    }
    if (status == CM_OK) {
        status = read_text(r, root, "name", RUN_MAX_NAME, &r->out->name);
    }
    if (status == CM_OK) {
        status = read_status(r, root);
    }
    if (status == CM_OK) {
        status = read_time(r, root, "start", &r->out->start);
    }
    return status == CM_OK ? read_time(r, root, "end", &r->out->end) : status;
}

/* ---- params and tags ----------------------------------------------------- */

static cm_status read_pairs(reader *r, const json_t *root, const char *name,
                            size_t most, cm_run_pair **out, size_t *n)
{
    const json_t *object = NULL;
    const char *key;
    json_t *value;
    cm_status status = cm_json_object(&object, root, name, r->file, r->err);
    if (status != CM_OK) {
        return status;
    }
    *out = cm_arena_alloc(&r->out->arena,
                          json_object_size(object) * sizeof **out, r->err);
    if (*out == NULL) {
        return CM_ERR_NOMEM;
    }
    json_object_foreach((json_t *)object, key, value)
    {
        cm_run_pair *pair = &(*out)[*n];
        if (!run_is_key(cm_str_of(key))) {
            return cm_fail(r->err, CM_ERR_PARSE, "%s: %s: a key is not valid",
                           r->file, name);
        }
        pair->key = run_copy(&r->out->arena, key, r->err);
        status = pair->key == NULL
                     ? CM_ERR_NOMEM
                     : read_text(r, object, key, most, &pair->value);
        if (status != CM_OK) {
            return status;
        }
        (*n)++;
    }
    return CM_OK;
}

/* ---- datasets and model -------------------------------------------------- */

static cm_status read_dataset(reader *r, const json_t *from,
                              cm_run_dataset *out)
{
    const struct {
        const char *key;
        const char **text;
        size_t most;
    } fields[] = {
        {"name", &out->name, RUN_MAX_DATASET_NAME},
        {"digest", &out->digest, RUN_MAX_DIGEST},
        {"context", &out->context, RUN_MAX_CONTEXT},
        {"source_type", &out->source_type, RUN_MAX_KEY},
        {"source", &out->source, RUN_MAX_SOURCE},
    };
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof fields / sizeof *fields && status == CM_OK;
         i++) {
        status =
            read_text(r, from, fields[i].key, fields[i].most, fields[i].text);
    }
    if (status == CM_OK) {
        status = read_optional(r, from, "schema", &out->schema);
    }
    return status == CM_OK ? read_optional(r, from, "profile", &out->profile)
                           : status;
}

static cm_status read_datasets(reader *r, const json_t *root)
{
    const json_t *datasets = NULL;
    cm_run_record *out = r->out;
    cm_status status =
        cm_json_array(&datasets, root, "datasets", r->file, r->err);
    size_t n = status == CM_OK ? json_array_size(datasets) : 0;
    if (n > MAX_DATASETS) {
        return cm_fail(r->err, CM_ERR_PARSE,
                       "%s: %zu datasets, expected at most %d", r->file, n,
                       (int)MAX_DATASETS);
    }
    if (status == CM_OK) {
        out->datasets =
            cm_arena_alloc(&out->arena, n * sizeof *out->datasets, r->err);
        status = out->datasets != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        status =
            read_dataset(r, json_array_get(datasets, i), &out->datasets[i]);
        out->n_datasets += status == CM_OK;
    }
    return status;
}

static cm_status read_model(reader *r, const json_t *root)
{
    cm_run_model *model = &r->out->model;
    const json_t *from = NULL;
    if (json_object_get(root, "model") == NULL) {
        return CM_OK;
    }
    cm_status status = cm_json_object(&from, root, "model", r->file, r->err);
    if (status == CM_OK) {
        status = read_text(r, from, "name", RUN_MAX_KEY, &model->name);
    }
    if (status == CM_OK) {
        status = read_optional(r, from, "register_as", &model->register_as);
    }
    if (status == CM_OK) {
        status = read_optional(r, from, "alias", &model->alias);
    }
    r->out->has_model = status == CM_OK;
    return status;
}

cm_status run_file_parse(cm_run_record *out, cm_str text, const char *file,
                         cm_error *err)
{
    json_t *root = NULL;
    reader r = {out, file, err};
    if (text.n > RUN_MAX_FILE) {
        return cm_fail(err, CM_ERR_PARSE, "%s: is larger than %d bytes", file,
                       (int)RUN_MAX_FILE);
    }
    cm_status status = cm_json_parse(&root, text, file, err);
    if (status == CM_OK) {
        status = read_head(&r, root);
    }
    if (status == CM_OK) {
        status = read_pairs(&r, root, "params", RUN_MAX_PARAM, &out->params,
                            &out->n_params);
    }
    if (status == CM_OK) {
        status =
            read_pairs(&r, root, "tags", RUN_MAX_TAG, &out->tags, &out->n_tags);
    }
    if (status == CM_OK) {
        status = read_datasets(&r, root);
    }
    if (status == CM_OK) {
        status = read_model(&r, root);
    }
    json_decref(root);
    return status;
}
