/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* The row reader: the same rows as the reference has, in order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_base_faults.h"
#include "test_data_log.h"
#include "test_data_reference.h"

/* In another order than the log's, one twice, one it lacks. */
enum { N_WANTED = 7 };
static const char *const WANTED[N_WANTED] = {"url",  "id",   "nothing", "hour",
                                             "size", "city", "url"};
static const size_t FIELDS[N_WANTED] = {5, 0, SIZE_MAX, 2, 4, 3, 5};
static const bool OPTIONAL[N_WANTED] = {false, false, true, false,
                                        false, true,  false};

static void check_batch(const cm_row_reader *reader, const cm_row_batch *batch,
                        const ref_log *expected, size_t first)
{
    assert_int_equal(batch->n_fields, N_WANTED);
    assert_true(first + batch->n_rows <= expected->n_rows);
    for (size_t i = 0; i < batch->n_rows; i++) {
        const ref_row *row = &expected->rows[first + i];
        assert_int_equal(cm_row_reader_line(reader, i), row->line);
        for (size_t w = 0; w < N_WANTED; w++) {
            cm_str found = batch->fields[i * N_WANTED + w];
            cm_str wanted =
                FIELDS[w] == SIZE_MAX ? CM_STR("") : row->fields[FIELDS[w]];
            if (!cm_str_equal(found, wanted)) {
                fail_msg("row %zu, %s: %.*s is not %.*s", first + i, WANTED[w],
                         CM_STR_ARG(found), CM_STR_ARG(wanted));
            }
        }
    }
}

static void check_log(const cm_schema *schema, cm_str text, bool bad)
{
    ref_log expected;
    size_t header = sizeof REF_HEADER;
    /* click is not wanted: it may be anything. */
    cm_column_kind kinds[REF_COLUMNS];
    memcpy(kinds, REF_KINDS, sizeof kinds);
    kinds[1] = CM_COLUMN_TEXT;
    ref_read(&expected, (cm_str){text.p + header, text.n - header}, ',', kinds,
             REF_COLUMNS, 2);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_SKIP);
    cm_ingest_tuning tuning = small_tuning(&text);
    tuning.window_bytes = bad ? 1 << 20 : 4096;
    cm_row_reader *reader = NULL;
    cm_error err = {0};
    cm_status status = cm_row_reader_open_tuned(
        &reader, &options, &tuning, WANTED, OPTIONAL, N_WANTED, &err);
    if (status != CM_OK) {
        fail_msg("%s", err.message);
    }
    for (size_t i = 0; i < N_WANTED; i++) {
        assert_int_equal(cm_row_reader_has(reader, i), FIELDS[i] != SIZE_MAX);
    }
    size_t first = 0;
    cm_row_batch batch = {0};
    do {
        status = cm_row_reader_next(reader, &batch, &err);
        if (status == CM_OK) {
            check_batch(reader, &batch, &expected, first);
            first += batch.n_rows;
        }
    } while (status == CM_OK && batch.n_rows > 0);
    assert_int_equal(status, expected.n_rows == 0 ? CM_ERR_DATA : CM_OK);
    assert_int_equal(first, expected.n_rows);
    const cm_ingest_report *report = cm_row_reader_report(reader);
    assert_int_equal(report->rows, expected.n_rows);
    assert_int_equal(report->bad_rows, expected.n_bad);
    assert_int_equal(report->bytes, text.n);
    cm_row_reader_close(reader);
    ref_release(&expected);
}

static void random_logs(void **state)
{
    cm_schema *schema = schema_of(state, REF_SCHEMA);
    for (uint64_t seed = 0; seed < 100; seed++) {
        cm_rng rng = cm_rng_stream(seed, 4);
        ref_style style = ref_style_of(seed);
        cm_buf text = {0};
        cm_buf_adds(&text, REF_HEADER);
        cm_buf_addc(&text, '\n');
        ref_random(&text, &rng, &style, 1 + ref_below(&rng, 300), false);
        check_log(schema, (cm_str){text.p, text.n}, style.bad > 0);
        cm_buf_release(&text);
    }
    cm_schema_free(schema);
}

/* Opens a log that is a file, which is what users do. */
static cm_row_reader *open_file(void **state, const cm_ingest_options *from,
                                const char *text, const char *const *wanted,
                                size_t n_wanted)
{
    const char *path = path_in(state, "rows.csv");
    assert_int_equal(cm_write_file(path, cm_str_of(text), NULL), CM_OK);
    cm_ingest_options options = *from;
    options.input = path;
    cm_row_reader *reader = NULL;
    cm_error err = {0};
    if (cm_row_reader_open(&reader, &options, wanted, NULL, n_wanted, &err) !=
        CM_OK) {
        fail_msg("%s", err.message);
    }
    return reader;
}

