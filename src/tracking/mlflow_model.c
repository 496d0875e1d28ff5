/* Logged models, registered models, their versions and aliases. */
#include <string.h>

#include "base/num.h"
#include "tracking/mlflow.h"

/* ---- logged models ------------------------------------------------------ */

typedef struct model_search {
    mlflow *m;
    const char *experiment_id, *run_id;
    const cm_run_record *record;
    mlflow_model *out;
} model_search;

static cm_status take_model(mlflow *m, const json_t *model, mlflow_model *out,
                            cm_error *err)
{
    mlflow_answer answer = {.json = (json_t *)(uintptr_t)model};
    cm_status status = mlflow_text(m, &answer, "info.model_id", &out->id, err);
    return status == CM_OK ? mlflow_text(m, &answer, "info.artifact_uri",
                                         &out->artifact_uri, err)
                           : status;
}

/* The model of our run: its name is that of the record, its run ours. */
static cm_status find_model(void *context, bool *found, cm_error *err)
{
    model_search *s = context;
    cm_buf body = {0}, filter = {0};
    mlflow_answer answer;
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_buf_addf(&filter,
                "source_run_id = '%s' AND tags.`" MLFLOW_ID_TAG "` = '%s'",
                s->run_id, s->record->id);
    cm_json_begin_object(&w, NULL);
    cm_json_begin_array(&w, "experiment_ids");
    cm_json_put_text(&w, NULL, s->experiment_id);
    cm_json_end_array(&w);
    cm_json_put_str(&w, "filter", (cm_str){filter.p, filter.n});
    cm_json_put_i64(&w, "max_results", 1);
    cm_json_end_object(&w);
    cm_status status = mlflow_post(s->m, "2.0/mlflow/logged-models/search",
                                   &body, &answer, err);
    const json_t *first = json_array_get(mlflow_at(answer.json, "models"), 0);
    *found = status == CM_OK && first != NULL;
    if (*found) {
        status = take_model(s->m, first, s->out, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&filter);
    cm_buf_release(&body);
    return status;
}

static void put_model(cm_buf *body, const model_search *s)
{
    cm_json_writer w = cm_json_writer_of(body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "experiment_id", s->experiment_id);
    cm_json_put_text(&w, "name", s->record->model.name);
    cm_json_put_text(&w, "source_run_id", s->run_id);
    cm_json_begin_array(&w, "params");
    for (size_t i = 0; i < s->record->n_params; i++) {
        mlflow_put_pair(&w, s->record->params[i].key,
                        s->record->params[i].value);
    }
    cm_json_end_array(&w);
    cm_json_begin_array(&w, "tags");
    mlflow_put_pair(&w, MLFLOW_ID_TAG, s->record->id);
    cm_json_end_array(&w);
    cm_json_end_object(&w);
}

cm_status mlflow_model_create(mlflow *m, const char *experiment_id,
                              const char *run_id, const cm_run_record *record,
                              mlflow_model *out, cm_error *err)
{
    model_search search = {m, experiment_id, run_id, record, out};
    mlflow_answer answer = {0};
    cm_buf body = {0};
    put_model(&body, &search);
    cm_status status = cm_buf_check(&body, err);
    mlflow_call call = {.method = "POST",
                        .path = "2.0/mlflow/logged-models",
                        .body = {body.p, body.n},
                        .find = find_model,
                        .context = &search};
    if (status == CM_OK) {
        status = mlflow_demand(m, &call, &answer, err);
    }
    if (status == CM_OK && answer.status != 0) {
        status = take_model(m, mlflow_at(answer.json, "model"), out, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&body);
    return status;
}

cm_status mlflow_model_ready(mlflow *m, const char *model_id, cm_error *err)
{
    cm_buf path = {0}, body = {0};
    mlflow_answer answer = {0};
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "model_id", model_id);
    cm_json_put_text(&w, "status", "LOGGED_MODEL_READY");
    cm_json_end_object(&w);
    cm_buf_addf(&path, "2.0/mlflow/logged-models/%s", model_id);
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK) {
        status = cm_buf_check(&body, err);
    }
    mlflow_call call = {
        .method = "PATCH", .path = path.p, .body = {body.p, body.n}};
    if (status == CM_OK) {
        status = mlflow_demand(m, &call, &answer, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&path);
    cm_buf_release(&body);
    return status;
}

/* ---- outputs of a run --------------------------------------------------- */

typedef struct output_search {
    mlflow *m;
    const char *run_id, *model_id;
} output_search;

static cm_status find_output(void *context, bool *found, cm_error *err)
{
    const output_search *s = context;
    cm_buf path = {0};
    mlflow_answer answer = {0};
    cm_buf_addf(&path, "2.0/mlflow/runs/get?run_id=%s", s->run_id);
    cm_status status = cm_buf_check(&path, err);
    mlflow_call call = {.method = "GET", .path = path.p};
    if (status == CM_OK) {
        status = mlflow_demand(s->m, &call, &answer, err);
    }
    const json_t *models = mlflow_at(answer.json, "run.outputs.model_outputs");
    for (size_t i = 0; i < json_array_size(models); i++) {
        const char *id =
            json_string_value(mlflow_at(json_array_get(models, i), "model_id"));
        *found = *found || (id != NULL && strcmp(id, s->model_id) == 0);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&path);
    return status;
}

/* The server refuses an output that it has. */
cm_status mlflow_run_output(mlflow *m, const char *run_id, const char *model_id,
                            cm_error *err)
{
    output_search search = {m, run_id, model_id};
    mlflow_answer answer = {0};
    cm_buf body = {0};
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "run_id", run_id);
    cm_json_begin_array(&w, "models");
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "model_id", model_id);
    cm_json_put_i64(&w, "step", 0);
    cm_json_end_object(&w);
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    cm_status status = cm_buf_check(&body, err);
    mlflow_call call = {.method = "POST",
                        .path = "2.0/mlflow/runs/outputs",
                        .body = {body.p, body.n},
                        .find = find_output,
                        .context = &search};
    if (status == CM_OK) {
        status = mlflow_demand(m, &call, &answer, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&body);
    return status;
}

