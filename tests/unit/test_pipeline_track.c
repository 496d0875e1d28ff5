/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* A training told to the store: nothing that goes wrong there is an error of
 * the training, and what is there is readable. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "pipeline/track.h"
#include "test_base_faults.h"
#include "test_base_folder.h"
#include "tracking/logged_model.h"

enum { MAX_FAULTS = 3000 };

static cm_error err;

static const char *const columns[] = {"site_id", "it's \"C1\""};
static double example[] = {0.5, 1, NAN, 2};
static char schema[] = "{\"mlflow_colspec\":[]}";
static char root[600], store[600];

static const cm_run_pair params[] = {{"train_params.depth", "6"},
                                     {"train_params.learning_rate", "auto"}};
static const cm_run_pair resolved[] = {{"train_params.learning_rate", "0.05"}};

static cm_track_options options(void)
{
    return (cm_track_options){.store = store,
                              .experiment = "e",
                              .name = "",
                              .command = "clickmill train",
                              .params = params,
                              .n_params = 2,
                              .config = CM_STR("depth: 6\n"),
                              .lock_file = "no such file"};
}

static cm_train_job job(void)
{
    return (cm_train_job){
        .dataset = {.input = "data/log.csv"},
        .features = {.spec = {.ctr_features = columns, .n_ctr = 2}},
        .place = {.root = root,
                  .model_file = "m.json",
                  .metrics_file = "metrics.json"},
        .report = {.folder = root}};
}

static cm_train_result result(void)
{
    return (cm_train_result){.n_train = 8,
                             .n_val = 2,
                             .metrics = {.log_loss = 0.25},
                             .facts = {.digest = "00ff",
                                       .train_digest = "01",
                                       .val_digest = "02",
                                       .n_columns = 3,
                                       .schema = schema,
                                       .example = example,
                                       .n_examples = 2},
                             .version = "v1"};
}

/* Begin, two trees, end; the run's id, or "" when it was not kept. */
static void track(char id[CM_RUN_ID_TEXT], cm_status how)
{
    cm_track_options what = options();
    cm_train_job trained = job();
    cm_train_result gave = result();
    cm_error failure = {CM_ERR_DATA, "no rows"};
    cm_track *tracked = cm_track_begin(&what, &trained);
    if (trained.fit.observer.seen != NULL) {
        cm_curve_point point = {1, 0.5, NAN, NAN, NAN, NAN};
        trained.fit.observer.seen(trained.fit.observer.context, &point);
        point = (cm_curve_point){2, 0.4, 0.9, 0.45, 0.95, 0.7};
        trained.fit.observer.seen(trained.fit.observer.context, &point);
    }
    cm_track_ending ending = {
        how, how == CM_OK ? NULL : &failure, &trained, &gave, resolved, 1};
    cm_track_end(tracked, &ending);
    const char *kept = cm_track_run_id(tracked);
    (void)snprintf(id, CM_RUN_ID_TEXT, "%s", kept != NULL ? kept : "");
    cm_track_free(tracked);
}

static const char *tag_of(const cm_run_record *record, const char *key)
{
    for (size_t i = 0; i < record->n_tags; i++) {
        if (strcmp(record->tags[i].key, key) == 0) {
            return record->tags[i].value;
        }
    }
    return "";
}

static void check_whole(const char *id)
{
    cm_run_record record;
    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_int_equal(record.status, CM_RUN_FINISHED);
    assert_int_equal(record.n_params, 2);
    assert_string_equal(record.params[1].value, "0.05");
    assert_string_equal(tag_of(&record, "clickmill.dataset"), "00ff");
    assert_string_equal(tag_of(&record, "clickmill.bundle_version"), "v1");
    assert_string_equal(record.metrics[0].key, "train_log_loss");
    assert_int_equal(record.metrics[5].step, 2);
    assert_string_equal(record.metrics[5].key, "validation_roc_auc");
    assert_int_equal(record.n_datasets, 2);
    assert_string_equal(record.datasets[1].digest, "02");
    assert_string_equal(record.datasets[1].name, "log.csv");
    assert_int_equal(record.n_artifacts, 4);
    assert_string_equal(record.artifacts[1].path, "figures/roc.svg");
    assert_string_equal(record.artifacts[3].path, "report.html");
    assert_true(record.has_model && record.n_model_files == 9);
    cm_run_record_release(&record);
}

