/* Bodies of requests: every format gives the same rows, numbers keep their
 * digits, limits hold, and answers are what Python would write. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "serving/rows_number.h"
#include "test_serving_rows.h"

#define TABLE(names, data) "{\"data\":[" data "],\"features\":[" names "]}"
#define NAMES              "\"hour\",\"C1\",\"site_id\",\"device_ip\""

static void every_format_gives_the_same_rows(void **state)
{
    static const struct {
        rows_format format;
        const char *body;
    } bodies[] = {
        {ROWS_JSON, TABLE("\"id\"," NAMES, "[7,\"14102100\",1005,\"a\",\"b\"],"
                                           "[8,14102101,\"-1\",null,\"\"]")},
        {ROWS_JSON, " { \"features\" : [\n\"C1\", \"id\",\"x\",\"device_ip\" ,"
                    "\"site_id\",\"hour\" ] , \"data\":\t[ [1005, 7,0,\"b\","
                    "\"a\" , 14102100],[-1,8,9,\"\",null,\"14102101\"]]}\r\n"},
        {ROWS_JSON, "[{\"hour\":14102100,\"C1\":1005,\"site_id\":\"\\u0061\","
                    "\"device_ip\":\"b\",\"id\":7,\"x\":{}},{\"id\":8,"
                    "\"device_ip\":\"\",\"site_id\":1,\"site_id\":null,"
                    "\"C1\":\"-1\",\"hour\":\"14102101\"}]"},
        {ROWS_INVOCATIONS,
         "{\"dataframe_split\":{\"columns\":[\"id\"," NAMES "],\"index\":[0,1],"
         "\"data\":[[7,14102100,1005,\"a\",\"b\"],[8,14102101,-1.0,null,"
         "\"\"]]}}"},
        {ROWS_INVOCATIONS,
         "{\"inputs\":{\"hour\":[14102100,14102101],\"C1\":[1005,-1],\"id\":[7,"
         "8],\"site_id\":[\"a\",null],\"x\":7,\"device_ip\":[\"b\",\"\"]},"
         "\"params\":{}}"},
        {ROWS_INVOCATIONS,
         "{\"instances\":[{\"hour\":14102100,\"C1\":1005.0,\"site_id\":\"a\","
         "\"device_ip\":\"b\",\"id\":7},{\"id\":8,\"hour\":14102101,\"C1\":-1,"
         "\"site_id\":null,\"device_ip\":\"\"}]}"},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_string_equal(
            read_copy(*state, bodies[i].format, bodies[i].body),
            "14102100|1005|a|b id=7 ip='b' / 14102101|-1|| id=8 ip=''");
    }
    assert_string_equal(
        read_copy(*state, ROWS_CSV,
                  "\xef\xbb\xbfhour,C1,id,site_id,\"device_ip\",x\r\n"
                  "14102100,1005,7,a,b,\r\n14102101,-1,8,,\"\",\"\"\"\"\n\n"),
        "14102100|1005|a|b id='7' ip='b' / 14102101|-1|| id='8' ip=''");
}

static void numbers_keep_their_digits(void **state)
{
    static const char *const texts[][2] = {
        {"10000169349117863715", "10000169349117863715"},
        {"1005", "1005"},
        {"1005.0", "1005"},
        {"-7.000", "-7"},
        {"-0.0", "-0"},
        {"0", "0"},
        {"1.50", "1.50"},
        {"1e3", "1e3"},
        {"1.0e0", "1.0e0"},
        {"123456789012345678901234567890.0", "123456789012345678901234567890"},
        {"true", "true"},
        {"false", "false"},
        {"null", ""},
        {"\"1005.0\"", "1005.0"},
        {"\"\xc3\xa9\"", "\xc3\xa9"}};
    reader_fixture *f = *state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char body[256];
        char wanted[256];
        snprintf(body, sizeof body, TABLE(NAMES, "[\"14102100\",1,%s,\"x\"]"),
                 texts[i][0]);
        snprintf(wanted, sizeof wanted, "14102100|1|%s|x ip='x'", texts[i][1]);
        assert_string_equal(read_copy(f, ROWS_JSON, body), wanted);
        assert_true(f->reader->scanned);
        rows got;
        assert_true(rows_read_slowly(f->reader, ROWS_JSON, cm_str_of(body),
                                     &got, &f->problems));
        assert_true(cm_str_is(got.fields[2], texts[i][1]));
    }
}

/* What was sent as a number comes back as that number. */
static void ids_come_back_as_sent(void **state)
{
    reader_fixture *f = *state;
    assert_string_equal(
        read_copy(f, ROWS_JSON,
                  TABLE(NAMES ",\"id\"", "[1,2,3,4.0,5.00],[1,2,3,null,true],"
                                         "[1,2,3,\"x\",\"y\"]")),
        "1|2|3|4 id=5.00 ip=4.0 / 1|2|3| id=true ip=null / "
        "1|2|3|x id='y' ip='x'");
    assert_string_equal(
        read_copy(f, ROWS_JSON,
                  "[{\"hour\":1,\"C1\":2,\"site_id\":3,\"device_ip\":4},"
                  "{\"hour\":1,\"C1\":2,\"site_id\":3,\"device_ip\":4,"
                  "\"id\":6}]"),
        "1|2|3|4 id=null ip=4 / 1|2|3|4 id=6 ip=4");
}

