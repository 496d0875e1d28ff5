/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* diff, the run cache and commits in a remote, options of DVC and the graph of
 * stages: each without memory, at every allocation.  What they say is compared
 * with dvc in tests/versioning. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "test_base_faults.h"
#include "test_base_until_success.h"
#include "test_versioning_commit.h"
#include "test_versioning_workspace.h"
#include "versioning/dag.h"
#include "versioning/diff.h"
#include "versioning/options.h"
#include "versioning/run_cache.h"
#include "versioning/sync.h"

enum { MOST_ALLOCATIONS = 20000 };

#define FOO "acbd18db4cc2f85cedef654fccc4a4d8"
#define BAR "37b51d194a7513e45b56f6524f2d51f2"
#define KEY "files/md5/ac/bd18db4cc2f85cedef654fccc4a4d8"

static cm_error err;
static cm_repo repo;

static void add(const char *path)
{
    cm_add_report report;
    cm_buf whole = {0};
    cm_buf_addf(&whole, "%s/%s", repo.root, path);
    const char *target = whole.p;
    cm_add_options options = {.targets = &target, .n = 1};
    assert_int_equal(cm_add(&repo, &options, &report, &err), CM_OK);
    cm_add_report_release(&report);
    cm_buf_release(&whole);
}

/* A folder and a file are committed; since then the folder has changed. */
static void open_changed(void **state)
{
    open_repo(state, &repo, "copy");
    cm_repo_close(&repo);
    put(state, ".dvc/config",
        "[core]\n    remote = r\n['remote \"r\"']\n    url = ../remote\n");
    assert_int_equal(cm_repo_open(&repo, path_in(state, "."), NULL, &err),
                     CM_OK);
    put(state, "data/a", "foo");
    put(state, "data/b", "bar");
    put(state, "one", "foo");
    add("data");
    add("one");
    commit(repo.root);
    cm_repo_close(&repo);
    assert_int_equal(cm_repo_open(&repo, path_in(state, "."), NULL, &err),
                     CM_OK);
    assert_true(repo.has_git);
    assert_int_equal(unlink(path_in(state, "data/a")), 0);
    put(state, "data/c", "foo");
    put(state, "data/b", "changed");
}

/* ---- diff ---------------------------------------------------------------- */

static cm_status diff_once(void **state)
{
    (void)state;
    cm_diff diff;
    cm_diff_options options = {.old_rev = "HEAD"};
    cm_status status = cm_diff_load(&diff, &repo, &options, &err);
    if (status == CM_OK) {
        assert_int_equal(diff.n, 3);
        assert_int_equal(diff.items[0].kind, CM_CHANGE_MODIFIED);
        assert_string_equal(diff.items[0].path, "data/");
        assert_string_equal(diff.items[1].path, "data/b");
        assert_string_equal(diff.items[1].hash, BAR);
        assert_int_equal(diff.items[2].kind, CM_CHANGE_RENAMED);
        assert_string_equal(diff.items[2].path, "data/a");
        assert_string_equal(diff.items[2].new_path, "data/c");
        assert_string_equal(diff.items[2].hash, FOO);
    }
    cm_diff_release(&diff);
    return status;
}

static void test_diff(void **state)
{
    open_changed(state);
    until_success_within(diff_once, state, MOST_ALLOCATIONS);
    cm_repo_close(&repo);
}

/* ---- remotes ------------------------------------------------------------- */

static const char run_text[] =
    "cmd: x\ndeps:\n- path: in\n  hash: md5\n  md5: " BAR "\n  size: 3\n"
    "outs:\n- path: one\n  hash: md5\n  md5: " FOO "\n  size: 3\n";

/* Puts a run into the cache; its name. */
static void put_run(void **state, char name[RUN_NAME])
{
    cm_lock_file entry;
    put(state, "entry", run_text);
    assert_int_equal(
        run_cache_load(&entry, &repo, path_in(state, "entry"), &err), CM_OK);
    assert_int_equal(entry.n, 1);
    assert_int_equal(run_cache_name(name, &entry.stages[0], &err), CM_OK);
    assert_int_equal(run_cache_save(&repo, &entry.stages[0], &err), CM_OK);
    cm_lock_file_release(&entry);
}

typedef cm_status (*sync_way)(const cm_repo *repo,
                              const cm_sync_options *options,
                              cm_sync_report *report, cm_error *err);

static cm_status sync_once(sync_way way)
{
    cm_sync_options options = {
        .jobs = 1, .run_cache = true, .all_commits = true};
    cm_sync_report report;
    cm_status status = way(&repo, &options, &report, &err);
    cm_sync_report_release(&report);
    return status;
}

