/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* add, checkout and status over .dvc files; and without memory: the first, the
 * second, ... allocation fails, until none does. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_base_faults.h"
#include "test_versioning_workspace.h"

#define ROOT_OF_TWO "5ea40360f5b4ec688df672a4db9c17d1.dir"

static cm_error err;

static cm_status add_targets(const cm_repo *repo, const char *const *targets,
                             size_t n, cm_add_report *report)
{
    cm_add_options options = {.targets = targets, .n = n};
    return cm_add(repo, &options, report, &err);
}

static cm_status add_one(void **state, const cm_repo *repo, const char *name)
{
    char target[1024];
    const char *targets[] = {target};
    cm_add_report report;
    snprintf(target, sizeof target, "%s", path_in(state, name));
    cm_status status = add_targets(repo, targets, 1, &report);
    cm_add_report_release(&report);
    return status;
}

static void fill(void **state)
{
    put(state, "data/foo", "foo");
    put(state, "data/bar", "bar");
    put(state, "file", "text");
}

/* What status finds, as "path what path what"; "" when all is well. */
static const char *findings(const cm_repo *repo, char text[512])
{
    cm_status_report report;
    size_t n = 0;
    text[0] = '\0';
    assert_int_equal(cm_workspace_status(repo, NULL, 0, &report, &err), CM_OK);
    for (size_t i = 0; i < report.n; i++) {
        n += (size_t)snprintf(text + n, 512 - n, "%s%s %s", i > 0 ? " " : "",
                              report.items[i].path, report.items[i].what);
    }
    cm_status_report_release(&report);
    return text;
}

static void test_add_writes_dvc_files(void **state)
{
    cm_repo repo;
    char text[512];
    open_repo(state, &repo, "copy");
    fill(state);
    assert_int_equal(add_one(state, &repo, "data"), CM_OK);
    assert_int_equal(add_one(state, &repo, "file"), CM_OK);
    assert_true(has_text(state, "data.dvc",
                         "outs:\n- md5: " ROOT_OF_TWO "\n  size: 6\n"
                         "  nfiles: 2\n  hash: md5\n  path: data\n"));
    assert_string_equal(findings(&repo, text), "");
    put(state, "data/foo", "other");
    assert_int_equal(unlink(path_in(state, "file")), 0);
    assert_string_equal(findings(&repo, text), "data modified file deleted");
    put(state, "data/foo", "foo");
    put(state, "file", "text");
    assert_int_equal(cm_remove_tree(path_in(state, ".dvc/cache"), &err), CM_OK);
    assert_string_equal(findings(&repo, text),
                        "data not in cache file not in cache");
    cm_repo_close(&repo);
}

static void test_parts(void **state)
{
    cm_repo repo;
    open_repo(state, &repo, "copy");
    fill(state);
    put(state, "data/bar", "older");
    assert_int_equal(add_one(state, &repo, "data"), CM_OK);
    put(state, "data/bar", "bar");
    put(state, "data/not told", "x");
    assert_int_equal(add_one(state, &repo, "data/bar"), CM_OK);
    assert_true(has_text(state, "data.dvc",
                         "outs:\n- md5: " ROOT_OF_TWO "\n  nfiles: 2\n"
                         "  hash: md5\n  path: data\n"));
    assert_int_equal(add_one(state, &repo, "data/nothing"), CM_ERR_USAGE);
    cm_repo_close(&repo);
}

static void test_add_refuses(void **state)
{
    static const char *const bad[] = {"nothing", "data.dvc", ".dvc/config",
                                      "up",      ".",        "\xff"};
    cm_repo repo;
    open_repo(state, &repo, "copy");
    fill(state);
    put(state, "up/inner", "1");
    put(state, "\xff", "1");
    assert_int_equal(add_one(state, &repo, "data"), CM_OK);
    assert_int_equal(add_one(state, &repo, "up/inner"), CM_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(add_one(state, &repo, bad[i]), CM_ERR_USAGE);
    }
    cm_repo_close(&repo);
}

