/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* JSON: reading with places, look-ups, and a writer that repeats itself. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "test_base_faults.h"
#include "test_base_folder.h"

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    cm_error err = {0};
    if (cm_json_parse(&value, cm_str_of(text), "f.json", &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return value;
}

static void assert_refused(const char *text, const char *place,
                           const char *part)
{
    json_t *value = NULL;
    cm_error err = {0};
    assert_int_equal(cm_json_parse(&value, cm_str_of(text), "f.json", &err),
                     CM_ERR_PARSE);
    assert_null(value);
    if (strncmp(err.message, place, strlen(place)) != 0 ||
        strstr(err.message, part) == NULL) {
        fail_msg("for %s: %s", text, err.message);
    }
}

static void errors_have_a_place(void **state)
{
    (void)state;
    assert_refused("", "f.json: ", "empty");
    assert_refused("{\"a\":1,\n \"b\" 2}", "f.json:2:6: ", "':' expected");
    assert_refused("[1,\n 2,\n x]", "f.json:3:2: ", "invalid token");
    assert_refused("{\"a\":1,\"a\":2}", "f.json:1:10: ", "duplicate");
    assert_refused("[1,2", "f.json:1:4: ", "']' expected");
    assert_refused("1 2", "f.json:1:3: ", "end of file");
    assert_refused("[\"\xff\"]", "f.json:1:", "0xff");
    assert_refused("\"\\u0000\"", "f.json:1:8: ", "\\u0000");
    assert_refused("{\"a\\u0000\":1}", "f.json:1:", "\\u0000");
    assert_refused("[NaN]", "f.json:1:", "token");
    assert_refused("[1e999]", "f.json:1:", "overflow");
    assert_refused("[99999999999999999999]", "f.json:1:", "too big");
    assert_refused("['a']", "f.json:1:2: ", "token");
    assert_refused("[1,]", "f.json:1:4: ", "token");
}

static void zero_bytes_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":1\0}", "[\"a\0\"]  ",
                                        "\0[1]   "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = NULL;
        cm_error err = {0};
        assert_int_equal(
            cm_json_parse(&value, (cm_str){texts[i], 8}, "f", &err),
            CM_ERR_PARSE);
        assert_null(value);
        assert_non_null(strstr(err.message, "zero byte"));
    }
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    char text[1200] = "";
    for (size_t depth = 255; depth <= 300; depth += 1) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        if (depth <= 256) {
            json_decref(parse(text));
        } else {
            assert_refused(text, "f.json:1:257: ", "256 deep");
        }
    }
    memset(text, '[', 1000);
    memcpy(text, "[\"", 2);
    memcpy(text + 1000, "\"]", 3);
    json_decref(parse(text));
    memcpy(text + 3, "\\\"", 2);
    json_decref(parse(text));
}

static void load_reads_a_file(void **state)
{
    json_t *value = NULL;
    cm_error err = {0};
    const char *path = path_in(state, "x.json");
    assert_int_equal(cm_write_file(path, CM_STR("{\"a\": [1, 2]}"), NULL),
                     CM_OK);
    assert_int_equal(cm_json_load(&value, path, 100, &err), CM_OK);
    assert_int_equal(json_array_size(json_object_get(value, "a")), 2);
    json_decref(value);
    assert_int_equal(cm_json_load(&value, path, 5, &err), CM_ERR_DATA);
    assert_null(value);
    assert_int_equal(cm_json_load(&value, path_in(state, "none"), 5, &err),
                     CM_ERR_IO);
}

