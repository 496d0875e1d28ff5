/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Ingestion: against a reference, in all the shapes a log can have, for any
 * number of threads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "test_base_faults.h"
#include "test_data_log.h"
#include "test_data_reference.h"

/* id click hour city size url */
static cm_schema *ref_schema(void **state)
{
    return schema_of(state, REF_SCHEMA);
}

/* ---- against the reference ------------------------------------------------
 */

static void check_value(const cm_column *column, size_t row, cm_str expected)
{
    char scratch[CM_NUM_TEXT];
    char canonical[CM_NUM_TEXT];
    cm_str found = value_text(column, row, scratch);
    int64_t number = 0;
    if (column->kind == CM_COLUMN_TIME) {
        assert_true(cm_parse_time(expected, &number));
        expected = (cm_str){canonical, cm_format_i64(canonical, number)};
    } else if (column->kind == CM_COLUMN_INTEGER && expected.n > 0) {
        assert_true(cm_value_integer(expected, &number));
        expected = (cm_str){canonical, cm_format_i64(canonical, number)};
    }
    if (!cm_str_equal(found, expected)) {
        fail_msg("row %zu of %s: %.*s is not %.*s", row, column->name,
                 CM_STR_ARG(found), CM_STR_ARG(expected));
    }
}

/* Sorted strictly, and no value that no row has. */
static void check_dictionary(const cm_column *column, size_t n_rows)
{
    const cm_dictionary *d = &column->dictionary;
    unsigned char *used = calloc(d->n + 1u, 1);
    assert_non_null(used);
    for (size_t row = 0; row < n_rows; row++) {
        assert_true(cm_column_code(column, row) < d->n);
        used[cm_column_code(column, row)] = 1;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        assert_true(used[i]);
        if (i > 0 && d->integers != NULL) {
            assert_true(d->integers[i - 1] < d->integers[i]);
        } else if (i > 0) {
            assert_true(cm_str_compare(cm_dictionary_text(d, i - 1, NULL),
                                       cm_dictionary_text(d, i, NULL)) < 0);
        }
    }
    free(used);
}

static void check_dataset(const cm_dataset *dataset, const ref_log *expected)
{
    assert_int_equal(dataset->n_rows, expected->n_rows);
    assert_int_equal(dataset->n_columns, REF_COLUMNS - 1);
    for (size_t c = 0; c < dataset->n_columns; c++) {
        const cm_column *column = &dataset->columns[c];
        assert_int_equal(column->kind, REF_KINDS[c]);
        for (size_t row = 0; row < dataset->n_rows; row++) {
            check_value(column, row, expected->rows[row].fields[c]);
        }
        if (column->dictionary.n > 0) {
            check_dictionary(column, dataset->n_rows);
        }
    }
}

static void check_same_file(void **state, const cm_dataset *dataset,
                            cm_buf *first)
{
    const char *path = path_in(state, "set.cmd");
    cm_buf bytes = {0};
    assert_int_equal(cm_dataset_save(dataset, path, NULL), CM_OK);
    assert_int_equal(cm_read_file(&bytes, path, 1 << 24, NULL), CM_OK);
    if (first->n == 0) {
        *first = bytes;
        return;
    }
    assert_int_equal(bytes.n, first->n);
    assert_memory_equal(bytes.p, first->p, bytes.n);
    cm_buf_release(&bytes);
}

/* One log, read in many ways.  A quote that is never closed needs a window as
 * large as all that it swallows. */
static void check_log(void **state, const cm_schema *schema, cm_str text,
                      size_t small_window)
{
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_SKIP);
    ref_log expected;
    size_t header = sizeof REF_HEADER;
    ref_read(&expected, (cm_str){text.p + header, text.n - header}, ',',
             REF_KINDS, REF_COLUMNS, 2);
    cm_buf file = {0};
    for (int way = 0; way < 9; way++) {
        cm_dataset *dataset = NULL;
        cm_ingest_report report;
        cm_error err = {0};
        cm_ingest_tuning tuning = small_tuning(&text);
        options.n_threads = 1 + way % 3;
        tuning.kernels =
            way % 2 == 0 ? cm_csv_kernels_portable() : cm_csv_kernels_best();
        tuning.chunk_bytes = way < 5 ? 256u : 64u << (way % 4);
        tuning.window_bytes = way < 7 ? small_window : 1 << 20;
        cm_status status =
            cm_ingest_tuned(&dataset, &report, &options, &tuning, &err);
        if (expected.n_rows == 0) {
            assert_int_equal(status, CM_ERR_DATA);
            continue;
        }
        if (status != CM_OK) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(report.rows, expected.n_rows);
        assert_int_equal(report.bad_rows, expected.n_bad);
        assert_int_equal(report.bytes, text.n);
        if (way == 0) {
            check_dataset(dataset, &expected);
        }
        check_same_file(state, dataset, &file);
        cm_dataset_free(dataset);
    }
    cm_buf_release(&file);
    ref_release(&expected);
}

