/* Experiments and runs on the server. */
#include <string.h>

#include "tracking/mlflow.h"

/* ---- experiments -------------------------------------------------------- */

static cm_status experiment_by_name(mlflow *m, const char *name,
                                    const char **id, cm_error *err)
{
    cm_buf path = {0};
    mlflow_answer answer = {0};
    const char *stage = NULL;
    cm_buf_adds(&path, "2.0/mlflow/experiments/get-by-name?experiment_name=");
    cm_url_encode(&path, cm_str_of(name), false);
    cm_status status = cm_buf_check(&path, err);
    mlflow_call call = {.method = "GET", .path = path.p};
    *id = NULL;
    if (status == CM_OK) {
        status = mlflow_ask(m, &call, &answer, err);
    }
    if (status != CM_OK ||
        strcmp(answer.code, "RESOURCE_DOES_NOT_EXIST") == 0) {
        goto done;
    }
    status = mlflow_is_success(&answer) ? CM_OK
                                        : mlflow_fail(m, &call, &answer, err);
    if (status == CM_OK) {
        status = mlflow_text(m, &answer, "experiment.experiment_id", id, err);
    }
    stage =
        json_string_value(mlflow_at(answer.json, "experiment.lifecycle_stage"));
    if (status == CM_OK && stage != NULL && strcmp(stage, "deleted") == 0) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: the experiment %s was deleted there; restore it, "
                         "or name another with mlflow_experiment",
                         m->base, name);
    }
done:
    mlflow_answer_release(&answer);
    cm_buf_release(&path);
    return status;
}

cm_status mlflow_experiment(mlflow *m, const char *name, const char **id,
                            cm_error *err)
{
    cm_status status = experiment_by_name(m, name, id, err);
    if (status != CM_OK || *id != NULL) {
        return status;
    }
    status = mlflow_create_named(m, "2.0/mlflow/experiments/create", name, err);
    if (status == CM_OK) {
        status = experiment_by_name(m, name, id, err);
    }
    if (status == CM_OK && *id == NULL) {
        status = cm_fail(err, CM_ERR_DATA,
                         "%s: the experiment %s was made and is not there",
                         m->base, name);
    }
    return status;
}

/* ---- a run -------------------------------------------------------------- */

typedef struct run_search {
    mlflow *m;
    const char *experiment_id;
    const cm_run_record *record;
    mlflow_run *out;
} run_search;

static cm_status take_run(mlflow *m, const json_t *info, mlflow_run *out,
                          cm_error *err)
{
    mlflow_answer answer = {.json = (json_t *)(uintptr_t)info};
    cm_status status = mlflow_text(m, &answer, "run_id", &out->id, err);
    return status == CM_OK ? mlflow_text(m, &answer, "artifact_uri",
                                         &out->artifact_uri, err)
                           : status;
}

/* The run with our tag; the oldest of several. */
static cm_status find_run(void *context, bool *found, cm_error *err)
{
    run_search *s = context;
    cm_buf body = {0}, filter = {0};
    mlflow_answer answer = {0};
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_buf_addf(&filter, "tags.`" MLFLOW_ID_TAG "` = '%s'", s->record->id);
    cm_json_begin_object(&w, NULL);
    cm_json_begin_array(&w, "experiment_ids");
    cm_json_put_text(&w, NULL, s->experiment_id);
    cm_json_end_array(&w);
    cm_json_put_str(&w, "filter", (cm_str){filter.p, filter.n});
    cm_json_put_i64(&w, "max_results", 1);
    cm_json_begin_array(&w, "order_by");
    cm_json_put_text(&w, NULL, "attributes.start_time ASC");
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    cm_status status =
        mlflow_post(s->m, "2.0/mlflow/runs/search", &body, &answer, err);
    const json_t *first = json_array_get(mlflow_at(answer.json, "runs"), 0);
    *found = status == CM_OK && first != NULL;
    if (*found) {
        status = take_run(s->m, mlflow_at(first, "info"), s->out, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&filter);
    cm_buf_release(&body);
    return status;
}

static const char *tag_of(const cm_run_record *record, const char *key)
{
    for (size_t i = 0; i < record->n_tags; i++) {
        if (strcmp(record->tags[i].key, key) == 0) {
            return record->tags[i].value;
        }
    }
    return "";
}

cm_status mlflow_run_create(mlflow *m, const char *experiment_id,
                            const cm_run_record *record, mlflow_run *out,
                            cm_error *err)
{
    run_search search = {m, experiment_id, record, out};
    mlflow_answer answer = {0};
    cm_buf body = {0};
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "experiment_id", experiment_id);
    cm_json_put_text(&w, "run_name", record->name);
    cm_json_put_text(&w, "user_id", tag_of(record, "mlflow.user"));
    cm_json_put_i64(&w, "start_time", record->start);
    cm_json_begin_array(&w, "tags");
    mlflow_put_pair(&w, MLFLOW_ID_TAG, record->id);
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    cm_status status = cm_buf_check(&body, err);
    mlflow_call call = {.method = "POST",
                        .path = "2.0/mlflow/runs/create",
                        .body = {body.p, body.n},
                        .find = find_run,
                        .context = &search};
    if (status == CM_OK) {
        status = mlflow_demand(m, &call, &answer, err);
    }
    if (status == CM_OK && answer.status != 0) {
        status = take_run(m, mlflow_at(answer.json, "run.info"), out, err);
    }
    mlflow_answer_release(&answer);
    cm_buf_release(&body);
    return status;
}

cm_status mlflow_run_end(mlflow *m, const char *run_id,
                         const cm_run_record *record, cm_error *err)
{
    cm_buf body = {0};
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "run_id", run_id);
    cm_json_put_text(&w, "status", cm_run_status_name(record->status));
    if (record->end > 0) {
        cm_json_put_i64(&w, "end_time", record->end);
    }
    cm_json_end_object(&w);
    cm_status status = mlflow_tell(m, "2.0/mlflow/runs/update", &body, err);
    cm_buf_release(&body);
    return status;
}

/* ---- inputs ------------------------------------------------------------- */

static void put_dataset(cm_json_writer *w, const cm_run_dataset *dataset)
{
    cm_json_begin_object(w, NULL);
    cm_json_begin_array(w, "tags");
    mlflow_put_pair(w, "mlflow.data.context", dataset->context);
    cm_json_end_array(w);
    cm_json_begin_object(w, "dataset");
    cm_json_put_text(w, "name", dataset->name);
    cm_json_put_text(w, "digest", dataset->digest);
    cm_json_put_text(w, "source_type", dataset->source_type);
    cm_json_put_text(w, "source", dataset->source);
    if (dataset->schema != NULL) {
        cm_json_put_text(w, "schema", dataset->schema);
    }
    if (dataset->profile != NULL) {
        cm_json_put_text(w, "profile", dataset->profile);
    }
    cm_json_end_object(w);
    cm_json_end_object(w);
}

cm_status mlflow_run_inputs(mlflow *m, const char *run_id,
                            const cm_run_record *record, cm_error *err)
{
    cm_buf body = {0};
    cm_json_writer w = cm_json_writer_of(&body, 0);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "run_id", run_id);
    cm_json_begin_array(&w, "datasets");
    for (size_t i = 0; i < record->n_datasets; i++) {
        put_dataset(&w, &record->datasets[i]);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    cm_status status = mlflow_tell(m, "2.0/mlflow/runs/log-inputs", &body, err);
    cm_buf_release(&body);
    return status;
}