static void the_scanner_knows_when_to_step_aside(void **state)
{
    static const struct {
        bool scanned;
        const char *body;
    } bodies[] = {
        {true, TABLE(NAMES, "[1,2,3,4]")},
        {true, TABLE(NAMES, "")},
        {true, " {\"features\" :[" NAMES "]\n,\"data\":[ [1,2,3 , 4]] }\t"},
        {true, TABLE("\"x\",\"device_ip\",\"site_id\",\"C1\",\"hour\"",
                     "[\"\",4,3,2,1]")},
        {false, TABLE(NAMES, "[1,2,3,\"\\n\"]")},
        {false,
         TABLE("\"hou\\u0072\",\"C1\",\"site_id\",\"device_ip\"", "[1,2,3,4]")},
        {false, "{\"x\":1,\"data\":[[1,2,3,4]],\"features\":[" NAMES "]}"},
        {false, "{\"data\":[],\"data\":[[1,2,3,4]],\"features\":[" NAMES "]}"},
        {false, "[]"},
    };
    reader_fixture *f = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        (void)read_copy(f, ROWS_JSON, bodies[i].body);
        assert_int_equal(f->problems.n, 0);
        assert_int_equal(f->reader->scanned, bodies[i].scanned);
    }
}

/* The list of names is remembered, and forgotten when it has to be. */
static void columns_follow_the_names(void **state)
{
    static const char forward[] = TABLE(NAMES, "[1,2,3,4]");
    static const char backward[] =
        TABLE("\"device_ip\",\"site_id\",\"C1\",\"hour\"", "[4,3,2,1]");
    static const char *const other[] = {"k", "hour"};
    reader_fixture *f = *state;
    const char *const bodies[] = {forward, forward,          backward,
                                  forward, "[{\"hour\":1}]", forward,
                                  "{",     backward,         backward};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *text = read_copy(f, ROWS_JSON, bodies[i]);
        if (bodies[i] == forward || bodies[i] == backward) {
            assert_string_equal(text, "1|2|3|4 ip=4");
            assert_true(f->reader->scanned);
        }
    }
    assert_int_equal(rows_bind_columns(f->reader, other, 2, NULL), CM_OK);
    assert_non_null(strstr(read_copy(f, ROWS_JSON, forward),
                           "[\"body\",\"features\",\"k\"]"));
    assert_int_equal(rows_bind_columns(f->reader, row_columns, 4, NULL), CM_OK);
}

static void names_alone(void **state)
{
    static const char *const bodies[] = {
        "{\"features\":[\"a\",\"\\u0062\"]}",
        "{\"features\":[\"a\",\"b\"],\"data\":5}",
        "[{\"a\":1,\"b\":[]},{\"c\":1}]",
    };
    reader_fixture *f = *state;
    const cm_str *names = NULL;
    size_t n = 0;
    problems_clear(&f->problems);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_true(rows_read_names(f->reader, cm_str_of(bodies[i]), &names, &n,
                                    &f->problems));
        assert_int_equal(n, 2);
        assert_true(cm_str_is(names[0], "a") && cm_str_is(names[1], "b"));
    }
    assert_true(
        rows_read_names(f->reader, CM_STR("[]"), &names, &n, &f->problems));
    assert_int_equal(n, 0);
    assert_false(rows_read_names(f->reader, CM_STR("{\"data\":[]}"), &names, &n,
                                 &f->problems));
    assert_int_equal(f->problems.n, 1);
    problems_clear(&f->problems);
}