static void random_logs(void **state)
{
    cm_schema *schema = ref_schema(state);
    for (uint64_t seed = 0; seed < 36; seed++) {
        cm_rng rng = cm_rng_stream(seed, 3);
        ref_style style = ref_style_of(seed);
        cm_buf text = {0};
        cm_buf_adds(&text, REF_HEADER);
        cm_buf_addc(&text, '\n');
        ref_random(&text, &rng, &style, 1 + ref_below(&rng, 250),
                   seed % 3 == 2);
        check_log(state, schema, (cm_str){text.p, text.n},
                  style.bad > 0 ? 1 << 18 : 4096);
        cm_buf_release(&text);
    }
    cm_schema_free(schema);
}

/* ---- shapes ---------------------------------------------------------------
 */

/* The values of a log, columns in the dataset's order: "a,b|c,d|". */
static void expect_values(const cm_schema *schema, const char *text,
                          const char *expected)
{
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    options.require_target = false;
    reading r = read_as(&options, text);
    if (r.status != CM_OK) {
        fail_msg("%s", r.err.message);
    }
    cm_buf buf = {0};
    for (size_t row = 0; row < r.dataset->n_rows; row++) {
        for (size_t c = 0; c < r.dataset->n_columns; c++) {
            char scratch[CM_NUM_TEXT];
            cm_str value = value_text(&r.dataset->columns[c], row, scratch);
            cm_buf_add(&buf, value.p, value.n);
            cm_buf_addc(&buf, c + 1 < r.dataset->n_columns ? ',' : '|');
        }
    }
    assert_string_equal(buf.p, expected);
    cm_buf_release(&buf);
    cm_dataset_free(r.dataset);
}

static void accepted_shapes(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    expect_values(schema, "y,s,n\n1,a,2\n0,b,3\n", "1,a,2|0,b,3|");
    expect_values(schema, "n,y,s\n2,1,a\n", "1,a,2|");
    expect_values(schema, "s,more,y,n\na,x,1,2\n", "1,a,2|");
    expect_values(schema, ",y,s,n\n0,1,a,2\n1,0,b,3\n", "1,a,2|0,b,3|");
    expect_values(schema, "\"y\",\"s\",\"n\"\n\"1\",\"a\",\"2\"\n", "1,a,2|");
    expect_values(schema, "\xef\xbb\xbfy,s,n\n1,a,2\n", "1,a,2|");
    expect_values(schema, "y,s,n\r\n1,a,2\r\n0,b,3\r\n", "1,a,2|0,b,3|");
    expect_values(schema, "y,s,n\n1,a,2\r\n0,b,3\n", "1,a,2|0,b,3|");
    expect_values(schema, "y,s,n\n1,a,2\n0,b,3", "1,a,2|0,b,3|");
    expect_values(schema, "y,s,n\r\n1,a,2\r\n0,b,3\r", "1,a,2|0,b,3|");
    expect_values(schema, "y,s,n\n1,a,2\n\n\r\n\n", "1,a,2|");
    expect_values(schema, "y,s,n\n1,\"a,\"\"\nb\",\"2\"\n", "1,a,\"\nb,2|");
    expect_values(schema, "y,s,n\n1,,\n", "1,,|");
    expect_values(schema, "y,s,n\n1,a,-0\n0,b,007\n0,c,7\n",
                  "1,a,0|0,b,7|0,c,7|");
    expect_values(schema,
                  "y,s,n\n1,a,9223372036854775807\n"
                  "0,b,-9223372036854775807\n",
                  "1,a,9223372036854775807|0,b,-9223372036854775807|");
    expect_values(schema, "y,s\n1,a\n", "1,a|");
    expect_values(schema, "s,n\na,1\n", "a,1|");
    cm_schema_free(schema);
}

static void extra_columns_kept(void **state)
{
    cm_schema *schema = schema_of(state, "name: t\n"
                                         "keep_extra: true\n"
                                         "columns:\n"
                                         "  - {name: y, kind: target}\n");
    expect_values(schema, ",b,y,a\n0,long text here,1,2\n",
                  "1,long text here,2|");
    cm_schema_free(schema);
}

