/* Recording: the right child and bucket, and nothing lost between threads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "test_monitoring_registry.h"

enum { N_THREADS = 3, N_RECORDS = 20000 };

static size_t slow_bucket(const double *bounds, size_t n, double value)
{
    size_t i = 0;
    while (i < n && !(value <= bounds[i])) {
        i++;
    }
    return i;
}

static void buckets_are_found(void **state)
{
    (void)state;
    double bounds[33];
    for (size_t n = 0; n <= 33; n++) {
        for (size_t i = 0; i < n; i++) {
            bounds[i] = (double)i;
        }
        for (double value = -1.5; value < 35; value += .5) {
            assert_int_equal(cm_bucket_of(bounds, n, value),
                             slow_bucket(bounds, n, value));
        }
        assert_int_equal(cm_bucket_of(bounds, n, NAN), n);
        assert_int_equal(cm_bucket_of(bounds, n, INFINITY), n);
        assert_int_equal(cm_bucket_of(bounds, n, -INFINITY), 0);
    }
}

/* Every combination of labels is a child of its own. */
static void children_are_apart(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(1);
    bool taken[N_HANDLERS * N_METHODS * CM_N_STATUSES] = {false};
    for (size_t h = 0; h < N_HANDLERS; h++) {
        for (size_t m = 0; m < N_METHODS; m++) {
            for (unsigned s = 100; s < 600; s += 100) {
                size_t child = cm_registry_child(
                    metrics, CM_METRIC_http_requests, h, m, s + 23);
                assert_true(child < sizeof taken);
                assert_false(taken[child]);
                taken[child] = true;
            }
        }
        assert_int_equal(
            cm_registry_child(metrics, CM_METRIC_http_request_size, h, 1, 404),
            h);
    }
    assert_int_equal(cm_registry_child(metrics, CM_METRIC_rows, 2, 1, 500), 0);
    cm_registry_free(metrics);
}

static void odd_statuses_are_server_errors(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(1);
    size_t expected =
        cm_registry_child(metrics, CM_METRIC_http_requests, 0, 0, 500);
    static const unsigned odd[] = {0, 99, 600, 999, 0xffffffffu};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(
            cm_registry_child(metrics, CM_METRIC_http_requests, 0, 0, odd[i]),
            expected);
    }
    cm_registry_free(metrics);
}

static void shards_share_no_line(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(2);
    for (size_t i = 0; i < 2; i++) {
        cm_registry_shard *shard = cm_registry_shard_of(metrics, i);
        assert_int_equal((uintptr_t)shard % CM_CACHE_LINE, 0);
        assert_int_equal((uintptr_t)shard->slots % CM_CACHE_LINE, 0);
    }
    cm_registry_free(metrics);
}

static void totals(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(2);
    cm_registry_shard *a = cm_registry_shard_of(metrics, 0);
    cm_registry_shard *b = cm_registry_shard_of(metrics, 1);
    cm_registry_answered(a, &(cm_answered){PREDICT, POST, 200, .25, 10, 20});
    cm_registry_answered(b, &(cm_answered){PREDICT, POST, 422, .5, 30, 40});
    cm_registry_answered(b, &(cm_answered){INFER, GET, 405, 2, 0, 5});
    size_t ok =
        cm_registry_child(metrics, CM_METRIC_http_requests, PREDICT, POST, 200);
    assert_true(cm_registry_total(metrics, CM_METRIC_http_requests, ok) == 1);
    assert_true(cm_registry_total(metrics, CM_METRIC_http_requests,
                                  CM_ALL_CHILDREN) == 3);
    assert_true(cm_registry_total(metrics, CM_METRIC_http_duration,
                                  CM_ALL_CHILDREN) == 3);
    assert_true(cm_registry_sum(metrics, CM_METRIC_http_duration,
                                CM_ALL_CHILDREN) == 2.75);
    assert_true(
        cm_registry_sum(metrics, CM_METRIC_http_response_size, PREDICT) == 60);
    double counts[4] = {0};
    size_t n = 0;
    assert_int_equal(cm_registry_buckets(metrics, CM_METRIC_http_duration,
                                         CM_ALL_CHILDREN, counts, 4),
                     4);
    assert_true(counts[0] == 0 && counts[1] == 2 && counts[2] == 0 &&
                counts[3] == 1);
    assert_int_equal(
        cm_registry_buckets(metrics, CM_METRIC_proba_hist, 0, counts, 1), 8);
    const double *bounds =
        cm_registry_bounds(metrics, CM_METRIC_http_duration, &n);
    assert_int_equal(n, 3);
    assert_true(bounds[0] == .1 && bounds[1] == .5 && bounds[2] == 1);
    cm_registry_free(metrics);
}

