/* Logs that are not as they should be: what is said, what is left out, and
 * where the limits are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "codec/csv.h"
#include "test_data_log.h"

/* ---- bad input ------------------------------------------------------------
 */

static void expect_error(void **state, cm_schema *schema, cm_status status,
                         cm_str text, const char *message)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
        options.n_threads = threads;
        cm_ingest_tuning tuning = small_tuning(&text);
        cm_dataset *dataset = NULL;
        cm_error err = {0};
        assert_int_equal(
            cm_ingest_tuned(&dataset, NULL, &options, &tuning, &err), status);
        assert_null(dataset);
        assert_string_equal(err.message, message);
    }
}

#define ADVICE                                                            \
    "; correct the row, or leave bad rows out with --on-bad-row=skip or " \
    "--on-bad-row=quarantine"

static void bad_rows(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    static const struct {
        const char *text, *message;
    } CASES[] = {
        {"y,s,n\n1,a\n", "log.csv:2:4: found 2 fields, expected 3" ADVICE},
        {"y,s,n\n1\n", "log.csv:2:2: found 1 field, expected 3" ADVICE},
        {"y,s,n\n1,a,2,3\n", "log.csv:2:7: found 4 fields, expected 3" ADVICE},
        {"y,s,n\n1,a,2\n\n0,b,3\n",
         "log.csv:3:1: found 1 field, expected 3" ADVICE},
        {"y,s,n\n1,a,2x\n", "log.csv:2:5: column \"n\": found \"2x\", expected "
                            "a whole number of 64 bits, or nothing" ADVICE},
        {"y,s,n\n1,a,9223372036854775808\n",
         "log.csv:2:5: column \"n\": found \"9223372036854775808\", expected a "
         "whole number of 64 bits, or nothing" ADVICE},
        {"y,s,n\n1,a,-9223372036854775808\n",
         "log.csv:2:5: column \"n\": found \"-9223372036854775808\", expected "
         "a whole number of 64 bits, or nothing" ADVICE},
        {"y,s,n\n1,a,1.5\n",
         "log.csv:2:5: column \"n\": found \"1.5\", expected a whole number of "
         "64 bits, or nothing" ADVICE},
        {"y,s,n\n0,a,1\n2,a,1\n",
         "log.csv:3:1: column \"y\": found \"2\", expected 0 or 1" ADVICE},
        {"y,s,n\n,a,1\n",
         "log.csv:2:1: column \"y\": found \"\", expected 0 or 1" ADVICE},
        {"y,s,n\n01,a,1\n",
         "log.csv:2:1: column \"y\": found \"01\", expected 0 or 1" ADVICE},
        {"y,s,n\n1,\"a\nb\",1\n0,\"c\nd\",x\n",
         "log.csv:5:4: column \"n\": found \"x\", expected a whole number of "
         "64 bits, or nothing" ADVICE},
        {"y,s,n\n1,a\"b,1\n",
         "log.csv:2:3: column \"s\": found \"a\"b,1\", expected quotes only "
         "around a whole field, and doubled inside it" ADVICE},
        {"y,s,n\n1,\"ab,1\n0,b,2\n",
         "log.csv:2:3: column \"s\": found \"\"ab,1\\n0,b,2\", expected quotes "
         "only around a whole field, and doubled inside it" ADVICE},
        {"y,s,n\n1,a\xff"
         "b,1\n",
         "log.csv:2:4: column \"s\": found \"a\\xffb\", expected text in "
         "UTF-8" ADVICE},
        {"y,s,n\n1,a,0123456789012345678901234567890123456789x\n",
         "log.csv:2:5: column \"n\": found "
         "\"0123456789012345678901234567890123456789\"..., expected a whole "
         "number of 64 bits, or nothing" ADVICE},
        {"y,s,n\n1,a,\x01\t\x7f\n",
         "log.csv:2:5: column \"n\": found \"\\x01\\t\\x7f\", expected a whole "
         "number of 64 bits, or nothing" ADVICE},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        expect_error(state, schema, CM_ERR_PARSE, cm_str_of(CASES[i].text),
                     CASES[i].message);
    }
    static const char NUL[] = "y,s,n\n1,a\0b,1\n";
    expect_error(state, schema, CM_ERR_PARSE, (cm_str){NUL, sizeof NUL - 1},
                 "log.csv:2:4: column \"s\": found a NUL byte, expected "
                 "text" ADVICE);
    cm_schema_free(schema);
}

static void bad_times(void **state)
{
    cm_schema *schema = schema_of(state, "name: t\n"
                                         "columns:\n"
                                         "  - {name: y, kind: target}\n"
                                         "  - {name: t, kind: time}\n");
    expect_error(state, schema, CM_ERR_PARSE,
                 cm_str_of("y,t\n1,14102100\n1,14102124\n"),
                 "log.csv:3:3: column \"t\": found \"14102124\", expected a "
                 "time such as 14102100, 2014-10-21 or 2014-10-21 "
                 "00:00:00" ADVICE);
    expect_error(state, schema, CM_ERR_PARSE, cm_str_of("y,t\n1,\n"),
                 "log.csv:2:3: column \"t\": found \"\", expected a time such "
                 "as 14102100, 2014-10-21 or 2014-10-21 00:00:00" ADVICE);
    cm_schema_free(schema);
}

