/* Signatures against the examples that AWS publishes for S3, and the encoding
 * of keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "storage/s3.h"
#include "storage/sigv4.h"

static cm_error err;

static const sigv4_key example_key = {
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL,
    "us-east-1", "s3"};

/* 2013-05-24 00:00:00 UTC */
enum { EXAMPLE_TIME = 1369353600 };

static void check_signature(const char *method, const char *path,
                            const char *query, const char *body,
                            const cm_http_header *extra, size_t n_extra,
                            const char *names, const char *signature)
{
    char hash[CM_SHA256_HEX];
    char expected[512];
    sigv4_signed out;
    assert_int_equal(cm_sha256(hash, body, strlen(body), &err), CM_OK);
    sigv4_request request = {method, "examplebucket.s3.amazonaws.com",
                             path,   query,
                             hash,   EXAMPLE_TIME};
    assert_int_equal(
        sigv4_sign(&out, &example_key, &request, extra, n_extra, &err), CM_OK);
    (void)snprintf(expected, sizeof expected,
                   "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
                   "us-east-1/s3/aws4_request,SignedHeaders=%s,Signature=%s",
                   names, signature);
    assert_int_equal(out.n, 3);
    assert_string_equal(out.headers[0].name, "Authorization");
    assert_string_equal(out.headers[0].value, expected);
    assert_string_equal(out.headers[1].value, "20130524T000000Z");
    assert_string_equal(out.headers[2].value, hash);
}

static void test_get_object(void **state)
{
    (void)state;
    const cm_http_header extra[] = {{"Range", "bytes=0-9"}};
    check_signature("GET", "/test.txt", "", "", extra, 1,
                    "host;range;x-amz-content-sha256;x-amz-date",
                    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c60"
                    "36bdb41");
}

static void test_put_object(void **state)
{
    (void)state;
    const cm_http_header extra[] = {
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {"Date", "Fri, 24 May 2013 00:00:00 GMT"}};
    check_signature("PUT", "/test%24file.text", "", "Welcome to Amazon S3.",
                    extra, 2,
                    "date;host;x-amz-content-sha256;x-amz-date;"
                    "x-amz-storage-class",
                    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0"
                    "ece108bd");
}

static void test_bucket_lifecycle(void **state)
{
    (void)state;
    const char *names = "host;x-amz-content-sha256;x-amz-date";
    const char *signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a"
                            "200a0136783543";
    check_signature("GET", "/", "lifecycle", "", NULL, 0, names, signature);
    check_signature("GET", "/", "lifecycle=", "", NULL, 0, names, signature);
}

static void test_list_objects(void **state)
{
    (void)state;
    const char *names = "host;x-amz-content-sha256;x-amz-date";
    const char *signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670e"
                            "d5711ef69dc6f7";
    check_signature("GET", "/", "max-keys=2&prefix=J", "", NULL, 0, names,
                    signature);
    check_signature("GET", "/", "prefix=J&max-keys=2", "", NULL, 0, names,
                    signature);
}

static void test_blanks_in_values(void **state)
{
    (void)state;
    const cm_http_header one[] = {{"X-A", "a b"}};
    const cm_http_header many[] = {{"X-A", "  a   b "}};
    sigv4_signed a, b;
    sigv4_request request = {"GET", "h", "/", "", "UNSIGNED-PAYLOAD", 0};
    assert_int_equal(sigv4_sign(&a, &example_key, &request, one, 1, &err),
                     CM_OK);
    assert_int_equal(sigv4_sign(&b, &example_key, &request, many, 1, &err),
                     CM_OK);
    assert_string_equal(a.headers[0].value, b.headers[0].value);
}

