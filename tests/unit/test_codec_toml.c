/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* TOML: values and their order, errors one can act on, limits.  What is right
 * and what is wrong is compared with Python in tests/versioning/toml_test.py.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "codec/toml.h"
#include "test_base_faults.h"

static const char document[] = "title = \"x \\u00e9\" # words\n"
                               "a.b = [1, 0x10, 1_0.5, {c = true}]\n"
                               "big = 9223372036854775808\n"
                               "[train]\n"
                               "when = 1979-05-27 07:32:00\n"
                               "[[part]]\n"
                               "text = '''\none\n  two'''\n"
                               "[[part]]\n";

static void values_and_order(void **state)
{
    (void)state;
    json_t *value = NULL;
    cm_error err = {0};
    if (cm_toml_parse(&value, cm_str_of(document), "f.toml", &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    char *text = json_dumps(value, JSON_COMPACT);
    assert_string_equal(
        text, "{\"title\":\"x é\",\"a\":{\"b\":[1,16,10.5,{\"c\":true}]},"
              "\"big\":\"9223372036854775808\",\"train\":{\"when\":"
              "\"1979-05-27 07:32:00\"},\"part\":[{\"text\":\"one\\n  two\"},"
              "{}]}");
    free(text);
    json_decref(value);
}

static void errors_have_place_and_remedy(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"a = 1\nb = x\n", "f:2:5: this is no value; a text needs quotes, and "
                           "numbers, dates and times are to be as TOML has "
                           "them"},
        {"a = 1\na = 2\n", "f:2:1: this key has a value already; remove one"},
        {"[a]\n\n[a]\n", "f:3:1: this table is there already; put its keys "
                         "together"},
        {"é = 1", "f:1:1: found 'é', expected a key"},
        {"a = \"x", "f:1:7: found the end, expected the end of a string"},
        {"a = [1\nb", "f:2:1: found 'b', expected ',' or ']'"},
        {"a\n", "f:1:2: found the end of the line, expected '=' behind the "
                "key"},
        {"a = \"\\u0000\"", "f:1:8: found a NUL in a text; leave it out"},
        {"a = '\xff'", "f:1:6: found a byte that is not UTF-8; save the file "
                       "as UTF-8"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *value = NULL;
        cm_error err = {0};
        assert_int_equal(
            cm_toml_parse(&value, cm_str_of(cases[i].text), "f", &err),
            CM_ERR_PARSE);
        assert_string_equal(err.message, cases[i].message);
        assert_null(value);
    }
}

/* The text n times, in front of it and behind it what is given. */
static cm_status parse_many(const char *before, const char *text, int n,
                            const char *after)
{
    cm_buf buf = {0};
    json_t *value = NULL;
    cm_buf_adds(&buf, before);
    for (int i = 0; i < n; i++) {
        cm_buf_adds(&buf, text);
    }
    cm_buf_adds(&buf, after);
    cm_status status = cm_toml_parse(&value, (cm_str){buf.p, buf.n}, "f", NULL);
    json_decref(value);
    cm_buf_release(&buf);
    return status;
}

static void limits(void **state)
{
    (void)state;
    assert_int_equal(parse_many("a = ", "[", 32, ""), CM_ERR_PARSE);
    assert_int_equal(parse_many("a.", "a.", 30, "a = 1"), CM_OK);
    assert_int_equal(parse_many("a.", "a.", 31, "a = 1"), CM_ERR_PARSE);
    assert_int_equal(parse_many("a = [", "[],", 31, "]"), CM_OK);
    assert_int_equal(parse_many("# ", "x", 1 << 20, "\n"), CM_ERR_PARSE);
    assert_int_equal(parse_many("", "[[a]]\nb = 1\n", 50000, ""), CM_OK);
}

static void parse_survives_any_failure(void **state)
{
    (void)state;
    bool failed = true;
    long n = 0;
    for (; failed; n++) {
        assert_true(n < 1000);
        json_t *value = NULL;
        cm_error err = {0};
        faults_left = n;
        cm_status status =
            cm_toml_parse(&value, cm_str_of(document), "f", &err);
        failed = faults_left < 0;
        faults_left = -1;
        assert_int_equal(status, failed ? CM_ERR_NOMEM : CM_OK);
        assert_int_equal(value == NULL, failed);
        json_decref(value);
    }
    assert_true(n > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_order),
        cmocka_unit_test(errors_have_place_and_remedy),
        cmocka_unit_test(limits),
        cmocka_unit_test(parse_survives_any_failure),
    };
    return cmocka_run_group_tests_name("codec/toml", tests, NULL, NULL);
}