/* ---- registered models -------------------------------------------------- */

typedef struct version_search {
    mlflow *m;
    const char *name, *id; /* id of the local run */
    const char **out;
} version_search;

/* Names may hold what a filter cannot, so they are compared here. */
static cm_status take_version(const version_search *s, const json_t *versions,
                              bool *found, cm_error *err)
{
    for (size_t i = 0; i < json_array_size(versions); i++) {
        mlflow_answer one = {.json = json_array_get(versions, i)};
        const char *name = json_string_value(mlflow_at(one.json, "name"));
        if (name != NULL && strcmp(name, s->name) == 0) {
            *found = true;
            return mlflow_text(s->m, &one, "version", s->out, err);
        }
    }
    return CM_OK;
}

static cm_status find_version(void *context, bool *found, cm_error *err)
{
    const version_search *s = context;
    cm_buf path = {0}, filter = {0};
    mlflow_answer answer = {0};
    cm_buf_addf(&filter, "tags.`" MLFLOW_ID_TAG "` = '%s'", s->id);
    cm_buf_adds(&path, "2.0/mlflow/model-versions/search?filter=");
    cm_url_encode(&path, (cm_str){filter.p, filter.n}, false);
    cm_status status = cm_buf_check(&path, err);
    mlflow_call call = {.method = "GET", .path = path.p};
    if (status == CM_OK) {
        status = mlflow_demand(s->m, &call, &answer, err);
    }
    if (status == CM_OK) {
        status = take_version(s, mlflow_at(answer.json, "model_versions"),
                              found, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&filter);
    cm_buf_release(&path);
    return status;
}

static void put_version(cm_buf *body, const cm_run_record *record,
                        const char *run_id, const char *model_id)
{
    cm_buf source = {0};
    cm_json_writer w = cm_json_writer_of(body, 0);
    cm_buf_addf(&source, "models:/%s", model_id);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "name", record->model.register_as);
    cm_json_put_str(&w, "source", (cm_str){source.p, source.n});
    cm_json_put_text(&w, "run_id", run_id);
    cm_json_put_text(&w, "model_id", model_id);
    cm_json_begin_array(&w, "tags");
    mlflow_put_pair(&w, MLFLOW_ID_TAG, record->id);
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    body->failed = body->failed || source.failed;
    cm_buf_release(&source);
}

cm_status mlflow_register(mlflow *m, const cm_run_record *record,
                          const char *run_id, const char *model_id,
                          const char **version, cm_error *err)
{
    version_search search = {m, record->model.register_as, record->id, version};
    mlflow_answer answer = {0};
    cm_buf body = {0};
    put_version(&body, record, run_id, model_id);
    cm_status status = cm_buf_check(&body, err);
    mlflow_call call = {.method = "POST",
                        .path = "2.0/mlflow/model-versions/create",
                        .body = {body.p, body.n},
                        .find = find_version,
                        .context = &search};
    if (status == CM_OK) {
        status = mlflow_create_named(m, "2.0/mlflow/registered-models/create",
                                     record->model.register_as, err);
    }
    if (status == CM_OK) {
        status = mlflow_demand(m, &call, &answer, err);
    }
    if (status == CM_OK && answer.status != 0) {
        status = mlflow_text(m, &answer, "model_version.version", version, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&body);
    return status;
}

/* ---- aliases ------------------------------------------------------------ */

/* Version that an alias names; 0: there is no such alias, or no model. */
static cm_status version_of_alias(mlflow *m, const char *name,
                                  const char *alias, uint64_t *out,
                                  cm_error *err)
{
    cm_buf path = {0};
    mlflow_answer answer = {0};
    cm_buf_adds(&path, "2.0/mlflow/registered-models/alias?name=");
    cm_url_encode(&path, cm_str_of(name), false);
    cm_buf_adds(&path, "&alias=");
    cm_url_encode(&path, cm_str_of(alias), false);
    cm_status status = cm_buf_check(&path, err);
    mlflow_call call = {.method = "GET", .path = path.p};
    *out = 0;
    if (status == CM_OK) {
        status = mlflow_ask(m, &call, &answer, err);
    }
    const char *text =
        json_string_value(mlflow_at(answer.json, "model_version.version"));
    bool missing = answer.status == 400 || answer.status == 404;
    if (status == CM_OK && !mlflow_is_success(&answer) && !missing) {
        status = mlflow_fail(m, &call, &answer, err);
    }
    if (text != NULL && !cm_parse_u64(cm_str_of(text), out)) {
        *out = 0;
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&path);
    return status;
}

cm_status mlflow_alias(mlflow *m, const char *name, const char *alias,
                       const char *version, cm_error *err)
{
    uint64_t there = 0, ours = 0;
    cm_buf body = {0};
    cm_status status = version_of_alias(m, name, alias, &there, err);
    bool is_older = cm_parse_u64(cm_str_of(version), &ours) && ours < there;
    if (status != CM_OK || is_older) {
        return status;
    }
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "name", name);
    cm_json_put_text(&w, "alias", alias);
    cm_json_put_text(&w, "version", version);
    cm_json_end_object(&w);
    status = mlflow_tell(m, "2.0/mlflow/registered-models/alias", &body, err);
    cm_buf_release(&body);
    return status;
}
