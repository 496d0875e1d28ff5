/* GET /stats: what the page's charts are drawn from.  Totals that only grow,
 * so that whoever looks twice has rates, however often others look. */
#include "codec/json.h"
#include "serving/server_thread.h"

enum { N_CLASSES = 5, MAX_BUCKETS = 64 };

static const char *const class_names[N_CLASSES] = {"1xx", "2xx", "3xx", "4xx",
                                                   "5xx"};

/* Those for /stats itself left out: a server that nobody else asks anything
 * is idle. */
static double requests_of_class(const cm_registry *metrics, unsigned class)
{
    double total = 0;
    for (size_t handler = 0; handler <= n_routes; handler++) {
        if (handler < n_routes && routes[handler].handler == route_stats) {
            continue;
        }
        for (size_t method = 0; method < N_HTTP_METHODS; method++) {
            size_t child =
                cm_registry_child(metrics, CM_METRIC_http_requests, handler,
                                  method, (class + 1) * 100);
            total += cm_registry_total(metrics, CM_METRIC_http_requests, child);
        }
    }
    return total;
}

static void put_requests(cm_json_writer *w, const cm_registry *metrics)
{
    cm_json_begin_object(w, "requests");
    for (unsigned class = 0; class < N_CLASSES; class ++) {
        cm_json_put_double(w, class_names[class],
                           requests_of_class(metrics, class));
    }
    cm_json_end_object(w);
}

/* {"bounds", "counts", "sum"}: counts has one more than bounds, and what is in
 * one bucket is in no other. */
static void put_histogram(cm_json_writer *w, const char *key,
                          const cm_registry *metrics, cm_metric metric)
{
    double counts[MAX_BUCKETS];
    size_t n_bounds = 0;
    const double *bounds = cm_registry_bounds(metrics, metric, &n_bounds);
    size_t n = cm_registry_buckets(metrics, metric, 0, counts, MAX_BUCKETS);
    CM_ASSERT(n <= MAX_BUCKETS);
    cm_json_begin_object(w, key);
    cm_json_begin_array(w, "bounds");
    for (size_t i = 0; i < n_bounds; i++) {
        cm_json_put_double(w, NULL, bounds[i]);
    }
    cm_json_end_array(w);
    cm_json_begin_array(w, "counts");
    for (size_t i = 0; i < n; i++) {
        cm_json_put_double(w, NULL, counts[i]);
    }
    cm_json_end_array(w);
    cm_json_put_double(w, "sum", cm_registry_sum(metrics, metric, 0));
    cm_json_end_object(w);
}

static void put_model(cm_json_writer *w, live_model *live)
{
    char reason[1024];
    served_model *model = live_model_acquire(live);
    if (model == NULL) {
        cm_json_put_null(w, "model");
    } else {
        cm_json_begin_object(w, "model");
        cm_json_put_text(w, "version", cm_bundle_version(model->bundle));
        cm_json_put_i64(w, "loaded", model->loaded);
        cm_json_end_object(w);
    }
    served_model_release(model);
    live_model_reason(live, reason);
    cm_json_put_text(w, "reason", reason);
}

void route_stats(server_thread *thread, const http_request *request,
                 http_reply *reply)
{
    (void)request;
    server *of = thread->server;
    const cm_registry *metrics = of->metrics;
    cm_json_writer writer = cm_json_writer_of(&reply->body, 0);
    cm_json_writer *w = &writer;
    cm_json_begin_object(w, NULL);
    cm_json_put_double(w, "uptime", cm_seconds() - of->started);
    cm_json_put_bool(w, "draining", atomic_load(&of->http.draining));
    put_requests(w, metrics);
    put_histogram(w, "latency", metrics, CM_METRIC_http_duration_highr);
    put_histogram(w, "probabilities", metrics, CM_METRIC_proba_hist);
    cm_json_put_double(w, "rows",
                       cm_registry_total(metrics, CM_METRIC_rows, 0));
    cm_json_put_double(
        w, "predict_requests",
        cm_registry_total(metrics, CM_METRIC_predict_requests, 0));
    cm_json_put_double(
        w, "rejected",
        cm_registry_total(metrics, CM_METRIC_rejected, CM_ALL_CHILDREN));
    cm_json_put_u64(w, "connections", atomic_load(&of->http.connections));
    put_model(w, of->live);
    cm_json_end_object(w);
    http_reply_header(reply, "Cache-Control", "no-store");
}
