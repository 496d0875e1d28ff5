/* What is wrong with a body: all of it is listed, as FastAPI does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "codec/json.h"
#include "test_score_fixture.h"
#include "test_serving_rows.h"

#define NAMES    "\"hour\",\"C1\",\"site_id\",\"device_ip\""
#define FEATURES "\"features\":[" NAMES "]"
#define NO_CTX   "\"ctx\":{\"error\":{}}}"
#define OBJECT_MSG                                             \
    "Input should be a valid dictionary or object to extract " \
    "fields from"

/* "type loc input", problems separated by " ; ". */
static const char *short_text(reader_fixture *f, rows_format format,
                              const char *body)
{
    static char text[4096];
    size_t n = 0;
    (void)read_copy(f, format, body);
    json_t *all = json_loads(f->text.p, JSON_ALLOW_NUL, NULL);
    assert_non_null(all);
    json_t *list = json_object_get(all, "detail");
    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        char *loc = json_dumps(json_object_get(one, "loc"), JSON_COMPACT);
        n += (size_t)snprintf(
            text + n, sizeof text - n, "%s%s %s", i == 0 ? "" : " ; ",
            json_string_value(json_object_get(one, "type")), loc);
        free(loc);
        assert_true(json_is_string(json_object_get(one, "msg")));
    }
    assert_int_equal(json_array_size(list), f->problems.n);
    json_decref(all);
    return text;
}

typedef struct problem_case {
    rows_format format;
    const char *body, *wanted;
} problem_case;

static const problem_case cases[] = {
    {ROWS_JSON, "", "missing [\"body\"]"},
    {ROWS_JSON, "7", "model_attributes_type [\"body\"]"},
    {ROWS_JSON, "{}",
     "missing [\"body\",\"data\"] ; missing [\"body\",\"features\"]"},
    {ROWS_JSON, "{\"data\":{},\"features\":\"x\"}",
     "list_type [\"body\",\"features\"] ; list_type [\"body\",\"data\"]"},
    {ROWS_JSON, "{\"data\":[1,2]," FEATURES "}",
     "list_type [\"body\",\"data\",0] ; list_type [\"body\",\"data\",1]"},
    {ROWS_JSON, "{\"data\":[[1,2,3],[1,2,3,4,5],[1,{},3,[]]]," FEATURES "}",
     "too_short [\"body\",\"data\",0] ; too_long [\"body\",\"data\",1] ; "
     "string_type [\"body\",\"data\",2,1] ; string_type "
     "[\"body\",\"data\",2,3]"},
    {ROWS_JSON, "{\"data\":[[1]],\"features\":[1,null]}",
     "string_type [\"body\",\"features\",0] ; string_type "
     "[\"body\",\"features\",1] ; too_short [\"body\",\"data\",0]"},
    {ROWS_JSON, "{\"data\":[],\"features\":[\"hour\",\"C1\",\"hour\"]}",
     "value_error [\"body\",\"features\",2]"},
    {ROWS_JSON, "{\"data\":[],\"features\":[\"hour\",\"C1\"]}",
     "missing [\"body\",\"features\",\"site_id\"] ; missing "
     "[\"body\",\"features\",\"device_ip\"]"},
    {ROWS_JSON, "{\"data\":[[],[],[],[],[],[]]," FEATURES "}",
     "too_long [\"body\",\"data\"]"},
    {ROWS_JSON,
     "{\"data\":[],\"features\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\","
     "\"h\",\"i\"]}",
     "too_long [\"body\",\"features\"]"},
    {ROWS_JSON, "{\"x\":[[[[[[]]]]]]}", "json_invalid [\"body\",10]"},
    {ROWS_JSON, "[{\"hour\":1,\"C1\":[]},5]",
     "string_type [\"body\",0,\"C1\"] ; missing [\"body\",0,\"site_id\"] ; "
     "missing [\"body\",0,\"device_ip\"] ; model_attributes_type [\"body\",1]"},
    {ROWS_JSON, "[1,2,3,4,5,6]", "too_long [\"body\"]"},
    {ROWS_INVOCATIONS, "[]", "model_attributes_type [\"body\"]"},
    {ROWS_INVOCATIONS, "{\"data\":[]}", "value_error [\"body\"]"},
    {ROWS_INVOCATIONS, "{\"inputs\":1,\"instances\":1}",
     "value_error [\"body\"]"},
    {ROWS_INVOCATIONS, "{\"dataframe_split\":{\"data\":[[1]]}}",
     "missing [\"body\",\"dataframe_split\",\"columns\"]"},
    {ROWS_INVOCATIONS, "{\"dataframe_records\":{}}",
     "list_type [\"body\",\"dataframe_records\"]"},
    {ROWS_INVOCATIONS,
     "{\"inputs\":{\"hour\":[1,{}],\"C1\":[1],\"site_id\":5}}",
     "too_short [\"body\",\"inputs\",\"C1\"] ; list_type "
     "[\"body\",\"inputs\",\"site_id\"] ; missing "
     "[\"body\",\"inputs\",\"device_ip\"] ; string_type "
     "[\"body\",\"inputs\",\"hour\",1]"},
    {ROWS_CSV, "", "missing [\"body\"]"},
    {ROWS_CSV, "hour,C1\n1,2\n",
     "missing [\"body\",\"features\",\"site_id\"] ; missing "
     "[\"body\",\"features\",\"device_ip\"]"},
    {ROWS_CSV, "hour,C1,site_id,device_ip\n1,2\n\"a\"b,1,2,3\n1,2,3,4,5\n",
     "value_error [\"body\"] ; value_error [\"body\"] ; value_error "
     "[\"body\"]"},
    {ROWS_CSV, "hour,hour\n", "value_error [\"body\"]"},
    {ROWS_CSV, "\"hour\n", "value_error [\"body\"]"},
    {ROWS_CSV,
     "hour,C1,site_id,device_ip\n1,2,3,4\n1,2,3,4\n1,2,3,4\n"
     "1,2,3,4\n1,2,3,4\n1,2,3,4\n",
     "too_long [\"body\"]"},
};

