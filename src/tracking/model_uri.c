/* models:/NAME@ALIAS and its kin -> where the server keeps the files -> a
 * folder here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tracking/artifacts.h"

typedef enum uri_kind { URI_VERSION, URI_ALIAS, URI_LOGGED, URI_RUN } uri_kind;

typedef struct model_uri {
    uri_kind kind;
    const char *text;        /* as it was given */
    const char *name, *what; /* the model's and its version or alias; the id;
                                the run's and the path in it */
    cm_arena arena;
} model_uri;

static bool starts_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

bool cm_is_model_uri(const char *text)
{
    return starts_with(text, "models:/") || starts_with(text, "runs:/");
}

static cm_status not_known(const char *text, cm_error *err)
{
    return cm_fail(err, CM_ERR_USAGE,
                   "%s: expected models:/NAME@ALIAS, models:/NAME/VERSION, "
                   "models:/m-ID or runs:/RUN/PATH",
                   text);
}

/* The text before the last of `where`, and what is behind it. */
static cm_status split(model_uri *out, const char *rest, const char *where,
                       cm_error *err)
{
    if (where == rest || where[1] == '\0') {
        return not_known(out->text, err);
    }
    out->name = cm_arena_strdup(&out->arena, rest, (size_t)(where - rest), err);
    out->what = where + 1;
    return out->name != NULL ? CM_OK : CM_ERR_NOMEM;
}

static cm_status parse(model_uri *out, const char *text, cm_error *err)
{
    bool is_run = starts_with(text, "runs:/");
    const char *rest = text + strlen(is_run ? "runs:/" : "models:/");
    rest += strspn(rest, "/");
    const char *slash = strchr(rest, '/'), *at = strrchr(rest, '@');
    *out = (model_uri){.text = text};
    if (is_run && slash != NULL) {
        out->kind = URI_RUN;
        return split(out, rest, slash, err);
    }
    if (!is_run && at != NULL) {
        out->kind = URI_ALIAS;
        return split(out, rest, at, err);
    }
    if (!is_run && slash != NULL) {
        out->kind = URI_VERSION;
        return split(out, rest, slash, err);
    }
    out->kind = URI_LOGGED;
    out->what = rest;
    return !is_run && starts_with(rest, "m-") ? CM_OK : not_known(text, err);
}

/* ---- asking ------------------------------------------------------------- */

static cm_status get(mlflow *m, cm_buf *path, mlflow_answer *out, cm_error *err)
{
    cm_status status = cm_buf_check(path, err);
    mlflow_call call = {.method = "GET", .path = path->p};
    if (status == CM_OK) {
        status = mlflow_demand(m, &call, out, err);
    }
    cm_buf_release(path);
    return status;
}

static void add_pair(cm_buf *path, const char *key, const char *value)
{
    cm_buf_adds(path, key);
    cm_url_encode(path, cm_str_of(value), false);
}

static cm_status of_version(mlflow *m, const char *name, const char *version,
                            const char **artifact_uri, cm_error *err)
{
    cm_buf path = {0};
    mlflow_answer answer = {0};
    add_pair(&path, "2.0/mlflow/model-versions/get-download-uri?name=", name);
    add_pair(&path, "&version=", version);
    cm_status status = get(m, &path, &answer, err);
    if (status == CM_OK) {
        status = mlflow_text(m, &answer, "artifact_uri", artifact_uri, err);
    }
    mlflow_answer_release(&answer);
    return status;
}

static cm_status of_alias(mlflow *m, const model_uri *uri, const char **version,
                          cm_error *err)
{
    cm_buf path = {0};
    mlflow_answer answer = {0};
    add_pair(&path, "2.0/mlflow/registered-models/alias?name=", uri->name);
    add_pair(&path, "&alias=", uri->what);
    cm_status status = get(m, &path, &answer, err);
    if (status == CM_OK) {
        status = mlflow_text(m, &answer, "model_version.version", version, err);
    }
    mlflow_answer_release(&answer);
    return status;
}

/* name NULL: any; else *out stays NULL when it is called differently. */
static cm_status of_logged(mlflow *m, const char *id, const char *name,
                           const char **out, cm_error *err)
{
    cm_buf path = {0};
    mlflow_answer answer = {0};
    add_pair(&path, "2.0/mlflow/logged-models/", id);
    cm_status status = get(m, &path, &answer, err);
    const char *called =
        json_string_value(mlflow_at(answer.json, "model.info.name"));
    if (status == CM_OK &&
        (name == NULL || (called != NULL && strcmp(called, name) == 0))) {
        status = mlflow_text(m, &answer, "model.info.artifact_uri", out, err);
    }
    mlflow_answer_release(&answer);
    return status;
}

/* Among the models that the run put out. */
static cm_status of_outputs(mlflow *m, const model_uri *uri,
                            const json_t *outputs, const char **out,
                            cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = json_array_size(outputs);
         i-- > 0 && status == CM_OK && *out == NULL;) {
        const char *id = json_string_value(
            json_object_get(json_array_get(outputs, i), "model_id"));
        if (id != NULL) {
            status = of_logged(m, id, uri->what, out, err);
        }
    }
    if (status == CM_OK && *out == NULL) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: %s: the run has no model of this name and no "
                         "artifact that is one",
                         m->base, uri->text);
    }
    return status;
}

