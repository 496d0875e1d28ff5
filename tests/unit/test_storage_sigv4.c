/* Signatures against the examples that AWS publishes for S3 and those of its
 * test suite (aws-sig-v4-test-suite) that are about what a client of S3 sends;
 * and the encoding of keys. */
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

/* ---- AWS's test suite ---------------------------------------------------- */

/* Left out: paths with dots and double slashes (S3 takes a key as it is) and a
 * header given twice or over several lines (we send none). */
typedef struct suite_case {
    const char *name, *method;
    const char *path;  /* not encoded */
    const char *query; /* "name=value" pairs, not encoded, one a line */
    cm_http_header extra[2];
    const char *names; /* signed */
    const char *signature;
} suite_case;

#define SUITE_UNRESERVED \
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SUITE_NAMES "host;x-amz-date"

static const suite_case suite[] = {
    {"get-vanilla",
     "GET",
     "/",
     "",
     {{0}},
     SUITE_NAMES,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-empty-query-key",
     "GET",
     "/",
     "Param1=value1",
     {{0}},
     SUITE_NAMES,
     "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     "Param2=value2\nParam1=value1",
     {{0}},
     SUITE_NAMES,
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-unreserved",
     "GET",
     "/",
     SUITE_UNRESERVED "=" SUITE_UNRESERVED,
     {{0}},
     SUITE_NAMES,
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-vanilla-utf8-query",
     "GET",
     "/",
     "\u1234=bar",
     {{0}},
     SUITE_NAMES,
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-unreserved",
     "GET",
     "/" SUITE_UNRESERVED,
     "",
     {{0}},
     SUITE_NAMES,
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "GET",
     "/\u1234",
     "",
     {{0}},
     SUITE_NAMES,
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-header-value-trim",
     "GET",
     "/",
     "",
     {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-vanilla",
     "POST",
     "/",
     "",
     {{0}},
     SUITE_NAMES,
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-vanilla-query",
     "POST",
     "/",
     "Param1=value1",
     {{0}},
     SUITE_NAMES,
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {"post-vanilla-query-nonunreserved",
     "POST",
     "/",
     "@#$%^=\n+=/,?><`\";:\\|][{}",
     {{0}},
     SUITE_NAMES,
     "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e"},
    {"post-vanilla-query-space",
     "POST",
     "/",
     "p=",
     {{0}},
     SUITE_NAMES,
     "e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b"},
    {"post-header-key-sort",
     "POST",
     "/",
     "",
     {{"My-Header1", "value1"}},
     "host;my-header1;x-amz-date",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"post-header-value-case",
     "POST",
     "/",
     "",
     {{"My-Header1", "VALUE1"}},
     "host;my-header1;x-amz-date",
     "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"}};

/* 2015-08-30 12:36:00 UTC */
enum { SUITE_TIME = 1440938160 };

static void sign_in_suite(sigv4_signed *out, const suite_case *c,
                          const sigv4_key *key, const char *body)
{
    char hash[CM_SHA256_HEX];
    cm_buf path = {0}, query = {0};
    cm_str rest = cm_str_of(c->query);
    assert_int_equal(cm_sha256(hash, body, strlen(body), &err), CM_OK);
    cm_url_encode(&path, cm_str_of(c->path), true);
    for (const char *at = c->query; rest.n > 0; at = rest.p) {
        size_t name = strcspn(at, "="), all = strcspn(at, "\n");
        cm_buf_adds(&query, query.n == 0 ? "" : "&");
        cm_url_encode(&query, (cm_str){at, name}, false);
        cm_buf_adds(&query, "=");
        cm_url_encode(&query, (cm_str){at + name + 1, all - name - 1}, false);
        rest = cm_str_of(at + all + (at[all] == '\n'));
    }
    sigv4_request request = {c->method, "example.amazonaws.com",
                             path.p,    query.n == 0 ? "" : query.p,
                             hash,      SUITE_TIME};
    size_t n_extra = 0;
    while (n_extra < 2 && c->extra[n_extra].name != NULL) {
        n_extra++;
    }
    assert_int_equal(sigv4_sign(out, key, &request, c->extra, n_extra, &err),
                     CM_OK);
    cm_buf_release(&path);
    cm_buf_release(&query);
}

static void check_suite_case(const suite_case *c, const sigv4_key *key,
                             const char *body)
{
    char expected[512];
    sigv4_signed out;
    sign_in_suite(&out, c, key, body);
    (void)snprintf(expected, sizeof expected,
                   "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"
                   "service/aws4_request,SignedHeaders=%s,Signature=%s",
                   c->names, c->signature);
    if (strcmp(out.headers[0].value, expected) != 0) {
        fail_msg("%s: %s", c->name, out.headers[0].value);
    }
}

static const sigv4_key suite_key = {"AKIDEXAMPLE",
                                    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                    NULL, "us-east-1", "service"};

static void test_suite(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof suite / sizeof *suite; i++) {
        check_suite_case(&suite[i], &suite_key, "");
    }
}

static void test_suite_body(void **state)
{
    (void)state;
    const suite_case form = {
        "post-x-www-form-urlencoded",
        "POST",
        "/",
        "",
        {{"Content-Type", "application/x-www-form-urlencoded"}},
        "content-type;host;x-amz-date",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"};
    check_suite_case(&form, &suite_key, "Param1=value1");
}

static void test_suite_token(void **state)
{
    (void)state;
    const suite_case before = {
        "post-sts-header-before",
        "POST",
        "/",
        "",
        {{0}},
        "host;x-amz-date;x-amz-security-token",
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"};
    sigv4_key key = suite_key;
    key.session_token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLW"
        "sKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmG"
        "deehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlR"
        "d8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlz"
        "m8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    check_suite_case(&before, &key, "");
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
        cmocka_unit_test(test_suite),
        cmocka_unit_test(test_suite_body),
        cmocka_unit_test(test_suite_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
