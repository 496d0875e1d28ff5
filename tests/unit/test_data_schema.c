/* Schemas: those built in, those read, and errors one can act on; times. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "data/schema.h"
#include "test_base_folder.h"

static cm_schema *load(const char *name)
{
    cm_schema *schema = NULL;
    cm_error err = {0};
    if (cm_schema_load(&schema, name, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return schema;
}

static void built_in_avazu(void **state)
{
    (void)state;
    cm_schema *schema = load("avazu");
    assert_string_equal(schema->name, "avazu");
    assert_int_equal(schema->n_columns, 24);
    assert_true(schema->header);
    assert_false(schema->keep_extra);
    assert_int_equal(schema->delimiter, ',');
    assert_string_equal(cm_schema_of_kind(schema, CM_COLUMN_ID)->name, "id");
    assert_string_equal(cm_schema_of_kind(schema, CM_COLUMN_TARGET)->name,
                        "click");
    assert_string_equal(cm_schema_of_kind(schema, CM_COLUMN_TIME)->name,
                        "hour");
    assert_int_equal(cm_schema_find(schema, CM_STR("C14"))->kind,
                     CM_COLUMN_INTEGER);
    assert_int_equal(cm_schema_find(schema, CM_STR("device_ip"))->kind,
                     CM_COLUMN_TEXT);
    assert_true(cm_schema_find(schema, CM_STR("C21"))->required);
    assert_null(cm_schema_find(schema, CM_STR("C2")));
    cm_schema_free(schema);
}

static void built_in_others(void **state)
{
    (void)state;
    cm_schema *criteo = load("criteo");
    assert_int_equal(criteo->n_columns, 40);
    assert_false(criteo->header);
    assert_int_equal(criteo->delimiter, '\t');
    assert_null(cm_schema_of_kind(criteo, CM_COLUMN_ID));
    cm_schema_free(criteo);
    cm_schema *talkingdata = load("talkingdata");
    assert_string_equal(cm_schema_of_kind(talkingdata, CM_COLUMN_TARGET)->name,
                        "is_attributed");
    assert_false(cm_schema_find(talkingdata, CM_STR("click_id"))->required);
    assert_null(cm_schema_find(talkingdata, CM_STR("attributed_time")));
    cm_schema_free(talkingdata);
    cm_schema_free(NULL);
}

static void from_a_file(void **state)
{
    static const char TEXT[] = "name: mine\n"
                               "keep_extra: true\n"
                               "columns:\n"
                               "- name: y\n"
                               "  kind: target\n"
                               "- {name: what, kind: text, required: false}\n";
    const char *path = path_in(state, "mine.yaml");
    assert_int_equal(cm_write_file(path, cm_str_of(TEXT), NULL), CM_OK);
    cm_schema *schema = load(path);
    assert_true(schema->keep_extra && schema->header);
    assert_int_equal(schema->n_columns, 2);
    assert_false(schema->columns[1].required);
    cm_schema_free(schema);
}

static void expect_error(void **state, const char *text, const char *message)
{
    const char *path = path_in(state, "bad.yaml");
    assert_int_equal(cm_write_file(path, cm_str_of(text), NULL), CM_OK);
    cm_schema *schema = NULL;
    cm_error err = {0};
    assert_int_equal(cm_schema_load(&schema, path, &err), CM_ERR_USAGE);
    assert_null(schema);
    /* The folder in front differs from run to run. */
    const char *found = strstr(err.message, "bad.yaml");
    assert_non_null(found);
    assert_string_equal(found, message);
}

