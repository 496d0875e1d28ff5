/* A run sent to a server, step by step; each step is remembered when it is
 * done, and can be repeated when that was lost. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "tracking/artifacts.h"
#include "tracking/logged_model.h"
#include "tracking/sent.h"

enum { MAX_MLMODEL = 4 << 20 };

typedef struct push {
    cm_run_record record;
    mlflow m;
    sent sent;
    cm_pushed *out;
    const cm_log *log;
    /* Where it is on the server; texts of m.arena. */
    const char *experiment_id;
    mlflow_run run;
    mlflow_model model;
    const char *version;
} push;

/* A text that was remembered; NULL when it was not, or without memory. */
static const char *remembered(push *p, const char *key)
{
    const char *text = sent_text(&p->sent, key);
    return text == NULL
               ? NULL
               : cm_arena_strdup(&p->m.arena, text, strlen(text), NULL);
}

/* ---- the run itself ----------------------------------------------------- */

static cm_status send_run(push *p, cm_error *err)
{
    p->experiment_id = remembered(p, "experiment_id");
    p->run.id = remembered(p, "run_id");
    p->run.artifact_uri = remembered(p, "artifact_uri");
    if (p->experiment_id != NULL && p->run.id != NULL &&
        p->run.artifact_uri != NULL) {
        return CM_OK;
    }
    cm_status status =
        mlflow_experiment(&p->m, p->record.experiment, &p->experiment_id, err);
    if (status == CM_OK) {
        status = mlflow_run_create(&p->m, p->experiment_id, &p->record, &p->run,
                                   err);
    }
    if (status == CM_OK) {
        status =
            sent_set_text(&p->sent, "experiment_id", p->experiment_id, err);
    }
    if (status == CM_OK) {
        status = sent_set_text(&p->sent, "run_id", p->run.id, err);
    }
    return status == CM_OK ? sent_set_text(&p->sent, "artifact_uri",
                                           p->run.artifact_uri, err)
                           : status;
}

/* Metrics are only ever appended, so what was sent is a number of them.
 * Parameters and tags may be in another order when the run is still under way:
 * they go all again unless there are none but those that went. */
static mlflow_cursor cursor_of(const push *p)
{
    const cm_run_record *record = &p->record;
    mlflow_cursor at = {.params = sent_count(&p->sent, "params"),
                        .tags = sent_count(&p->sent, "tags"),
                        .metrics = sent_count(&p->sent, "metrics")};
    bool all_params = at.params == record->n_params;
    bool all_tags = at.tags == record->n_tags && sent_is(&p->sent, "ended");
    at.params = all_params ? at.params : 0;
    at.tags = all_tags ? at.tags : 0;
    return at;
}

static cm_status send_batch(push *p, mlflow_cursor *at, cm_error *err)
{
    mlflow_cursor before = *at;
    cm_buf body = {0};
    mlflow_batch(&body, &p->record, p->run.id, at);
    cm_status status =
        mlflow_tell(&p->m, "2.0/mlflow/runs/log-batch", &body, err);
    cm_buf_release(&body);
    if (status == CM_OK && memcmp(&before, at, sizeof before) == 0) {
        status =
            cm_fail(err, CM_ERR_DATA, "%s: a value is too large to be sent",
                    p->record.folder);
    }
    if (status == CM_OK) {
        p->out->params += at->params - before.params;
        p->out->tags += at->tags - before.tags;
        p->out->metrics += at->metrics - before.metrics;
        status = sent_set_count(&p->sent, "metrics", at->metrics, err);
    }
    return status == CM_OK ? sent_save(&p->sent, err) : status;
}

static cm_status send_batches(push *p, cm_error *err)
{
    mlflow_cursor at = cursor_of(p);
    cm_status status = CM_OK;
    while (status == CM_OK && !mlflow_batch_is_over(&p->record, &at)) {
        status = send_batch(p, &at, err);
    }
    if (status == CM_OK) {
        status = sent_set_count(&p->sent, "params", at.params, err);
    }
    return status == CM_OK ? sent_set_count(&p->sent, "tags", at.tags, err)
                           : status;
}

static cm_status send_inputs(push *p, cm_error *err)
{
    size_t n = p->record.n_datasets;
    if (sent_count(&p->sent, "inputs") == n) {
        return CM_OK;
    }
    cm_status status = mlflow_run_inputs(&p->m, p->run.id, &p->record, err);
    return status == CM_OK ? sent_set_count(&p->sent, "inputs", n, err)
                           : status;
}

/* ---- files -------------------------------------------------------------- */

typedef struct file_set {
    const char *folder; /* "artifacts" or "model", below the run's */
    const char *uri;
    const cm_run_artifact *files;
    size_t n;
    cm_str mlmodel; /* bytes of the file MLmodel; p NULL: as it is */
} file_set;

static const char *kept_join(push *p, const char *folder, const char *name,
                             cm_error *err)
{
    char *path = cm_path_join(folder, name);
    const char *kept =
        path == NULL ? NULL
                     : cm_arena_strdup(&p->m.arena, path, strlen(path), err);
    free(path);
    return kept;
}

