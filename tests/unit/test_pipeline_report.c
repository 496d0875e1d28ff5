/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Reports of logs that are too small to tell much, and without memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/generate.h"
#include "pipeline/report_data.h"
#include "pipeline/train.h"
#include "score/score.h"
#include "test_base_folder.h"
#include "test_base_until_success.h"

enum { ROWS = 60, MAX_FAULTS = 3000 };

static cm_error err;
static const char *const counts[] = {"device_ip_count", "hour_of_day"};
static const char *const features[] = {"site_id", "hour_of_day", "C14"};
static const char *const shown[] = {"site_category", "no_such_column"};

/* What a report needs of a training. */
typedef struct trained {
    cm_dataset *dataset;
    cm_bundle *bundle;
    cm_split split;
    cm_feature_codes *codes;
    double *probabilities;
    cm_metrics metrics;
} trained;

static cm_train_job job_of(const char *log, const char *root)
{
    cm_train_job job = {.dataset = {.input = log,
                                    .schema = "avazu",
                                    .require_target = true,
                                    .n_threads = 1},
                        .features = {.val_size = .3,
                                     .split_seed = 1,
                                     .spec = {counts, 2, features, 3},
                                     .n_threads = 1},
                        .fit = {.border_count = 16, .class_names = {"0", "1"}},
                        .place = {.root = root,
                                  .model_file = "m.json",
                                  .counts_file = "a.cmt",
                                  .ctr_file = "b.cmt",
                                  .metrics_file = "metrics.json"},
                        .config_json = "{}"};
    cm_train_options_init(&job.fit.train);
    job.fit.train.iterations = 3;
    job.fit.train.depth = 2;
    job.fit.train.n_threads = 1;
    return job;
}

static void train(trained *out, void **state, const char *log)
{
    char root[1024];
    cm_train_result result;
    cm_make_dataset_report read;
    snprintf(root, sizeof root, "%s", path_in(state, "models"));
    const cm_train_job job = job_of(log, root);
    *out = (trained){0};
    assert_int_equal(cm_train_pipeline(&result, &job, &err), CM_OK);
    cm_fit_report_release(&result.fit);
    out->metrics = result.metrics;
    assert_int_equal(cm_bundle_load(&out->bundle, root, &err), CM_OK);
    assert_int_equal(cm_make_dataset(&out->dataset, &read, &job.dataset, &err),
                     CM_OK);
    assert_int_equal(
        cm_split_dataset(&out->split, out->dataset, &job.features, &err),
        CM_OK);
    assert_int_equal(cm_feature_codes_new(&out->codes,
                                          cm_bundle_plan(out->bundle),
                                          out->dataset, 1, &err),
                     CM_OK);
    out->probabilities = calloc(out->split.n_val, sizeof(double));
    assert_int_equal(cm_score_codes(cm_bundle_model(out->bundle), out->codes,
                                    out->split.val, out->split.n_val, 1,
                                    out->probabilities, &err),
                     CM_OK);
}

static void trained_release(trained *t)
{
    free(t->probabilities);
    cm_feature_codes_free(t->codes);
    cm_split_release(&t->split);
    cm_bundle_free(t->bundle);
    cm_dataset_free(t->dataset);
}

static cm_report_source source_of(const trained *t)
{
    return (cm_report_source){.dataset = t->dataset,
                              .split = &t->split,
                              .codes = t->codes,
                              .model = cm_bundle_model(t->bundle),
                              .probabilities = t->probabilities,
                              .metrics = &t->metrics,
                              .input = "folder/log.csv",
                              .version = "0123",
                              .created = "2014-10-21T00:00:00Z"};
}

static const char *generated(void **state)
{
    const char *path = path_in(state, "log.csv");
    cm_generate_report made;
    const cm_generate_options options = {
        .rows = ROWS, .seed = 1, .output = path, .n_threads = 1};
    assert_int_equal(cm_generate(&made, &options, &err), CM_OK);
    return strdup(path);
}

/* The same log without a click in its later half. */
static const char *without_late_clicks(void **state)
{
    cm_buf log = {0};
    const char *from = generated(state);
    int row = 0;
    assert_int_equal(cm_read_file(&log, from, 1 << 20, &err), CM_OK);
    for (char *p = log.p;
         (p = memchr(p, '\n', (size_t)(log.p + log.n - p))) != NULL;) {
        if (++p == log.p + log.n) {
            break;
        }
        p = strchr(p, ',') + 1;
        *p = row++ < ROWS / 2 ? *p : '0';
    }
    free((char *)from);
    const char *path = path_in(state, "none.csv");
    assert_int_equal(cm_write_file(path, (cm_str){log.p, log.n}, &err), CM_OK);
    cm_buf_release(&log);
    return strdup(path);
}

static void report_is_written(void **state, const char *log, const char *name)
{
    trained t;
    char folder[1024], page[1200];
    cm_buf text = {0};
    snprintf(folder, sizeof folder, "%s", path_in(state, name));
    snprintf(page, sizeof page, "%s/index.html", folder);
    const cm_report_options options = {
        .folder = folder, .groups = shown, .n_groups = 2, .n_threads = 1};
    train(&t, state, log);
    const cm_report_source source = source_of(&t);
    assert_int_equal(cm_write_report(&source, &options, &err), CM_OK);
    assert_int_equal(cm_read_file(&text, page, 1 << 24, &err), CM_OK);
    cm_buf_addc(&text, '\0');
    assert_non_null(strstr(text.p, "rows of log.csv"));
    assert_null(strstr(text.p, "nan"));
    cm_buf_release(&text);
    trained_release(&t);
    free((char *)log);
}

static void test_small_log(void **state)
{
    report_is_written(state, generated(state), "small");
}

static void test_no_click_validates(void **state)
{
    report_is_written(state, without_late_clicks(state), "none");
}

static void test_numbers(void **state)
{
    trained t;
    report_data data;
    const char *log = generated(state);
    const cm_report_options options = {
        .groups = shown, .n_groups = 2, .n_threads = 1};
    train(&t, state, log);
    const cm_report_source source = source_of(&t);
    assert_int_equal(report_data_init(&data, &source, &options, &err), CM_OK);
    assert_int_equal(data.n_groups, 1);
    assert_int_equal(data.hours.values.n, 24);
    double rows = 0;
    for (size_t i = 0; i < 24; i++) {
        rows += data.hours.values.rows[i];
    }
    assert_true(rows == (double)t.split.n_val);
    assert_int_equal(data.learning.n, 3);
    assert_true(fabs(data.learning.y[2] - t.metrics.log_loss) < 1e-12);
    assert_int_equal(data.n_swarm, 3);
    assert_int_equal(data.swarm.n, 3 * t.split.n_val);
    report_data_release(&data);
    trained_release(&t);
    free((char *)log);
}

static trained *faulty_training;

static cm_status numbers(void **state)
{
    report_data data = {0};
    const cm_report_options options = {
        .groups = shown, .n_groups = 2, .n_threads = 1};
    const cm_report_source source = source_of(faulty_training);
    (void)state;
    cm_status status = report_data_init(&data, &source, &options, &err);
    report_data_release(&data);
    return status;
}

static void test_every_allocation_may_fail(void **state)
{
    trained t;
    const char *log = generated(state);
    train(&t, state, log);
    faulty_training = &t;
    until_success_within(numbers, state, MAX_FAULTS);
    trained_release(&t);
    free((char *)log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_log),
        cmocka_unit_test(test_no_click_validates),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
