/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* push and fetch between a cache and a folder: what goes, what is said of what
 * cannot, and both without memory. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_base_faults.h"
#include "test_versioning_workspace.h"
#include "versioning/sync.h"

#define BAR     "37b51d194a7513e45b56f6524f2d51f2"     /* of "bar" */
#define LISTING "5ea40360f5b4ec688df672a4db9c17d1.dir" /* of bar and foo */
#define BAR_KEY "files/md5/37/b51d194a7513e45b56f6524f2d51f2"
#define DIR_KEY "files/md5/5e/a40360f5b4ec688df672a4db9c17d1.dir"

static cm_error err;

/* A repository with a tracked folder in its cache, and an empty remote. */
static void open_with_remote(void **state, cm_repo *repo)
{
    static const char outs[] =
        "outs:\n- md5: " LISTING "\n  size: 6\n  nfiles: 2\n  hash: md5\n"
        "  path: data\n";
    static const char config[] = "[core]\n    no_scm = True\n    remote = r\n"
                                 "['remote \"r\"']\n    url = ../remote\n";
    cm_file_state *files = NULL;
    cm_out out = {.path = "data"};
    put(state, "data/bar", "bar");
    put(state, "data/foo", "foo");
    open_repo(state, repo, "copy");
    put(state, ".dvc/config", config);
    put(state, "data.dvc", outs);
    cm_repo_close(repo);
    assert_int_equal(cm_repo_open(repo, path_in(state, "."), NULL, &err),
                     CM_OK);
    assert_int_equal(cm_file_state_open(&files, repo, &err), CM_OK);
    assert_int_equal(cm_cache_add(repo, files, "data", &out, &err), CM_OK);
    cm_file_state_close(files);
    assert_string_equal(out.md5, LISTING);
}

typedef cm_status (*sync_one)(const cm_repo *repo,
                              const cm_sync_options *options,
                              cm_sync_report *report, cm_error *err);

static cm_status run(sync_one way, const cm_repo *repo, size_t moved,
                     size_t failed)
{
    cm_sync_options options = {.jobs = 1};
    cm_sync_report report;
    cm_status status = way(repo, &options, &report, &err);
    if (status != CM_ERR_NOMEM) {
        assert_int_equal(report.n_moved, moved);
        assert_int_equal(report.n_failed, failed);
    }
    for (size_t i = 0; i < report.n_failed && status == CM_ERR_DATA; i++) {
        assert_true(strncmp(report.failed[i].path, "data", 4) == 0);
        assert_true(report.failed[i].what[0] != '\0');
    }
    cm_sync_report_release(&report);
    return status;
}

static void test_there_and_back(void **state)
{
    cm_repo repo;
    open_with_remote(state, &repo);
    assert_int_equal(run(cm_push, &repo, 3, 0), CM_OK);
    assert_int_equal(run(cm_push, &repo, 0, 0), CM_OK);
    assert_true(has_text(state, "remote/" BAR_KEY, "bar"));
    assert_int_equal(unlink(path_in(state, ".dvc/cache/" BAR_KEY)), 0);
    assert_int_equal(unlink(path_in(state, ".dvc/cache/" DIR_KEY)), 0);
    assert_int_equal(run(cm_fetch, &repo, 2, 0), CM_OK);
    assert_true(has_text(state, ".dvc/cache/" BAR_KEY, "bar"));
    assert_true(cm_cache_has(&repo, LISTING));
    cm_repo_close(&repo);
}

/* An object that a listing names and nobody has keeps the listing here. */
static void test_missing(void **state)
{
    cm_repo repo;
    open_with_remote(state, &repo);
    assert_int_equal(unlink(path_in(state, ".dvc/cache/" BAR_KEY)), 0);
    assert_int_equal(run(cm_push, &repo, 1, 2), CM_ERR_DATA);
    assert_false(cm_file_exists(path_in(state, "remote/" DIR_KEY)));
    put(state, "remote/" BAR_KEY, "bar");
    assert_int_equal(run(cm_push, &repo, 1, 0), CM_OK);
    assert_true(cm_file_exists(path_in(state, "remote/" DIR_KEY)));
    put(state, "remote/" BAR_KEY, "baz");
    assert_int_equal(run(cm_fetch, &repo, 0, 1), CM_ERR_DATA);
    assert_false(cm_cache_has(&repo, BAR));
    cm_repo_close(&repo);
}

/* Half an object in the remote is none. */
static void test_truncated(void **state)
{
    cm_repo repo;
    open_with_remote(state, &repo);
    assert_int_equal(run(cm_push, &repo, 3, 0), CM_OK);
    put(state, "remote/" BAR_KEY, "b");
    assert_int_equal(run(cm_push, &repo, 1, 0), CM_OK);
    assert_true(has_text(state, "remote/" BAR_KEY, "bar"));
    cm_repo_close(&repo);
}

/* The first, the second, … allocation fails, until none does: nothing false is
 * made, and no listing without its files. */
static void until_success(void **state, const cm_repo *repo, sync_one way,
                          const char *folder)
{
    cm_buf bar = {0}, listing = {0};
    cm_buf_addf(&bar, "%s/" BAR_KEY, folder);
    cm_buf_addf(&listing, "%s/" DIR_KEY, folder);
    cm_status status = CM_ERR_NOMEM;
    for (long n = 0; status != CM_OK; n++) {
        cm_sync_options options = {.jobs = 1};
        cm_sync_report report;
        assert_true(n < 5000);
        (void)unlink(path_in(state, bar.p));
        (void)unlink(path_in(state, listing.p));
        faults_left = n;
        status = way(repo, &options, &report, &err);
        faults_left = -1;
        cm_sync_report_release(&report);
        assert_true(status == CM_OK || status == CM_ERR_NOMEM);
        bool has_listing = cm_file_exists(path_in(state, listing.p));
        assert_true(!cm_file_exists(path_in(state, bar.p)) ||
                    has_text(state, bar.p, "bar"));
        assert_true(way == cm_fetch || !has_listing ||
                    has_text(state, bar.p, "bar"));
    }
    assert_true(has_text(state, bar.p, "bar"));
    cm_buf_release(&bar);
    cm_buf_release(&listing);
}

static void test_no_memory(void **state)
{
    cm_repo repo;
    open_with_remote(state, &repo);
    until_success(state, &repo, cm_push, "remote");
    until_success(state, &repo, cm_fetch, ".dvc/cache");
    cm_repo_close(&repo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_missing, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_truncated, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
