/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Without memory: the first, the second, ... allocation fails, until none does,
 * and every time it is said, and nothing half-made is taken for whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dvc/ignore.h"
#include "test_base_folder.h"
#include "test_base_until_success.h"
#include "versioning/git.h"
#include "versioning/remotes.h"
#include "versioning/stages.h"

#define MD5 "764efa883dda1e11db47671c4a3bbd9e"

static cm_error err;

static void until_success(faulty function, void **state)
{
    until_success_within(function, state, 2000);
}

/* What was written in spite of a fault is what is written without one. */
static void check_text(cm_buf *out, const char *expected)
{
    assert_int_equal(out->n, strlen(expected));
    assert_memory_equal(out->p, expected, out->n);
}

static cm_status dvc_file_once(void **state)
{
    (void)state;
    static const char text[] =
        "# x\nouts:\n- md5: " MD5 " # y\n  path: a b\n  hash: md5\nmeta: 1\n";
    cm_dvc_file file;
    cm_buf out = {0};
    cm_status status = cm_dvc_file_parse(&file, cm_str_of(text), "x.dvc", &err);
    if (status == CM_OK) {
        status = cm_dvc_file_format(&file, &out, &err);
    }
    if (status == CM_OK) {
        check_text(&out, text);
    }
    cm_buf_release(&out);
    cm_dvc_file_release(&file);
    return status;
}

static void test_dvc_file(void **state)
{
    until_success(dvc_file_once, state);
}

static cm_status lock_file_once(void **state)
{
    (void)state;
    static const char text[] =
        "schema: '2.0'\nstages:\n  a:\n    cmd:\n    - x y\n    deps:\n"
        "    - path: b\n      hash: md5\n      md5: " MD5
        "\n      size: 1\n    params:\n      params.yaml:\n        lr: 1e-05\n";
    cm_lock_file lock;
    cm_buf out = {0};
    cm_status status =
        cm_lock_file_parse(&lock, cm_str_of(text), "dvc.lock", &err);
    if (status == CM_OK) {
        lock.stages[0].raw = (cm_str){0};
        status = cm_lock_file_format(&lock, &out, &err);
    }
    if (status == CM_OK) {
        check_text(&out, text);
    }
    cm_buf_release(&out);
    cm_lock_file_release(&lock);
    return status;
}

static void test_lock_file(void **state)
{
    until_success(lock_file_once, state);
}

static cm_status listing_once(void **state)
{
    (void)state;
    static const char text[] =
        "[{\"md5\": \"" MD5 "\", \"relpath\": \"a/\\u0436\"}]";
    cm_listing listing = {0};
    cm_buf out = {0};
    char id[CM_OBJECT_TEXT];
    cm_status status =
        cm_listing_parse(&listing, cm_str_of(text), "x.dir", &err);
    if (status == CM_OK) {
        status = cm_listing_format(&listing, &out, id, &err);
    }
    if (status == CM_OK) {
        check_text(&out, text);
    }
    cm_buf_release(&out);
    cm_listing_release(&listing);
    return status;
}

static void test_listing(void **state)
{
    until_success(listing_once, state);
}

static cm_status remote_once(void **state)
{
    cm_repo repo;
    cm_storage_settings settings;
    cm_new_remote remote = {
        .name = "a", .url = "store", .is_default = true, .force = true};
    cm_status status = cm_repo_open(&repo, path_in(state, "."), NULL, &err);
    if (status == CM_OK) {
        status = cm_remote_add(&repo, CM_CONFIG_REPO, &remote, &err);
    }
    if (status == CM_OK) {
        status =
            cm_remote_modify(&repo, CM_CONFIG_REPO, "a", "jobs", "2", &err);
    }
    if (status == CM_OK) {
        status = cm_remote_rename(&repo, CM_CONFIG_REPO, "a", "b", &err);
    }
    if (status == CM_OK) {
        status = cm_remote_remove(&repo, CM_CONFIG_REPO, "b", &err);
    }
    if (status == CM_OK) {
        status = cm_repo_remote(&repo, "old", &settings, &err);
    }
    cm_repo_close(&repo);
    return status;
}

static void reset_config(void **state)
{
    assert_int_equal(
        cm_write_file(path_in(state, ".dvc/config"),
                      CM_STR("[core]\nno_scm = true\n['remote \"old\"']\n"
                             "url = ../x\n"),
                      &err),
        CM_OK);
}

/* Each fault from the same start. */
static cm_status remote_from_start(void **state)
{
    long left = faults_left;
    faults_left = -1;
    reset_config(state);
    faults_left = left;
    return remote_once(state);
}

static void test_remote(void **state)
{
    setenv("DVC_GLOBAL_CONFIG_DIR", path_in(state, "global"), 1);
    setenv("DVC_SYSTEM_CONFIG_DIR", path_in(state, "system"), 1);
    assert_int_equal(cm_make_dirs(path_in(state, ".dvc"), &err), CM_OK);
    until_success(remote_from_start, state);
}

static cm_status ignore_once(void **state)
{
    cm_ignore *ignore = NULL;
    bool ignored = false;
    cm_status status = cm_ignore_open(&ignore, path_in(state, "."), &err);
    if (status == CM_OK) {
        status = cm_ignore_check(ignore, "a/b/c.tmp", false, &ignored, &err);
    }
    if (status == CM_OK) {
        assert_true(ignored);
    }
    cm_ignore_close(ignore);
    return status;
}

static void test_ignore(void **state)
{
    const char *path = path_in(state, "a/.dvcignore");
    assert_int_equal(cm_make_parent(path, &err), CM_OK);
    assert_int_equal(cm_write_file(path, CM_STR("[bc].tmp\n"), &err), CM_OK);
    until_success(ignore_once, state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dvc_file), cmocka_unit_test(test_lock_file),
        cmocka_unit_test(test_listing), cmocka_unit_test(test_remote),
        cmocka_unit_test(test_ignore)};
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
