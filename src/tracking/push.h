/* Runs of the local store sent to an MLflow server: everything once, however
 * often it is repeated and wherever it was interrupted. */
#ifndef CM_TRACKING_PUSH_H
#define CM_TRACKING_PUSH_H

#include <stdatomic.h>

#include "base/log.h"
#include "tracking/run.h"

/* Texts are borrowed; NULL where nothing is said. */
typedef struct cm_tracking_server {
    const char *uri;                 /* "http://host:5000" */
    const char *username, *password; /* basic authentication */
    const char *token;               /* bearer */
    const char *ca_file;             /* NULL: the system's */
    bool insecure;                   /* any certificate will do */
    double request_timeout;          /* seconds; 0: 30 */
    const atomic_bool *stop;         /* once true, requests end soon; or NULL */
} cm_tracking_server;

/* What is not given comes from MLFLOW_TRACKING_URI, …_USERNAME, …_PASSWORD,
 * …_TOKEN, …_INSECURE_TLS, …_SERVER_CERT_PATH and MLFLOW_HTTP_REQUEST_TIMEOUT,
 * as in MLflow. */
void cm_tracking_server_from_environment(cm_tracking_server *server);

typedef struct cm_pushed {
    const char *run_id, *experiment_id; /* on the server; texts of the arena */
    const char *model_id;               /* NULL: no model */
    const char *version;                /* registered; NULL: not */
    size_t requests, metrics, params, tags, artifacts; /* sent this time */
    cm_arena arena;
} cm_pushed;

/* Sends what the server lacks of a run; keeps in RUN/sent.json what arrived,
 * per server.  Gives up at the deadline (cm_seconds(); 0: none) with
 * CM_ERR_IO: what is left goes with the next push. */
CM_MUST_USE cm_status cm_run_push(cm_pushed *out, const char *store,
                                  const char *id,
                                  const cm_tracking_server *server,
                                  double deadline, const cm_log *log,
                                  cm_error *err);
void cm_pushed_release(cm_pushed *pushed);

/* What models:/NAME/VERSION, models:/NAME@ALIAS, models:/m-ID or runs:/RUN/PATH
 * name on the server at this moment. */
typedef struct cm_model_place {
    const char *artifact_uri; /* where its files are; they never change */
    const char *version;      /* registered; NULL: it is not */
    cm_arena arena;           /* all texts */
} cm_model_place;

bool cm_is_model_uri(const char *text); /* models:/… or runs:/… */
/* Release in every case. */
CM_MUST_USE cm_status cm_model_uri_resolve(cm_model_place *out,
                                           const cm_tracking_server *server,
                                           const char *uri, double deadline,
                                           cm_error *err);
void cm_model_place_release(cm_model_place *place);

/* Downloads its files into a folder that is made, whole or not at all; part
 * "bundle": only those below that folder, "": all. */
CM_MUST_USE cm_status cm_model_place_fetch(const cm_model_place *place,
                                           const char *part,
                                           const cm_tracking_server *server,
                                           const char *folder, double deadline,
                                           cm_error *err);

typedef struct cm_model_uri_options {
    const cm_tracking_server *server;
    const char *cache; /* folder of what was fetched; made */
    bool must_ask;     /* a server that gives no answer is an error, also where
                          what it said before is remembered */
    const cm_log *log;
} cm_model_uri_options;

/* The folder of the bundle in the model that uri names, fetched where the cache
 * has it not; malloc'ed. */
CM_MUST_USE cm_status cm_model_uri_fetch(char **folder, const char *uri,
                                         const cm_model_uri_options *options,
                                         cm_error *err);

#endif
