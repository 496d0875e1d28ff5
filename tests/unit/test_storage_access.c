/* Where keys, region and endpoint come from: settings, environment, ~/.aws, in
 * boto3's order; and what malformed files say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage/aws_ini.h"
#include "storage/credentials.h"
#include "storage/s3.h"
#include "test_base_folder.h"

static cm_error err;
static cm_arena arena;

static const char *const variables[] = {"AWS_ACCESS_KEY_ID",
                                        "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN",
                                        "AWS_SECURITY_TOKEN",
                                        "AWS_PROFILE",
                                        "AWS_DEFAULT_PROFILE",
                                        "AWS_REGION",
                                        "AWS_DEFAULT_REGION",
                                        "AWS_ENDPOINT_URL",
                                        "AWS_ENDPOINT_URL_S3",
                                        "AWS_SHARED_CREDENTIALS_FILE",
                                        "AWS_CONFIG_FILE",
                                        "AWS_CA_BUNDLE",
                                        "REQUESTS_CA_BUNDLE"};

/* A home of its own, with nothing in it and no variable set. */
static int empty_home(void **state)
{
    test_folder *folder = *state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        unsetenv(variables[i]);
    }
    setenv("HOME", folder->path, 1);
    (void)!cm_remove_tree(path_in(state, ".aws"), NULL);
    return cm_make_dirs(path_in(state, ".aws"), NULL) == CM_OK ? 0 : -1;
}

static int drop_arena(void **state)
{
    (void)state;
    cm_arena_release(&arena);
    return 0;
}

static void write_text(void **state, const char *name, const char *text)
{
    assert_int_equal(cm_write_file(path_in(state, name), cm_str_of(text), &err),
                     CM_OK);
}

static s3_access found(const cm_storage_settings *settings)
{
    s3_access access;
    cm_storage_settings s = *settings;
    s.url = "s3://bucket";
    cm_status status = s3_access_find(&access, &s, &arena, &err);
    if (status != CM_OK) {
        fail_msg("%s", err.message);
    }
    return access;
}

/* The message of a search that fails. */
static const char *refused(const cm_storage_settings *settings)
{
    s3_access access;
    cm_storage_settings s = *settings;
    s.url = "s3://bucket";
    assert_int_not_equal(s3_access_find(&access, &s, &arena, &err), CM_OK);
    return err.message;
}

static void test_order_of_places(void **state)
{
    write_text(state, ".aws/config",
               "[default]\naws_access_key_id=C\naws_secret_access_key=c\n"
               "[profile p]\naws_access_key_id=PC\naws_secret_access_key=pc\n");
    assert_string_equal(found(&(cm_storage_settings){0}).access_key_id, "C");
    write_text(state, ".aws/credentials",
               "[default]\naws_access_key_id = F\naws_secret_access_key = f\n"
               "aws_session_token = ft\n");
    s3_access access = found(&(cm_storage_settings){0});
    assert_string_equal(access.access_key_id, "F");
    assert_string_equal(access.session_token, "ft");
    assert_non_null(strstr(access.origin, ".aws/credentials, profile default"));
    setenv("AWS_ACCESS_KEY_ID", "E", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "e", 1);
    setenv("AWS_SESSION_TOKEN", "et", 1);
    access = found(&(cm_storage_settings){0});
    assert_string_equal(access.access_key_id, "E");
    assert_string_equal(access.session_token, "et");
    /* A profile of the settings comes before the environment ... */
    access = found(&(cm_storage_settings){.profile = "p"});
    assert_string_equal(access.access_key_id, "PC");
    assert_null(access.session_token);
    /* ... one of AWS_PROFILE does not. */
    setenv("AWS_PROFILE", "p", 1);
    assert_string_equal(found(&(cm_storage_settings){0}).access_key_id, "E");
    access = found(
        &(cm_storage_settings){.access_key_id = "S", .secret_access_key = "s"});
    assert_string_equal(access.access_key_id, "S");
    assert_string_equal(access.secret_access_key, "s");
    assert_null(access.session_token);
    assert_null(found(&(cm_storage_settings){.anonymous = true}).access_key_id);
}

