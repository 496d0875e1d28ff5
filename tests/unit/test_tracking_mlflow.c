/* What is said to an MLflow server, where none is needed: addresses, names,
 * requests within its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tracking/artifacts.h"

static cm_error err;

/* ---- the connection ----------------------------------------------------- */

static void check_open(const cm_tracking_server *server, const char *base,
                       const char *authorization)
{
    mlflow m;
    assert_int_equal(mlflow_open(&m, server, 0, &err), CM_OK);
    assert_string_equal(m.base, base);
    if (authorization == NULL) {
        assert_null(m.authorization);
    } else {
        assert_string_equal(m.authorization, authorization);
    }
    mlflow_close(&m);
}

static void test_addresses(void **state)
{
    (void)state;
    check_open(&(cm_tracking_server){.uri = "http://h:5000/"}, "http://h:5000",
               NULL);
    check_open(&(cm_tracking_server){.uri = "https://h/prefix//"},
               "https://h/prefix", NULL);
    check_open(&(cm_tracking_server){.uri = "http://me:p%40ss@h/x"},
               "http://h/x", "Basic bWU6cEBzcw==");
    check_open(&(cm_tracking_server){.uri = "http://h",
                                     .username = "me",
                                     .password = "pass",
                                     .token = "unused"},
               "http://h", "Basic bWU6cGFzcw==");
    check_open(&(cm_tracking_server){.uri = "http://a:b@h", .token = "t0k"},
               "http://h", "Bearer t0k");
}

static void test_bad_addresses(void **state)
{
    (void)state;
    const cm_tracking_server servers[] = {
        {.uri = NULL},           {.uri = "sqlite:///secret.db"},
        {.uri = "./mlruns"},     {.uri = "http://h?secret=1"},
        {.uri = "http://h\r\n"}, {.uri = "http://h", .token = "secret\n"}};
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        mlflow m;
        assert_int_equal(mlflow_open(&m, &servers[i], 0, &err), CM_ERR_USAGE);
        assert_null(strstr(err.message, "secret"));
        mlflow_close(&m);
    }
}

static void check_proxy(const char *base, const char *uri, const char *expected)
{
    mlflow m = {.base = base};
    cm_buf url = {0};
    if (expected == NULL) {
        assert_false(proxy_url(&m, uri, "artifacts", &url));
    } else {
        assert_true(proxy_url(&m, uri, "artifacts", &url));
        assert_string_equal(url.p, expected);
    }
    cm_buf_release(&url);
}

static void test_proxies(void **state)
{
    (void)state;
    check_proxy("http://h:1/p", "mlflow-artifacts:/1/a b/artifacts",
                "http://h:1/p/api/2.0/mlflow-artifacts/artifacts/1/a%20b/"
                "artifacts");
    check_proxy("http://h:1", "mlflow-artifacts:///1/x",
                "http://h:1/api/2.0/mlflow-artifacts/artifacts/1/x");
    check_proxy("https://h:1/p", "mlflow-artifacts://other:2/1/x",
                "https://other:2/p/api/2.0/mlflow-artifacts/artifacts/1/x");
    check_proxy("http://h", "s3://bucket/1", NULL);
    check_proxy("http://h", "/folder", NULL);
}

static void test_bad_models(void **state)
{
    (void)state;
    const char *const uris[] = {"models:/",   "models:/x",   "models:/x@",
                                "models:/@x", "models:/x/",  "runs:/abc",
                                "runs:/abc/", "models:///@", "runs:/"};
    const cm_tracking_server server = {.uri = "http://127.0.0.1:9"};
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        cm_model_place place;
        assert_true(cm_is_model_uri(uris[i]));
        assert_int_equal(
            cm_model_uri_resolve(&place, &server, uris[i], 0, &err),
            CM_ERR_USAGE);
        cm_model_place_release(&place);
    }
    assert_false(cm_is_model_uri("s3://b/models@x"));
    assert_false(cm_is_model_uri("models/x"));
}

/* ---- batches ------------------------------------------------------------ */

enum { N_METRICS = 2500, N_PAIRS = 230 };

typedef struct texts {
    cm_run_metric metrics[N_METRICS];
    cm_run_pair params[N_PAIRS], tags[N_PAIRS];
    char keys[N_PAIRS][16];
} texts;

static void fill(texts *t, const char *value)
{
    for (size_t i = 0; i < N_METRICS; i++) {
        t->metrics[i] = (cm_run_metric){i % 2 == 0 ? "a" : "b", (double)i,
                                        (int64_t)i, 1700000000000};
    }
    for (size_t i = 0; i < N_PAIRS; i++) {
        (void)snprintf(t->keys[i], sizeof t->keys[i], "k%zu", i);
        t->params[i] = t->tags[i] = (cm_run_pair){t->keys[i], value};
    }
}

static size_t count(const json_t *json, const char *key)
{
    return json_array_size(json_object_get(json, key));
}

