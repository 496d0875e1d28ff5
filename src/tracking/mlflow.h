/* An MLflow server over its REST interface: one connection, one request, and
 * the entities of MLflow 3.  Private to tracking. */
#ifndef CM_TRACKING_MLFLOW_H
#define CM_TRACKING_MLFLOW_H

#include "base/mem.h"
#include "codec/json.h"
#include "net/http_client.h"
#include "tracking/push.h"

typedef struct mlflow {
    cm_arena arena;
    const char *base;          /* "http://host:5000", no '/' at its end */
    const char *authorization; /* value of the header; NULL: none */
    cm_http_options options;
    cm_http_client *http;
    size_t requests; /* answered */
} mlflow;

/* Texts of server are copied; deadline is cm_seconds(), 0: none.  Close it in
 * every case. */
CM_MUST_USE cm_status mlflow_open(mlflow *out, const cm_tracking_server *server,
                                  double deadline, cm_error *err);
void mlflow_close(mlflow *m);

/* Adds the header that says who we are. */
void mlflow_authorize(const mlflow *m, cm_http_call *call);

/* What the server said. */
typedef struct mlflow_answer {
    long status;       /* of HTTP; 0: it was not asked */
    json_t *json;      /* NULL: it was no JSON */
    const char *code;  /* "RESOURCE_DOES_NOT_EXIST"; "" when there is none */
    const char *words; /* the message of a refusal; "" */
} mlflow_answer;

void mlflow_answer_read(mlflow_answer *out, const cm_http_reply *reply);
void mlflow_answer_release(mlflow_answer *answer);

typedef struct mlflow_call {
    const char *method;
    const char *path;   /* below /api/: "2.0/mlflow/runs/create" */
    const char *origin; /* another server's base; NULL: ours */
    cm_str body;        /* JSON; p NULL: none */
    /* Before each attempt: is it there already?  Makes creating safe to repeat
     * when an answer was lost.  Optional. */
    cm_status (*find)(void *context, bool *found, cm_error *err);
    void *context;
} mlflow_call;

/* CM_OK for any answer; mlflow_fail says what a refusal means. */
CM_MUST_USE cm_status mlflow_ask(mlflow *m, const mlflow_call *call,
                                 mlflow_answer *out, cm_error *err);
cm_status mlflow_fail(const mlflow *m, const mlflow_call *call,
                      const mlflow_answer *answer, cm_error *err);
/* The two of them: an answer is a success, and JSON. */
CM_MUST_USE cm_status mlflow_demand(mlflow *m, const mlflow_call *call,
                                    mlflow_answer *out, cm_error *err);

/* A POST of a body that was written, which may have failed for memory. */
CM_MUST_USE cm_status mlflow_post(mlflow *m, const char *path,
                                  const cm_buf *body, mlflow_answer *out,
                                  cm_error *err);
/* The same when the answer says nothing of interest. */
CM_MUST_USE cm_status mlflow_tell(mlflow *m, const char *path,
                                  const cm_buf *body, cm_error *err);
/* Makes what a name is all of.  Somebody else may make it at the same moment:
 * that it is there already is no error. */
CM_MUST_USE cm_status mlflow_create_named(mlflow *m, const char *path,
                                          const char *name, cm_error *err);
/* {"key": key, "value": value} */
void mlflow_put_pair(cm_json_writer *w, const char *key, const char *value);

bool mlflow_is_success(const mlflow_answer *answer);

/* Text at a path of keys, "run.info.run_id", copied into the arena; fails when
 * it is not there. */
CM_MUST_USE cm_status mlflow_text(mlflow *m, const mlflow_answer *answer,
                                  const char *keys, const char **out,
                                  cm_error *err);
/* Value at a path of keys, NULL when it is not there; borrowed. */
const json_t *mlflow_at(const json_t *json, const char *keys);

/* ---- entities -------------------------------------------------------------
 */

/* What our runs, models and versions carry on the server: a local run's id. */
#define MLFLOW_ID_TAG "clickmill.run_id"

/* Finds the experiment or makes it. */
CM_MUST_USE cm_status mlflow_experiment(mlflow *m, const char *name,
                                        const char **id, cm_error *err);

typedef struct mlflow_run {
    const char *id, *artifact_uri;
} mlflow_run;

CM_MUST_USE cm_status mlflow_run_create(mlflow *m, const char *experiment_id,
                                        const cm_run_record *record,
                                        mlflow_run *out, cm_error *err);
CM_MUST_USE cm_status mlflow_run_end(mlflow *m, const char *run_id,
                                     const cm_run_record *record,
                                     cm_error *err);
CM_MUST_USE cm_status mlflow_run_inputs(mlflow *m, const char *run_id,
                                        const cm_run_record *record,
                                        cm_error *err);

typedef struct mlflow_model {
    const char *id, *artifact_uri;
} mlflow_model;

CM_MUST_USE cm_status mlflow_model_create(mlflow *m, const char *experiment_id,
                                          const char *run_id,
                                          const cm_run_record *record,
                                          mlflow_model *out, cm_error *err);
CM_MUST_USE cm_status mlflow_model_ready(mlflow *m, const char *model_id,
                                         cm_error *err);
/* Names the model among the outputs of the run. */
CM_MUST_USE cm_status mlflow_run_output(mlflow *m, const char *run_id,
                                        const char *model_id, cm_error *err);
/* A version of the registered model, which is made where it is missing. */
CM_MUST_USE cm_status mlflow_register(mlflow *m, const cm_run_record *record,
                                      const char *run_id, const char *model_id,
                                      const char **version, cm_error *err);
/* An alias never goes back to an older version. */
CM_MUST_USE cm_status mlflow_alias(mlflow *m, const char *name,
                                   const char *alias, const char *version,
                                   cm_error *err);

/* ---- batches of parameters, metrics and tags ------------------------------
 */

/* What of a record has been sent. */
typedef struct mlflow_cursor {
    size_t params, metrics, tags;
} mlflow_cursor;

/* Appends the JSON of the next request from `at` on, as much as MLflow takes
 * at once, and moves `at` behind it. */
void mlflow_batch(cm_buf *out, const cm_run_record *record, const char *run_id,
                  mlflow_cursor *at);
/* The last point of each metric once more, as one of the model's. */
void mlflow_model_batch(cm_buf *out, const cm_run_record *record,
                        const char *run_id, const char *model_id);
bool mlflow_batch_is_over(const cm_run_record *record, const mlflow_cursor *at);

#endif
