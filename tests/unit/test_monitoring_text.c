/* What a scrape gets, to the byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "test_monitoring_registry.h"

#define TEXT       CM_EXPOSITION_TEXT
#define OPEN       CM_EXPOSITION_OPENMETRICS
#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect(const cm_registry *metrics, cm_exposition format,
                   const char *const *names, const char *expected)
{
    char *found = say(metrics, format, names);
    assert_string_equal(found == NULL ? "" : found, expected);
    free(found);
}

/* The test's registry: two requests, three probabilities. */
static cm_registry *used_registry(void)
{
    cm_registry *metrics = new_registry(2);
    cm_registry_shard *first = cm_registry_shard_of(metrics, 0);
    cm_registry_shard *second = cm_registry_shard_of(metrics, 1);
    cm_registry_answered(first,
                         &(cm_answered){PREDICT, POST, 200, .0625, 445, 58});
    cm_registry_answered(second,
                         &(cm_answered){PREDICT, POST, 204, .5, 555, 2});
    cm_registry_answered(second, &(cm_answered){NO_ROUTE, GET, 404, 64, 0, 22});
    cm_registry_predicted(first, (double[]){.25, .0625}, 2, 10);
    cm_registry_predicted(second, (double[]){.96875}, 1, 9);
    return metrics;
}

static void counters_and_their_labels(void **state)
{
    (void)state;
    cm_registry *metrics = used_registry();
    expect(metrics, TEXT, NAMES("http_requests_total"),
           "# HELP http_requests_total Requests by method, status and "
           "handler.\n"
           "# TYPE http_requests_total counter\n"
           "http_requests_total{method=\"GET\",status=\"4xx\","
           "handler=\"none\"} 1\n"
           "http_requests_total{method=\"POST\",status=\"2xx\","
           "handler=\"/predict/\"} 2\n");
    expect(metrics, OPEN, NAMES("http_requests_total"),
           "# HELP http_requests Requests by method, status and handler.\n"
           "# TYPE http_requests counter\n"
           "http_requests_total{method=\"GET\",status=\"4xx\","
           "handler=\"none\"} 1\n"
           "http_requests_total{method=\"POST\",status=\"2xx\","
           "handler=\"/predict/\"} 2\n"
           "# EOF\n");
    cm_registry_free(metrics);
}

static void histograms_are_cumulative(void **state)
{
    (void)state;
    cm_registry *metrics = used_registry();
    expect(metrics, TEXT, NAMES("http_request_duration_seconds"),
           "# HELP http_request_duration_seconds Time from a request's first "
           "byte to its answer.\n"
           "# TYPE http_request_duration_seconds histogram\n"
#define GET_NONE     "method=\"GET\",handler=\"none\""
#define POST_PREDICT "method=\"POST\",handler=\"/predict/\""
#define X            "http_request_duration_seconds"
           X "_bucket{" GET_NONE ",le=\"0.1\"} 0\n" X "_bucket{" GET_NONE
           ",le=\"0.5\"} 0\n" X "_bucket{" GET_NONE ",le=\"1.0\"} 0\n" X
           "_bucket{" GET_NONE ",le=\"+Inf\"} 1\n" X "_sum{" GET_NONE "} 64\n" X
           "_count{" GET_NONE "} 1\n" X "_bucket{" POST_PREDICT
           ",le=\"0.1\"} 1\n" X "_bucket{" POST_PREDICT ",le=\"0.5\"} 2\n" X
           "_bucket{" POST_PREDICT ",le=\"1.0\"} 2\n" X "_bucket{" POST_PREDICT
           ",le=\"+Inf\"} 2\n" X "_sum{" POST_PREDICT "} 0.5625\n" X
           "_count{" POST_PREDICT "} 2\n");
    expect(metrics, OPEN, NAMES("predicted_proba_hist"),
           "# HELP predicted_proba_hist Probabilities predicted.\n"
           "# TYPE predicted_proba_hist histogram\n"
           "predicted_proba_hist_bucket{le=\"0.05\"} 0\n"
           "predicted_proba_hist_bucket{le=\"0.1\"} 1\n"
           "predicted_proba_hist_bucket{le=\"0.25\"} 2\n"
           "predicted_proba_hist_bucket{le=\"0.5\"} 2\n"
           "predicted_proba_hist_bucket{le=\"0.75\"} 2\n"
           "predicted_proba_hist_bucket{le=\"0.9\"} 2\n"
           "predicted_proba_hist_bucket{le=\"0.95\"} 2\n"
           "predicted_proba_hist_bucket{le=\"+Inf\"} 3\n"
           "predicted_proba_hist_sum 1.28125\n"
           "predicted_proba_hist_count 3\n"
           "# EOF\n");
    cm_registry_free(metrics);
}

