/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Without memory: the first, the second, ... allocation fails, until none does,
 * and every time it is said, nothing leaks and nothing is half there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage/s3.h"
#include "storage/sigv4.h"
#include "storage/storage.h"
#include "test_base_folder.h"
#include "test_base_until_success.h"

static cm_error err;

static void until_success(faulty function, void **state)
{
    until_success_within(function, state, 1000);
}

static cm_status sign_once(void **state)
{
    (void)state;
    static const sigv4_key key = {"id", "secret", "token", "r", "s3"};
    static const sigv4_request request = {"GET", "h", "/", "a=1&b", "x", 0};
    const cm_http_header extra = {"Range", "bytes=0-"};
    sigv4_signed out, again;
    cm_status status = sigv4_sign(&out, &key, &request, &extra, 1, &err);
    if (status == CM_OK) {
        long left = faults_left;
        faults_left = -1;
        assert_int_equal(sigv4_sign(&again, &key, &request, &extra, 1, &err),
                         CM_OK);
        assert_memory_equal(out.text, again.text, strlen(again.text));
        faults_left = left;
    }
    return status;
}

static void test_signing(void **state)
{
    until_success(sign_once, state);
}

static cm_status open_once(void **state)
{
    (void)state;
    cm_storage *storage = NULL;
    cm_storage_settings settings = {.url = "s3://bucket/a/b",
                                    .endpoint_url = "https://h:1/x",
                                    .access_key_id = "A",
                                    .secret_access_key = "s",
                                    .session_token = "t",
                                    .region = "r"};
    cm_status status = cm_storage_open(&storage, &settings, &err);
    if (status == CM_OK) {
        const s3_place *place = storage->place;
        assert_string_equal(place->access.access_key_id, "A");
        assert_string_equal(place->access.secret_access_key, "s");
        assert_string_equal(place->access.session_token, "t");
        assert_string_equal(place->access.region, "r");
        assert_string_equal(place->origin, "https://h:1");
        assert_string_equal(place->root, "/x/bucket");
        assert_string_equal(place->prefix, "a/b/");
    }
    cm_storage_close(storage);
    return status;
}

static void test_opening(void **state)
{
    until_success(open_once, state);
}

static cm_status copy_once(void **state)
{
    cm_storage *storage = NULL;
    cm_storage_session *session = NULL;
    const char *folder = ((test_folder *)*state)->path;
    char root[600], path[600], back[600];
    (void)snprintf(root, sizeof root, "%s/remote", folder);
    (void)snprintf(path, sizeof path, "%s/in", folder);
    (void)snprintf(back, sizeof back, "%s/back", folder);
    cm_storage_settings settings = {.url = root};
    cm_status status = cm_storage_open(&storage, &settings, &err);
    if (status == CM_OK) {
        status = cm_storage_session_new(&session, storage, &err);
    }
    if (status == CM_OK) {
        status = cm_storage_put(session, "a/b", path, NULL, NULL, &err);
    }
    if (status == CM_OK) {
        status = cm_storage_get(session, "a/b", back, NULL, NULL, &err);
    }
    if (status == CM_OK) {
        long left = faults_left;
        faults_left = -1;
        cm_buf bytes = {0};
        assert_int_equal(cm_read_file(&bytes, back, 100, &err), CM_OK);
        assert_string_equal(bytes.p, "text");
        cm_buf_release(&bytes);
        faults_left = left;
    }
    cm_storage_session_free(session);
    cm_storage_close(storage);
    return status;
}

static void test_copying(void **state)
{
    assert_int_equal(cm_write_file(path_in(state, "in"), CM_STR("text"), &err),
                     CM_OK);
    until_success(copy_once, state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signing),
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_copying),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
