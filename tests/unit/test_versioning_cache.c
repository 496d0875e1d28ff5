/* The cache, links, temporaries, and what is remembered of files. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_versioning_workspace.h"
#include "versioning/links.h"

#define FOO  "acbd18db4cc2f85cedef654fccc4a4d8"     /* of "foo" */
#define ROOT "5ea40360f5b4ec688df672a4db9c17d1.dir" /* of bar and foo */

static cm_error err;

static cm_status add(const cm_repo *repo, const char *name, cm_out *out)
{
    cm_file_state *files = NULL;
    cm_status status = cm_file_state_open(&files, repo, &err);
    *out = (cm_out){.path = name};
    if (status == CM_OK) {
        status = cm_cache_add(repo, files, name, out, &err);
    }
    cm_file_state_close(files);
    return status;
}

static cm_status hash(const cm_repo *repo, const char *name, cm_out *out)
{
    cm_file_state *files = NULL;
    cm_status status = cm_file_state_open(&files, repo, &err);
    *out = (cm_out){.path = name};
    if (status == CM_OK) {
        status = cm_workspace_hash(repo, files, name, out, NULL, &err);
    }
    cm_file_state_close(files);
    return status;
}

static cm_status check_out(const cm_repo *repo, const char *name,
                           const char *object, bool force, bool *changed)
{
    cm_file_state *files = NULL;
    cm_status status = cm_file_state_open(&files, repo, &err);
    if (status == CM_OK) {
        status =
            cm_cache_checkout(repo, files, name, object, force, changed, &err);
    }
    cm_file_state_close(files);
    return status;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

/* ---- the cache ----------------------------------------------------------- */

static void test_add_and_check_out(void **state)
{
    cm_repo repo;
    cm_out out;
    bool changed = false;
    open_repo(state, &repo, "copy");
    put(state, "data/foo", "foo");
    put(state, "data/bar", "bar");
    assert_int_equal(add(&repo, "data", &out), CM_OK);
    assert_string_equal(out.md5, ROOT);
    assert_int_equal(out.size, 6);
    assert_int_equal(out.nfiles, 2);
    assert_true(cm_cache_has(&repo, FOO));
    char *path = cm_cache_path(&repo, FOO);
    assert_int_equal(mode_of(path), 0444);
    free(path);

    put(state, "data/foo", "changed");
    put(state, "data/new", "foo");
    assert_int_equal(check_out(&repo, "data", ROOT, false, &changed),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "data/foo"));
    assert_true(has_text(state, "data/foo", "changed"));
    assert_int_equal(check_out(&repo, "data", ROOT, true, &changed), CM_OK);
    assert_true(changed);
    assert_true(has_text(state, "data/foo", "foo"));
    assert_false(cm_file_exists(path_in(state, "data/new")));
    assert_int_equal(check_out(&repo, "data", ROOT, false, &changed), CM_OK);
    assert_false(changed);
    cm_repo_close(&repo);
}

static void test_more_files_than_a_batch(void **state)
{
    enum { N = 1100 };
    cm_repo repo;
    cm_out out, again;
    char name[32], text[32];
    open_repo(state, &repo, "copy");
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "many/%d/%d", i % 3, i);
        snprintf(text, sizeof text, "%d", i % 700);
        put(state, name, text);
    }
    assert_int_equal(add(&repo, "many", &out), CM_OK);
    assert_int_equal(out.nfiles, N);
    cm_listing listing;
    assert_int_equal(cm_cache_listing(&repo, out.md5, &listing, &err), CM_OK);
    assert_int_equal(listing.n, N);
    for (size_t i = 0; i < listing.n; i++) {
        assert_true(cm_cache_has(&repo, listing.entries[i].md5));
    }
    cm_listing_release(&listing);
    assert_int_equal(hash(&repo, "many", &again), CM_OK);
    assert_string_equal(again.md5, out.md5);
    assert_int_equal(again.size, out.size);
    cm_repo_close(&repo);
}