static void summaries_have_a_unit(void **state)
{
    (void)state;
    cm_registry *metrics = used_registry();
    expect(metrics, OPEN, NAMES("http_request_size_bytes"),
           "# HELP http_request_size_bytes Bytes of request bodies.\n"
           "# TYPE http_request_size_bytes summary\n"
           "# UNIT http_request_size_bytes bytes\n"
           "http_request_size_bytes_sum{handler=\"/predict/\"} 1000\n"
           "http_request_size_bytes_count{handler=\"/predict/\"} 2\n"
           "http_request_size_bytes_sum{handler=\"none\"} 0\n"
           "http_request_size_bytes_count{handler=\"none\"} 1\n"
           "# EOF\n");
    cm_registry_free(metrics);
}

static void what_never_counted(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(1);
    expect(metrics, TEXT,
           NAMES("http_requests_total", "predict_proba", "predicted_rows_total",
                 "predicted_proba_hist", "model_reloads_total", "model_info"),
           "# HELP http_requests_total Requests by method, status and "
           "handler.\n"
           "# TYPE http_requests_total counter\n"
           "# HELP predicted_rows_total Rows that got a probability.\n"
           "# TYPE predicted_rows_total counter\n"
           "predicted_rows_total 0\n"
           "# HELP predict_proba Probability of the last row predicted.\n"
           "# TYPE predict_proba gauge\n"
           "predict_proba 0\n"
           "# HELP predicted_proba_hist Probabilities predicted.\n"
           "# TYPE predicted_proba_hist histogram\n"
           "predicted_proba_hist_bucket{le=\"0.05\"} 0\n"
           "predicted_proba_hist_bucket{le=\"0.1\"} 0\n"
           "predicted_proba_hist_bucket{le=\"0.25\"} 0\n"
           "predicted_proba_hist_bucket{le=\"0.5\"} 0\n"
           "predicted_proba_hist_bucket{le=\"0.75\"} 0\n"
           "predicted_proba_hist_bucket{le=\"0.9\"} 0\n"
           "predicted_proba_hist_bucket{le=\"0.95\"} 0\n"
           "predicted_proba_hist_bucket{le=\"+Inf\"} 0\n"
           "predicted_proba_hist_sum 0\n"
           "predicted_proba_hist_count 0\n"
           "# HELP model_reloads_total Attempts to load a bundle.\n"
           "# TYPE model_reloads_total counter\n"
           "model_reloads_total{result=\"loaded\"} 0\n"
           "model_reloads_total{result=\"unchanged\"} 0\n"
           "model_reloads_total{result=\"refused\"} 0\n"
           "# HELP model_info The model that speaks.\n"
           "# TYPE model_info gauge\n");
    cm_registry_free(metrics);
}