static void look_ups_find(void **state)
{
    (void)state;
    json_t *root = parse("{\"o\":{},\"a\":[],\"s\":\"x\",\"n\":1.5,\"i\":-7,"
                         "\"r\":3.0,\"big\":9007199254740993}");
    const json_t *value = NULL;
    const char *text = NULL;
    double number = 0;
    int64_t integer = 0;
    assert_int_equal(cm_json_object(&value, root, "o", "f", NULL), CM_OK);
    assert_true(json_is_object(value));
    assert_int_equal(cm_json_array(&value, root, "a", "f", NULL), CM_OK);
    assert_true(json_is_array(value));
    assert_int_equal(cm_json_string(&text, root, "s", "f", NULL), CM_OK);
    assert_string_equal(text, "x");
    assert_int_equal(cm_json_number(&number, root, "n", "f", NULL), CM_OK);
    assert_true(number == 1.5);
    assert_int_equal(cm_json_number(&number, root, "i", "f", NULL), CM_OK);
    assert_true(number == -7);
    assert_int_equal(cm_json_integer(&integer, root, "i", "f", NULL), CM_OK);
    assert_int_equal(integer, -7);
    assert_int_equal(cm_json_integer(&integer, root, "r", "f", NULL), CM_OK);
    assert_int_equal(integer, 3);
    assert_int_equal(cm_json_integer(&integer, root, "big", "f", NULL), CM_OK);
    assert_int_equal(integer, 9007199254740993);
    json_decref(root);
}

static void look_ups_explain(void **state)
{
    (void)state;
    json_t *root = parse("{\"s\":\"x\",\"n\":1.5,\"h\":1e300,\"z\":null}");
    const json_t *value = NULL;
    const char *text = NULL;
    double number = 0;
    int64_t integer = 0;
    cm_error err = {0};
    assert_int_equal(cm_json_object(&value, root, "s", "f", &err), CM_ERR_DATA);
    assert_string_equal(err.message,
                        "f: s: found a string, expected an object");
    assert_int_equal(cm_json_array(&value, root, "q", "f", &err), CM_ERR_DATA);
    assert_string_equal(err.message, "f: q: found nothing, expected an array");
    assert_int_equal(cm_json_string(&text, root, "n", "f", &err), CM_ERR_DATA);
    assert_string_equal(err.message,
                        "f: n: found a real number, expected a string");
    assert_int_equal(cm_json_number(&number, root, "z", "f", &err),
                     CM_ERR_DATA);
    assert_string_equal(err.message, "f: z: found null, expected a number");
    assert_int_equal(cm_json_integer(&integer, root, "n", "f", &err),
                     CM_ERR_DATA);
    assert_int_equal(cm_json_integer(&integer, root, "h", "f", &err),
                     CM_ERR_DATA);
    assert_int_equal(cm_json_integer(&integer, NULL, "n", "f", &err),
                     CM_ERR_DATA);
    const json_t *inner = json_object_get(root, "n");
    assert_int_equal(cm_json_integer(&integer, inner, "k", "f", &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "an object with the key k"));
    json_decref(root);
}

static void write_all(cm_buf *buf, int indent)
{
    cm_json_writer w = cm_json_writer_of(buf, indent);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "text", "a\"b\\c\n\t\x01\xc3\xa9");
    cm_json_put_double(&w, "double", 0.1);
    cm_json_put_float(&w, "float", 0.1f);
    cm_json_put_double(&w, "nan", (double)NAN);
    cm_json_put_float(&w, "inf", HUGE_VALF);
    cm_json_put_i64(&w, "i64", INT64_MIN);
    cm_json_put_u64(&w, "u64", UINT64_MAX);
    cm_json_put_bool(&w, "yes", true);
    cm_json_put_null(&w, "null");
    cm_json_put_raw(&w, "raw", CM_STR("[0]"));
    cm_json_begin_array(&w, "list");
    cm_json_put_i64(&w, NULL, 1);
    cm_json_begin_object(&w, NULL);
    cm_json_put_bool(&w, "no", false);
    cm_json_end_object(&w);
    cm_json_begin_array(&w, NULL);
    cm_json_end_array(&w);
    cm_json_end_array(&w);
    cm_json_begin_object(&w, "empty");
    cm_json_end_object(&w);
    cm_json_end_object(&w);
}

static void writer_on_one_line(void **state)
{
    (void)state;
    cm_buf buf = {0};
    write_all(&buf, 0);
    assert_string_equal(
        buf.p, "{\"text\":\"a\\\"b\\\\c\\n\\t\\u0001\xc3\xa9\","
               "\"double\":0.1,\"float\":0.1,\"nan\":null,\"inf\":null,"
               "\"i64\":-9223372036854775808,\"u64\":18446744073709551615,"
               "\"yes\":true,\"null\":null,\"raw\":[0],"
               "\"list\":[1,{\"no\":false},[]],\"empty\":{}}");
    cm_buf_release(&buf);
}

