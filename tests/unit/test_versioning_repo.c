/* Repositories: made, found, locked, their remotes changed and read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvc/ignore.h"
#include "test_base_folder.h"
#include "versioning/git.h"
#include "versioning/paths.h"
#include "versioning/remotes.h"

static cm_error err;

static void put(void **state, const char *name, const char *text)
{
    const char *path = path_in(state, name);
    assert_int_equal(cm_make_parent(path, &err), CM_OK);
    assert_int_equal(cm_write_file(path, cm_str_of(text), &err), CM_OK);
}

static void expect(void **state, const char *name, const char *text)
{
    cm_buf found = {0};
    assert_int_equal(cm_read_file(&found, path_in(state, name), 1 << 20, &err),
                     CM_OK);
    cm_buf_addc(&found, '\0');
    assert_string_equal(found.p, text);
    cm_buf_release(&found);
}

/* A repository without git in the folder; its own levels are all there is. */
static void open_new(void **state, cm_repo *repo)
{
    static const cm_init_options options = {.no_scm = true, .force = true};
    setenv("DVC_GLOBAL_CONFIG_DIR", path_in(state, "global"), 1);
    setenv("DVC_SYSTEM_CONFIG_DIR", path_in(state, "system"), 1);
    assert_int_equal(cm_repo_init(path_in(state, "."), &options, &err), CM_OK);
    assert_int_equal(cm_make_dirs(path_in(state, "a/b"), &err), CM_OK);
    assert_int_equal(cm_repo_open(repo, path_in(state, "a/b"), NULL, &err),
                     CM_OK);
}

static void test_init_and_open(void **state)
{
    cm_repo repo;
    cm_arena arena = {0};
    const char *path = NULL;
    cm_init_options options = {.no_scm = true};
    open_new(state, &repo);
    expect(state, ".dvc/config", "[core]\n    no_scm = True\n");
    assert_string_equal(repo.root, ((test_folder *)*state)->path);
    assert_string_equal(repo.cache, path_in(state, ".dvc/cache"));
    assert_int_equal(repo.n_links, 2);
    assert_false(repo.has_git);
    assert_int_equal(
        cm_repo_path(&repo, path_in(state, "a/../b/./c"), &arena, &path, &err),
        CM_OK);
    assert_string_equal(path, "b/c");
    assert_int_equal(cm_repo_path(&repo, "/", &arena, &path, &err),
                     CM_ERR_USAGE);
    assert_int_equal(cm_repo_init(repo.root, &options, &err), CM_ERR_USAGE);
    options = (cm_init_options){.force = true};
    assert_int_equal(cm_repo_init(repo.root, &options, &err), CM_ERR_USAGE);
    cm_arena_release(&arena);
    cm_repo_close(&repo);
    assert_int_equal(cm_repo_open(&repo, "/", NULL, &err), CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "clickmill init"));
    cm_repo_close(&repo);
}

static void test_settings(void **state)
{
    cm_repo repo;
    open_new(state, &repo);
    cm_repo_close(&repo);
    put(state, ".dvc/config", "[cache]\ntype = hardlink, copy\ndir = ../c\n");
    assert_int_equal(cm_repo_open(&repo, path_in(state, "a"), NULL, &err),
                     CM_OK);
    assert_int_equal(repo.links[0], CM_LINK_HARDLINK);
    assert_int_equal(repo.links[1], CM_LINK_COPY);
    assert_string_equal(repo.cache, path_in(state, "c"));
    cm_repo_close(&repo);
    put(state, ".dvc/config", "[cache]\ntype = hardlinks\n");
    assert_int_equal(cm_repo_open(&repo, path_in(state, "a"), NULL, &err),
                     CM_ERR_USAGE);
    cm_repo_close(&repo);
    put(state, ".dvc/config", "[cache\n");
    assert_int_equal(cm_repo_open(&repo, path_in(state, "a"), NULL, &err),
                     CM_ERR_PARSE);
    cm_repo_close(&repo);
}

static void test_lock(void **state)
{
    cm_repo first, second;
    open_new(state, &first);
    assert_int_equal(cm_repo_open(&second, first.root, NULL, &err), CM_OK);
    assert_int_equal(cm_repo_lock(&first, &err), CM_OK);
    assert_int_equal(cm_repo_lock(&second, &err), CM_ERR_DATA);
    char pid[32];
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(err.message, pid));
    cm_repo_unlock(&first);
    assert_int_equal(cm_repo_lock(&second, &err), CM_OK);
    cm_repo_close(&first);
    cm_repo_close(&second);
}