static void without_header(void **state)
{
    cm_schema *schema = schema_of(state, "name: t\n"
                                         "delimiter: tab\n"
                                         "header: false\n"
                                         "columns:\n"
                                         "  - {name: y, kind: target}\n"
                                         "  - {name: n, kind: integer}\n"
                                         "  - {name: s, kind: text}\n");
    expect_values(schema, "1\t2\ta,b\n0\t\t\n", "1,2,a,b|0,,|");
    expect_values(schema, "2\ta\n", "2,a|"); /* no target */
    cm_schema_free(schema);
    schema = schema_of(state, "name: t\n"
                              "header: false\n"
                              "columns:\n"
                              "  - {name: s, kind: text}\n");
    expect_values(schema, "a", "a|");
    expect_values(schema, "a\n\nb\n\n", "a||b|");
    cm_schema_free(schema);
}

static const char IDS[] = "name: t\n"
                          "columns:\n"
                          "  - {name: id, kind: id}\n";

static void expect_ids(void **state, const char *text, unsigned width,
                       const char *values)
{
    cm_schema *schema = schema_of(state, IDS);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    options.require_target = false;
    reading r = read_as(&options, text);
    assert_int_equal(r.status, CM_OK);
    assert_int_equal(r.dataset->columns[0].width, width);
    assert_int_equal(r.dataset->columns[0].dictionary.n > 0, width == 4);
    cm_dataset_free(r.dataset);
    expect_values(schema, text, values);
    cm_schema_free(schema);
}

static void ids_are_exact(void **state)
{
    expect_ids(state, "id\n18446744073709551615\n0\n7\n", 8,
               "18446744073709551615|0|7|");
    expect_ids(state, "id\n18446744073709551616\n7\n", 4,
               "18446744073709551616|7|");
    expect_ids(state, "id\n7\n007\n", 4, "7|007|");
    expect_ids(state, "id\n1234567890123456\n0234567890123456\n", 4,
               "1234567890123456|0234567890123456|");
    expect_ids(state, "id\n123456789012345678x\n", 4, "123456789012345678x|");
    expect_ids(state, "id\n-1\n1\n", 4, "-1|1|");
    expect_ids(state, "id\n1\n\n2\n", 4, "1||2|");
    expect_ids(state, "id\n9999999999999999999\n10000000000000000000\n", 8,
               "9999999999999999999|10000000000000000000|");
}

/* A text id late in the log, after chunks of numbers, for any threads. */
static void late_text_id(void **state)
{
    cm_schema *schema = schema_of(state, IDS);
    cm_buf text = {0};
    cm_buf_adds(&text, "id\n");
    for (int i = 0; i < 3000; i++) {
        cm_buf_addf(&text, "%d\n", i * 7919 % 4001);
    }
    cm_buf_adds(&text, "late\n5\n");
    cm_buf file = {0};
    for (int threads = 1; threads <= 3; threads++) {
        cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
        options.require_target = false;
        options.n_threads = threads;
        reading r = read_as(&options, text.p);
        assert_int_equal(r.status, CM_OK);
        const cm_column *id = &r.dataset->columns[0];
        assert_int_equal(id->width, 4);
        check_dictionary(id, r.dataset->n_rows);
        for (size_t i = 0; i < 3000; i++) {
            char expected[16];
            snprintf(expected, sizeof expected, "%d", (int)i * 7919 % 4001);
            assert_true(cm_str_is(value_text(id, i, NULL), expected));
        }
        check_same_file(state, r.dataset, &file);
        cm_dataset_free(r.dataset);
    }
    cm_buf_release(&file);
    cm_buf_release(&text);
    cm_schema_free(schema);
}

/* A dropped row leaves nothing behind: neither its values nor its text id. */
static void bad_rows_leave_no_trace(void **state)
{
    cm_schema *schema = ref_schema(state);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_SKIP);
    char text[1024];
    const char *row = "5,1,14102100,oslo,3,http://example.org/1,u\n";
    snprintf(text, sizeof text,
             "%s\n%s%s"
             "x7,1,14102100,bergen,99,http://example.org/2,u\n"
             "x8,1,nine,trondheim,98,http://example.org/3,u\n",
             REF_HEADER, row, row);
    char *bad = strstr(text, "x7,1");
    memcpy(bad, "x7,5", 4);
    reading r = read_as(&options, text);
    assert_int_equal(r.status, CM_OK);
    assert_int_equal(r.report.rows, 2);
    assert_int_equal(r.report.bad_rows, 2);
    assert_int_equal(r.dataset->columns[0].width, 8);
    for (size_t c = 3; c < 6; c++) {
        assert_int_equal(r.dataset->columns[c].dictionary.n, 1);
    }
    cm_dataset_free(r.dataset);
    cm_schema_free(schema);
}