static double value_of(const cm_registry *metrics, cm_metric metric)
{
    return cm_registry_total(metrics, metric, 0);
}

static void gauges_add_up_or_are_the_last(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(2);
    cm_registry_shard *a = cm_registry_shard_of(metrics, 0);
    cm_registry_shard *b = cm_registry_shard_of(metrics, 1);
    cm_registry_add(a, CM_METRIC_connections, 0, 5);
    cm_registry_add(b, CM_METRIC_connections, 0, 3);
    cm_registry_add(a, CM_METRIC_connections, 0, -4);
    assert_true(value_of(metrics, CM_METRIC_connections) == 4);
    cm_registry_set(metrics, CM_METRIC_model_loaded, 0, 17);
    cm_registry_set(metrics, CM_METRIC_model_loaded, 0, 18);
    assert_true(value_of(metrics, CM_METRIC_model_loaded) == 18);

    assert_true(value_of(metrics, CM_METRIC_predict_proba) == 0);
    cm_registry_predicted(a, (double[]){.1, .2}, 2, 100);
    cm_registry_predicted(b, (double[]){.3}, 1, 100.5);
    cm_registry_predicted(b, NULL, 0, 102);
    assert_true(value_of(metrics, CM_METRIC_predict_proba) == .3);
    cm_registry_predicted(a, (double[]){.4}, 1, 101);
    assert_true(value_of(metrics, CM_METRIC_predict_proba) == .4);
    assert_true(value_of(metrics, CM_METRIC_predicted_proba) == .4);
    assert_true(value_of(metrics, CM_METRIC_rows) == 4);
    cm_registry_free(metrics);
}

