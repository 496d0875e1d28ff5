/* The local store: what is written is read back, whatever happened between. */
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_base_folder.h"
#include "tracking/run.h"
#include "tracking/run_file.h"
#include "tracking/run_limits.h"

static cm_error err;

static const char *store_in(void **state, const char *name)
{
    static char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", ((test_folder *)*state)->path,
                   name);
    return path;
}

static cm_run *begin(const char *store, const char *name)
{
    cm_run *run = NULL;
    cm_run_start start = {store, "experiment", name};
    assert_int_equal(cm_run_begin(&run, &start, &err), CM_OK);
    return run;
}

static void end(cm_run *run)
{
    assert_int_equal(cm_run_end(run, CM_RUN_FINISHED, &err), CM_OK);
    cm_run_free(run);
}

static const char *value_of(const cm_run_pair *pairs, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(pairs[i].key, key) == 0) {
            return pairs[i].value;
        }
    }
    return NULL;
}

/* ---- writing and reading ------------------------------------------------- */

static const cm_run_dataset dataset = {.name = "log.csv",
                                       .digest = "0123456789abcdef",
                                       .source_type = "local",
                                       .source = "{\"uri\": \"log.csv\"}",
                                       .profile = "{\"num_rows\": 3}",
                                       .context = "train"};

static void fill(cm_run *run)
{
    cm_run_model model = {"model", "ctr", NULL};
    assert_int_equal(cm_run_param(run, "depth", "5", &err), CM_OK);
    assert_int_equal(cm_run_param(run, "depth", "6", &err), CM_OK);
    assert_int_equal(cm_run_param(run, "a.b/c", "", &err), CM_OK);
    assert_int_equal(cm_run_tag(run, "mlflow.user", "\"\xc3\xa4\n", &err),
                     CM_OK);
    assert_int_equal(cm_run_log_metric(run, "log loss", 0.1, 1, &err), CM_OK);
    assert_int_equal(cm_run_log_metric(run, "auc", NAN, -2, &err), CM_OK);
    assert_int_equal(cm_run_log_metric(run, "log loss", 0.1 + 0.2, 2, &err),
                     CM_OK);
    assert_int_equal(cm_run_log_metric(run, "auc", -INFINITY, 3, &err), CM_OK);
    assert_int_equal(cm_run_add_dataset(run, &dataset, &err), CM_OK);
    assert_int_equal(cm_run_add_text(run, CM_STR("{}"), "a/metrics.json", &err),
                     CM_OK);
    assert_int_equal(cm_run_set_model(run, &model, &err), CM_OK);
}

static void check_metrics(const cm_run_record *record)
{
    const cm_run_metric *m = record->metrics;
    assert_int_equal(record->n_metrics, 4);
    assert_string_equal(m[0].key, "log loss");
    assert_true(m[0].key == m[2].key); /* kept once */
    assert_true(m[2].value == 0.1 + 0.2 && m[2].step == 2);
    assert_true(isnan(m[1].value) && m[1].step == -2);
    assert_true(isinf(m[3].value) && m[3].value < 0);
    assert_true(m[0].time >= record->start && m[3].time <= record->end);
}

