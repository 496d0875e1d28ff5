/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* gc, status --cloud and import-url over folders, and all of them without
 * memory: whatever fails, nothing that is named goes. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_base_faults.h"
#include "test_versioning_commit.h"
#include "test_versioning_workspace.h"
#include "versioning/gc.h"
#include "versioning/import.h"
#include "versioning/object_names.h"

static cm_error err;

/* ---- names --------------------------------------------------------------- */

static void test_names(void **state)
{
    (void)state;
    enum { N = 5000 };
    object_names set = {0};
    char name[CM_OBJECT_TEXT];
    bool is_new = false;
    assert_false(object_names_have(&set, "00000000000000000000000000000000"));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++) {
            (void)snprintf(name, sizeof name, "%032x%s", i * 7,
                           i % 3 == 0 ? ".dir" : "");
            assert_int_equal(object_names_add(&set, name, &is_new, &err),
                             CM_OK);
            assert_int_equal(is_new, round == 0);
        }
    }
    assert_int_equal(set.n, N);
    assert_true(object_names_have(&set, "0000000000000000000000000000000e"));
    assert_false(object_names_have(&set, "0000000000000000000000000000000f"));
    assert_true(
        object_names_have(&set, "00000000000000000000000000000000.dir"));
    assert_false(object_names_have(&set, "00000000000000000000000000000000"));
    object_names_release(&set);
}