static void bad_headers(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    static const struct {
        cm_status status;
        const char *text, *message;
    } CASES[] = {
        {CM_ERR_DATA, "",
         "log.csv: the log is empty; expected a line for each impression"},
        {CM_ERR_DATA, "\xef\xbb\xbf",
         "log.csv: the log is empty; expected a line for each impression"},
        {CM_ERR_DATA, "y,s,n\n",
         "log.csv: the log has no rows; expected a line for each impression"},
        {CM_ERR_DATA, "y,s,n\n\n\r\n\n",
         "log.csv: the log has no rows; expected a line for each impression"},
        {CM_ERR_DATA, "y,n,z\n1,2,3\n",
         "log.csv: found no column \"s\" among \"y\", \"n\", \"z\"; give the "
         "log that column or change the schema"},
        {CM_ERR_DATA, "s,n\na,1\n",
         "log.csv: found no column \"y\" among \"s\", \"n\"; training and "
         "evaluation need it"},
        {CM_ERR_PARSE, "y,s,y\n1,a,0\n",
         "log.csv:1:1: the header names column \"y\" twice; give each column "
         "its own name"},
        {CM_ERR_PARSE, "y,s,,n\n1,a,0,2\n",
         "log.csv:1:5: column 3 has no name; name it in the header"},
        {CM_ERR_PARSE, "y,s\"x\",n\n1,a,0\n",
         "log.csv:1:3: found \"s\"x\"\" in the header, expected quotes only "
         "around a whole name"},
        {CM_ERR_PARSE, "y,s\xff,n\n1,a,0\n",
         "log.csv:1:3: found \"s\\xff\" as the name of column 2, expected "
         "text in UTF-8"},
        {CM_ERR_PARSE, "y,\"s,n\n1,a,0\n",
         "log.csv:1:1: the first row does not end within 1048576 bytes; is "
         "this a CSV file, and are all its quotes closed?"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        expect_error(state, schema, CASES[i].status, cm_str_of(CASES[i].text),
                     CASES[i].message);
    }
    cm_schema_free(schema);
    schema = schema_of(state, "name: t\n"
                              "header: false\n"
                              "columns:\n"
                              "  - {name: y, kind: target}\n"
                              "  - {name: s, kind: text}\n");
    expect_error(state, schema, CM_ERR_PARSE, cm_str_of("1,a,b\n"),
                 "log.csv:1:1: found 3 fields, expected the 2 columns of the "
                 "schema t; is this the right --schema?");
    cm_schema_free(schema);
}

/* Many bad rows in many chunks: the first of the log is the one reported. */
static void first_bad_row_is_reported(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    cm_buf text = {0};
    cm_buf_adds(&text, "y,s,n\n");
    for (int i = 0; i < 2000; i++) {
        cm_buf_addf(&text, "0,t%d,%s\n", i, i > 700 && i % 9 == 0 ? "x" : "1");
    }
    expect_error(state, schema, CM_ERR_PARSE, (cm_str){text.p, text.n},
                 "log.csv:704:8: column \"n\": found \"x\", expected a whole "
                 "number of 64 bits, or nothing" ADVICE);
    cm_buf_release(&text);
    cm_schema_free(schema);
}

static void all_rows_bad(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_SKIP);
    reading r = read_as(&options, "y,s,n\n2,a,1\n1\n");
    assert_int_equal(r.status, CM_ERR_DATA);
    assert_int_equal(r.report.bad_rows, 2);
    assert_string_equal(r.err.message,
                        "log.csv: all 2 rows are bad; is this the right "
                        "--schema? --on-bad-row=fail says what is wrong with "
                        "the first");
    cm_schema_free(schema);
}

static void quarantine(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    char path[1024];
    snprintf(path, sizeof path, "%s", path_in(state, "quarantine.csv"));
    static const char TEXT[] = "y,s,n\n"
                               "1,a,1\n"
                               "1,a\n"
                               "0,\"x\ny\",q\r\n"
                               "0,b,2\n"
                               "7,c,3\n";
    for (int threads = 1; threads <= 2; threads++) {
        cm_ingest_options options = options_of(schema, CM_BAD_ROW_QUARANTINE);
        options.quarantine = path;
        options.n_threads = threads;
        reading r = read_as(&options, TEXT);
        assert_int_equal(r.status, CM_OK);
        assert_int_equal(r.report.rows, 2);
        assert_int_equal(r.report.bad_rows, 3);
        cm_dataset_free(r.dataset);
        cm_buf file = {0};
        assert_int_equal(cm_read_file(&file, path, 1 << 16, NULL), CM_OK);
        assert_string_equal(
            file.p,
            "line,column,reason,row\n"
            "3,4,\"found 2 fields, expected 3\",\"1,a\"\n"
            "5,4,\"column \"\"n\"\": found \"\"q\"\", expected a whole number "
            "of 64 bits, or nothing\",\"0,\"\"x\ny\"\",q\"\n"
            "7,1,\"column \"\"y\"\": found \"\"7\"\", expected 0 or "
            "1\",\"7,c,3\"\n");
        cm_buf_release(&file);
    }
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_QUARANTINE);
    reading r = read_as(&options, TEXT);
    assert_int_equal(r.status, CM_ERR_USAGE);
    cm_schema_free(schema);
}