static void test_round_trip(void **state)
{
    cm_run_record record;
    char id[CM_RUN_ID_TEXT], file[1100];
    const char *store = store_in(state, "round");
    (void)snprintf(file, sizeof file, "%s", path_in(state, "shap.png"));
    assert_int_equal(cm_write_file(file, CM_STR("png!"), &err), CM_OK);
    cm_run *run = begin(store, "first");
    memcpy(id, cm_run_id(run), sizeof id);
    fill(run);
    assert_int_equal(cm_run_add_artifact(run, file, "figures/shap.png", &err),
                     CM_OK);
    end(run);

    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_string_equal(record.id, id);
    assert_string_equal(record.experiment, "experiment");
    assert_string_equal(record.name, "first");
    assert_int_equal(record.status, CM_RUN_FINISHED);
    assert_int_equal(record.n_params, 2);
    assert_string_equal(value_of(record.params, 2, "depth"), "6");
    assert_string_equal(value_of(record.params, 2, "a.b/c"), "");
    assert_string_equal(value_of(record.tags, 1, "mlflow.user"),
                        "\"\xc3\xa4\n");
    check_metrics(&record);
    assert_int_equal(record.n_datasets, 1);
    assert_string_equal(record.datasets[0].source, dataset.source);
    assert_null(record.datasets[0].schema);
    assert_int_equal(record.n_artifacts, 2);
    assert_string_equal(record.artifacts[0].path, "a/metrics.json");
    assert_string_equal(record.artifacts[1].path, "figures/shap.png");
    assert_int_equal(record.artifacts[1].size, 4);
    assert_true(record.has_model && record.n_model_files == 0);
    assert_string_equal(record.model.register_as, "ctr");
    assert_null(record.model.alias);
    cm_run_record_release(&record);

    (void)snprintf(file, sizeof file, "%s/.gitignore", store);
    assert_true(cm_file_exists(file));
}

/* A beginning of an id is enough, when it is one run's. */
static void test_finding(void **state)
{
    cm_run_record record;
    cm_arena arena = {0};
    const char *const *ids = NULL;
    char first[CM_RUN_ID_TEXT], last[CM_RUN_ID_TEXT], path[700], short_id[5];
    size_t n = 9;
    const char *store = store_in(state, "finding");
    assert_int_equal(cm_run_list(store, &arena, &ids, &n, &err), CM_OK);
    assert_int_equal(n, 0);
    cm_run *run = begin(store, NULL);
    memcpy(first, cm_run_id(run), sizeof first);
    end(run);
    (void)usleep(2000); /* the next one begins in another millisecond */
    run = begin(store, NULL);
    memcpy(last, cm_run_id(run), sizeof last);
    end(run);
    (void)snprintf(path, sizeof path, "%s/%032d", store, 0);
    assert_int_equal(mkdir(path, 0777), 0);

    assert_int_equal(cm_run_list(store, &arena, &ids, &n, &err), CM_OK);
    assert_int_equal(n, 2);
    assert_string_equal(ids[0], last);
    assert_string_equal(ids[1], first);
    (void)snprintf(short_id, sizeof short_id, "%.4s", first);
    if (strncmp(first, last, 4) != 0) {
        assert_int_equal(cm_run_record_load(&record, store, short_id, &err),
                         CM_OK);
        assert_string_equal(record.id, first);
        cm_run_record_release(&record);
    }
    const char *const refused[] = {"", "123", "../a", "g000",
                                   "00000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(cm_run_record_load(&record, store, refused[i], &err),
                         CM_ERR_USAGE);
        cm_run_record_release(&record);
    }
    cm_arena_release(&arena);
}

static void test_ambiguous(void **state)
{
    cm_run_record record;
    const char *store = store_in(state, "ambiguous");
    char path[700];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/abcd%028d/run.json", store, i);
        assert_int_equal(cm_make_parent(path, &err), CM_OK);
        assert_int_equal(cm_write_file(path, CM_STR("{}"), &err), CM_OK);
    }
    assert_int_equal(cm_run_record_load(&record, store, "abcd", &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "2 runs"));
    cm_run_record_release(&record);
}

/* ---- keys and lengths ---------------------------------------------------- */