/* MLflow 2 kept models among the artifacts of the run, MLflow 3 beside. */
static cm_status of_run(mlflow *m, const model_uri *uri, const char **out,
                        cm_error *err)
{
    cm_buf path = {0}, place = {0};
    mlflow_answer answer = {0};
    const char *root = NULL;
    bool is_model = false;
    add_pair(&path, "2.0/mlflow/runs/get?run_id=", uri->name);
    cm_status status = get(m, &path, &answer, err);
    if (status == CM_OK) {
        status = mlflow_text(m, &answer, "run.info.artifact_uri", &root, err);
    }
    if (status == CM_OK) {
        cm_buf_addf(&place, "%s/%s", root, uri->what);
        status = cm_buf_check(&place, err);
    }
    if (status == CM_OK) {
        status = artifacts_have(m, place.p, "MLmodel", &is_model, err);
    }
    if (status == CM_OK && is_model) {
        *out = cm_arena_strdup(&m->arena, place.p, place.n, err);
        status = *out != NULL ? CM_OK : CM_ERR_NOMEM;
    } else if (status == CM_OK) {
        status = of_outputs(m, uri,
                            mlflow_at(answer.json, "run.outputs.model_outputs"),
                            out, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&place);
    return status;
}

static cm_status resolve(mlflow *m, const model_uri *uri, const char **version,
                         const char **artifact_uri, cm_error *err)
{
    cm_status status = CM_OK;
    switch (uri->kind) {
    case URI_ALIAS:
        status = of_alias(m, uri, version, err);
        break;
    case URI_VERSION:
        *version = uri->what;
        break;
    case URI_LOGGED:
        return of_logged(m, uri->what, NULL, artifact_uri, err);
    case URI_RUN:
        return of_run(m, uri, artifact_uri, err);
    }
    return status == CM_OK
               ? of_version(m, uri->name, *version, artifact_uri, err)
               : status;
}

cm_status cm_model_uri_resolve(cm_model_place *out,
                               const cm_tracking_server *server,
                               const char *text, double deadline, cm_error *err)
{
    mlflow m = {0};
    model_uri uri = {0};
    const char *version = NULL, *artifact_uri = NULL;
    *out = (cm_model_place){0};
    cm_status status = parse(&uri, text, err);
    if (status == CM_OK) {
        status = mlflow_open(&m, server, deadline, err);
    }
    if (status == CM_OK) {
        status = resolve(&m, &uri, &version, &artifact_uri, err);
    }
    if (status == CM_OK) {
        out->artifact_uri = cm_arena_strdup(&out->arena, artifact_uri,
                                            strlen(artifact_uri), err);
        out->version = version == NULL ? NULL
                                       : cm_arena_strdup(&out->arena, version,
                                                         strlen(version), err);
        bool all = out->artifact_uri != NULL &&
                   (version == NULL || out->version != NULL);
        status = all ? CM_OK : CM_ERR_NOMEM;
    }
    mlflow_close(&m);
    cm_arena_release(&uri.arena);
    return status;
}

void cm_model_place_release(cm_model_place *place)
{
    cm_arena_release(&place->arena);
    *place = (cm_model_place){0};
}

/* ---- getting the files -------------------------------------------------- */

/* Beside the folder, so that it can be renamed; where another process made it
 * in the meantime, its folder stays. */
static cm_status fetch_beside(mlflow *m, const char *uri, const char *folder,
                              const char *beside, cm_error *err)
{
    cm_status status = cm_remove_tree(beside, err);
    if (status == CM_OK) {
        status = cm_make_dirs(beside, err);
    }
    if (status == CM_OK) {
        status = artifacts_get(m, uri, beside, err);
    }
    bool made = status == CM_OK && rename(beside, folder) == 0;
    if (status == CM_OK && !made && errno != ENOTEMPTY && errno != EEXIST) {
        status = cm_fail_errno(err, "%s", folder);
    }
    if (!made && cm_remove_tree(beside, NULL) != CM_OK && status != CM_OK) {
        cm_error_prefix(err, "%s is left behind", beside);
    }
    return status;
}

cm_status cm_model_place_fetch(const cm_model_place *place, const char *part,
                               const cm_tracking_server *server,
                               const char *folder, double deadline,
                               cm_error *err)
{
    mlflow m = {0};
    cm_buf uri = {0}, beside = {0};
    cm_buf_adds(&uri, place->artifact_uri);
    cm_buf_addf(&uri, "%s%s", part[0] != '\0' ? "/" : "", part);
    cm_buf_addf(&beside, "%s.%ld.part", folder, (long)getpid());
    cm_status status = cm_buf_check(&uri, err);
    if (status == CM_OK) {
        status = cm_buf_check(&beside, err);
    }
    if (status == CM_OK) {
        status = mlflow_open(&m, server, deadline, err);
    }
    if (status == CM_OK) {
        status = cm_make_parent(folder, err);
    }
    if (status == CM_OK) {
        status = fetch_beside(&m, uri.p, folder, beside.p, err);
    }
    mlflow_close(&m);
    cm_buf_release(&beside);
    cm_buf_release(&uri);
    return status;
}