static void test_checkout_of_all(void **state)
{
    cm_repo repo;
    cm_checkout_report report;
    cm_checkout_options options = {0};
    open_repo(state, &repo, "copy");
    fill(state);
    assert_int_equal(add_one(state, &repo, "data"), CM_OK);
    assert_int_equal(add_one(state, &repo, "file"), CM_OK);
    assert_int_equal(cm_remove_tree(path_in(state, "data"), &err), CM_OK);
    assert_int_equal(cm_checkout(&repo, &options, &report, &err), CM_OK);
    assert_int_equal(report.n, 1);
    assert_string_equal(report.items[0].path, "data");
    assert_true(report.items[0].is_new && report.items[0].is_folder);
    assert_int_equal(report.n_made, 2);
    cm_checkout_report_release(&report);
    put(state, "data/unsaved", "x");
    put(state, "file", "unsaved too");
    assert_int_equal(cm_checkout(&repo, &options, &report, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "data/unsaved"));
    assert_non_null(strstr(err.message, "/file"));
    assert_int_equal(report.n, 0);
    cm_checkout_report_release(&report);
    cm_repo_close(&repo);
}

/* What can be done is done, what lacks content is told. */
static void test_checkout_with_something_missing(void **state)
{
    cm_repo repo;
    cm_checkout_report report;
    cm_checkout_options options = {0};
    open_repo(state, &repo, "copy");
    fill(state);
    assert_int_equal(add_one(state, &repo, "data"), CM_OK);
    assert_int_equal(add_one(state, &repo, "file"), CM_OK);
    char *foo = cm_cache_path(&repo, "acbd18db4cc2f85cedef654fccc4a4d8");
    assert_int_equal(unlink(foo), 0);
    assert_int_equal(cm_remove_tree(path_in(state, "data"), &err), CM_OK);
    assert_int_equal(unlink(path_in(state, "file")), 0);
    assert_int_equal(cm_checkout(&repo, &options, &report, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "data/foo"));
    assert_int_equal(report.n, 2);
    assert_true(report.items[0].missing && !report.items[1].missing);
    assert_true(has_text(state, "file", "text"));
    assert_false(cm_file_exists(path_in(state, "data")));
    cm_checkout_report_release(&report);
    options.allow_missing = true;
    assert_int_equal(cm_checkout(&repo, &options, &report, &err), CM_OK);
    cm_checkout_report_release(&report);
    free(foo);
    cm_repo_close(&repo);
}

/* ---- without memory ------------------------------------------------------ */

typedef cm_status (*faulty)(void **state, const cm_repo *repo);

static void until_success(faulty function, void **state, const cm_repo *repo)
{
    for (long n = 0;; n++) {
        faults_left = n;
        cm_status status = function(state, repo);
        bool all_went_well = faults_left >= 0;
        faults_left = -1;
        if (all_went_well) {
            assert_int_equal(status, CM_OK);
            assert_true(n > 10);
            return;
        }
        assert_true(status == CM_OK || status == CM_ERR_NOMEM);
        assert_true(n < 5000);
    }
}

static cm_status add_once(void **state, const cm_repo *repo)
{
    return add_one(state, repo, "data");
}

static cm_status checkout_once(void **state, const cm_repo *repo)
{
    cm_checkout_report report;
    cm_checkout_options options = {0};
    (void)unlink(path_in(state, "data/foo"));
    cm_status status = cm_checkout(repo, &options, &report, &err);
    cm_checkout_report_release(&report);
    return status;
}

static cm_status status_once(void **state, const cm_repo *repo)
{
    cm_status_report report;
    (void)state;
    cm_status status = cm_workspace_status(repo, NULL, 0, &report, &err);
    cm_status_report_release(&report);
    return status;
}

static void test_without_memory(void **state)
{
    cm_repo repo;
    char text[512];
    open_repo(state, &repo, "copy");
    fill(state);
    until_success(add_once, state, &repo);
    assert_string_equal(findings(&repo, text), "");
    until_success(status_once, state, &repo);
    until_success(checkout_once, state, &repo);
    assert_true(has_text(state, "data/foo", "foo"));
    cm_repo_close(&repo);
}

/* Each test has a folder of its own. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_add_writes_dvc_files, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_parts, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_add_refuses, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_checkout_of_all, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_checkout_with_something_missing,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_without_memory, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