/* Those that have not arrived; names[i] is what they are remembered by. */
static cm_status choose(push *p, const file_set *set, artifact *items,
                        const char **names, size_t *n, cm_error *err)
{
    const char *folder = kept_join(p, p->record.folder, set->folder, err);
    for (size_t i = 0; i < set->n && folder != NULL; i++) {
        const cm_run_artifact *file = &set->files[i];
        const char *name = kept_join(p, set->folder, file->path, err);
        const char *path = kept_join(p, folder, file->path, err);
        bool rewritten =
            set->mlmodel.p != NULL && strcmp(file->path, "MLmodel") == 0;
        if (name == NULL || path == NULL) {
            return CM_ERR_NOMEM;
        }
        if (!sent_has_file(&p->sent, name, file->size)) {
            names[*n] = name;
            items[(*n)++] = (artifact){.path = file->path,
                                       .file = rewritten ? NULL : path,
                                       .bytes = set->mlmodel,
                                       .size = file->size};
        }
    }
    return folder != NULL ? CM_OK : CM_ERR_NOMEM;
}

/* Also of those that arrived when others failed. */
static cm_status remember_files(push *p, const artifact *items,
                                const char *const *names, size_t n,
                                cm_error *err)
{
    cm_status status = CM_OK;
    for (size_t i = 0; i < n && status == CM_OK; i++) {
        if (items[i].arrived) {
            status = sent_add_file(&p->sent, names[i], items[i].size, err);
            p->out->artifacts++;
        }
    }
    return status;
}

static cm_status send_files(push *p, const file_set *set, cm_error *err)
{
    size_t n = 0;
    artifact *items = cm_alloc_zero(set->n, sizeof *items, err);
    const char **names = cm_alloc_zero(set->n, sizeof *names, err);
    cm_status status = items == NULL || names == NULL
                           ? CM_ERR_NOMEM
                           : choose(p, set, items, names, &n, err);
    if (status == CM_OK) {
        status = artifacts_put(&p->m, set->uri, items, n, err);
        cm_status kept =
            remember_files(p, items, names, n, status == CM_OK ? err : NULL);
        status = status == CM_OK ? kept : status;
    }
    free(names);
    free(items);
    return status;
}

static cm_status send_artifacts(push *p, cm_error *err)
{
    file_set set = {.folder = "artifacts",
                    .uri = p->run.artifact_uri,
                    .files = p->record.artifacts,
                    .n = p->record.n_artifacts};
    return send_files(p, &set, err);
}

/* ---- the model ---------------------------------------------------------- */

static cm_status find_model(push *p, cm_error *err)
{
    p->model.id = remembered(p, "model_id");
    p->model.artifact_uri = remembered(p, "model_uri");
    if (p->model.id != NULL && p->model.artifact_uri != NULL) {
        return CM_OK;
    }
    cm_status status = mlflow_model_create(&p->m, p->experiment_id, p->run.id,
                                           &p->record, &p->model, err);
    if (status == CM_OK) {
        status = sent_set_text(&p->sent, "model_id", p->model.id, err);
    }
    if (status == CM_OK) {
        status =
            sent_set_text(&p->sent, "model_uri", p->model.artifact_uri, err);
    }
    return status == CM_OK ? sent_save(&p->sent, err) : status;
}

/* Its file MLmodel names the model and the run as the server does. */
static cm_status send_model_files(push *p, cm_error *err)
{
    cm_buf text = {0}, rewritten = {0};
    const char *path = kept_join(p, p->record.folder, "model/MLmodel", err);
    cm_mlmodel_ids ids = {.model_id = p->model.id,
                          .run_id = p->run.id,
                          .artifact_path = p->model.artifact_uri};
    cm_status status = path == NULL
                           ? CM_ERR_NOMEM
                           : cm_read_file(&text, path, MAX_MLMODEL, err);
    if (status == CM_OK) {
        status = cm_mlmodel_with_ids(&rewritten, (cm_str){text.p, text.n}, &ids,
                                     err);
    }
    if (status == CM_OK) {
        status = cm_buf_check(&rewritten, err);
    }
    if (status == CM_OK) {
        file_set set = {.folder = "model",
                        .uri = p->model.artifact_uri,
                        .files = p->record.model_files,
                        .n = p->record.n_model_files,
                        .mlmodel = {rewritten.p, rewritten.n}};
        status = send_files(p, &set, err);
    }
    cm_buf_release(&rewritten);
    cm_buf_release(&text);
    return status;
}

static cm_status send_model_metrics(push *p, cm_error *err)
{
    cm_buf body = {0};
    if (p->record.n_metrics == 0) {
        return CM_OK;
    }
    mlflow_model_batch(&body, &p->record, p->run.id, p->model.id);
    cm_status status =
        mlflow_tell(&p->m, "2.0/mlflow/runs/log-batch", &body, err);
    cm_buf_release(&body);
    return status;
}

