/* LDFLAGS: -Wl,-wrap=ioctl */
/* Copies on a file system that shares blocks: its one system call is played
 * here, since few machines have such a file system to test on. */
#include <errno.h>
#include <linux/fs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "storage/storage.h"
#include "test_base_folder.h"

static cm_error err;
static int n_clones;
static bool can_clone;

int __wrap_ioctl(int to, unsigned long request, int from);

int __wrap_ioctl(int to, unsigned long request, int from)
{
    char bytes[64];
    assert_int_equal(request, FICLONE);
    if (!can_clone) {
        errno = EOPNOTSUPP;
        return -1;
    }
    ssize_t n = pread(from, bytes, sizeof bytes, 0);
    assert_true(n >= 0 && n < (ssize_t)sizeof bytes);
    assert_int_equal(pwrite(to, bytes, (size_t)n, 0), n);
    n_clones++;
    return 0;
}

/* md5 is of "text". */
static void put_and_get(void **state, cm_status expected, const char *md5)
{
    cm_storage *storage = NULL;
    cm_storage_session *session = NULL;
    char root[1100], path[1100], back[1100];
    (void)snprintf(root, sizeof root, "%s", path_in(state, "remote"));
    (void)snprintf(path, sizeof path, "%s", path_in(state, "in"));
    (void)snprintf(back, sizeof back, "%s", path_in(state, "back"));
    cm_storage_settings settings = {.url = root};
    assert_int_equal(cm_write_file(path, CM_STR("text"), &err), CM_OK);
    assert_int_equal(cm_storage_open(&storage, &settings, &err), CM_OK);
    assert_int_equal(cm_storage_session_new(&session, storage, &err), CM_OK);
    assert_int_equal(cm_storage_put(session, "k", path, md5, NULL, &err),
                     expected);
    if (expected == CM_OK) {
        cm_buf bytes = {0};
        assert_int_equal(cm_storage_get(session, "k", back, md5, NULL, &err),
                         CM_OK);
        assert_int_equal(cm_read_file(&bytes, back, 100, &err), CM_OK);
        assert_string_equal(bytes.p, "text");
        cm_buf_release(&bytes);
    }
    assert_int_equal(cm_storage_remove(session, "k", &err), CM_OK);
    cm_storage_session_free(session);
    cm_storage_close(storage);
}

static const char right[] = "1cb251ec0d568de6a929b520c4aed8d1";
static const char wrong[] = "d41d8cd98f00b204e9800998ecf8427e";

static void test_blocks_are_shared(void **state)
{
    can_clone = true;
    n_clones = 0;
    put_and_get(state, CM_OK, right);
    assert_int_equal(n_clones, 2);
    put_and_get(state, CM_ERR_DATA, wrong);
}

static void test_and_copied_where_they_cannot(void **state)
{
    can_clone = false;
    n_clones = 0;
    put_and_get(state, CM_OK, right);
    assert_int_equal(n_clones, 0);
    put_and_get(state, CM_ERR_DATA, wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_shared),
        cmocka_unit_test(test_and_copied_where_they_cannot),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
