/* What a server records of a request, in one place. */
#include "monitoring/metrics.h"

static size_t child_of(const cm_registry_shard *shard, cm_metric metric,
                       const cm_answered *request)
{
    return cm_place_child(&shard->places[metric], request->handler,
                          request->method, request->status);
}

void cm_registry_answered(cm_registry_shard *shard, const cm_answered *request)
{
    size_t of_request = child_of(shard, CM_METRIC_http_requests, request);
    size_t of_route = child_of(shard, CM_METRIC_http_duration, request);
    CM_ASSERT(of_request < shard->places[CM_METRIC_http_requests].n_children);
    CM_ASSERT(request->handler <
              shard->places[CM_METRIC_http_request_size].n_children);
    cm_registry_add(shard, CM_METRIC_http_requests, of_request, 1);
    cm_registry_observe(shard, CM_METRIC_http_duration, of_route,
                        request->seconds);
    cm_registry_observe(shard, CM_METRIC_http_duration_highr, 0,
                        request->seconds);
    cm_registry_observe(shard, CM_METRIC_http_request_size, request->handler,
                        (double)request->request_bytes);
    cm_registry_observe(shard, CM_METRIC_http_response_size, request->handler,
                        (double)request->response_bytes);
}

void cm_registry_predicted(cm_registry_shard *shard,
                           const double *probabilities, size_t n, double when)
{
    if (n == 0) {
        return;
    }
    cm_registry_add(shard, CM_METRIC_rows, 0, (double)n);
    for (size_t i = 0; i < n; i++) {
        cm_registry_observe(shard, CM_METRIC_proba_hist, 0, probabilities[i]);
    }
    double last = probabilities[n - 1];
    cm_registry_set_last(shard, CM_METRIC_predict_proba, last, when);
    cm_registry_set_last(shard, CM_METRIC_predicted_proba, last, when);
}