static void all_of_it_is_listed(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(short_text(*state, cases[i].format, cases[i].body),
                            cases[i].wanted);
    }
}

static void texts_are_pydantic_s(void **state)
{
    assert_string_equal(
        read_copy(*state, ROWS_JSON, "{\"data\":[[1,2,3]]," FEATURES "}"),
        "{\"detail\":[{\"type\":\"too_short\",\"loc\":[\"body\",\"data\",0],"
        "\"msg\":\"List should have at least 4 items after validation, not 3\","
        "\"input\":[1,2,3],\"ctx\":{\"field_type\":\"List\",\"min_length\":4,"
        "\"actual_length\":3}}]}");
    assert_string_equal(
        read_copy(*state, ROWS_JSON, "[\"\\u0061\"]"),
        "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\",0],"
        "\"msg\":\"" OBJECT_MSG "\",\"input\":\"\\u0061\"}]}");
    assert_string_equal(
        read_copy(*state, ROWS_JSON, "{\"data\":\"\\q\"}"),
        "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",9],\"msg\":"
        "\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Invalid "
        "\\\\escape\"}}]}");
    assert_string_equal(
        read_copy(*state, ROWS_CSV, "hour,C1,site_id,device_ip\r\n\"1\n\"\r\n"),
        "{\"detail\":[{\"type\":\"value_error\",\"loc\":[\"body\"],\"msg\":"
        "\"Value error, line 2: found 1 fields, expected 4 as the header\","
        "\"input\":\"\\\"1\"," NO_CTX "]}");
}

/* What yajl would take and JSON has not. */
static void json_is_strict(void **state)
{
    static const struct {
        const char *body, *wanted;
    } bodies[] = {{"{\v}", "json_invalid [\"body\",1]"},
                  {"{\"a\":1}\f", "json_invalid [\"body\",7]"},
                  {"{\"a\":\"\xed\xa0\x80\"}", "json_invalid [\"body\",6]"},
                  {"\xef\xbb\xbf{}", "json_invalid [\"body\",0]"},
                  {"{\"a\":NaN}", "json_invalid [\"body\",5]"},
                  {"{\"a\":01}", "json_invalid [\"body\",6]"},
                  {"{} {}", "json_invalid [\"body\",3]"},
                  {"12 34", "json_invalid [\"body\",3]"}};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_string_equal(short_text(*state, ROWS_JSON, bodies[i].body),
                            bodies[i].wanted);
    }
}

static void an_answer_does_not_grow_with_its_request(void **state)
{
    (void)state;
    problems list = {0};
    cm_buf out = {0};
    cm_buf large = {0};
    for (size_t i = 0; i < MAX_PROBLEM_INPUT + 1; i++) {
        cm_buf_addc(&large, '1');
    }
    problems_add(&list, "t", "m", NULL, 0, (cm_str){large.p, large.n},
                 (cm_str){0});
    problems_write(&list, &out);
    assert_string_equal(
        out.p,
        "{\"detail\":[{\"type\":\"t\",\"loc\":[\"body\"],\"msg\":\"m\"}]}");
    for (size_t i = 1; i < MAX_PROBLEMS + 3; i++) {
        problem_place at = {.index = i};
        problems_add(&list, "t", "m", &at, 1, CM_STR("7"), (cm_str){0});
    }
    cm_buf_clear(&out);
    problems_write(&list, &out);
    assert_true(cm_str_ends_with((cm_str){out.p, out.n},
                                 "\"loc\":[\"body\",99],\"msg\":\"m\","
                                 "\"input\":7}],\"more\":3}"));
    problems_release(&list);
    cm_buf_release(&out);
    cm_buf_release(&large);
}