/* ---- widths ---------------------------------------------------------------
 */

static void code_widths(void **state)
{
    cm_schema *schema = schema_of(state, TINY_SCHEMA);
    static const struct {
        int n;
        unsigned width;
    } CASES[] = {{256, 1}, {257, 2}, {65536, 2}, {65537, 4}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        cm_buf text = {0};
        cm_buf_adds(&text, "y,s,n\n");
        for (int k = 0; k < CASES[i].n; k++) {
            cm_buf_addf(&text, "0,t%d,%d\n", k, -k);
        }
        cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
        options.n_threads = 2;
        cm_str memory = {text.p, text.n};
        cm_ingest_tuning tuning = cm_ingest_tuning_default();
        tuning.memory = &memory;
        cm_dataset *dataset = NULL;
        assert_int_equal(
            cm_ingest_tuned(&dataset, NULL, &options, &tuning, NULL), CM_OK);
        for (size_t c = 1; c < 3; c++) {
            const cm_column *column = &dataset->columns[c];
            assert_int_equal(column->width, CASES[i].width);
            assert_int_equal(column->dictionary.n, CASES[i].n);
            check_dictionary(column, dataset->n_rows);
        }
        assert_int_equal(dataset->columns[2].dictionary.integers[0],
                         1 - CASES[i].n);
        cm_dataset_free(dataset);
        cm_buf_release(&text);
    }
    cm_schema_free(schema);
}

/* ---- files and streams ----------------------------------------------------
 */

static void write_gzip(const char *path, cm_str text)
{
    gzFile file = gzopen(path, "wb1");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, text.p, (unsigned)text.n), text.n);
    assert_int_equal(gzclose(file), Z_OK);
}

static void write_zstd(const char *path, cm_str text)
{
    size_t room = ZSTD_compressBound(text.n);
    char *bytes = malloc(room);
    assert_non_null(bytes);
    size_t n = ZSTD_compress(bytes, room, text.p, text.n, 1);
    assert_false(ZSTD_isError(n));
    assert_int_equal(cm_write_file(path, (cm_str){bytes, n}, NULL), CM_OK);
    free(bytes);
}

static void check_file(void **state, const cm_schema *schema, const char *path,
                       cm_buf *first)
{
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", path);
    for (int way = 0; way < 4; way++) {
        cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
        options.input = copy;
        options.n_threads = 1 + way % 2;
        cm_ingest_tuning tuning = cm_ingest_tuning_default();
        if (way >= 2) {
            tuning = small_tuning(NULL);
        }
        cm_dataset *dataset = NULL;
        cm_error err = {0};
        if (cm_ingest_tuned(&dataset, NULL, &options, &tuning, &err) != CM_OK) {
            fail_msg("%s", err.message);
        }
        check_same_file(state, dataset, first);
        cm_dataset_free(dataset);
    }
}

static void plain_gzip_and_zstd_are_equal(void **state)
{
    cm_schema *schema = ref_schema(state);
    cm_buf text = {0};
    cm_buf file = {0};
    cm_rng rng = cm_rng_stream(5, 5);
    ref_style style = {.quotes = 10, .unicode = true};
    cm_buf_adds(&text, REF_HEADER);
    cm_buf_addc(&text, '\n');
    ref_random(&text, &rng, &style, 3000, false);
    cm_buf_adds(&text, "\n\n");
    cm_str bytes = {text.p, text.n};
    const char *path = path_in(state, "log.csv");
    assert_int_equal(cm_write_file(path, bytes, NULL), CM_OK);
    check_file(state, schema, path, &file);
    path = path_in(state, "log.csv.gz");
    write_gzip(path, bytes);
    check_file(state, schema, path, &file);
    path = path_in(state, "log.csv.zst");
    write_zstd(path, bytes);
    check_file(state, schema, path, &file);
    cm_buf_release(&file);
    cm_buf_release(&text);
    cm_schema_free(schema);
}

