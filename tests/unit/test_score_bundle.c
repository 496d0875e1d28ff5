/* Bundles: appear whole, refuse what was changed, switch and go back; whatever
 * kills a writer, the root leads to a bundle that loads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <math.h>

#include "base/log.h"
#include "score/bundle_body.h"
#include "test_score_fixture.h"

static const fixture *data_of(void **state)
{
    return &((scored_folder *)*state)->data;
}

/* A root of its own for a test; a copy, since path_in's lives for one call. */
static char *root_of(void **state, const char *name)
{
    return cm_strdup(path_in(state, name), NULL);
}

static const char *in_root(void **state, const char *root, const char *name)
{
    test_folder *folder = *state;
    snprintf(folder->name, sizeof folder->name, "%s/%s", root, name);
    return folder->name;
}

static void save(const char *root, const cm_bundle_parts *parts,
                 char version[65])
{
    cm_error err = {0};
    expect_ok(cm_bundle_save(root, parts, version, &err), &err);
}

/* The version path leads to. */
static char *loaded_version(const char *path)
{
    cm_bundle *bundle = NULL;
    cm_error err = {0};
    expect_ok(cm_bundle_load(&bundle, path, &err), &err);
    char *version = cm_strdup(cm_bundle_version(bundle), NULL);
    cm_bundle_free(bundle);
    return version;
}

static void assert_version(const char *path, const char *wanted)
{
    char *version = loaded_version(path);
    assert_string_equal(version, wanted);
    free(version);
}

static void assert_refused(const char *path, const char *part)
{
    cm_bundle *bundle = NULL;
    cm_error err = {0};
    assert_int_not_equal(cm_bundle_load(&bundle, path, &err), CM_OK);
    assert_null(bundle);
    if (strstr(err.message, part) == NULL) {
        fail_msg("no \"%s\" in: %s", part, err.message);
    }
}

static size_t count_entries(const char *path, const char *prefix)
{
    size_t n = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        n += strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
             strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    }
    closedir(dir);
    return n;
}

static void every_path_of_a_bundle_loads_it(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "paths"), version[65];
    save(root, &parts, version);
    assert_int_equal(strlen(version), 16);
    static const char *const names[] = {"",
                                        "catclf.json",
                                        "current",
                                        "current/",
                                        "current/catclf.json",
                                        "transformer.cmt",
                                        "metrics.json",
                                        "current/bundle.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_version(in_root(state, root, names[i]), version);
    }
    char folder[128];
    snprintf(folder, sizeof folder, "versions/%s", version);
    assert_version(in_root(state, root, folder), version);
    assert_refused(in_root(state, root, "versions"), "not a bundle");
    assert_refused(in_root(state, root, "nothing"), "train a model first");
    free(root);
}

static void a_bundle_tells_what_it_was_given(void **state)
{
    const fixture *f = data_of(state);
    cm_bundle_parts parts = fixture_parts(f);
    char *root = root_of(state, "tells"), version[65];
    cm_bundle *bundle = NULL;
    cm_error err = {0};
    save(root, &parts, version);
    expect_ok(cm_bundle_load(&bundle, root, &err), &err);
    assert_string_equal(cm_bundle_schema(bundle), "avazu");
    assert_string_equal(cm_bundle_id_column(bundle), "id");
    assert_string_equal(cm_bundle_target_column(bundle), "click");
    assert_string_equal(cm_bundle_model(bundle)->guid, f->model->guid);
    assert_int_equal(cm_bundle_counts(bundle)->n_tables, f->counts->n_tables);
    assert_int_equal(cm_bundle_ctr(bundle)->n_tables, f->ctr->n_tables);
    assert_int_equal(cm_bundle_plan(bundle)->n_features, FIXTURE_FEATURES);
    cm_str text = cm_bundle_manifest(bundle);
    char *manifest = strndup(text.p, text.n);
    assert_non_null(strstr(manifest, "\"created\": \"2014-10-21T00:00:00Z\""));
    assert_non_null(strstr(manifest, "\"log_loss\": 0.4"));
    assert_non_null(strstr(manifest, "\"base_rate\": 0.17"));
    free(manifest);
    cm_bundle_free(bundle);
    free(root);
}

static void columns_that_are_none_are_null(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "none"), version[65];
    cm_bundle *bundle = NULL;
    cm_error err = {0};
    parts.id_column = parts.target_column = NULL;
    parts.metrics_json = parts.config_json = NULL;
    parts.n_self_test = 0;
    save(root, &parts, version);
    expect_ok(cm_bundle_load(&bundle, root, &err), &err);
    assert_null(cm_bundle_id_column(bundle));
    assert_null(cm_bundle_target_column(bundle));
    cm_bundle_free(bundle);
    free(root);
}