/* An object that can be written to is not believed. */
static void test_objects_are_verified(void **state)
{
    cm_repo repo;
    cm_out out;
    open_repo(state, &repo, "copy");
    put(state, "foo", "foo");
    assert_int_equal(add(&repo, "foo", &out), CM_OK);
    assert_string_equal(out.md5, FOO);
    char *path = cm_cache_path(&repo, FOO);
    assert_int_equal(chmod(path, 0644), 0);
    assert_true(cm_cache_has(&repo, FOO));
    assert_int_equal(mode_of(path), 0444);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(cm_write_file(path, CM_STR("fox"), &err), CM_OK);
    assert_false(cm_cache_has(&repo, FOO));
    assert_false(cm_file_exists(path));
    assert_int_equal(add(&repo, "foo", &out), CM_OK);
    assert_true(cm_cache_has(&repo, FOO));
    free(path);
    cm_repo_close(&repo);
}

static void test_missing(void **state)
{
    cm_repo repo;
    cm_out out;
    bool changed = true;
    open_repo(state, &repo, "copy");
    assert_int_equal(add(&repo, "nothing", &out), CM_ERR_USAGE);
    assert_int_equal(hash(&repo, "nothing", &out), CM_OK);
    assert_string_equal(out.md5, "");
    put(state, "f", "unsaved");
    assert_int_equal(check_out(&repo, "f", FOO, true, &changed), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "clickmill pull"));
    assert_false(changed);
    assert_true(has_text(state, "f", "unsaved"));
    assert_int_equal(check_out(&repo, "g", ROOT, true, &changed), CM_ERR_DATA);
    cm_repo_close(&repo);
}

/* Puts a listing with this text into the cache; its object. */
static void put_listing(const cm_repo *repo, const char *text,
                        char object[CM_OBJECT_TEXT])
{
    cm_temp_folder temp;
    cm_md5(object, text, strlen(text));
    memcpy(object + CM_MD5_HEX - 1, ".dir", sizeof ".dir");
    assert_int_equal(cache_open_temp(&temp, repo, &err), CM_OK);
    char *path = cm_temp_folder_name(&temp, 0);
    assert_int_equal(cm_write_file(path, cm_str_of(text), &err), CM_OK);
    assert_int_equal(cache_put(repo, path, object, &err), CM_OK);
    free(path);
    cm_temp_folder_close(&temp);
}

/* What a remote gave may be anything. */
static void test_listings_that_lead_out(void **state)
{
    static const char *const bad[] = {"../x", "a/../../x", "/x", "",
                                      "a//b", ".",         "a/", "./x"};
    cm_repo repo;
    bool changed = true;
    char text[256], object[CM_OBJECT_TEXT];
    open_repo(state, &repo, "copy");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text,
                 "[{\"md5\": \"" FOO "\", \"relpath\": \"%s\"}]", bad[i]);
        put_listing(&repo, text, object);
        assert_int_equal(check_out(&repo, "inner", object, true, &changed),
                         CM_ERR_DATA);
        assert_false(changed);
    }
    cm_repo_close(&repo);
}

static void test_checkout_goes_through_no_link(void **state)
{
    cm_repo repo;
    cm_out out;
    bool changed = true;
    open_repo(state, &repo, "copy");
    put(state, "d/sub/foo", "foo");
    assert_int_equal(add(&repo, "d", &out), CM_OK);
    assert_int_equal(cm_remove_tree(path_in(state, "d/sub"), &err), CM_OK);
    assert_int_equal(cm_make_dirs(path_in(state, "elsewhere"), &err), CM_OK);
    assert_int_equal(symlink("../elsewhere", path_in(state, "d/sub")), 0);
    assert_int_equal(check_out(&repo, "d", out.md5, true, &changed),
                     CM_ERR_DATA);
    assert_false(cm_file_exists(path_in(state, "elsewhere/foo")));
    cm_repo_close(&repo);
}