static void truncated_gzip(void **state)
{
    cm_schema *schema = ref_schema(state);
    cm_buf text = {0};
    cm_buf bytes = {0};
    cm_rng rng = cm_rng_stream(6, 5);
    ref_style style = {0};
    cm_buf_adds(&text, REF_HEADER);
    cm_buf_addc(&text, '\n');
    ref_random(&text, &rng, &style, 3000, false);
    char path[1024];
    snprintf(path, sizeof path, "%s", path_in(state, "cut.csv.gz"));
    write_gzip(path, (cm_str){text.p, text.n});
    assert_int_equal(cm_read_file(&bytes, path, 1 << 24, NULL), CM_OK);
    for (size_t cut = 1; cut < bytes.n; cut += bytes.n / 5) {
        assert_int_equal(
            cm_write_file(path, (cm_str){bytes.p, bytes.n - cut}, NULL), CM_OK);
        cm_ingest_options options = options_of(schema, CM_BAD_ROW_SKIP);
        options.input = path;
        cm_dataset *dataset = NULL;
        cm_error err = {0};
        assert_int_equal(cm_ingest(&dataset, NULL, &options, &err),
                         CM_ERR_PARSE);
        assert_null(dataset);
        assert_non_null(strstr(err.message, "cut.csv.gz: at compressed byte"));
    }
    cm_buf_release(&bytes);
    cm_buf_release(&text);
    cm_schema_free(schema);
}

/* ---- faults ---------------------------------------------------------------
 */

static void every_allocation_can_fail(void **state)
{
    cm_schema *schema = ref_schema(state);
    cm_rng rng = cm_rng_stream(9, 9);
    ref_style style = {.quotes = 20, .bad = 5};
    cm_buf text = {0};
    cm_buf_adds(&text, REF_HEADER);
    cm_buf_addc(&text, '\n');
    ref_random(&text, &rng, &style, 60, true);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_SKIP);
    cm_str memory = {text.p, text.n};
    cm_ingest_tuning tuning = small_tuning(&memory);
    cm_status status = CM_ERR_NOMEM;
    for (long n = 0; status != CM_OK && n < 10000; n++) {
        cm_dataset *dataset = NULL;
        cm_error err = {0};
        faults_left = n;
        status = cm_ingest_tuned(&dataset, NULL, &options, &tuning, &err);
        faults_left = -1;
        if (status != CM_OK) {
            assert_int_equal(status, CM_ERR_NOMEM);
            assert_null(dataset);
        }
        cm_dataset_free(dataset);
    }
    assert_int_equal(status, CM_OK);
    cm_buf_release(&text);
    cm_schema_free(schema);
}

/* ---- real rows ------------------------------------------------------------
 */

static void avazu_sample(void **state)
{
    (void)state;
    const char *base = getenv("CLICKMILL_TEST_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/avazu/avazu_sample.csv",
             base == NULL ? "../shared/data" : base);
    if (!cm_file_exists(path)) {
        print_message("SKIP: no %s (CLICKMILL_TEST_DATA)\n", path);
        skip();
    }
    cm_schema *schema = NULL;
    assert_int_equal(cm_schema_load(&schema, "avazu", NULL), CM_OK);
    cm_ingest_options options = options_of(schema, CM_BAD_ROW_FAIL);
    options.input = path;
    options.n_threads = 2;
    cm_dataset *dataset = NULL;
    cm_ingest_report report;
    cm_error err = {0};
    if (cm_ingest(&dataset, &report, &options, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(report.rows, 15493);
    assert_int_equal(report.bad_rows, 0);
    const cm_column *id = cm_dataset_find(dataset, "id");
    assert_true(((const uint64_t *)id->values)[0] == 10013378798301872145u);
    const cm_column *hour = cm_dataset_of_kind(dataset, CM_COLUMN_TIME);
    assert_int_equal(((const int64_t *)hour->values)[0], 1413849600);
    const cm_column *ip = cm_dataset_find(dataset, "device_ip");
    assert_int_equal(ip->dictionary.n, 13606);
    assert_true(cm_str_is(value_text(ip, 0, NULL), "40fb49ca"));
    char scratch[CM_NUM_TEXT];
    const cm_column *c20 = cm_dataset_find(dataset, "C20");
    assert_true(cm_str_is(value_text(c20, 0, scratch), "-1"));
    cm_dataset_free(dataset);
    cm_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_logs),
        cmocka_unit_test(accepted_shapes),
        cmocka_unit_test(extra_columns_kept),
        cmocka_unit_test(without_header),
        cmocka_unit_test(ids_are_exact),
        cmocka_unit_test(late_text_id),
        cmocka_unit_test(bad_rows_leave_no_trace),
        cmocka_unit_test(code_widths),
        cmocka_unit_test(plain_gzip_and_zstd_are_equal),
        cmocka_unit_test(truncated_gzip),
        cmocka_unit_test(every_allocation_can_fail),
        cmocka_unit_test(avazu_sample),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
