/* A folder as a storage: what arrives, what is refused, what is left; by one
 * thread, and by several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/md5.h"
#include "storage/storage.h"
#include "test_base_folder.h"

static cm_error err;

typedef struct opened {
    cm_storage *storage;
    cm_storage_session *session;
    char root[1100];
} opened;

static opened open_folder(void **state, const char *name)
{
    opened o;
    cm_storage_settings settings = {.jobs = 3};
    (void)snprintf(o.root, sizeof o.root, "%s", path_in(state, name));
    settings.url = o.root;
    assert_int_equal(cm_storage_open(&o.storage, &settings, &err), CM_OK);
    assert_int_equal(cm_storage_session_new(&o.session, o.storage, &err),
                     CM_OK);
    return o;
}

static void close_folder(opened *o)
{
    cm_storage_session_free(o->session);
    cm_storage_close(o->storage);
}

static char *write_text(void **state, const char *name, const char *text)
{
    char *path = strdup(path_in(state, name));
    assert_non_null(path);
    assert_int_equal(cm_write_file(path, cm_str_of(text), &err), CM_OK);
    return path;
}

static void test_round_trip(void **state)
{
    static const char *const keys[] = {"a", "files/md5/ab/cdef.dir",
                                       "a b+c%25=~/клик", "runs/x/y"};
    opened o = open_folder(state, "round");
    char *path = write_text(state, "text", "hello");
    char *back = strdup(path_in(state, "back"));
    char md5[CM_MD5_HEX];
    cm_md5(md5, "hello", 5);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        cm_stored stored;
        cm_buf bytes = {0};
        struct stat about;
        char object[2200];
        (void)snprintf(object, sizeof object, "%s/%s", o.root, keys[i]);
        assert_int_equal(cm_storage_stat(o.session, keys[i], &stored, &err),
                         CM_OK);
        assert_false(stored.exists);
        assert_int_equal(
            cm_storage_put(o.session, keys[i], path, md5, NULL, &err), CM_OK);
        assert_int_equal(stat(object, &about), 0);
        assert_int_equal(about.st_mode & 07777, 0444);
        assert_int_equal(cm_storage_stat(o.session, keys[i], &stored, &err),
                         CM_OK);
        assert_true(stored.exists && stored.size == 5);
        assert_int_equal(
            cm_storage_get(o.session, keys[i], back, md5, NULL, &err), CM_OK);
        assert_int_equal(stat(back, &about), 0);
        assert_true((about.st_mode & 0200) != 0);
        assert_int_equal(cm_storage_read(o.session, keys[i], 100, &bytes, &err),
                         CM_OK);
        assert_string_equal(bytes.p, "hello");
        assert_int_equal(cm_storage_read(o.session, keys[i], 4, &bytes, &err),
                         CM_ERR_DATA);
        assert_int_equal(
            cm_storage_write(o.session, keys[i], CM_STR("new"), &err), CM_OK);
        assert_int_equal(cm_storage_remove(o.session, keys[i], &err), CM_OK);
        assert_int_equal(cm_storage_remove(o.session, keys[i], &err), CM_OK);
        cm_buf_release(&bytes);
    }
    free(path);
    free(back);
    close_folder(&o);
}

static cm_status count(void *context, const char *key, uint64_t size,
                       cm_error *error)
{
    cm_buf *all = context;
    (void)error;
    cm_buf_addf(all, "%s:%d ", key, (int)size);
    return CM_OK;
}

static void test_wrong_content_leaves_nothing(void **state)
{
    opened o = open_folder(state, "wrong");
    char *path = write_text(state, "text", "hello");
    char *back = strdup(path_in(state, "never"));
    const char *other = "d41d8cd98f00b204e9800998ecf8427e";
    cm_buf all = {0};
    assert_int_equal(cm_storage_put(o.session, "f/k", path, other, NULL, &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, other));
    assert_int_equal(cm_storage_list(o.session, "", count, &all, &err), CM_OK);
    assert_int_equal(all.n, 0);
    assert_int_equal(cm_storage_put(o.session, "f/k", path, NULL, NULL, &err),
                     CM_OK);
    assert_int_equal(cm_storage_get(o.session, "f/k", back, other, NULL, &err),
                     CM_ERR_DATA);
    assert_false(cm_file_exists(back));
    assert_int_equal(cm_storage_get(o.session, "no", back, NULL, NULL, &err),
                     CM_ERR_IO);
    free(path);
    free(back);
    close_folder(&o);
}

static void test_keys_stay_inside(void **state)
{
    static const char *const keys[] = {"..", "../x", "a/../x", "/etc/x",
                                       "a/.."};
    opened o = open_folder(state, "inside");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_int_equal(
            cm_storage_write(o.session, keys[i], CM_STR("x"), &err),
            CM_ERR_DATA);
    }
    assert_int_equal(cm_storage_write(o.session, "..a/b..", CM_STR("x"), &err),
                     CM_OK);
    close_folder(&o);
}

static void test_list_by_prefix(void **state)
{
    opened o = open_folder(state, "list");
    cm_buf all = {0};
    assert_int_equal(cm_storage_list(o.session, "", count, &all, &err), CM_OK);
    assert_int_equal(cm_storage_write(o.session, "a/bc/d", CM_STR("1"), &err),
                     CM_OK);
    assert_int_equal(cm_storage_write(o.session, "a/x", CM_STR("22"), &err),
                     CM_OK);
    assert_int_equal(cm_storage_write(o.session, "ab", CM_STR("333"), &err),
                     CM_OK);
    assert_int_equal(cm_storage_list(o.session, "a/b", count, &all, &err),
                     CM_OK);
    assert_string_equal(all.p, "a/bc/d:1 ");
    cm_buf_clear(&all);
    assert_int_equal(cm_storage_list(o.session, "ab", count, &all, &err),
                     CM_OK);
    assert_string_equal(all.p, "ab:3 ");
    cm_buf_clear(&all);
    assert_int_equal(cm_storage_list(o.session, "", count, &all, &err), CM_OK);
    assert_int_equal(all.n, strlen("a/bc/d:1 a/x:2 ab:3 "));
    cm_buf_release(&all);
    close_folder(&o);
}

static void test_many(void **state)
{
    enum { N = 7 };
    opened o = open_folder(state, "many");
    static char keys[N][16], paths[N][1200];
    cm_transfer transfers[N];
    for (size_t i = 0; i < N; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "k/%zu", i);
        (void)snprintf(paths[i], sizeof paths[i], "%s-%zu", o.root, i);
        cm_str text = {"0123456789", i};
        assert_int_equal(cm_write_file(paths[i], text, &err), CM_OK);
        transfers[i] =
            (cm_transfer){.key = keys[i], .path = paths[i], .size = i};
    }
    transfers[4].path = "/no/such/file";
    assert_int_equal(cm_storage_put_all(o.storage, transfers, N, NULL, &err),
                     CM_ERR_IO);
    assert_non_null(strstr(err.message, "1 of 7 objects failed"));
    const char *wanted[N + 1];
    uint64_t sizes[N + 1];
    bool found[N + 1];
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(transfers[i].status, i == 4 ? CM_ERR_IO : CM_OK);
        wanted[i] = keys[N - 1 - i];
        sizes[i] = i == 0 ? 1 : N - 1 - i; /* the first is another's */
    }
    wanted[N] = keys[3];
    sizes[N] = UINT64_MAX;
    assert_int_equal(
        cm_storage_find_all(o.storage, wanted, sizes, found, N + 1, &err),
        CM_OK);
    for (size_t i = 0; i <= N; i++) {
        assert_int_equal(found[i], i != 0 && i != 2);
    }
    assert_int_equal(cm_storage_put_all(o.storage, NULL, 0, NULL, &err), CM_OK);
    close_folder(&o);
}

static void test_file_urls(void **state)
{
    cm_storage *storage = NULL;
    cm_storage_session *session = NULL;
    char url[1200];
    (void)snprintf(url, sizeof url, "file://%s",
                   path_in(state, "with%20blank%zz"));
    cm_storage_settings settings = {.url = url};
    assert_int_equal(cm_storage_open(&storage, &settings, &err), CM_OK);
    assert_string_equal(cm_storage_name(storage), url);
    assert_int_equal(cm_storage_session_new(&session, storage, &err), CM_OK);
    assert_int_equal(cm_storage_write(session, "k", CM_STR("x"), &err), CM_OK);
    assert_true(cm_file_exists(path_in(state, "with blank%zz/k")));
    cm_storage_session_free(session);
    cm_storage_close(storage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_wrong_content_leaves_nothing),
        cmocka_unit_test(test_keys_stay_inside),
        cmocka_unit_test(test_list_by_prefix),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_file_urls),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
