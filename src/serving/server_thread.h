/* What a thread of the server has for itself, so that a request takes no lock
 * and allocates nothing.  Private to serving. */
#ifndef CM_SERVING_SERVER_THREAD_H
#define CM_SERVING_SERVER_THREAD_H

#include <stdatomic.h>

#include "monitoring/metrics.h"
#include "score/row_scorer.h"
#include "serving/http_server.h"
#include "serving/live_model.h"
#include "serving/routes.h"
#include "serving/rows.h"
#include "serving/server.h"

/* What all threads share. */
typedef struct server {
    const cm_serve_options *options;
    live_model *live;
    cm_registry *metrics;
    http_shared http;
    double started; /* cm_seconds() */
} server;

enum { SERVER_MAX_COLUMNS = 4096 /* of a request's rows */ };

struct server_thread {
    server *server;
    size_t index;
    cm_registry_shard *metrics;
    served_model *model;   /* a reference of its own; NULL: none is loaded */
    uint64_t generation;   /* of model */
    cm_row_scorer *scorer; /* of model */
    rows_reader *rows;     /* bound to model */
    problems problems;
    double *probabilities; /* (n_probabilities) */
    size_t n_probabilities;
    cm_buf scratch; /* of the route at work */
};

/* Release in every case. */
CM_MUST_USE cm_status server_thread_init(server_thread *thread, server *of,
                                         size_t index, cm_error *err);
void server_thread_release(server_thread *thread);

/* http_dispatch and http_observer: context is the thread. */
void server_thread_dispatch(void *context, const http_request *request,
                            http_reply *reply);
void server_thread_observe(void *context, http_event event);

/* Why the server takes no requests now, a sentence; NULL: it does. */
const char *server_not_ready(const server *of);

/* Takes the model that speaks now, if it is another.  Every route that needs
 * a model starts with it; false: none is loaded, and reply says so (503). */
bool server_thread_model(server_thread *thread, http_reply *reply);

/* Room for n probabilities; NULL: no memory. */
double *server_thread_probabilities(server_thread *thread, size_t n);

/* 422 with thread->problems; 503 when memory ran out before there were any. */
void server_thread_problems(server_thread *thread, http_reply *reply);

/* Scores the rows of the request and counts what was predicted: how every
 * route comes to thread->probabilities.  False: reply has the 4xx. */
bool server_thread_score(server_thread *thread, const http_request *request,
                         rows_format format, rows *rows, http_reply *reply);

#endif