/* A folder where a file was, and back. */
static void test_file_and_folder_change_places(void **state)
{
    cm_repo repo;
    cm_out folder, file;
    bool changed = false;
    open_repo(state, &repo, "copy");
    put(state, "x/deep/er", "1");
    assert_int_equal(add(&repo, "x", &folder), CM_OK);
    assert_int_equal(cm_remove_tree(path_in(state, "x"), &err), CM_OK);
    put(state, "x", "2");
    assert_int_equal(add(&repo, "x", &file), CM_OK);
    assert_int_equal(check_out(&repo, "x", folder.md5, false, &changed), CM_OK);
    assert_true(has_text(state, "x/deep/er", "1"));
    assert_int_equal(check_out(&repo, "x", file.md5, false, &changed), CM_OK);
    assert_true(has_text(state, "x", "2"));
    cm_repo_close(&repo);
}

/* ---- links --------------------------------------------------------------- */

static void check_link(void **state, const char *kind, bool hard, bool soft)
{
    cm_repo repo;
    cm_out out;
    struct stat st;
    bool changed = false;
    open_repo(state, &repo, kind);
    put(state, "l/a", "content");
    put(state, "l/b", "content");
    put(state, "l/empty", "");
    assert_int_equal(add(&repo, "l", &out), CM_OK);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(lstat(path_in(state, "l/b"), &st), 0);
        assert_int_equal(S_ISLNK(st.st_mode), soft);
        assert_int_equal(st.st_nlink, hard ? 3 : 1);
        assert_true(has_text(state, "l/a", "content"));
        assert_int_equal(cm_remove_tree(path_in(state, "l"), &err), CM_OK);
        assert_int_equal(check_out(&repo, "l", out.md5, false, &changed),
                         CM_OK);
    }
    assert_int_equal(add(&repo, "l", &out), CM_OK);
    assert_int_equal(cm_remove_tree(path_in(state, "l"), &err), CM_OK);
    cm_repo_close(&repo);
}

static void test_links(void **state)
{
    check_link(state, "copy", false, false);
    check_link(state, "hardlink", true, false);
    check_link(state, "symlink", false, true);
}

/* What was linked by another cache.type becomes what this one wants. */
static void test_add_relinks(void **state)
{
    cm_repo repo;
    cm_out out;
    struct stat st;
    open_repo(state, &repo, "hardlink");
    put(state, "r", "content");
    assert_int_equal(add(&repo, "r", &out), CM_OK);
    assert_int_equal(mode_of(path_in(state, "r")), 0444);
    repo.links[0] = CM_LINK_COPY;
    assert_int_equal(add(&repo, "r", &out), CM_OK);
    assert_int_equal(lstat(path_in(state, "r"), &st), 0);
    assert_int_equal(st.st_nlink, 1);
    assert_true((st.st_mode & 0200) != 0);
    cm_repo_close(&repo);
}

static void test_executable_files(void **state)
{
    cm_repo repo;
    cm_out out;
    open_repo(state, &repo, "hardlink");
    put(state, "tool", "#!/bin/sh\n");
    assert_int_equal(chmod(path_in(state, "tool"), 0755), 0);
    assert_int_equal(add(&repo, "tool", &out), CM_OK);
    assert_true(out.is_exec);
    assert_int_equal(access(path_in(state, "tool"), X_OK), 0);
    assert_true(cm_cache_has(&repo, out.md5));
    cm_repo_close(&repo);
}

/* ---- temporaries --------------------------------------------------------- */