static void test_remotes(void **state)
{
    cm_repo repo;
    cm_storage_settings settings;
    cm_new_remote remote = {.name = "S", .url = "s3://b/p", .is_default = true};
    open_new(state, &repo);
    assert_int_equal(cm_remote_add(&repo, CM_CONFIG_REPO, &remote, &err),
                     CM_OK);
    assert_int_equal(cm_remote_add(&repo, CM_CONFIG_REPO, &remote, &err),
                     CM_ERR_USAGE);
    assert_int_equal(cm_remote_modify(&repo, CM_CONFIG_LOCAL, "s",
                                      "secret_access_key", "x,y", &err),
                     CM_OK);
    assert_int_equal(cm_remote_modify(&repo, CM_CONFIG_REPO, "s", "endpoint",
                                      "https://h", &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "endpointurl"));
    assert_int_equal(
        cm_remote_modify(&repo, CM_CONFIG_REPO, "s", "jobs", "x", &err),
        CM_ERR_USAGE);
    assert_int_equal(
        cm_remote_rename(&repo, CM_CONFIG_REPO, "s", "cloud", &err), CM_OK);
    assert_int_equal(cm_remote_remove(&repo, CM_CONFIG_REPO, "s", &err),
                     CM_ERR_USAGE);
    expect(
        state, ".dvc/config",
        "[core]\n    no_scm = True\n    remote = cloud\n['remote \"cloud\"']\n"
        "    url = s3://b/p\n");
    expect(state, ".dvc/config.local",
           "['remote \"s\"']\n    secret_access_key = \"x,y\"\n");
    assert_int_equal(cm_remote_set_default(&repo, CM_CONFIG_REPO, "no", &err),
                     CM_ERR_USAGE);
    cm_repo_close(&repo);
    assert_int_equal(cm_repo_open(&repo, path_in(state, "."), NULL, &err),
                     CM_OK);
    assert_int_equal(cm_repo_remote(&repo, NULL, &settings, &err), CM_OK);
    assert_string_equal(settings.url, "s3://b/p");
    assert_null(settings.secret_access_key);
    assert_int_equal(cm_repo_remote(&repo, "s", &settings, &err), CM_ERR_USAGE);
    assert_int_equal(cm_repo_remote(&repo, "clod", &settings, &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "'cloud'"));
    cm_repo_close(&repo);
}

/* What would matter and is not there is an error, not overlooked. */
static void test_remotes_refused(void **state)
{
    static const char *const options[] = {"acl = private", "sse = AES256",
                                          "version_aware = true", "regin = x",
                                          "use_ssl = maybe"};
    cm_repo repo;
    cm_storage_settings settings;
    open_new(state, &repo);
    cm_repo_close(&repo);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "['remote \"r\"']\nurl = s3://b\nsecret_access_key = topsecret"
                 "\n%s\n",
                 options[i]);
        put(state, ".dvc/config", text);
        assert_int_equal(cm_repo_open(&repo, path_in(state, "."), NULL, &err),
                         CM_OK);
        assert_int_equal(cm_repo_remote(&repo, "r", &settings, &err),
                         CM_ERR_USAGE);
        assert_null(strstr(err.message, "topsecret"));
        cm_repo_close(&repo);
    }
}

static void test_without_git(void **state)
{
    cm_repo repo;
    cm_git *git = NULL;
    bool answer = true;
    open_new(state, &repo);
    assert_int_equal(cm_git_open(&git, &repo, &err), CM_OK);
    assert_null(git);
    assert_int_equal(cm_git_check_untracked(git, "a", &err), CM_OK);
    assert_int_equal(cm_git_ignore(git, "a", &answer, &err), CM_OK);
    assert_false(answer);
    assert_int_equal(cm_git_unignore(git, "a", &answer, &err), CM_OK);
    assert_int_equal(cm_git_stage(git, "a", &err), CM_OK);
    cm_git_close(git);
    cm_repo_close(&repo);
}

static void test_ignore(void **state)
{
    static const struct {
        const char *path;
        bool is_folder, ignored;
    } cases[] = {{"x.tmp", false, true},       {"a/x.tmp", false, true},
                 {"a/keep.tmp", false, false}, {"b/keep.tmp", false, true},
                 {".dvc", true, true},         {".git", true, true},
                 {"sub", true, true},          {"a/only", false, true},
                 {"b/only", false, false},     {".dvc/x/y", false, true}};
    cm_repo repo;
    cm_ignore *ignore = NULL;
    open_new(state, &repo);
    put(state, ".dvcignore", "# temporary\n*.tmp\n");
    put(state, "a/.dvcignore", "!keep.tmp\n/only\n");
    put(state, "sub/.dvc/config", "");
    assert_int_equal(cm_ignore_open(&ignore, repo.root, &err), CM_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool ignored = false;
        assert_int_equal(cm_ignore_check(ignore, cases[i].path,
                                         cases[i].is_folder, &ignored, &err),
                         CM_OK);
        assert_int_equal(ignored, cases[i].ignored);
    }
    cm_ignore_close(ignore);
    cm_repo_close(&repo);
}

static void expect_path(char *path, const char *expected)
{
    assert_string_equal(path, expected);
    free(path);
}

static void test_paths(void **state)
{
    (void)state;
    expect_path(path_absolute("/a/b", "../c/./d//e"), "/a/c/d/e");
    expect_path(path_absolute("/a", "../../.."), "/");
    expect_path(path_absolute("/a", "/x/"), "/x");
    expect_path(path_relative("/a/b/c", "/a/b"), "c");
    expect_path(path_relative("/a/bc", "/a/b"), "../bc");
    expect_path(path_relative("/a", "/a/b/c"), "../..");
    expect_path(path_relative("/a/b", "/a/b"), ".");
    expect_path(path_relative("/", "/a"), "..");
    expect_path(path_relative("/a", "/"), "a");
    assert_true(path_is_below("/a/b", "/a") && path_is_below("/a", "/a"));
    assert_false(path_is_below("/ab", "/a"));
    assert_true(path_is_url("s3://b") && !path_is_url("://b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_init_and_open),
                                       cmocka_unit_test(test_settings),
                                       cmocka_unit_test(test_lock),
                                       cmocka_unit_test(test_remotes),
                                       cmocka_unit_test(test_remotes_refused),
                                       cmocka_unit_test(test_without_git),
                                       cmocka_unit_test(test_ignore),
                                       cmocka_unit_test(test_paths)};
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