/* ---- values that only scoring knows to be wrong ------------------------- */

static cm_bundle *saved_bundle(void **state)
{
    cm_bundle_parts parts = fixture_parts(&((scored_folder *)*state)->data);
    cm_bundle *bundle = NULL;
    char version[65];
    cm_error err = {0};
    const char *root = path_in(state, "models");
    expect_ok(cm_bundle_save(root, &parts, version, &err), &err);
    expect_ok(cm_bundle_load(&bundle, root, &err), &err);
    return bundle;
}

/* A table of the bundle's columns: rows of "7", but for the hour, which is a
 * time, and in row 1 is none, and C14, which in row 1 is "x". */
static void put_table(cm_buf *body, const cm_bundle *bundle)
{
    size_t n = cm_score_n_columns(bundle);
    const char *const *names = cm_score_columns(bundle);
    cm_buf_adds(body, "{\"features\":[");
    for (size_t c = 0; c < n; c++) {
        cm_buf_addf(body, "%s\"%s\"", c == 0 ? "" : ",", names[c]);
    }
    cm_buf_adds(body, "],\"data\":[");
    for (size_t row = 0; row < 2; row++) {
        for (size_t c = 0; c < n; c++) {
            bool hour = strcmp(names[c], "hour") == 0;
            bool number = strcmp(names[c], "C14") == 0;
            cm_buf_adds(body, c == 0 ? row == 0 ? "[" : ",[" : ",");
            cm_buf_adds(body, hour && row == 0     ? "\"14102100\""
                              : row == 1 && number ? "\"x\""
                                                   : "7");
        }
        cm_buf_addc(body, ']');
    }
    cm_buf_adds(body, "]}");
}

static size_t column_of(const cm_bundle *bundle, const char *name)
{
    size_t c = 0;
    while (strcmp(cm_score_columns(bundle)[c], name) != 0) {
        c++;
    }
    return c;
}

static void every_bad_value_is_found(void **state)
{
    rows_limits limits = {.max_rows = 5, .max_depth = 6, .max_columns = 64};
    cm_bundle *bundle = saved_bundle(state);
    rows_reader *reader = NULL;
    cm_row_scorer *scorer = NULL;
    problems list = {0};
    cm_buf body = {0};
    cm_error err = {0};
    rows got;
    double out[2];
    char loc[64];
    expect_ok(rows_reader_new(&reader, limits, "device_ip", &err), &err);
    expect_ok(rows_reader_bind(reader, bundle, &err), &err);
    put_table(&body, bundle);
    assert_true(
        rows_read(reader, ROWS_JSON, (cm_str){body.p, body.n}, &got, &list));
    assert_int_equal(
        cm_score_rows(bundle, got.fields, got.n, 1, out, NULL, NULL, &err),
        CM_ERR_DATA);
    expect_ok(cm_row_scorer_new(&scorer, bundle, &err), &err);
    rows_list_bad_values(reader, scorer, out, &list);
    assert_int_equal(list.n, 2);
    snprintf(loc, sizeof loc, "\"loc\":[\"body\",\"data\",1,%zu]",
             column_of(bundle, "hour"));
    assert_non_null(strstr(list.json.p, loc));
    snprintf(loc, sizeof loc, "\"loc\":[\"body\",\"data\",1,%zu]",
             column_of(bundle, "C14"));
    assert_non_null(strstr(list.json.p, loc));
    assert_non_null(strstr(list.json.p, "\"input\":\"x\""));
    assert_non_null(strstr(list.json.p, "Value error, column \\\"hour\\\""));
    rows_reader_free(reader);
    cm_row_scorer_free(scorer);
    problems_release(&list);
    cm_buf_release(&body);
    cm_bundle_free(bundle);
}

int main(void)
{
    const struct CMUnitTest of_bodies[] = {
        cmocka_unit_test(all_of_it_is_listed),
        cmocka_unit_test(texts_are_pydantic_s),
        cmocka_unit_test(json_is_strict),
        cmocka_unit_test(an_answer_does_not_grow_with_its_request),
    };
    const struct CMUnitTest of_values[] = {
        cmocka_unit_test(every_bad_value_is_found),
    };
    int failed =
        cmocka_run_group_tests(of_bodies, reader_setup, reader_teardown);
    return failed +
           cmocka_run_group_tests(of_values, scored_setup, scored_teardown);
}
