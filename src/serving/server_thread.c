/* A thread of the server: it keeps up with the model that speaks, and sends
 * each request to its route. */
#include "serving/server_thread.h"

#include <stdlib.h>

#include "base/mem.h"

cm_status server_thread_init(server_thread *thread, server *of, size_t index,
                             cm_error *err)
{
    *thread =
        (server_thread){.server = of,
                        .index = index,
                        .metrics = cm_registry_shard_of(of->metrics, index)};
    rows_limits limits = {.max_rows = of->options->limits.rows,
                          .max_depth = of->options->limits.json_depth,
                          .max_columns = SERVER_MAX_COLUMNS};
    return rows_reader_new(&thread->rows, limits, of->options->echo_column,
                           err);
}

static void let_go(server_thread *thread)
{
    cm_row_scorer_free(thread->scorer);
    served_model_release(thread->model);
    thread->scorer = NULL;
    thread->model = NULL;
    thread->generation = 0;
}

void server_thread_release(server_thread *thread)
{
    let_go(thread);
    rows_reader_free(thread->rows);
    problems_release(&thread->problems);
    free(thread->probabilities);
    cm_buf_release(&thread->scratch);
}

/* On failure the thread has no model, and asks again at the next request. */
static cm_status take_model(server_thread *thread, cm_error *err)
{
    let_go(thread);
    thread->model = live_model_acquire(thread->server->live);
    if (thread->model == NULL) {
        char reason[sizeof err->message];
        live_model_reason(thread->server->live, reason);
        return cm_fail(err, CM_ERR_DATA, "%s",
                       reason[0] != '\0' ? reason : "the first is on its way");
    }
    cm_bundle *bundle = thread->model->bundle;
    cm_status status = cm_row_scorer_new(&thread->scorer, bundle, err);
    if (status == CM_OK) {
        status = rows_reader_bind(thread->rows, bundle, err);
    }
    if (status == CM_OK) {
        thread->generation = thread->model->generation;
    } else {
        let_go(thread);
    }
    return status;
}

static bool change_model(server_thread *thread, http_reply *reply)
{
    cm_error err = {0};
    if (take_model(thread, &err) != CM_OK) {
        http_reply_detail(reply, 503, "No model is loaded: %s", err.message);
        return false;
    }
    return true;
}

bool server_thread_model(server_thread *thread, http_reply *reply)
{
    uint64_t generation = live_model_generation(thread->server->live);
    if ((thread->model == NULL || generation != thread->generation) &&
        !change_model(thread, reply)) {
        return false;
    }
    http_reply_header(reply, HTTP_MODEL_VERSION,
                      cm_bundle_version(thread->model->bundle));
    return true;
}

double *server_thread_probabilities(server_thread *thread, size_t n)
{
    if (n > thread->n_probabilities) {
        free(thread->probabilities);
        thread->probabilities =
            cm_alloc(n, sizeof *thread->probabilities, NULL);
        thread->n_probabilities = thread->probabilities != NULL ? n : 0;
    }
    return thread->probabilities;
}

/* ---- dispatch ----------------------------------------------------------- */

typedef struct refusal {
    unsigned status;
    cm_rejected reason;
    const char *detail;
} refusal;

static const refusal refusals[] = {
    [HTTP_MALFORMED] =
        {400, CM_REJECTED_SIZE,
         "The headers leave in doubt whom the request is for (one "
         "Host) or where its body ends."},
    [HTTP_TOO_LARGE] = {413, CM_REJECTED_SIZE,
                        "The body is larger than limits.body_bytes."},
    [HTTP_TOO_LATE] = {503, CM_REJECTED_QUEUE,
                       "The server has too much to do. Try again later."},
    [HTTP_TOO_MANY] = {503, CM_REJECTED_CONNECTIONS,
                       "The server has too many connections. Try again later."},
    [HTTP_NO_MEMORY] = {503, CM_REJECTED_MEMORY,
                        "The server has too many bodies in memory. Try again "
                        "later."}};

static void refuse(server_thread *thread, const http_request *request,
                   http_reply *reply)
{
    const refusal *r = &refusals[request->refusal];
    http_reply_detail(reply, r->status, "%s", r->detail);
    if (request->refusal != HTTP_MALFORMED) {
        cm_registry_add(thread->metrics, CM_METRIC_rejected, r->reason, 1);
    }
}

static void no_route(unsigned allowed, http_reply *reply)
{
    if (allowed == 0) {
        http_reply_detail(reply, 404, "Not Found");
        return;
    }
    http_reply_detail(reply, 405, "Method Not Allowed");
    http_reply_header(reply, "Allow",
                      (allowed & 1u << HTTP_GET) == 0    ? "POST"
                      : (allowed & 1u << HTTP_POST) == 0 ? "GET, HEAD"
                                                         : "GET, HEAD, POST");
}

static void count_request(server_thread *thread, const http_request *request,
                          const http_reply *reply, const route *to)
{
    bool fixed = reply->fixed.p != NULL;
    cm_registry_answered(
        thread->metrics,
        &(cm_answered){.handler = to != NULL ? (size_t)(to - routes) : n_routes,
                       .method = request->method,
                       .status = reply->status,
                       .seconds = cm_seconds() - request->started,
                       .request_bytes = request->body.n,
                       .response_bytes =
                           fixed ? reply->fixed.n : reply->body.n});
}

void server_thread_dispatch(void *context, const http_request *request,
                            http_reply *reply)
{
    server_thread *thread = context;
    unsigned allowed = 0;
    const route *to = route_find(request->method, request->path, &allowed);
    if (request->refusal != HTTP_WELCOME) {
        refuse(thread, request, reply);
    } else if (to == NULL) {
        no_route(allowed, reply);
    } else {
        to->handler(thread, request, reply);
    }
    if (reply->status == 503) {
        http_reply_header(reply, "Retry-After", "1");
    }
    if (!reply->later) {
        count_request(thread, request, reply, to);
    }
}

void server_thread_observe(void *context, http_event event)
{
    static const cm_rejected reasons[] = {
        [HTTP_EVENT_TOO_MANY] = CM_REJECTED_CONNECTIONS,
        [HTTP_EVENT_TOO_MANY_OF_ADDRESS] = CM_REJECTED_ADDRESS,
        [HTTP_EVENT_TOO_SLOW] = CM_REJECTED_TIMEOUT};
    server_thread *thread = context;
    cm_registry_add(thread->metrics, CM_METRIC_rejected, reasons[event], 1);
}