static void test_temporaries(void **state)
{
    cm_temp_folder living, next;
    put(state, "t/clickmill.1.0/7", "left by a killed one");
    put(state, "t/other/7", "of somebody else");
    assert_int_equal(cm_temp_folder_open(&living, path_in(state, "t"), &err),
                     CM_OK);
    assert_false(cm_file_exists(path_in(state, "t/clickmill.1.0")));
    assert_true(cm_file_exists(path_in(state, "t/other/7")));
    char *name = cm_temp_folder_name(&living, 3);
    assert_int_equal(cm_write_file(name, CM_STR("x"), &err), CM_OK);
    assert_int_equal(cm_temp_folder_open(&next, path_in(state, "t"), &err),
                     CM_OK);
    assert_true(cm_file_exists(name));
    assert_string_not_equal(living.path, next.path);
    cm_temp_folder_close(&living);
    assert_false(cm_file_exists(name));
    cm_temp_folder_close(&next);
    free(name);
}

/* ---- what is remembered -------------------------------------------------- */

static void test_state(void **state)
{
    cm_repo repo;
    cm_file_state *files = NULL;
    char md5[CM_MD5_HEX];
    file_stamp stamp = {7, 100, 1000}, other = {7, 100, 1001};
    file_stamp young = {7, 100, (int64_t)time(NULL) * 1000000000};
    open_repo(state, &repo, "copy");
    assert_int_equal(cm_file_state_open(&files, &repo, &err), CM_OK);
    file_state_keep(files, "a", &stamp, FOO);
    file_state_keep(files, "young", &young, FOO);
    /* Made 30 ms ago; just now; 1 s ago, and only seconds are kept. */
    int64_t now = young.mtime_ns + 500000000;
    file_stamp made = {7, 100, now - 30000000}, fresh = {7, 100, now - 1000000};
    file_stamp coarse = {7, 100, young.mtime_ns};
    file_state_keep_made(files, "made", &made, FOO, now);
    file_state_keep_made(files, "fresh", &fresh, FOO, now);
    file_state_keep_made(files, "coarse", &coarse, FOO, now + 500000000);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        file_state_keep(files, name, &stamp, FOO);
    }
    cm_file_state_close(files);
    assert_int_equal(cm_file_state_open(&files, &repo, &err), CM_OK);
    assert_true(file_state_find(files, "a", &stamp, md5));
    assert_string_equal(md5, FOO);
    assert_true(file_state_find(files, "n999", &stamp, md5));
    assert_false(file_state_find(files, "a", &other, md5));
    assert_false(file_state_find(files, "young", &young, md5));
    assert_true(file_state_find(files, "made", &made, md5));
    assert_false(file_state_find(files, "fresh", &fresh, md5));
    assert_false(file_state_find(files, "coarse", &coarse, md5));
    assert_false(file_state_find(files, "b", &stamp, md5));
    assert_false(file_state_find(NULL, "a", &stamp, md5));
    file_state_keep(NULL, "a", &stamp, FOO);
    cm_file_state_close(files);
    cm_repo_close(&repo);
}

/* Whatever byte is wrong, it is as if there were none. */
static void test_damaged_state(void **state)
{
    cm_repo repo;
    cm_file_state *files = NULL;
    cm_buf whole = {0};
    char md5[CM_MD5_HEX];
    file_stamp stamp = {1, 2, 3};
    open_repo(state, &repo, "copy");
    assert_int_equal(cm_file_state_open(&files, &repo, &err), CM_OK);
    file_state_keep(files, "path", &stamp, FOO);
    cm_file_state_close(files);
    const char *path = path_in(state, ".dvc/tmp/clickmill.state");
    assert_int_equal(cm_read_file(&whole, path, 1 << 20, &err), CM_OK);
    for (size_t i = 0; i <= whole.n; i++) {
        cm_str text = {whole.p, i < whole.n ? whole.n : whole.n / 2};
        if (i < whole.n) {
            whole.p[i] ^= 0x40;
        }
        assert_int_equal(cm_write_file(path, text, &err), CM_OK);
        if (i < whole.n) {
            whole.p[i] ^= 0x40;
        }
        assert_int_equal(cm_file_state_open(&files, &repo, &err), CM_OK);
        assert_false(file_state_find(files, "path", &stamp, md5));
        cm_file_state_close(files);
    }
    cm_buf_release(&whole);
    cm_repo_close(&repo);
}