static void test_region_and_endpoint(void **state)
{
    const cm_storage_settings none = {.anonymous = true};
    s3_access access = found(&none);
    assert_string_equal(access.region, "us-east-1");
    assert_null(access.endpoint);
    assert_true(access.virtual_host);
    write_text(state, ".aws/config",
               "[default]\nregion = r1\nendpoint_url = http://e1\n"
               "s3 =\n  addressing_style = virtual\n");
    access = found(&none);
    assert_string_equal(access.region, "r1");
    assert_string_equal(access.endpoint, "http://e1");
    assert_true(access.virtual_host);
    setenv("AWS_REGION", "r2", 1);
    setenv("AWS_ENDPOINT_URL", "http://e2", 1);
    assert_string_equal(found(&none).region, "r2");
    assert_string_equal(found(&none).endpoint, "http://e2");
    setenv("AWS_DEFAULT_REGION", "r3", 1);
    setenv("AWS_ENDPOINT_URL_S3", "http://e3", 1);
    assert_string_equal(found(&none).region, "r3");
    assert_string_equal(found(&none).endpoint, "http://e3");
    access = found(&(cm_storage_settings){
        .anonymous = true, .region = "ru-msk", .endpoint_url = "https://e4"});
    assert_string_equal(access.region, "ru-msk");
    assert_string_equal(access.endpoint, "https://e4");
}

static void test_path_style_with_an_endpoint(void **state)
{
    (void)state;
    s3_access access = found(&(cm_storage_settings){
        .anonymous = true, .endpoint_url = "https://hb.vkcloud-storage.ru"});
    assert_false(access.virtual_host);
}

static void test_files_named_elsewhere(void **state)
{
    write_text(state, "keys",
               "[x]\naws_access_key_id=K\n"
               "aws_secret_access_key=k\n");
    const char *path = path_in(state, "keys");
    s3_access access =
        found(&(cm_storage_settings){.profile = "x", .credential_path = path});
    assert_string_equal(access.access_key_id, "K");
    setenv("AWS_SHARED_CREDENTIALS_FILE", "~/keys", 1);
    setenv("AWS_PROFILE", "x", 1);
    assert_string_equal(found(&(cm_storage_settings){0}).access_key_id, "K");
    assert_non_null(
        strstr(refused(&(cm_storage_settings){.credential_path = "/no/such"}),
               "/no/such"));
}

static void test_trust(void **state)
{
    (void)state;
    s3_access access = found(&(cm_storage_settings){.anonymous = true});
    assert_true(access.verify);
    assert_null(access.ca_file);
    access =
        found(&(cm_storage_settings){.anonymous = true, .ssl_verify = "False"});
    assert_false(access.verify);
    access = found(
        &(cm_storage_settings){.anonymous = true, .ssl_verify = "/ca.pem"});
    assert_true(access.verify);
    assert_string_equal(access.ca_file, "/ca.pem");
    setenv("AWS_CA_BUNDLE", "/env.pem", 1);
    access =
        found(&(cm_storage_settings){.anonymous = true, .ssl_verify = "true"});
    assert_string_equal(access.ca_file, "/env.pem");
}

static void test_what_is_missing(void **state)
{
    assert_non_null(
        strstr(refused(&(cm_storage_settings){0}), "AWS_ACCESS_KEY_ID"));
    assert_non_null(strstr(refused(&(cm_storage_settings){.profile = "gone"}),
                           "profile gone is neither in"));
    assert_non_null(
        strstr(refused(&(cm_storage_settings){.access_key_id = "A"}),
               "only one of them"));
    setenv("AWS_ACCESS_KEY_ID", "E", 1);
    assert_non_null(
        strstr(refused(&(cm_storage_settings){0}), "only one of them"));
    (void)state;
}

static void test_malformed_files_show_no_secret(void **state)
{
    static const struct {
        const char *text, *place;
    } files[] = {{"[default]\nthe-secret-itself\n", "credentials:2: "},
                 {"aws_secret_access_key = the-secret\n", "credentials:1: "},
                 {"[default\n", "credentials:1: "},
                 {"[a]\n\n= the-secret\n", "credentials:3: "},
                 {NULL, NULL}};
    for (size_t i = 0; files[i].text != NULL; i++) {
        write_text(state, ".aws/credentials", files[i].text);
        const char *message = refused(&(cm_storage_settings){0});
        assert_non_null(strstr(message, files[i].place));
        assert_null(strstr(message, "the-secret"));
    }
}

/* ---- the files' syntax -------------------------------------------------- */

static void check_value(const char *text, const char *section, const char *key,
                        const char *inner, const char *expected)
{
    cm_str value = aws_ini_get(cm_str_of(text), section, key, inner);
    assert_int_equal(aws_ini_check(cm_str_of(text), "f", &err), CM_OK);
    if (expected == NULL) {
        assert_null(value.p);
    } else {
        assert_true(cm_str_is(value, expected));
    }
}