/* Sends all of it into nowhere; returns the number of requests. */
static size_t send_batches(const cm_run_record *record)
{
    mlflow_cursor at = {0, 0, 0};
    size_t n = 0, metrics = 0, params = 0, tags = 0;
    while (!mlflow_batch_is_over(record, &at)) {
        json_t *json = NULL;
        cm_buf body = {0};
        mlflow_batch(&body, record, "run", &at);
        assert_int_equal(cm_buf_check(&body, &err), CM_OK);
        assert_true(body.n <= 1000000);
        assert_int_equal(
            cm_json_parse(&json, (cm_str){body.p, body.n}, "body", &err),
            CM_OK);
        size_t m = count(json, "metrics"), p = count(json, "params"),
               t = count(json, "tags");
        assert_true(m <= 1000 && p <= 100 && t <= 100 && m + p + t <= 1000);
        assert_true(m + p + t > 0);
        metrics += m;
        params += p;
        tags += t;
        n++;
        json_decref(json);
        cm_buf_release(&body);
    }
    assert_int_equal(metrics, record->n_metrics);
    assert_int_equal(params, record->n_params);
    assert_int_equal(tags, record->n_tags);
    return n;
}

static void test_batches(void **state)
{
    (void)state;
    texts *t = cm_alloc_zero(1, sizeof *t, &err);
    char *large = cm_alloc_zero(6001, 1, &err);
    assert_non_null(t);
    assert_non_null(large);
    cm_run_record record = {.metrics = t->metrics,
                            .n_metrics = N_METRICS,
                            .params = t->params,
                            .n_params = N_PAIRS,
                            .tags = t->tags,
                            .n_tags = N_PAIRS};
    fill(t, "value");
    assert_int_equal(send_batches(&record), 3);
    memset(large, '\x01', 6000); /* six bytes each as JSON */
    fill(t, large);
    assert_true(send_batches(&record) > 3);
    record = (cm_run_record){.n_metrics = 0};
    assert_int_equal(send_batches(&record), 0);
    free(large);
    free(t);
}

static void test_numbers(void **state)
{
    (void)state;
    const double infinity = strtod("inf", NULL), nan = strtod("nan", NULL);
    cm_run_metric metrics[] = {{"n", nan, 0, 1},
                               {"i", infinity, 0, 1},
                               {"i", -infinity, 1, 1},
                               {"x", 0.1, -3, 1}};
    cm_run_record record = {.metrics = metrics, .n_metrics = 4};
    mlflow_cursor at = {0, 0, 0};
    cm_buf body = {0};
    mlflow_batch(&body, &record, "r", &at);
    assert_string_equal(
        body.p,
        "{\"run_id\":\"r\",\"params\":[],\"tags\":[],\"metrics\":["
        "{\"key\":\"n\",\"value\":\"NaN\",\"timestamp\":1,\"step\":0},"
        "{\"key\":\"i\",\"value\":\"Infinity\",\"timestamp\":1,\"step\":0},"
        "{\"key\":\"i\",\"value\":\"-Infinity\",\"timestamp\":1,\"step\":1},"
        "{\"key\":\"x\",\"value\":0.1,\"timestamp\":1,\"step\":-3}]}");
    cm_buf_clear(&body);
    mlflow_model_batch(&body, &record, "r", "m-1");
    assert_string_equal(
        body.p,
        "{\"run_id\":\"r\",\"metrics\":["
        "{\"key\":\"x\",\"value\":0.1,\"timestamp\":1,\"step\":-3,"
        "\"model_id\":\"m-1\"},"
        "{\"key\":\"i\",\"value\":\"-Infinity\",\"timestamp\":1,\"step\":1,"
        "\"model_id\":\"m-1\"},"
        "{\"key\":\"n\",\"value\":\"NaN\",\"timestamp\":1,\"step\":0,"
        "\"model_id\":\"m-1\"}]}");
    cm_buf_release(&body);
}

/* ---- refusals ----------------------------------------------------------- */

static void test_refusals(void **state)
{
    (void)state;
    const mlflow m = {.base = "http://h"};
    const mlflow_call call = {.method = "GET", .path = "2.0/x?secret=1"};
    mlflow_answer answer = {.status = 404,
                            .code = "RESOURCE_DOES_NOT_EXIST",
                            .words = "no \x1b[31mrun\nsecond line"};
    assert_int_equal(mlflow_fail(&m, &call, &answer, &err), CM_ERR_DATA);
    assert_string_equal(err.message,
                        "http://h: GET 2.0/x: RESOURCE_DOES_NOT_EXIST (HTTP "
                        "404, \"no  [31mrun\")");
    answer = (mlflow_answer){.status = 401, .code = "", .words = ""};
    assert_int_equal(mlflow_fail(&m, &call, &answer, &err), CM_ERR_IO);
    assert_non_null(strstr(err.message, "MLFLOW_TRACKING_TOKEN"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_bad_addresses),
        cmocka_unit_test(test_proxies),   cmocka_unit_test(test_bad_models),
        cmocka_unit_test(test_batches),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