static void the_same_content_is_the_same_version(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "same"), a[65], b[65];
    struct stat before, after;
    save(root, &parts, a);
    assert_int_equal(stat(in_root(state, root, "current/bundle.json"), &before),
                     0);
    parts.created += 1000;
    save(root, &parts, b);
    assert_int_equal(stat(in_root(state, root, "current/bundle.json"), &after),
                     0);
    assert_string_equal(a, b);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(count_entries(in_root(state, root, "versions"), ""), 1);
    parts.config_json = "{\"a\":2}";
    save(root, &parts, b);
    assert_string_not_equal(a, b);
    free(root);
}

static void rollback_goes_back_and_forth(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "back"), a[65], b[65], now[65];
    cm_error err = {0};
    assert_int_equal(cm_bundle_rollback(root, now, &err), CM_ERR_DATA);
    save(root, &parts, a);
    assert_int_equal(cm_bundle_rollback(root, now, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "no previous version"));
    parts.config_json = "{\"a\":2}";
    save(root, &parts, b);
    assert_version(root, b);
    assert_int_equal(cm_bundle_rollback(root, now, &err), CM_OK);
    assert_string_equal(now, a);
    assert_version(root, a);
    assert_version(in_root(state, root, "catclf.json"), a);
    assert_version(in_root(state, root, "previous"), b);
    assert_int_equal(cm_bundle_rollback(root, now, &err), CM_OK);
    assert_version(root, b);
    free(root);
}

static void rollback_refuses_a_damaged_version(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "damaged"), a[65], b[65], now[65];
    cm_error err = {0};
    save(root, &parts, a);
    parts.config_json = "{\"a\":2}";
    save(root, &parts, b);
    assert_int_equal(
        truncate(in_root(state, root, "previous/transformer.cmt"), 100), 0);
    assert_int_not_equal(cm_bundle_rollback(root, now, &err), CM_OK);
    assert_non_null(strstr(err.message, "transformer.cmt"));
    assert_version(root, b);
    free(root);
}

/* ---- tampering ------------------------------------------------------- */

/* Replaces the first `from` in a file by `to` of the same length. */
static void change_file(const char *path, const char *from, const char *to)
{
    cm_buf text = {0};
    cm_error err = {0};
    expect_ok(cm_read_file(&text, path, 64 << 20, &err), &err);
    char *at = memmem(text.p, text.n, from, strlen(from));
    assert_non_null(at);
    memcpy(at, to, strlen(to));
    expect_ok(cm_write_file(path, (cm_str){text.p, text.n}, &err), &err);
    cm_buf_release(&text);
}

static void what_was_changed_is_refused_and_replaced(void **state)
{
    static const struct {
        const char *file, *from, *to, *part;
    } cases[] = {
        {"current/catclf.json", "\"AsIs\"", "\"AsIz\"", "SHA-256"},
        {"current/metrics.json", "0.4", "0.5", "SHA-256"},
        {"current/bundle.json", "\"probabilities\": [\n      0.",
         "\"probabilities\": [\n      1.", "it was changed"},
        {"current/bundle.json", "clickmill-bundle", "clickmill-bungle",
         "expected \"clickmill-bundle\""},
        {"current/bundle.json", "\"format_version\": 1",
         "\"format_version\": 2", "format_version 2"},
        {"current/bundle.json", "\"site_id\"", "\"site_ie\"", "it was changed"},
        {"current/bundle.json", "{\n", "{,", "not valid JSON"},
    };
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "tamper"), version[65];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        save(root, &parts, version);
        assert_version(root, version);
        change_file(in_root(state, root, cases[i].file), cases[i].from,
                    cases[i].to);
        assert_refused(root, cases[i].part);
    }
    save(root, &parts, version);
    assert_int_equal(
        truncate(in_root(state, root, "current/catclf.json"), 1000), 0);
    assert_refused(root, "found 1000 bytes");
    save(root, &parts, version);
    assert_int_equal(unlink(in_root(state, root, "current/catclf.json")), 0);
    assert_refused(root, "missing");
    save(root, &parts, version);
    assert_version(root, version);
    free(root);
}

/* A bundle whose files and hashes are all right, but whose answers are not:
 * one made by another program, or on a machine that computes wrongly. */
static void a_failed_self_test_is_refused(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "self"), version[65];
    cm_error err = {0};
    save(root, &parts, version);
    cm_buf text = {0};
    json_t *json = NULL;
    char *path = cm_strdup(in_root(state, root, "current/bundle.json"), NULL);
    expect_ok(cm_json_load(&json, path, 64 << 20, &err), &err);
    json_t *raw = json_object_get(json_object_get(json, "self_test"), "raw");
    double value = json_number_value(json_array_get(raw, 42));
    json_array_set_new(raw, 42, json_real(nextafter(value, 1)));
    expect_ok(bundle_version_of(version, json, &err), &err);
    json_object_set_new(json, "version", json_string(version));
    cm_json_writer w = cm_json_writer_of(&text, 2);
    cm_json_put_value(&w, NULL, json);
    expect_ok(cm_write_file(path, (cm_str){text.p, text.n}, &err), &err);
    assert_refused(root, "self-test row 42");
    json_decref(json);
    cm_buf_release(&text);
    free(path);
    free(root);
}