/* A remembered file is not read: with its stamp put back, nobody sees that it
 * changed. */
static void test_state_is_used(void **state)
{
    cm_repo repo;
    cm_out before, after;
    open_repo(state, &repo, "copy");
    put(state, "s", "one");
    assert_int_equal(hash(&repo, "s", &before), CM_OK);
    int fd = open(path_in(state, "s"), O_WRONLY);
    assert_int_equal(write(fd, "two", 3), 3);
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(hash(&repo, "s", &after), CM_OK);
    assert_string_equal(before.md5, after.md5);
    put(state, "s", "three");
    assert_int_equal(hash(&repo, "s", &after), CM_OK);
    assert_string_not_equal(before.md5, after.md5);
    cm_repo_close(&repo);
}

/* ---- walking ------------------------------------------------------------- */

static void test_walk(void **state)
{
    static const char *const expected[] = {"a", "link", "b/c", "b/d", "e/f"};
    cm_repo repo;
    walk w;
    open_repo(state, &repo, "copy");
    put(state, "w/b/d", "1");
    put(state, "w/b/c", "22");
    put(state, "w/a", "333");
    put(state, "w/e/f", "");
    put(state, "w/skipped.tmp", "4");
    put(state, "w/e/skipped/x", "5");
    put(state, ".dvcignore", "*.tmp\nskipped/\n");
    assert_int_equal(symlink("a", path_in(state, "w/link")), 0);
    assert_int_equal(symlink("b", path_in(state, "w/to a folder")), 0);
    assert_int_equal(walk_path(&w, &repo, "w", &err), CM_OK);
    assert_true(w.found && w.is_folder);
    assert_int_equal(w.n, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < w.n; i++) {
        assert_string_equal(walk_relative(&w, &w.files[i]), expected[i]);
        assert_memory_equal(walk_from_root(&w, &w.files[i]), "w/", 2);
    }
    assert_int_equal(w.size, 3 + 3 + 2 + 1);
    assert_true(w.files[1].is_link && !w.files[0].is_link);
    walk_release(&w);
    assert_int_equal(walk_path(&w, &repo, "w/skipped.tmp", &err), CM_OK);
    assert_false(w.found);
    walk_release(&w);
    cm_repo_close(&repo);
}

static void check_refused(void **state, const cm_repo *repo, const char *name)
{
    walk w;
    assert_int_not_equal(walk_path(&w, repo, "bad", &err), CM_OK);
    assert_non_null(strstr(err.message, name));
    walk_release(&w);
    assert_int_equal(unlink(path_in(state, name)), 0);
}

static void test_walk_refuses(void **state)
{
    cm_repo repo;
    walk w;
    open_repo(state, &repo, "copy");
    put(state, "bad/good", "1");
    assert_int_equal(mkfifo(path_in(state, "bad/fifo"), 0600), 0);
    check_refused(state, &repo, "bad/fifo");
    assert_int_equal(symlink("nothing", path_in(state, "bad/broken")), 0);
    check_refused(state, &repo, "bad/broken");
    put(state, "bad/.dvcignore", "x");
    check_refused(state, &repo, "bad/.dvcignore");
    assert_int_equal(walk_path(&w, &repo, "bad", &err), CM_OK);
    assert_int_equal(w.n, 1);
    walk_release(&w);
    cm_repo_close(&repo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_and_check_out),
        cmocka_unit_test(test_more_files_than_a_batch),
        cmocka_unit_test(test_objects_are_verified),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_listings_that_lead_out),
        cmocka_unit_test(test_checkout_goes_through_no_link),
        cmocka_unit_test(test_file_and_folder_change_places),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_add_relinks),
        cmocka_unit_test(test_executable_files),
        cmocka_unit_test(test_temporaries),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_damaged_state),
        cmocka_unit_test(test_state_is_used),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_walk_refuses),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