static void test_syntax(void **state)
{
    (void)state;
    const char *text = "# comment\n; another\n\n[ a ]\r\nKey=v=1\r\n"
                       "two : x y \n[profile \"b c\"]\nkey =\n  inner = 1\n"
                       "  other\n\tKey = 2\nlast\t=3\n[a]\nkey = again\n";
    check_value(text, "a", "key", NULL, "again");
    check_value(text, "a", "two", NULL, "x y");
    check_value(text, "profile b c", "key", NULL, "");
    check_value(text, "profile b c", "key", "inner", "1");
    check_value(text, "profile b c", "key", "KEY", "2");
    check_value(text, "profile b c", "last", NULL, "3");
    check_value(text, "profile b c", "inner", NULL, NULL);
    check_value(text, "a", "inner", NULL, NULL);
    check_value(text, "b", "key", NULL, NULL);
    check_value("[a]\n  k = 1\n  l = 2\n", "a", "l", NULL, "2");
    check_value("[a]\nk = 1", "a", "k", NULL, "1");
    check_value("", "a", "k", NULL, NULL);
    assert_true(aws_ini_has(cm_str_of(text), "profile b c"));
    assert_false(aws_ini_has(cm_str_of(text), "b c"));
}

/* ---- addresses ---------------------------------------------------------- */

static void check_address(const char *url, const char *endpoint, bool no_ssl,
                          const char *origin, const char *root,
                          const char *prefix)
{
    cm_storage *storage = NULL;
    cm_storage_settings settings = {.url = url,
                                    .endpoint_url = endpoint,
                                    .use_ssl_false = no_ssl,
                                    .region = "ru-msk",
                                    .anonymous = true};
    if (cm_storage_open(&storage, &settings, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    const s3_place *place = storage->place;
    assert_string_equal(place->origin, origin);
    assert_string_equal(place->root, root);
    assert_string_equal(place->prefix, prefix);
    cm_storage_close(storage);
}

static void test_addresses(void **state)
{
    const char *vk = "https://hb.ru-msk.vkcloud-storage.ru";
    check_address("s3://data", vk, false, vk, "/data", "");
    check_address("s3://data/", vk, false, vk, "/data", "");
    check_address("s3://data//a/b//", vk, false, vk, "/data", "a/b/");
    check_address("s3://data/a", "hb.vkcloud-storage.ru:443/", false,
                  "https://hb.vkcloud-storage.ru", "/data", "a/");
    check_address("s3://data/a", "localhost:80", true, "http://localhost",
                  "/data", "a/");
    check_address("s3://data/a", "http://localhost:8333/s3/", false,
                  "http://localhost:8333", "/s3/data", "a/");
    check_address("s3://data", NULL, false,
                  "https://data.s3.ru-msk.amazonaws.com", "", "");
    check_address("s3://da.ta", NULL, false, "https://s3.ru-msk.amazonaws.com",
                  "/da.ta", "");
    write_text(state, ".aws/config",
               "[default]\ns3 =\n  addressing_style = virtual\n");
    check_address("s3://data/a", vk, false,
                  "https://data.hb.ru-msk.vkcloud-storage.ru", "", "a/");
}

static void test_addresses_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url, *endpoint;
    } table[] = {{"s3://", NULL},
                 {"s3:///key", NULL},
                 {"s3://buc ket", NULL},
                 {"s3://b?x", NULL},
                 {"s3://bucket", "ftp://host"},
                 {"s3://bucket", "https://"},
                 {"s3://bucket", "https://me:the-secret@host"},
                 {"s3://bucket", "https://host/?a=b"},
                 {"gs://bucket", NULL},
                 {"", NULL},
                 {NULL, NULL}};
    for (size_t i = 0; table[i].url != NULL; i++) {
        cm_storage *storage = NULL;
        cm_storage_settings settings = {.url = table[i].url,
                                        .endpoint_url = table[i].endpoint,
                                        .anonymous = true};
        assert_int_not_equal(cm_storage_open(&storage, &settings, &err), CM_OK);
        assert_null(storage);
        assert_null(strstr(err.message, "the-secret"));
    }
}

#define IN_HOME(test) \
    cmocka_unit_test_setup_teardown(test, empty_home, drop_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOME(test_order_of_places),
        IN_HOME(test_region_and_endpoint),
        IN_HOME(test_path_style_with_an_endpoint),
        IN_HOME(test_files_named_elsewhere),
        IN_HOME(test_trust),
        IN_HOME(test_what_is_missing),
        IN_HOME(test_malformed_files_show_no_secret),
        IN_HOME(test_syntax),
        IN_HOME(test_addresses),
        IN_HOME(test_addresses_refused),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