static void test_whole(void **state)
{
    char id[CM_RUN_ID_TEXT];
    (void)state;
    track(id, CM_OK);
    check_whole(id);
}

static void test_failed(void **state)
{
    char id[CM_RUN_ID_TEXT];
    cm_run_record record;
    (void)state;
    track(id, CM_ERR_DATA);
    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_int_equal(record.status, CM_RUN_FAILED);
    assert_string_equal(tag_of(&record, "clickmill.error"), "no rows");
    assert_false(record.has_model);
    cm_run_record_release(&record);
}

static void test_without_memory(void **state)
{
    char id[CM_RUN_ID_TEXT];
    bool failed = true;
    long n = 0;
    (void)state;
    for (; failed; n++) {
        assert_true(n < MAX_FAULTS);
        faults_left = n;
        track(id, CM_OK);
        failed = faults_left < 0;
        faults_left = -1;
        if (id[0] != '\0') {
            check_whole(id);
        }
    }
    assert_true(n > 50 && id[0] != '\0');
}

/* ---- MLmodel ------------------------------------------------------------- */

static void test_other_ids(void **state)
{
    (void)state;
    cm_buf out = {0};
    cm_mlmodel_ids ids = {"m-1", "r\"2", "mlflow-artifacts:/1"};
    cm_str text = CM_STR("artifact_path: model\nflavors:\n  run_id: kept\n"
                         "model_id: null\nmodel_uuid: x\nrun_id: y\nlast: 1");
    assert_int_equal(cm_mlmodel_with_ids(&out, text, &ids, &err), CM_OK);
    assert_string_equal(out.p,
                        "artifact_path: \"mlflow-artifacts:/1\"\nflavors:\n"
                        "  run_id: kept\nmodel_id: \"m-1\"\n"
                        "model_uuid: \"m-1\"\nrun_id: \"r\\\"2\"\nlast: 1");
    cm_buf_clear(&out);
    assert_int_equal(
        cm_mlmodel_with_ids(&out, CM_STR("run_id: y\n"), &ids, &err),
        CM_ERR_DATA);
    cm_buf_release(&out);
}

static int setup(void **state)
{
    if (folder_setup(state) != 0) {
        return -1;
    }
    (void)snprintf(store, sizeof store, "%s/runs",
                   ((test_folder *)*state)->path);
    (void)snprintf(root, sizeof root, "%s", ((test_folder *)*state)->path);
    const struct timespec later[2] = {{.tv_sec = 4000000000},
                                      {.tv_sec = 4000000000}};
    return cm_make_dirs(path_in(state, "versions/v1"), NULL) == CM_OK &&
                   cm_make_dirs(path_in(state, "figures"), NULL) == CM_OK &&
                   cm_write_file(path_in(state, "index.html"), CM_STR("<p>"),
                                 NULL) == CM_OK &&
                   cm_write_file(path_in(state, "versions/v1/m.json"),
                                 CM_STR("{}"), NULL) == CM_OK &&
                   cm_write_file(path_in(state, "versions/v1/metrics.json"),
                                 CM_STR("{}"), NULL) == CM_OK &&
                   cm_write_file(path_in(state, "figures/roc.svg"),
                                 CM_STR("<svg/>"), NULL) == CM_OK &&
                   utimensat(AT_FDCWD, path_in(state, "figures/roc.svg"), later,
                             0) == 0
               ? 0
               : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_failed),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_other_ids),
    };
    return cmocka_run_group_tests(tests, setup, folder_teardown);
}