static cm_status send_model(push *p, cm_error *err)
{
    if (!p->record.has_model) {
        return CM_OK;
    }
    cm_status status = find_model(p, err);
    if (status != CM_OK || sent_is(&p->sent, "model_ready")) {
        return status;
    }
    status = mlflow_run_output(&p->m, p->run.id, p->model.id, err);
    if (status == CM_OK) {
        status = send_model_files(p, err);
    }
    if (status == CM_OK) {
        status = send_model_metrics(p, err);
    }
    if (status == CM_OK) {
        status = mlflow_model_ready(&p->m, p->model.id, err);
    }
    return status == CM_OK ? sent_set(&p->sent, "model_ready", err) : status;
}

static cm_status send_version(push *p, cm_error *err)
{
    if (!p->record.has_model || p->record.model.register_as == NULL) {
        return CM_OK;
    }
    p->version = remembered(p, "version");
    if (p->version != NULL) {
        return CM_OK;
    }
    cm_status status = mlflow_register(&p->m, &p->record, p->run.id,
                                       p->model.id, &p->version, err);
    return status == CM_OK ? sent_set_text(&p->sent, "version", p->version, err)
                           : status;
}

static cm_status send_alias(push *p, cm_error *err)
{
    const cm_run_model *model = &p->record.model;
    if (p->version == NULL || model->alias == NULL ||
        sent_is(&p->sent, "alias")) {
        return CM_OK;
    }
    cm_status status =
        mlflow_alias(&p->m, model->register_as, model->alias, p->version, err);
    return status == CM_OK ? sent_set(&p->sent, "alias", err) : status;
}

/* Last of all: a run that is FINISHED on the server is all there. */
static cm_status send_end(push *p, cm_error *err)
{
    if (p->record.status == CM_RUN_RUNNING) {
        return CM_OK;
    }
    cm_status status = mlflow_run_end(&p->m, p->run.id, &p->record, err);
    return status == CM_OK ? sent_set(&p->sent, "ended", err) : status;
}

/* ---- all of it ---------------------------------------------------------- */

static cm_status take_steps(push *p, cm_error *err)
{
    static cm_status (*const steps[])(push * p, cm_error * err) = {
        send_run,   send_batches, send_inputs, send_artifacts,
        send_model, send_version, send_alias,  send_end};
    cm_status status = CM_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == CM_OK;
         i++) {
        status = steps[i](p, err);
        cm_status saved = sent_save(&p->sent, status == CM_OK ? err : NULL);
        status = status == CM_OK ? saved : status;
    }
    return status;
}

static const char *given(push *p, const char *text)
{
    return text == NULL
               ? NULL
               : cm_arena_strdup(&p->out->arena, text, strlen(text), NULL);
}

static void report(push *p)
{
    p->out->run_id = given(p, sent_text(&p->sent, "run_id"));
    p->out->experiment_id = given(p, sent_text(&p->sent, "experiment_id"));
    p->out->model_id = given(p, sent_text(&p->sent, "model_id"));
    p->out->version = given(p, sent_text(&p->sent, "version"));
    p->out->requests = p->m.requests;
}

/* One process at a time sends a run. */
static cm_status lock(const char *folder, int *out, cm_error *err)
{
    char *path = cm_path_join(folder, "sent.lock");
    cm_status status = CM_OK;
    *out = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*out < 0) {
        status = path == NULL ? cm_fail(err, CM_ERR_NOMEM, "no memory")
                              : cm_fail_errno(err, "%s", path);
    } else if (flock(*out, LOCK_EX | LOCK_NB) != 0) {
        status = cm_fail(err, CM_ERR_IO, "%s is being sent by another process",
                         folder);
        (void)close(*out);
        *out = -1;
    }
    free(path);
    return status;
}

cm_status cm_run_push(cm_pushed *out, const char *store, const char *id,
                      const cm_tracking_server *server, double deadline,
                      const cm_log *log, cm_error *err)
{
    push p = {.out = out, .log = log};
    int locked = -1;
    *out = (cm_pushed){0};
    cm_status status = mlflow_open(&p.m, server, deadline, err);
    if (status == CM_OK) {
        status = cm_run_record_load(&p.record, store, id, err);
    }
    if (status == CM_OK) {
        status = lock(p.record.folder, &locked, err);
    }
    if (status == CM_OK) {
        status = sent_load(&p.sent, p.record.folder, p.m.base, log, err);
    }
    if (status == CM_OK && !sent_is(&p.sent, "ended")) {
        status = take_steps(&p, err);
    }
    if (p.sent.here != NULL) {
        report(&p);
    }
    sent_release(&p.sent);
    if (locked >= 0) {
        (void)close(locked);
    }
    cm_run_record_release(&p.record);
    mlflow_close(&p.m);
    return status;
}

void cm_pushed_release(cm_pushed *pushed)
{
    cm_arena_release(&pushed->arena);
    *pushed = (cm_pushed){0};
}