/* The enums of metrics.h have the order of the table's values. */
static void own_labels_are_in_order(void **state)
{
    (void)state;
    static const char *const names[] = {"rejected_requests_total",
                                        "model_reloads_total", NULL};
    static const struct {
        cm_metric metric;
        size_t child;
        const char *sample;
    } cases[] = {
        {CM_METRIC_rejected, CM_REJECTED_QUEUE, "{reason=\"queue\"} 1\n"},
        {CM_METRIC_rejected, CM_REJECTED_CONNECTIONS,
         "{reason=\"connections\"} 1\n"},
        {CM_METRIC_rejected, CM_REJECTED_ADDRESS, "{reason=\"address\"} 1\n"},
        {CM_METRIC_rejected, CM_REJECTED_MEMORY, "{reason=\"memory\"} 1\n"},
        {CM_METRIC_rejected, CM_REJECTED_TIMEOUT, "{reason=\"timeout\"} 1\n"},
        {CM_METRIC_rejected, CM_REJECTED_SIZE, "{reason=\"size\"} 1\n"},
        {CM_METRIC_model_reloads, CM_RELOAD_LOADED, "{result=\"loaded\"} 1\n"},
        {CM_METRIC_model_reloads, CM_RELOAD_UNCHANGED,
         "{result=\"unchanged\"} 1\n"},
        {CM_METRIC_model_reloads, CM_RELOAD_REFUSED,
         "{result=\"refused\"} 1\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cm_registry *metrics = new_registry(1);
        cm_registry_count(metrics, cases[i].metric, cases[i].child, 1);
        char *text = say(metrics, CM_EXPOSITION_TEXT, names);
        assert_non_null(strstr(text, cases[i].sample));
        free(text);
        cm_registry_free(metrics);
    }
}

/* ---- threads --------------------------------------------------------------
 */

typedef struct recorder {
    cm_registry *metrics;
    size_t index;
    atomic_int *running;
} recorder;

static void *record(void *context)
{
    recorder *self = context;
    cm_registry_shard *shard = cm_registry_shard_of(self->metrics, self->index);
    for (size_t i = 0; i < N_RECORDS; i++) {
        double p = (double)(i % 8) / 8;
        cm_registry_answered(
            shard, &(cm_answered){i % N_HANDLERS, POST, 200, p, i % 10, 1});
        cm_registry_predicted(shard, &p, 1, (double)i);
        cm_registry_count(self->metrics, CM_METRIC_model_reloads,
                          CM_RELOAD_LOADED, 1);
    }
    atomic_fetch_sub(self->running, 1);
    return NULL;
}

/* The number behind a sample in a text. */
static double number_in(const char *text, const char *sample)
{
    const char *p = strstr(text, sample);
    assert_non_null(p);
    return strtod(p + strlen(sample), NULL);
}

/* One scrape while others record: never less than the last one. */
static void scrape(cm_registry *metrics, double *last)
{
    static const char *const names[] = {
        "predicted_rows_total", "predicted_proba_hist", "model_info", NULL};
    static const char *const values[] = {"v", "c", "1", "2"};
    assert_int_equal(
        cm_registry_set_info(metrics, CM_METRIC_model_info, values, NULL),
        CM_OK);
    char *text = say(metrics, CM_EXPOSITION_TEXT, names);
    double rows = number_in(text, "\npredicted_rows_total ");
    double count = number_in(text, "\npredicted_proba_hist_count ");
    assert_true(rows >= *last && rows <= N_THREADS * N_RECORDS);
    assert_true(count == number_in(text, "{le=\"+Inf\"} "));
    assert_non_null(strstr(text, "{version=\"v\",created=\"c\","));
    *last = rows;
    free(text);
}

static void nothing_is_lost(void **state)
{
    (void)state;
    cm_registry *metrics = new_registry(N_THREADS);
    pthread_t threads[N_THREADS];
    recorder recorders[N_THREADS];
    atomic_int running = N_THREADS;
    for (size_t i = 0; i < N_THREADS; i++) {
        recorders[i] = (recorder){metrics, i, &running};
        assert_int_equal(
            pthread_create(&threads[i], NULL, record, &recorders[i]), 0);
    }
    double last = 0;
    do {
        scrape(metrics, &last);
    } while (atomic_load(&running) > 0);
    for (size_t i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    double n = N_THREADS * (double)N_RECORDS;
    assert_true(value_of(metrics, CM_METRIC_rows) == n);
    assert_true(value_of(metrics, CM_METRIC_proba_hist) == n);
    assert_true(cm_registry_sum(metrics, CM_METRIC_proba_hist, 0) ==
                n * 3.5 / 8);
    assert_true(cm_registry_total(metrics, CM_METRIC_http_requests,
                                  CM_ALL_CHILDREN) == n);
    assert_true(cm_registry_sum(metrics, CM_METRIC_http_request_size,
                                CM_ALL_CHILDREN) == n * 4.5);
    assert_true(cm_registry_total(metrics, CM_METRIC_model_reloads,
                                  CM_RELOAD_LOADED) == n);
    assert_true(value_of(metrics, CM_METRIC_predict_proba) ==
                (N_RECORDS - 1) % 8 / 8.);
    cm_registry_free(metrics);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_found),
        cmocka_unit_test(children_are_apart),
        cmocka_unit_test(odd_statuses_are_server_errors),
        cmocka_unit_test(shards_share_no_line),
        cmocka_unit_test(totals),
        cmocka_unit_test(gauges_add_up_or_are_the_last),
        cmocka_unit_test(own_labels_are_in_order),
        cmocka_unit_test(nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