static void mistakes(void **state)
{
    expect_error(state, "name: x\ncolums: []\n",
                 "bad.yaml:2:1: unknown key \"colums\", did you mean "
                 "\"columns\"?; see docs/formats/schema.md for the keys of a "
                 "schema");
    expect_error(state, "name: x\n",
                 "bad.yaml:1:1: columns: expected a list of 1 to 4096 columns");
    expect_error(state, "columns:\n- {name: a, kind: text}\n",
                 "bad.yaml:1:1: name: expected a text, found no such key");
    expect_error(state, "name: x\ndelimiter: ;\ncolumns: []\n",
                 "bad.yaml:2:12: delimiter: expected \",\" or tab");
    expect_error(state, "name: x\nheader: 1\ncolumns: []\n",
                 "bad.yaml:2:9: header: expected true or false");
    expect_error(state, "name: x\ncolumns:\n- {name: a, kind: float}\n",
                 "bad.yaml:3:19: kind: expected id, target, time, text or "
                 "integer");
    expect_error(state, "name: x\ncolumns:\n- {name: a, kind: text, req: no}\n",
                 "bad.yaml:3:25: unknown key \"req\"; see "
                 "docs/formats/schema.md for the keys of a schema");
    expect_error(state,
                 "name: x\ncolumns:\n- {name: a, kind: text}\n"
                 "- {name: a, kind: integer}\n",
                 "bad.yaml:4:3: columns: \"a\" is named twice");
    expect_error(state,
                 "name: x\ncolumns:\n- {name: a, kind: time}\n"
                 "- {name: b, kind: time}\n",
                 "bad.yaml:4:3: columns: \"a\" and \"b\" are of the same kind, "
                 "of which a log has at most one column");
    expect_error(state, "name: x\ncolumns:\n- a\n",
                 "bad.yaml:3:3: columns: expected a list of {name, kind, "
                 "required}");
}

static void unknown_names(void **state)
{
    (void)state;
    cm_schema *schema = NULL;
    cm_error err = {0};
    assert_int_equal(cm_schema_load(&schema, "avasu", &err), CM_ERR_USAGE);
    assert_string_equal(err.message,
                        "unknown schema \"avasu\", did you mean \"avazu\"?: "
                        "expected avazu, criteo, talkingdata, or the path of a "
                        ".yaml file");
    assert_int_equal(cm_schema_load(&schema, "no/such.yaml", &err), CM_ERR_IO);
}

static void expect_time(const char *text, int64_t expected)
{
    int64_t seconds = -1;
    if (!cm_parse_time(cm_str_of(text), &seconds)) {
        fail_msg("%s is a time", text);
    }
    assert_int_equal(seconds, expected);
}

static void times(void **state)
{
    (void)state;
    expect_time("14102100", 1413849600);
    expect_time("14102123", 1413849600 + 23 * 3600);
    expect_time("2014-10-21", 1413849600);
    expect_time("2014-10-21 00:00:00", 1413849600);
    expect_time("2014-10-21T13:14:15", 1413849600 + 13 * 3600 + 14 * 60 + 15);
    expect_time("1970-01-01", 0);
    expect_time("1969-12-31 23:59:59", -1);
    expect_time("2000-02-29", 951782400);
    expect_time("0001-01-01", -62135596800);
    expect_time("9999-12-31 23:59:59", 253402300799);
    static const char *const WRONG[] = {"",
                                        "1410210",
                                        "141021000",
                                        "14102124",
                                        "14130100",
                                        "14023000",
                                        "1410210x",
                                        "2014-13-01",
                                        "2014-02-29",
                                        "1900-02-29",
                                        "0000-01-01",
                                        "2014/10/21",
                                        "2014-10-21 24:00:00",
                                        "2014-10-21 00:60:00",
                                        "2014-10-21 00:00:60",
                                        "2014-10-21x00:00:00",
                                        "2014-10-21 00:00",
                                        "2014-10-21 00:00:00Z"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        int64_t seconds = 0;
        if (cm_parse_time(cm_str_of(WRONG[i]), &seconds)) {
            fail_msg("%s is no time", WRONG[i]);
        }
    }
}

static void hours_and_days(void **state)
{
    (void)state;
    assert_int_equal(cm_hour_of_day(1413849600), 0);
    assert_int_equal(cm_day_of_week(1413849600), 1); /* a Tuesday */
    assert_int_equal(cm_hour_of_day(0), 0);
    assert_int_equal(cm_day_of_week(0), 3);
    assert_int_equal(cm_hour_of_day(-1), 23);
    assert_int_equal(cm_day_of_week(-1), 2);
    assert_int_equal(cm_day_of_week(-86400), 2);
    assert_int_equal(cm_day_of_week(-86401), 1);
    assert_in_range(cm_hour_of_day(INT64_MIN), 0, 23);
    assert_in_range(cm_day_of_week(INT64_MIN), 0, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_avazu), cmocka_unit_test(built_in_others),
        cmocka_unit_test(from_a_file),    cmocka_unit_test(mistakes),
        cmocka_unit_test(unknown_names),  cmocka_unit_test(times),
        cmocka_unit_test(hours_and_days),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