static void info_labels_are_escaped(void **state)
{
    (void)state;
    static const char *const odd[] = {"a\"b\\c\nd", "\xff\xfe!\xc3", "",
                                      "\xce\xb1"};
    static const char *const plain[] = {"v1", "now", "100", "24"};
    cm_registry *metrics = new_registry(1);
    assert_int_equal(
        cm_registry_set_info(metrics, CM_METRIC_model_info, odd, NULL), CM_OK);
    expect(metrics, TEXT, NAMES("model_info"),
           "# HELP model_info The model that speaks.\n"
           "# TYPE model_info gauge\n"
           "model_info{version=\"a\\\"b\\\\c\\nd\","
           "created=\"\xef\xbf\xbd\xef\xbf\xbd!\xef\xbf\xbd\",trees=\"\","
           "features=\"\xce\xb1\"} 1\n");
    assert_int_equal(
        cm_registry_set_info(metrics, CM_METRIC_model_info, plain, NULL),
        CM_OK);
    expect(metrics, OPEN, NAMES("model_info"),
           "# HELP model The model that speaks.\n"
           "# TYPE model info\n"
           "model_info{version=\"v1\",created=\"now\",trees=\"100\","
           "features=\"24\"} 1\n"
           "# EOF\n");
    cm_registry_free(metrics);
}

static void names_pick_families_and_samples(void **state)
{
    (void)state;
    cm_registry *metrics = used_registry();
    expect(metrics, TEXT,
           NAMES("predicted_proba_hist_count", "http_requests",
                 "predict_proba_", "redict_proba", ""),
           "# HELP predicted_proba_hist Probabilities predicted.\n"
           "# TYPE predicted_proba_hist histogram\n"
           "predicted_proba_hist_count 3\n");
    expect(metrics, OPEN, NAMES("model_reloads"),
           "# HELP model_reloads Attempts to load a bundle.\n"
           "# TYPE model_reloads counter\n"
           "model_reloads_total{result=\"loaded\"} 0\n"
           "model_reloads_total{result=\"unchanged\"} 0\n"
           "model_reloads_total{result=\"refused\"} 0\n"
           "# EOF\n");
    expect(metrics, TEXT, NAMES("nothing"), "");
    expect(metrics, OPEN, NAMES("nothing"), "# EOF\n");
    cm_registry_free(metrics);
}

static void numbers_that_are_not_finite(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(1);
    cm_registry_shard *shard = cm_registry_shard_of(metrics, 0);
    cm_registry_observe(shard, CM_METRIC_http_response_size, INFER, INFINITY);
    cm_registry_observe(shard, CM_METRIC_proba_hist, 0, NAN);
    cm_registry_set(metrics, CM_METRIC_connections, 0, -INFINITY);
    expect(metrics, TEXT,
           NAMES("http_response_size_bytes_sum", "predicted_proba_hist_sum",
                 "open_connections"),
           "# HELP http_response_size_bytes Bytes of answer bodies.\n"
           "# TYPE http_response_size_bytes summary\n"
           "http_response_size_bytes_sum"
           "{handler=\"/v2/models/{model}/infer\"} +Inf\n"
           "# HELP predicted_proba_hist Probabilities predicted.\n"
           "# TYPE predicted_proba_hist histogram\n"
           "predicted_proba_hist_sum NaN\n"
           "# HELP open_connections Connections open now.\n"
           "# TYPE open_connections gauge\n"
           "open_connections -Inf\n");
    cm_registry_free(metrics);
}

/* Behind what the buffer holds already, every family once. */
static void everything_is_appended(void **state)
{
    (void)state;
    cm_registry *metrics = used_registry();
    cm_buf out = {0};
    cm_buf_adds(&out, "before\n");
    cm_registry_format(metrics, TEXT, NULL, 0, &out);
    assert_memory_equal(out.p, "before\n# HELP http_requests_total ", 34);
    size_t n_types = 0;
    for (const char *p = out.p; (p = strstr(p, "\n# TYPE ")) != NULL; p++) {
        n_types++;
    }
    assert_int_equal(n_types, CM_N_METRICS);
    assert_int_equal(out.p[out.n - 1], '\n');
    cm_buf_release(&out);
    cm_registry_free(metrics);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_and_their_labels),
        cmocka_unit_test(histograms_are_cumulative),
        cmocka_unit_test(summaries_have_a_unit),
        cmocka_unit_test(what_never_counted),
        cmocka_unit_test(info_labels_are_escaped),
        cmocka_unit_test(names_pick_families_and_samples),
        cmocka_unit_test(numbers_that_are_not_finite),
        cmocka_unit_test(everything_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