/* At every allocation: where the run is, what it names is. */
static void until_synced(void **state, sync_way way, const char *from,
                         const char *to)
{
    char name[RUN_NAME];
    cm_buf run = {0}, object = {0}, there = {0};
    put_run(state, name);
    cm_buf_addf(&there, "%s/%s", from, name);
    cm_buf_addf(&run, "%s/%s", to, name);
    cm_buf_addf(&object, "%s/" KEY, to);
    cm_status status = CM_ERR_NOMEM;
    for (long n = 0;; n++) {
        assert_true(n < MOST_ALLOCATIONS);
        (void)unlink(path_in(state, run.p));
        (void)unlink(path_in(state, object.p));
        faults_left = n;
        status = sync_once(way);
        bool through = faults_left >= 0;
        faults_left = -1;
        assert_true(cm_file_exists(path_in(state, there.p)));
        assert_true(!cm_file_exists(path_in(state, run.p)) ||
                    cm_file_exists(path_in(state, object.p)));
        if (through) {
            break;
        }
    }
    assert_int_equal(status, CM_OK);
    assert_true(cm_file_exists(path_in(state, run.p)));
    cm_buf_release(&run);
    cm_buf_release(&object);
    cm_buf_release(&there);
}

static void test_run_cache(void **state)
{
    char name[RUN_NAME];
    open_changed(state);
    put_run(state, name);
    until_synced(state, cm_push, ".dvc/cache", "remote");
    assert_true(has_text(state, "remote/" KEY, "foo"));
    until_synced(state, cm_fetch, "remote", ".dvc/cache");
    cm_repo_close(&repo);
}

/* ---- options ------------------------------------------------------------- */

static cm_status options_once(void **state)
{
    (void)state;
    static const char expected[] =
        "remote.r.url=/x\nremote.r.secret_access_key=***\ncore.remote=r\n"
        "cache.type=copy\n";
    cm_config_level level = CM_CONFIG_REPO;
    cm_buf list = {0};
    char *value = NULL;
    cm_status status = cm_option_set(&repo, level, "cache.type", "copy", &err);
    if (status == CM_OK) {
        status = cm_option_get(&value, &repo, NULL, "cache.type", &err);
    }
    if (status == CM_OK) {
        assert_string_equal(value, "copy");
        status = cm_options_list(&list, &repo, &level, &err);
    }
    if (status == CM_OK) {
        assert_string_equal(list.p, expected);
    }
    free(value);
    cm_buf_release(&list);
    return status;
}

static void test_options(void **state)
{
    open_changed(state);
    put(state, ".dvc/config",
        "[core]\n    remote = r\n['remote \"r\"']\n    url = /x\n"
        "    secret_access_key = hush\n");
    until_success_within(options_once, state, MOST_ALLOCATIONS);
    assert_int_equal(
        cm_option_set(&repo, CM_CONFIG_REPO, "cache.nope", "1", &err),
        CM_ERR_USAGE);
    assert_int_equal(
        cm_option_set(&repo, CM_CONFIG_REPO, "cache.nope", NULL, &err),
        CM_ERR_USAGE);
    cm_repo_close(&repo);
}

/* ---- the graph ----------------------------------------------------------- */

static cm_status dag_once(void **state)
{
    (void)state;
    cm_dag dag;
    cm_dag_options options = {.target = "b", .full = true};
    cm_status status = cm_dag_load(&dag, &repo, &options, &err);
    if (status == CM_OK) {
        assert_int_equal(dag.n, 2);
        assert_int_equal(dag.n_pipelines, 1);
        assert_string_equal(dag.stages[1].name, "b");
        assert_int_equal(dag.stages[1].n_needs, 1);
        assert_string_equal(dag.stages[dag.stages[1].needs[0]].name, "a");
    }
    cm_dag_release(&dag);
    return status;
}

static void test_dag(void **state)
{
    open_changed(state);
    put(state, "dvc.yaml",
        "stages:\n  a: {cmd: x, outs: [x]}\n  b: {cmd: y, deps: [x]}\n"
        "  c: {cmd: z}\n");
    assert_int_equal(chdir(repo.root), 0);
    until_success_within(dag_once, state, MOST_ALLOCATIONS);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(unlink(path_in(state, "dvc.yaml")), 0);
    cm_repo_close(&repo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_diff, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_run_cache, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_options, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_dag, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests_name("versioning/diff", tests, NULL, NULL);
}
