/* A repository without git in the test's folder. */
#ifndef TEST_VERSIONING_WORKSPACE_H
#define TEST_VERSIONING_WORKSPACE_H

#include <sys/stat.h>
#include <time.h>

#include "test_base_folder.h"
#include "versioning/cache_store.h"
#include "versioning/workspace.h"

/* Writes a file, and makes it old enough for its hash to be remembered. */
static void put_file(void **state, const char *name, cm_str content)
{
    const char *path = path_in(state, name);
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(cm_make_parent(path, NULL), CM_OK);
    (void)unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content.p, 1, content.n, file), content.n);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void put(void **state, const char *name, const char *text)
{
    put_file(state, name, cm_str_of(text));
}

static bool has_text(void **state, const char *name, const char *text)
{
    cm_buf found = {0};
    bool same =
        cm_read_file(&found, path_in(state, name), 1 << 20, NULL) == CM_OK &&
        cm_str_is((cm_str){found.n > 0 ? found.p : "", found.n}, text);
    cm_buf_release(&found);
    return same;
}

/* links: cache.type. */
static void open_repo(void **state, cm_repo *repo, const char *links)
{
    static const cm_init_options options = {.no_scm = true, .force = true};
    cm_buf config = {0};
    setenv("DVC_GLOBAL_CONFIG_DIR", path_in(state, "global"), 1);
    setenv("DVC_SYSTEM_CONFIG_DIR", path_in(state, "system"), 1);
    assert_int_equal(cm_repo_init(path_in(state, "."), &options, NULL), CM_OK);
    cm_buf_addf(&config, "[core]\n    no_scm = True\n[cache]\n    type = %s\n",
                links);
    assert_int_equal(cm_write_file(path_in(state, ".dvc/config"),
                                   (cm_str){config.p, config.n}, NULL),
                     CM_OK);
    cm_buf_release(&config);
    assert_int_equal(cm_repo_open(repo, path_in(state, "."), NULL, NULL),
                     CM_OK);
}

#endif