static void test_token_is_signed(void **state)
{
    (void)state;
    sigv4_key key = example_key;
    sigv4_signed out;
    sigv4_request request = {"GET", "h", "/", "", "UNSIGNED-PAYLOAD", 0};
    key.session_token = "token";
    assert_int_equal(sigv4_sign(&out, &key, &request, NULL, 0, &err), CM_OK);
    assert_int_equal(out.n, 4);
    assert_string_equal(out.headers[3].name, "x-amz-security-token");
    assert_string_equal(out.headers[3].value, "token");
    assert_non_null(strstr(out.headers[0].value, ";x-amz-security-token,"));
}

/* Names first: the byte after "a" is less than '=' in "a-b". */
static void test_order_of_parameters(void **state)
{
    (void)state;
    sigv4_signed a, b;
    sigv4_request request = {"GET", "h", "/", "a-b=1&a=2&a=1", "x", 0};
    assert_int_equal(sigv4_sign(&a, &example_key, &request, NULL, 0, &err),
                     CM_OK);
    request.query = "a=1&a=2&a-b=1";
    assert_int_equal(sigv4_sign(&b, &example_key, &request, NULL, 0, &err),
                     CM_OK);
    assert_string_equal(a.headers[0].value, b.headers[0].value);
    request.query = "1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17";
    assert_int_equal(sigv4_sign(&b, &example_key, &request, NULL, 0, &err),
                     CM_ERR_UNSUPPORTED);
}

static void test_too_long_a_key(void **state)
{
    (void)state;
    static char id[SIGV4_TEXT + 1];
    sigv4_key key = example_key;
    sigv4_signed out;
    sigv4_request request = {"GET", "h", "/", "", "UNSIGNED-PAYLOAD", 0};
    memset(id, 'A', SIGV4_TEXT);
    key.access_key_id = id;
    assert_int_equal(sigv4_sign(&out, &key, &request, NULL, 0, &err),
                     CM_ERR_DATA);
}

static void test_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path, *parameter;
    } table[] = {
        {"azAZ09-._~", "azAZ09-._~", "azAZ09-._~"},
        {"a b", "a%20b", "a%20b"},
        {"a+b", "a%2Bb", "a%2Bb"},
        {"100%", "100%25", "100%25"},
        {"k=v&w", "k%3Dv%26w", "k%3Dv%26w"},
        {"a/b", "a/b", "a%2Fb"},
        {"~", "~", "~"},
        {"*'()!", "%2A%27%28%29%21", "%2A%27%28%29%21"},
        {"?#[]@:;,$", "%3F%23%5B%5D%40%3A%3B%2C%24",
         "%3F%23%5B%5D%40%3A%3B%2C%24"},
        {"клик", "%D0%BA%D0%BB%D0%B8%D0%BA", "%D0%BA%D0%BB%D0%B8%D0%BA"},
        {"\x01\x7f", "%01%7F", "%01%7F"},
        {"", NULL, NULL}};
    for (size_t i = 0; table[i].path != NULL; i++) {
        cm_buf path = {0}, parameter = {0};
        cm_url_encode(&path, cm_str_of(table[i].text), true);
        cm_url_encode(&parameter, cm_str_of(table[i].text), false);
        assert_string_equal(path.p, table[i].path);
        assert_string_equal(parameter.p, table[i].parameter);
        cm_buf_release(&path);
        cm_buf_release(&parameter);
    }
}

static void test_content_md5(void **state)
{
    (void)state;
    char out[S3_CONTENT_MD5];
    s3_content_md5(out, "d41d8cd98f00b204e9800998ecf8427e"); /* of nothing */
    assert_string_equal(out, "1B2M2Y8AsgTpgAmY7PhCfg==");
    s3_content_md5(out, "ffffffffffffffffffffffffffffffff");
    assert_string_equal(out, "/////////////////////w==");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get_object),
        cmocka_unit_test(test_put_object),
        cmocka_unit_test(test_bucket_lifecycle),
        cmocka_unit_test(test_list_objects),
        cmocka_unit_test(test_blanks_in_values),
        cmocka_unit_test(test_token_is_signed),
        cmocka_unit_test(test_order_of_parameters),
        cmocka_unit_test(test_too_long_a_key),
        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_content_md5),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