static void test_keys(void **state)
{
    (void)state;
    const char *const good[] = {"a", "a.b", "a/b", "a b", "..a", "a-_:."};
    const char *const bad[] = {"",     "a//b", "/a",  "a/",      ".",
                               "..",   "./a",  "a/.", "a/../b",  "../a",
                               "a\tb", "a\nb", "a=b", "\xc3\xa4"};
    char key[252];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(run_is_key(cm_str_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(run_is_key(cm_str_of(bad[i])));
    }
    memset(key, 'a', 251);
    key[251] = '\0';
    assert_false(run_is_key(cm_str_of(key)));
    key[250] = '\0';
    assert_true(run_is_key(cm_str_of(key)));
}

static void test_lengths(void **state)
{
    char *text = calloc(1, 16100);
    const char *store = store_in(state, "lengths");
    cm_run_record record;
    char id[CM_RUN_ID_TEXT];
    cm_run *run = begin(store, NULL);
    memcpy(id, cm_run_id(run), sizeof id);
    for (int i = 0; i < 16000; i += 2) {
        memcpy(text + i, "\xc3\xa4", 2);
    }
    assert_int_equal(cm_run_param(run, "long", text, &err), CM_OK);
    assert_int_equal(cm_run_tag(run, "long", text, &err), CM_OK);
    assert_int_equal(cm_run_param(run, "a//b", "", &err), CM_ERR_USAGE);
    assert_int_equal(cm_run_tag(run, "a=b", "", &err), CM_ERR_USAGE);
    assert_int_equal(cm_run_log_metric(run, "", 1, 1, &err), CM_ERR_USAGE);
    assert_int_equal(cm_run_add_text(run, CM_STR(""), "../x", &err),
                     CM_ERR_USAGE);
    cm_run_dataset long_digest = dataset;
    long_digest.digest = "0123456789012345678901234567890123456";
    assert_int_equal(cm_run_add_dataset(run, &long_digest, &err), CM_ERR_USAGE);
    end(run);
    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_int_equal(strlen(record.params[0].value), 12000);
    assert_int_equal(strlen(record.tags[0].value), 16000);
    cm_run_record_release(&record);

    text[502] = '\0';
    cm_run_start long_name = {store, "e", text};
    assert_int_equal(cm_run_begin(&run, &long_name, &err), CM_ERR_USAGE);
    cm_run_start no_experiment = {store, "", NULL};
    assert_int_equal(cm_run_begin(&run, &no_experiment, &err), CM_ERR_USAGE);
    free(text);
}

/* ---- kills and full disks ------------------------------------------------ */

static void append_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(cm_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

/* A process that ends without a word leaves a run that is KILLED. */
static void test_killed(void **state)
{
    cm_run_record record;
    char id[CM_RUN_ID_TEXT], path[700];
    const char *store = store_in(state, "killed");
    cm_run *run = begin(store, "alive");
    memcpy(id, cm_run_id(run), sizeof id);
    assert_int_equal(cm_run_log_metric(run, "a", 1, 1, &err), CM_OK);
    assert_int_equal(cm_run_param(run, "p", "1", &err), CM_OK);
    assert_int_equal(cm_run_flush(run, &err), CM_OK);
    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_int_equal(record.status, CM_RUN_RUNNING);
    assert_int_equal(record.end, 0);
    cm_run_record_release(&record);
    cm_run_free(run); /* as the kernel does: the lock goes */

    (void)snprintf(path, sizeof path, "%s/%s/%s", store, id, RUN_METRICS);
    append_text(path, "b\t0.5\t1");
    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_int_equal(record.status, CM_RUN_KILLED);
    assert_int_equal(record.n_metrics, 1);
    assert_int_equal(record.end, record.metrics[0].time);
    assert_string_equal(record.params[0].value, "1");
    cm_run_record_release(&record);

    append_text(path, "\n");
    assert_int_equal(cm_run_record_load(&record, store, id, &err),
                     CM_ERR_PARSE);
    assert_non_null(strstr(err.message, "metrics.tsv:2"));
    cm_run_record_release(&record);
}

/* Metrics that found no room are in the file once, when there is room again. */
static void test_full_disk(void **state)
{
    enum { N = 3000 };
    cm_run_record record;
    struct rlimit old;
    char id[CM_RUN_ID_TEXT];
    cm_status status = CM_OK;
    const char *store = store_in(state, "full");
    cm_run *run = begin(store, NULL);
    memcpy(id, cm_run_id(run), sizeof id);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct rlimit low = {1000, old.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    for (int64_t step = 0; step < N; step++) {
        cm_status one = cm_run_log_metric(run, "loss", 0.5, step, &err);
        status = status == CM_OK ? one : status;
    }
    assert_int_equal(status, CM_ERR_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    end(run);
    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_int_equal(record.n_metrics, N);
    for (int64_t step = 0; step < N; step++) {
        assert_int_equal(record.metrics[step].step, step);
    }
    cm_run_record_release(&record);
}

static void test_last_metrics(void **state)
{
    cm_run_record record;
    const cm_run_metric *last = NULL;
    char id[CM_RUN_ID_TEXT];
    size_t n = 0;
    const char *store = store_in(state, "last");
    cm_run *run = begin(store, NULL);
    memcpy(id, cm_run_id(run), sizeof id);
    assert_int_equal(cm_run_log_metric(run, "b", 1, 5, &err), CM_OK);
    assert_int_equal(cm_run_log_metric(run, "a", 2, 7, &err), CM_OK);
    assert_int_equal(cm_run_log_metric(run, "b", 3, 5, &err), CM_OK);
    assert_int_equal(cm_run_log_metric(run, "b", 4, 2, &err), CM_OK);
    end(run);
    assert_int_equal(cm_run_record_load(&record, store, id, &err), CM_OK);
    assert_int_equal(cm_run_last_metrics(&record, &last, &n, &err), CM_OK);
    assert_int_equal(n, 2);
    assert_true(strcmp(last[0].key, "a") == 0 && last[0].value == 2);
    assert_true(strcmp(last[1].key, "b") == 0 && last[1].value == 3);
    cm_run_record_release(&record);
}

/* ---- damage -------------------------------------------------------------- */

static void test_damage(void **state)
{
    (void)state;
    const char *const bad[] = {
        "", "[]", "{}", "{\"run_version\": 2}",
        "{\"run_version\": 1, \"id\": \"../../../etc/passwd\"}"};
    cm_run_record record = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_not_equal(
            run_file_parse(&record, cm_str_of(bad[i]), "run.json", &err),
            CM_OK);
    }
    const char *const lines[] = {"a\t1\t0\n",           "a\t1\t0\t0\t0\n",
                                 "a\tx\t0\t0\n",        "a\t1\t0.5\t0\n",
                                 "a\t1\t0\t-1\n",       "a=\t1\t0\t0\n",
                                 "\n\n\n\n\n\n\n\n\n\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(run_metrics_parse(&record, cm_str_of(lines[i]),
                                           "metrics.tsv", &err),
                         CM_ERR_PARSE);
    }
    cm_run_record_release(&record);
}

/* Every run.json cut short is refused, and says so. */
static void test_cut_short(void **state)
{
    cm_run_record record;
    cm_buf text = {0};
    char path[700];
    const char *store = store_in(state, "cut");
    cm_run *run = begin(store, NULL);
    (void)snprintf(path, sizeof path, "%s/run.json", cm_run_folder(run));
    fill(run);
    end(run);
    assert_int_equal(cm_read_file(&text, path, RUN_MAX_FILE, &err), CM_OK);
    for (size_t n = 0; n + 2 < text.n; n++) {
        record = (cm_run_record){0};
        assert_int_not_equal(
            run_file_parse(&record, (cm_str){text.p, n}, "run.json", &err),
            CM_OK);
        cm_run_record_release(&record);
    }
    cm_buf_release(&text);
}

/* A store that cannot be written to is an error, and leaves nothing. */
static void test_no_store(void **state)
{
    cm_run *run = NULL;
    assert_int_equal(cm_write_file(path_in(state, "file"), CM_STR("x"), &err),
                     CM_OK);
    cm_run_start start = {path_in(state, "file/runs"), "e", NULL};
    assert_int_equal(cm_run_begin(&run, &start, &err), CM_ERR_IO);
    assert_null(run);
    start.store = path_in(state, "file");
    assert_int_equal(cm_run_begin(&run, &start, &err), CM_ERR_USAGE);
    assert_null(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_finding),
        cmocka_unit_test(test_ambiguous),  cmocka_unit_test(test_keys),
        cmocka_unit_test(test_lengths),    cmocka_unit_test(test_killed),
        cmocka_unit_test(test_full_disk),  cmocka_unit_test(test_last_metrics),
        cmocka_unit_test(test_damage),     cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_no_store),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