static void test_keys(void **state)
{
    (void)state;
    static const char rest[] = "cdef0123456789abcdef0123456789";
    static const struct {
        const char *form; /* of a key, with the rest in it */
        bool good;
    } cases[] = {{"files/md5/ab/%s", true},    {"files/md5/ab/%s.dir", true},
                 {"files/md5/ab/%s0", false},  {"files/md5/ab/%s.tmp", false},
                 {"files/md5/AB/%s", false},   {"files/md5/abc/%s", false},
                 {"files/md5/ab/%s/x", false}, {"files/md5/ab/%s.dir.x", false},
                 {"runs/ab/%s", false},        {"files/md5/ab%.0s", false},
                 {"x/files/md5/ab/%s", false}, {"%.0s", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char object[CM_OBJECT_TEXT];
        cm_buf key = {0};
        cm_buf_addf(&key, cases[i].form, rest);
        cm_buf_adds(&key, "");
        assert_int_equal(object_of_key(object, key.p != NULL ? key.p : ""),
                         cases[i].good);
        if (cases[i].good) {
            char again[64];
            cm_object_key(again, object);
            assert_string_equal(again, key.p);
        }
        cm_buf_release(&key);
    }
}

/* ---- a repository -------------------------------------------------------- */

static void add(const cm_repo *repo, const char *path)
{
    cm_add_report report;
    cm_buf whole = {0};
    cm_buf_addf(&whole, "%s/%s", repo->root, path);
    const char *target = whole.p;
    cm_add_options options = {.targets = &target, .n = 1};
    assert_int_equal(cm_add(repo, &options, &report, &err), CM_OK);
    cm_add_report_release(&report);
    cm_buf_release(&whole);
}

#define BAR "files/md5/37/b51d194a7513e45b56f6524f2d51f2" /* named still */
#define FOO "files/md5/ac/bd18db4cc2f85cedef654fccc4a4d8"
#define LISTING                                                  \
    "files/md5/5e/a40360f5b4ec688df672a4db9c17d1.dir" /* of both \
                                                       */
#define LISTING_TEXT                                                          \
    "[{\"md5\": \"37b51d194a7513e45b56f6524f2d51f2\", \"relpath\": "          \
    "\"bar\"}, {\"md5\": \"acbd18db4cc2f85cedef654fccc4a4d8\", \"relpath\": " \
    "\"foo\"}]"

/* What an earlier content of data left in the cache and in the remote. */
static void put_unused(void **state)
{
    put(state, "remote/" BAR, "bar");
    put(state, "remote/" FOO, "foo");
    put(state, "remote/" LISTING, LISTING_TEXT);
    put(state, ".dvc/cache/" FOO, "foo");
    put(state, ".dvc/cache/" LISTING, LISTING_TEXT);
}

static void open_changed(void **state, cm_repo *repo)
{
    static const char config[] = "[core]\n    no_scm = True\n    remote = r\n"
                                 "['remote \"r\"']\n    url = ../remote\n";
    open_repo(state, repo, "copy");
    put(state, ".dvc/config", config);
    cm_repo_close(repo);
    assert_int_equal(cm_repo_open(repo, path_in(state, "."), NULL, &err),
                     CM_OK);
    put(state, "data/bar", "bar");
    put(state, "data/foo", "changed");
    add(repo, "data");
    put_unused(state);
}

static bool has(void **state, const char *name)
{
    return cm_file_exists(path_in(state, name));
}

static void test_gc(void **state)
{
    cm_repo repo;
    cm_gc_options options = {.cloud = true, .jobs = 1, .dry = true};
    cm_gc_report report;
    open_changed(state, &repo);
    put(state, ".dvc/cache/files/md5/ab/notes.txt", "no object");
    assert_int_equal(cm_gc(&repo, &options, &report, &err), CM_OK);
    assert_int_equal(report.n, 2);
    assert_string_equal(report.stores[0].objects[0].key, LISTING);
    assert_string_equal(report.stores[0].objects[1].key, FOO);
    assert_int_equal(report.stores[0].n_kept, 3);
    assert_int_equal(report.stores[1].n, 2);
    assert_int_equal(report.stores[1].n_removed, 0);
    cm_gc_report_release(&report);
    assert_true(has(state, "remote/" FOO));
    options.dry = false;
    assert_int_equal(cm_gc(&repo, &options, &report, &err), CM_OK);
    assert_int_equal(report.stores[0].n_removed, 2);
    assert_int_equal(report.stores[1].n_removed, 2);
    cm_gc_report_release(&report);
    assert_false(has(state, "remote/" FOO) || has(state, "remote/" LISTING));
    assert_true(has(state, "remote/" BAR) && has(state, ".dvc/cache/" BAR));
    assert_true(has(state, ".dvc/cache/files/md5/ab/notes.txt"));
    cm_repo_close(&repo);
}

/* ---- without memory ------------------------------------------------------ */

typedef cm_status (*attempt)(const cm_repo *repo);

static cm_status collect(const cm_repo *repo)
{
    cm_gc_options options = {.cloud = true, .jobs = 1};
    cm_gc_report report;
    cm_status status = cm_gc(repo, &options, &report, &err);
    cm_gc_report_release(&report);
    return status;
}

static void test_gc_without_memory(void **state)
{
    cm_repo repo;
    open_changed(state, &repo);
    cm_status status = CM_ERR_NOMEM;
    for (long n = 0;; n++) {
        assert_true(n < 5000);
        put_unused(state);
        faults_left = n;
        status = collect(&repo);
        bool through = faults_left >= 0;
        faults_left = -1;
        assert_true(status == CM_OK || status == CM_ERR_NOMEM ||
                    status == CM_ERR_IO);
        assert_true(has(state, "remote/" BAR) && has(state, ".dvc/cache/" BAR));
        assert_true(!has(state, "remote/" LISTING) ||
                    has(state, "remote/" FOO));
        if (through) {
            break;
        }
    }
    assert_int_equal(status, CM_OK);
    assert_false(has(state, "remote/" LISTING));
    cm_repo_close(&repo);
}

/* Runs it with the n-th allocation failing, for every n. */
static void until_success(const cm_repo *repo, attempt once)
{
    for (long n = 0;; n++) {
        assert_true(n < 5000);
        faults_left = n;
        cm_status status = once(repo);
        bool through = faults_left >= 0;
        faults_left = -1;
        if (status != CM_OK && status != CM_ERR_NOMEM) {
            print_error("%ld: %s\n", n, err.message);
        }
        assert_true(status == CM_OK || status == CM_ERR_NOMEM);
        if (through) {
            assert_int_equal(status, CM_OK);
            return;
        }
    }
}

static cm_status compare(const cm_repo *repo)
{
    cm_cloud_options options = {.jobs = 1};
    cm_status_report report;
    cm_status status = cm_cloud_status(repo, &options, &report, &err);
    if (status == CM_OK) {
        assert_int_equal(report.n, 2);
        assert_string_equal(report.items[0].what, "new");
    }
    cm_status_report_release(&report);
    return status;
}

static void test_status_without_memory(void **state)
{
    cm_repo repo;
    open_changed(state, &repo);
    until_success(&repo, compare);
    cm_repo_close(&repo);
}

static cm_status import(const cm_repo *repo)
{
    cm_buf url = {0}, out = {0};
    cm_add_report report;
    cm_buf_addf(&url, "%s/data/foo", repo->root);
    cm_buf_addf(&out, "%s/copy", repo->root);
    if (url.failed || out.failed) {
        cm_buf_release(&url);
        cm_buf_release(&out);
        return CM_ERR_NOMEM;
    }
    cm_import_options options = {.url = url.p, .out = out.p, .force = true};
    cm_status status = cm_import_url(repo, &options, &report, &err);
    cm_add_report_release(&report);
    cm_buf_release(&url);
    cm_buf_release(&out);
    return status;
}

static void test_import_without_memory(void **state)
{
    static const char start[] = "md5: ";
    cm_repo repo;
    cm_buf text = {0};
    open_changed(state, &repo);
    until_success(&repo, import);
    assert_true(has_text(state, "copy", "changed"));
    assert_int_equal(
        cm_read_file(&text, path_in(state, "copy.dvc"), 1000, &err), CM_OK);
    assert_int_equal(strncmp(text.p, start, strlen(start)), 0);
    assert_non_null(strstr(text.p, "  path: data/foo\nouts:\n"));
    cm_buf_release(&text);
    cm_repo_close(&repo);
}

/* ---- a revision of git --------------------------------------------------- */

static cm_status list_head(const cm_repo *repo)
{
    cm_tracked_list list;
    cm_status status = cm_repo_tracked_at(repo, "HEAD", &list, &err);
    if (status == CM_OK) {
        assert_int_equal(list.n, 2);
        assert_string_equal(list.items[0].path, "data");
        assert_string_equal(list.items[1].path, "sub/out");
        assert_string_equal(list.items[1].stage, "make");
        assert_string_equal(list.items[1].out.md5,
                            "acbd18db4cc2f85cedef654fccc4a4d8");
    }
    cm_tracked_list_release(&list);
    return status;
}

static void test_revision(void **state)
{
    static const char stage[] =
        "stages:\n  make:\n    cmd: echo\n    outs:\n    - out\n";
    static const char lock[] =
        "schema: '2.0'\nstages:\n  make:\n    cmd: echo\n    outs:\n"
        "    - path: out\n      hash: md5\n"
        "      md5: acbd18db4cc2f85cedef654fccc4a4d8\n      size: 3\n";
    cm_repo repo;
    cm_tracked_list list;
    open_changed(state, &repo);
    put(state, "sub/dvc.yaml", stage);
    put(state, "sub/dvc.lock", lock);
    put(state, "hidden/x.dvc", "no .dvc file at all");
    put(state, ".dvcignore", "hidden\n");
    commit(repo.root);
    repo.has_git = true;
    assert_int_equal(unlink(path_in(state, "data.dvc")), 0);
    until_success(&repo, list_head);
    assert_int_equal(cm_repo_tracked_at(&repo, NULL, &list, &err), CM_OK);
    assert_int_equal(list.n, 1);
    cm_tracked_list_release(&list);
    assert_int_equal(cm_repo_tracked_at(&repo, "nothing", &list, &err),
                     CM_ERR_USAGE);
    cm_repo_close(&repo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_keys),
        cmocka_unit_test_setup_teardown(test_gc, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_gc_without_memory, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_status_without_memory,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_import_without_memory,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_revision, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
