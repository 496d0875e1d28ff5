/* Files that wait for their check get their names, or an error each. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/md5.h"
#include "storage/arrivals.h"
#include "test_base_folder.h"

enum { N = 45, SIZE = 5000 }; /* two batches and a rest */

typedef struct object {
    char path[1100], md5[CM_MD5_HEX], key[16];
    size_t size;
} object;

static bool is_bad(size_t i)
{
    return i == 0 || i == 20 || i == N - 1;
}

static void make_object(void **state, object *o, size_t i, uint8_t *bytes)
{
    o->size = i * 111 % SIZE;
    (void)snprintf(o->key, sizeof o->key, "object-%zu", i);
    (void)snprintf(o->path, sizeof o->path, "%s", path_in(state, o->key));
    memset(bytes, (int)i, o->size);
    cm_md5(o->md5, bytes, o->size);
    if (is_bad(i)) {
        o->md5[0] = o->md5[0] == '0' ? '1' : '0';
    }
}

static size_t count_files(void **state)
{
    DIR *dir = opendir(((test_folder *)*state)->path);
    assert_non_null(dir);
    size_t n = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    }
    closedir(dir);
    return n;
}

static void check_one(const object *o, const cm_transfer *t, bool bad)
{
    cm_buf content = {0};
    assert_int_equal(t->status, bad ? CM_ERR_DATA : CM_OK);
    assert_int_equal(cm_file_exists(o->path), !bad);
    if (bad) {
        assert_non_null(strstr(t->error.message, "remote: object-"));
        assert_non_null(strstr(t->error.message, o->md5));
        return;
    }
    assert_int_equal(cm_read_file(&content, o->path, SIZE, NULL), CM_OK);
    assert_int_equal(content.n, o->size);
    cm_buf_release(&content);
}

static void test_right_ones_get_their_names(void **state)
{
    static object objects[N];
    static cm_transfer transfers[N];
    uint8_t bytes[SIZE];
    arrivals a;
    arrivals_init(&a, "remote");
    for (size_t i = 0; i < N; i++) {
        object *o = &objects[i];
        cm_atomic_file *file = NULL;
        make_object(state, o, i, bytes);
        transfers[i] =
            (cm_transfer){.key = o->key, .path = o->path, .md5 = o->md5};
        assert_int_equal(cm_atomic_open(&file, o->path, NULL), CM_OK);
        cm_atomic_write(file, bytes, o->size);
        arrivals_add(&a, &transfers[i], file);
        assert_true(a.n < ARRIVALS);
    }
    assert_false(cm_file_exists(objects[N - 2].path));
    arrivals_finish(&a);
    for (size_t i = 0; i < N; i++) {
        check_one(&objects[i], &transfers[i], is_bad(i));
    }
    assert_int_equal(count_files(state), N - 3);
}

static void test_what_could_not_be_written(void **state)
{
    (void)state;
    cm_transfer transfer = {.key = "k", .path = "/dev/full", .md5 = "none"};
    cm_atomic_file *file = NULL;
    arrivals a;
    arrivals_init(&a, "remote");
    assert_int_equal(cm_atomic_open(&file, "/dev/full", NULL), CM_OK);
    cm_atomic_write(file, "bytes", 5);
    arrivals_add(&a, &transfer, file);
    arrivals_finish(&a);
    assert_int_equal(transfer.status, CM_ERR_IO);
    assert_non_null(strstr(transfer.error.message, "disk is full"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_ones_get_their_names),
        cmocka_unit_test(test_what_could_not_be_written),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