/* ---- limits ---------------------------------------------------------------
 */

static cm_status read_large(const cm_schema *schema, cm_bad_row policy,
                            const cm_buf *text, cm_ingest_report *report,
                            cm_error *err)
{
    cm_ingest_options options = options_of(schema, policy);
    options.n_threads = 2;
    cm_str memory = {text->p, text->n};
    cm_ingest_tuning tuning = cm_ingest_tuning_default();
    tuning.memory = &memory;
    tuning.window_bytes = 4 << 20;
    cm_dataset *dataset = NULL;
    cm_status status =
        cm_ingest_tuned(&dataset, report, &options, &tuning, err);
    cm_dataset_free(dataset);
    return status;
}

static void fill(cm_buf *buf, char c, size_t n)
{
    char block[1024];
    memset(block, c, sizeof block);
    for (; n > 0; n -= n < sizeof block ? n : sizeof block) {
        cm_buf_add(buf, block, n < sizeof block ? n : sizeof block);
    }
}

static void long_fields(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    for (size_t over = 0; over < 2; over++) {
        cm_buf text = {0};
        cm_ingest_report report;
        cm_error err = {0};
        cm_buf_adds(&text, "y,s,n\n0,a,1\n1,");
        fill(&text, 'z', 65536 + over);
        cm_buf_adds(&text, ",2\n");
        assert_int_equal(
            read_large(schema, CM_BAD_ROW_SKIP, &text, &report, &err), CM_OK);
        assert_int_equal(report.bad_rows, over);
        cm_buf_release(&text);
    }
    cm_schema_free(schema);
}

static void long_rows(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    static const size_t SIZES[] = {1 << 20, 2 << 20, 5 << 20};
    for (size_t i = 0; i < 3; i++) {
        cm_buf text = {0};
        cm_ingest_report report;
        cm_error err = {0};
        cm_buf_adds(&text, "y,s,n\n0,a,1\n1,\"");
        fill(&text, 'z', SIZES[i]);
        cm_buf_adds(&text, "\",2\n1,b,3\n");
        assert_int_equal(
            read_large(schema, CM_BAD_ROW_SKIP, &text, &report, &err),
            CM_ERR_PARSE);
        assert_non_null(strstr(err.message, "log.csv:3:1: found a row of more "
                                            "than "));
        cm_buf_release(&text);
    }
    cm_schema_free(schema);
}

static void many_columns(void **state)
{
    cm_schema *schema = schema_of(state, "name: t\n"
                                         "keep_extra: true\n"
                                         "columns:\n"
                                         "  - {name: c0, kind: text}\n");
    for (int n = 4096; n <= 4097; n++) {
        cm_buf text = {0};
        for (int row = 0; row < 3; row++) {
            for (int i = 0; i < n; i++) {
                cm_buf_addf(&text, "%s%s%d", i == 0 ? "" : ",",
                            row == 0 ? "c" : "", i * (row == 0 ? 1 : row));
            }
            cm_buf_addc(&text, '\n');
        }
        cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
        options.require_target = false;
        cm_str memory = {text.p, text.n};
        cm_ingest_tuning tuning = cm_ingest_tuning_default();
        tuning.memory = &memory;
        cm_dataset *dataset = NULL;
        cm_error err = {0};
        cm_status status =
            cm_ingest_tuned(&dataset, NULL, &options, &tuning, &err);
        assert_int_equal(status, n == 4096 ? CM_OK : CM_ERR_PARSE);
        if (status == CM_OK) {
            assert_int_equal(dataset->n_columns, 4096);
            assert_int_equal(dataset->n_rows, 2);
        } else {
            assert_string_equal(err.message, "log.csv:1:1: found 4097 columns, "
                                             "expected at most 4096");
        }
        cm_dataset_free(dataset);
        cm_buf_release(&text);
    }
    cm_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_rows),
        cmocka_unit_test(bad_times),
        cmocka_unit_test(bad_headers),
        cmocka_unit_test(first_bad_row_is_reported),
        cmocka_unit_test(all_rows_bad),
        cmocka_unit_test(quarantine),
        cmocka_unit_test(long_fields),
        cmocka_unit_test(long_rows),
        cmocka_unit_test(many_columns),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
