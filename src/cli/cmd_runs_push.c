/* clickmill runs push */
#include <string.h>

#include "cli/output.h"
#include "cli/tracking_server.h"

typedef struct told {
    cli_context *c;
    cm_tracking_server server;
    cm_json_writer w;
    size_t n_failed;
    cm_error first; /* of those that failed */
} told;

static void put_pushed(cm_json_writer *w, const char *id,
                       const cm_pushed *pushed, const cm_error *error)
{
    cm_json_begin_object(w, NULL);
    cm_json_put_text(w, "id", id);
    if (pushed->run_id != NULL) {
        cm_json_put_text(w, "run_id", pushed->run_id);
    }
    if (pushed->model_id != NULL) {
        cm_json_put_text(w, "model_id", pushed->model_id);
    }
    if (pushed->version != NULL) {
        cm_json_put_text(w, "version", pushed->version);
    }
    cm_json_put_u64(w, "params", pushed->params);
    cm_json_put_u64(w, "metrics", pushed->metrics);
    cm_json_put_u64(w, "tags", pushed->tags);
    cm_json_put_u64(w, "artifacts", pushed->artifacts);
    cm_json_put_u64(w, "requests", pushed->requests);
    if (error != NULL) {
        cm_json_put_text(w, "error", error->message);
    }
    cm_json_end_object(w);
}

static void push_one(told *t, const char *id)
{
    cm_error error;
    cm_pushed pushed;
    double timeout = 0;
    cm_config *config = &t->c->config;
    if (cm_config_is_set(config, CM_ID_tracking_timeout)) {
        timeout = config->tracking_timeout;
    }
    cm_status status = cm_run_push(&pushed, config->runs_path, id, &t->server,
                                   timeout > 0 ? cm_seconds() + timeout : 0,
                                   &t->c->log, &error);
    put_pushed(&t->w, id, &pushed, status == CM_OK ? NULL : &error);
    if (status != CM_OK) {
        t->first = t->n_failed++ == 0 ? error : t->first;
        cm_log_say(&t->c->log, CM_LOG_ERROR, "%.8s: %s", id, error.message);
    } else if (!cli_switch(t->c, "json")) {
        printf("%.8s  %s\n", id,
               pushed.requests == 0 ? "is there already" : "sent");
    }
    cm_pushed_release(&pushed);
}

static cm_status push_all(told *t, cm_error *err)
{
    cm_arena arena = {0};
    const char *const *ids = NULL;
    size_t n = 0;
    cm_status status =
        cm_run_list(t->c->config.runs_path, &arena, &ids, &n, err);
    /* The oldest first: of versions and aliases the newest run's count. */
    for (size_t i = n; i-- > 0 && status == CM_OK;) {
        push_one(t, ids[i]);
    }
    cm_arena_release(&arena);
    return status;
}

static cm_status push_runs(told *t, cm_error *err)
{
    cm_status status = CM_OK;
    cm_json_begin_array(&t->w, NULL);
    if (cli_switch(t->c, "all")) {
        status = push_all(t, err);
    }
    for (size_t i = 0; i < t->c->n_words; i++) {
        push_one(t, t->c->words[i]);
    }
    cm_json_end_array(&t->w);
    return status;
}

cm_status cli_runs_push(cli_context *c, cm_error *err)
{
    cm_buf json = {0};
    told t = {.c = c, .w = cm_json_writer_of(&json, 2)};
    if (cli_switch(c, "all") == (c->n_words > 0)) {
        return cm_fail(err, CM_ERR_USAGE,
                       "name runs to push, or say --all; clickmill runs list "
                       "shows them");
    }
    cli_tracking_server(&t.server, &c->config);
    if (t.server.uri == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "no MLflow server is named; say --uri, or set "
                       "mlflow_tracking_uri or MLFLOW_TRACKING_URI");
    }
    cm_status status = push_runs(&t, err);
    if (status == CM_OK && cli_switch(c, "json")) {
        cm_status printed = cli_print_json(&json, err);
        json = (cm_buf){0};
        status = printed;
    }
    cm_buf_release(&json);
    if (status == CM_OK && t.n_failed > 0) {
        status = cm_fail(err, CM_ERR_IO, "%zu run%s could not be sent",
                         t.n_failed, t.n_failed == 1 ? "" : "s");
    }
    return status;
}