static void many_batches(void **state)
{
    cm_schema *schema = schema_of(state, "name: t\n"
                                         "header: false\n"
                                         "columns:\n"
                                         "  - {name: a, kind: integer}\n");
    cm_buf text = {0};
    for (int i = 0; i < 50000; i++) {
        cm_buf_addf(&text, "%d\n", i);
    }
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    const char *wanted[] = {"a"};
    cm_row_reader *reader = open_file(state, &options, text.p, wanted, 1);
    cm_row_batch batch;
    int next = 0;
    do {
        assert_int_equal(cm_row_reader_next(reader, &batch, NULL), CM_OK);
        assert_true(batch.n_rows <= 8192);
        for (size_t i = 0; i < batch.n_rows; i++, next++) {
            uint64_t value = 0;
            assert_true(cm_parse_u64(batch.fields[i], &value));
            assert_int_equal(value, next);
            assert_int_equal(cm_row_reader_line(reader, i), next + 1);
        }
    } while (batch.n_rows > 0);
    assert_int_equal(next, 50000);
    assert_int_equal(cm_row_reader_next(reader, &batch, NULL), CM_OK);
    assert_int_equal(batch.n_rows, 0);
    cm_row_reader_close(reader);
    cm_buf_release(&text);
    cm_schema_free(schema);
}

static void columns_beyond_the_schema(void **state)
{
    cm_schema *schema = schema_of(state, REF_SCHEMA);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    const char *wanted[] = {"more", "id"};
    cm_row_reader *reader =
        open_file(state, &options, "id,more\n7,\"a \"\"b\"\"\"\n", wanted, 2);
    cm_row_batch batch;
    assert_int_equal(cm_row_reader_next(reader, &batch, NULL), CM_OK);
    assert_int_equal(batch.n_rows, 1);
    assert_true(cm_str_is(batch.fields[0], "a \"b\""));
    assert_true(cm_str_is(batch.fields[1], "7"));
    cm_row_reader_close(reader);
    cm_schema_free(schema);
}

static void missing_columns(void **state)
{
    cm_schema *schema = schema_of(state, REF_SCHEMA);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    cm_str memory = cm_str_of("id,city\n1,a\n");
    cm_ingest_tuning tuning = small_tuning(&memory);
    const char *wanted[] = {"id", "url"};
    cm_row_reader *reader = NULL;
    cm_error err = {0};
    assert_int_equal(cm_row_reader_open_tuned(&reader, &options, &tuning,
                                              wanted, NULL, 2, &err),
                     CM_ERR_DATA);
    assert_null(reader);
    assert_string_equal(err.message,
                        "log.csv: found no column \"url\" among \"id\", "
                        "\"city\"; give the log that column or change the "
                        "schema");
    cm_row_reader_close(NULL);
    cm_schema_free(schema);
}

static void bad_rows(void **state)
{
    cm_schema *schema = schema_of(state, REF_SCHEMA);
    cm_str memory = cm_str_of("id,size\n1,2\n3,x\n4\n5,6\n");
    cm_ingest_tuning tuning = small_tuning(&memory);
    const char *wanted[] = {"size"};
    for (int policy = 0; policy < 2; policy++) {
        cm_ingest_options options =
            options_of(schema, policy == 0 ? CM_BAD_ROW_FAIL : CM_BAD_ROW_SKIP);
        cm_row_reader *reader = NULL;
        cm_row_batch batch;
        cm_error err = {0};
        assert_int_equal(cm_row_reader_open_tuned(&reader, &options, &tuning,
                                                  wanted, NULL, 1, &err),
                         CM_OK);
        cm_status status = cm_row_reader_next(reader, &batch, &err);
        if (policy == 0) {
            assert_int_equal(status, CM_ERR_PARSE);
            assert_non_null(strstr(err.message,
                                   "log.csv:3:3: column \"size\": found \"x\", "
                                   "expected a whole number"));
        } else {
            assert_int_equal(status, CM_OK);
            assert_int_equal(batch.n_rows, 2);
            assert_true(cm_str_is(batch.fields[1], "6"));
            assert_int_equal(cm_row_reader_line(reader, 1), 5);
            assert_int_equal(cm_row_reader_report(reader)->bad_rows, 2);
        }
        cm_row_reader_close(reader);
    }
    cm_schema_free(schema);
}

static cm_status read_all(const cm_ingest_options *options,
                          const cm_ingest_tuning *tuning)
{
    cm_row_reader *reader = NULL;
    cm_row_batch batch = {0};
    cm_status status = cm_row_reader_open_tuned(
        &reader, options, tuning, WANTED, OPTIONAL, N_WANTED, NULL);
    do {
        if (status == CM_OK) {
            status = cm_row_reader_next(reader, &batch, NULL);
        }
    } while (status == CM_OK && batch.n_rows > 0);
    cm_row_reader_close(reader);
    return status;
}

static void every_allocation_can_fail(void **state)
{
    cm_schema *schema = schema_of(state, REF_SCHEMA);
    cm_rng rng = cm_rng_stream(9, 9);
    ref_style style = {.quotes = 20};
    cm_buf text = {0};
    cm_buf_adds(&text, REF_HEADER);
    cm_buf_addc(&text, '\n');
    ref_random(&text, &rng, &style, 20, true);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_SKIP);
    cm_str memory = {text.p, text.n};
    cm_ingest_tuning tuning = small_tuning(&memory);
    cm_status status = CM_ERR_NOMEM;
    for (long n = 0; status != CM_OK && n < 1000; n++) {
        faults_left = n;
        status = read_all(&options, &tuning);
        faults_left = -1;
        assert_true(status == CM_OK || status == CM_ERR_NOMEM);
    }
    assert_int_equal(status, CM_OK);
    cm_buf_release(&text);
    cm_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_logs),
        cmocka_unit_test(many_batches),
        cmocka_unit_test(columns_beyond_the_schema),
        cmocka_unit_test(missing_columns),
        cmocka_unit_test(bad_rows),
        cmocka_unit_test(every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