/* ---- what is in the way ---------------------------------------------- */

static void files_of_others_are_left_alone(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "others"), version[65];
    cm_error err = {0};
    expect_ok(cm_make_dirs(root, &err), &err);
    expect_ok(cm_write_file(in_root(state, root, "catclf.json"), CM_STR("mine"),
                            &err),
              &err);
    assert_int_equal(cm_bundle_save(root, &parts, version, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "move it away"));
    assert_int_equal(count_entries(in_root(state, root, "versions"), ""), 0);
    parts.model_file = "../model.json";
    assert_int_equal(cm_bundle_save(root, &parts, version, &err), CM_ERR_USAGE);
    parts.model_file = "metrics.json";
    assert_int_equal(cm_bundle_save(root, &parts, version, &err), CM_ERR_USAGE);
    free(root);
}

static void bad_parts_leave_nothing_behind(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "bad"), a[65], version[65];
    cm_error err = {0};
    save(root, &parts, a);
    parts.config_json = "{";
    assert_int_equal(cm_bundle_save(root, &parts, version, &err), CM_ERR_PARSE);
    parts = fixture_parts(data_of(state));
    const char *swapped[FIXTURE_FEATURES];
    memcpy(swapped, fixture_features, sizeof swapped);
    swapped[0] = fixture_features[1];
    swapped[1] = fixture_features[0];
    parts.features = swapped;
    assert_int_equal(cm_bundle_save(root, &parts, version, &err), CM_ERR_DATA);
    assert_int_equal(count_entries(in_root(state, root, "versions"), ""), 1);
    assert_version(root, a);
    free(root);
}

static void old_versions_are_removed(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "old"), version[65], text[64];
    for (int i = 0; i < 8; i++) {
        snprintf(text, sizeof text, "{\"i\":%d}", i);
        parts.config_json = text;
        save(root, &parts, version);
    }
    assert_int_equal(count_entries(in_root(state, root, "versions"), ""), 5);
    assert_version(root, version);
    free(root);
}

/* ---- kills and races ------------------------------------------------- */

/* Saves for ever, a new version each time, in a child. */
static pid_t start_saver(const char *root, const cm_bundle_parts *parts,
                         int salt)
{
    pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    for (int i = 0;; i++) {
        char text[64], version[65];
        cm_bundle_parts changed = *parts;
        cm_error err = {0};
        snprintf(text, sizeof text, "{\"salt\":%d,\"i\":%d}", salt, i);
        changed.config_json = text;
        if (cm_bundle_save(root, &changed, version, &err) != CM_OK) {
            fprintf(stderr, "%s\n", err.message);
            _exit(1);
        }
    }
}

static void a_killed_writer_leaves_a_bundle(void **state)
{
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "killed"), version[65];
    cm_rng rng = cm_rng_stream(11, 11);
    save(root, &parts, version);
    for (int i = 0; i < 10; i++) {
        pid_t pid = start_saver(root, &parts, i);
        usleep(1000 + (useconds_t)below(&rng, 60000));
        kill(pid, SIGKILL);
        int status = 0;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        free(loaded_version(root));
    }
    save(root, &parts, version);
    assert_version(root, version);
    assert_int_equal(count_entries(in_root(state, root, "versions"), ".tmp"),
                     0);
    free(root);
}

static void writers_take_turns(void **state)
{
    enum { WRITERS = 3 };
    cm_bundle_parts parts = fixture_parts(data_of(state));
    char *root = root_of(state, "turns"), version[65];
    pid_t pids[WRITERS];
    save(root, &parts, version);
    for (int i = 0; i < WRITERS; i++) {
        pids[i] = start_saver(root, &parts, 100 + i);
    }
    double start = cm_seconds();
    while (cm_seconds() - start < .5) {
        free(loaded_version(root)); /* readers never wait and never fail */
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = 0;
        kill(pids[i], SIGKILL);
        waitpid(pids[i], &status, 0);
        assert_true(WIFSIGNALED(status)); /* did not fail before */
    }
    save(root, &parts, version);
    assert_version(root, version);
    free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_of_a_bundle_loads_it),
        cmocka_unit_test(a_bundle_tells_what_it_was_given),
        cmocka_unit_test(columns_that_are_none_are_null),
        cmocka_unit_test(the_same_content_is_the_same_version),
        cmocka_unit_test(rollback_goes_back_and_forth),
        cmocka_unit_test(rollback_refuses_a_damaged_version),
        cmocka_unit_test(what_was_changed_is_refused_and_replaced),
        cmocka_unit_test(a_failed_self_test_is_refused),
        cmocka_unit_test(files_of_others_are_left_alone),
        cmocka_unit_test(bad_parts_leave_nothing_behind),
        cmocka_unit_test(old_versions_are_removed),
        cmocka_unit_test(a_killed_writer_leaves_a_bundle),
        cmocka_unit_test(writers_take_turns),
    };
    return cmocka_run_group_tests(tests, scored_setup, scored_teardown);
}