static void writer_indents_like_python(void **state)
{
    (void)state;
    cm_buf buf = {0};
    cm_json_writer w = cm_json_writer_of(&buf, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_i64(&w, "a", 1);
    cm_json_begin_array(&w, "b");
    cm_json_put_i64(&w, NULL, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_end_object(&w);
    cm_json_end_array(&w);
    cm_json_begin_array(&w, "c");
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    assert_string_equal(buf.p, "{\n  \"a\": 1,\n  \"b\": [\n    2,\n    {}\n"
                               "  ],\n  \"c\": []\n}");
    cm_buf_release(&buf);
}

static void values_come_back(void **state)
{
    (void)state;
    const char *text = "{\"z\":[1,2.5,\"x\",null,true,false,{}],\"a\":{\"b\":"
                       "[[]],\"c\":1e-300},\"m\":-5,\"\":\"\\u0001\"}";
    json_t *root = parse(text);
    cm_buf buf = {0};
    cm_json_writer w = cm_json_writer_of(&buf, 0);
    cm_json_put_value(&w, NULL, root);
    assert_string_equal(buf.p, text);
    cm_buf pretty = {0};
    w = cm_json_writer_of(&pretty, 4);
    cm_json_put_value(&w, NULL, root);
    json_t *again = parse(pretty.p);
    assert_true(json_equal(root, again));
    cm_buf_release(&buf);
    cm_buf_release(&pretty);
    json_decref(root);
    json_decref(again);
}

static void quoted_text_is_always_utf8(void **state)
{
    (void)state;
    cm_buf buf = {0};
    cm_json_quote(&buf, CM_STR("a\xff\xe2\x82z\0\x7f/"));
    assert_string_equal(buf.p, "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"
                               "\\u0000\x7f/\"");
    assert_int_equal(cm_utf8_valid((cm_str){buf.p, buf.n}), buf.n);
    cm_buf_clear(&buf);
    cm_json_quote(&buf, (cm_str){NULL, 0});
    cm_json_quote(&buf, CM_STR("\b\f\r"));
    assert_string_equal(buf.p, "\"\"\"\\b\\f\\r\"");
    cm_buf_release(&buf);
}

/* jansson lives in a library of its own, where only its hooks reach. */
static void *jansson_malloc(size_t size)
{
    return malloc(size);
}

static void parse_survives_any_failure(void **state)
{
    (void)state;
    cm_str text = CM_STR("{\"a\":[1,2,{\"b\":\"c\"}],\"d\":1.5,\"e\":null}");
    json_set_alloc_funcs(jansson_malloc, free);
    bool failed = true;
    long n = 0;
    long out_of_memory = 0;
    for (; failed; n++) {
        assert_true(n < 1000);
        json_t *value = NULL;
        cm_error err = {0};
        faults_left = n;
        cm_status status = cm_json_parse(&value, text, "f", &err);
        failed = faults_left < 0;
        faults_left = -1;
        /* Where a string finds no memory jansson speaks of a bad token. */
        assert_int_equal(status == CM_OK, !failed);
        assert_true(!failed || status == CM_ERR_NOMEM ||
                    status == CM_ERR_PARSE);
        out_of_memory += status == CM_ERR_NOMEM;
        assert_int_equal(value == NULL, failed);
        json_decref(value);
    }
    assert_true(n > 5 && out_of_memory > n / 2);
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_a_place),
        cmocka_unit_test(zero_bytes_are_refused),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(load_reads_a_file),
        cmocka_unit_test(look_ups_find),
        cmocka_unit_test(look_ups_explain),
        cmocka_unit_test(writer_on_one_line),
        cmocka_unit_test(writer_indents_like_python),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(quoted_text_is_always_utf8),
        cmocka_unit_test(parse_survives_any_failure),
    };
    return cmocka_run_group_tests_name("codec/json", tests, folder_setup,
                                       folder_teardown);
}