/* What a large request needed is let go by the next one. */
static void memory_shrinks_again(void **state)
{
    enum { LARGE = 5 << 20 };
    reader_fixture *f = *state;
    char *body = malloc(LARGE);
    memset(body, ' ', LARGE);
    memcpy(body, "{\"data\":[[\"\\n\"]]", 16);
    body[LARGE - 1] = '}';
    (void)read_text(f, ROWS_JSON, (cm_str){body, LARGE});
    assert_true(document_kept(&f->reader->document) > LARGE);
    (void)read_copy(f, ROWS_JSON, TABLE(NAMES, "[1,2,3,4]"));
    assert_int_equal(document_kept(&f->reader->document), 0);
    assert_true(f->reader->cells_capacity < 1000);
    free(body);
}

static void probabilities_are_written_as_python_does(void **state)
{
    static const struct {
        double value;
        int precision;
        const char *text;
    } cases[] = {{.21364999, 4, "0.2136"},
                 {.21, 4, "0.21"},
                 {.2, 4, "0.2"},
                 {0, 4, "0.0"},
                 {1, 4, "1.0"},
                 {.99996, 4, "1.0"},
                 {.00005, 4, "0.0001"},
                 {.00004999, 4, "0.0"},
                 {.00015, 4, "0.0001"}, /* 0.000149999… */
                 {.125, 2, "0.12"},
                 {.375, 2, "0.38"},
                 {.5, 0, "0.0"},
                 {.51, 0, "1.0"},
                 {.000049, 5, "5e-05"},
                 {.0000123456, 7, "1.23e-05"},
                 {1e-12, 12, "1e-12"},
                 {1e-300, 15, "0.0"},
                 {.1, 16, "0.1"},
                 {.1, 17, "0.1"},
                 {1. / 3, 16, "0.3333333333333333"},
                 {1. / 3, 17, "0.3333333333333333"},
                 {1e-7, 17, "1e-07"},
                 {0, 17, "0.0"},
                 {1, 17, "1.0"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CM_NUM_TEXT];
        size_t n =
            rows_format_rounded(text, cases[i].value, cases[i].precision);
        text[n] = '\0';
        assert_string_equal(text, cases[i].text);
    }
}

static void answers_repeat_what_was_sent(void **state)
{
    static const double p[] = {.21364999, .5};
    static const echo ids[] = {{{"7", 1}, false}, {{"a\"\n", 3}, true}};
    static const echo echoes[] = {{{"null", 4}, false}, {{"x,\xff", 3}, true}};
    (void)state;
    rows answered = {.n = 2, .ids = ids, .echoes = echoes};
    cm_buf out = {0};
    rows_write_answer(&answered, "device_ip", p, 4, &out);
    assert_string_equal(out.p,
                        "[{\"id\":7,\"device_ip\":null,\"click_proba\":0.2136},"
                        "{\"id\":\"a\\\"\\n\",\"device_ip\":\"x,\xef\xbf\xbd\","
                        "\"click_proba\":0.5}]");
    cm_buf_clear(&out);
    rows_write_csv(&answered, "device_ip", p, 4, &out);
    assert_string_equal(out.p, "id,device_ip,click_proba\r\n7,null,0.2136\r\n"
                               "\"a\"\"\n\",\"x,\xff\",0.5\r\n");
    cm_buf_clear(&out);
    answered = (rows){.n = 1};
    rows_write_answer(&answered, "device_ip", p, 4, &out);
    assert_string_equal(out.p, "[{\"click_proba\":0.2136}]");
    cm_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_the_same_rows),
        cmocka_unit_test(numbers_keep_their_digits),
        cmocka_unit_test(ids_come_back_as_sent),
        cmocka_unit_test(the_scanner_knows_when_to_step_aside),
        cmocka_unit_test(columns_follow_the_names),
        cmocka_unit_test(names_alone),
        cmocka_unit_test(memory_shrinks_again),
        cmocka_unit_test(probabilities_are_written_as_python_does),
        cmocka_unit_test(answers_repeat_what_was_sent),
    };
    return cmocka_run_group_tests(tests, reader_setup, reader_teardown);
}
