/* Matrices, labels and weights from .npy and CSV. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <zlib.h>

#include "base/num.h"
#include "data/matrix.h"
#include "data/frame_body.h"
#include "test_base_folder.h"

static cm_frame *frame_of(const char *text, size_t window)
{
    cm_str memory = cm_str_of(text);
    cm_frame *frame = NULL;
    cm_error err = {0};
    if (frame_open_csv(&frame, &(cm_csv_source){"t.csv", &memory, window},
                       &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return frame;
}

static cm_frame_block next_of(cm_frame *frame)
{
    cm_frame_block block;
    cm_error err = {0};
    if (cm_frame_next(frame, &block, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return block;
}

static void a_header_gives_names(void **state)
{
    (void)state;
    cm_frame *frame = frame_of("\xef\xbb\xbf"
                               "a,\"b, \"\"c\"\"\"\r\n1,2.5\r\n,NaN\n-1e3, 7 ",
                               0);
    assert_true(frame->has_header);
    assert_int_equal(frame->n_columns, 2);
    assert_string_equal(frame->names[1], "b, \"c\"");
    cm_frame_block block = next_of(frame);
    assert_int_equal(block.n_rows, 3);
    assert_true(block.numbers[0][0] == 1 && block.numbers[1][0] == 2.5f);
    assert_true(isnan(block.numbers[0][1]) && isnan(block.numbers[1][1]));
    assert_true(block.numbers[0][2] == -1000 && block.numbers[1][2] == 7);
    assert_int_equal(next_of(frame).n_rows, 0);
    cm_frame_close(frame);
}

static void without_one_columns_are_numbered(void **state)
{
    (void)state;
    cm_frame *frame = frame_of("1,2\n3,\"4\"\n\n\n", 0);
    assert_false(frame->has_header);
    assert_string_equal(frame->names[0], "0");
    assert_string_equal(frame->names[1], "1");
    cm_frame_block block = next_of(frame);
    assert_int_equal(block.n_rows, 2);
    assert_true(block.numbers[1][1] == 4);
    cm_frame_close(frame);
}

static uint32_t length_hash(cm_str text)
{
    return (uint32_t)text.n;
}

static void texts_come_as_hashes(void **state)
{
    (void)state;
    cm_frame *frame = frame_of("x,s,t\n1,ab,zz\n2,\"a,b\",zz\n3,,zz\n", 0);
    const cm_frame_column columns[] = {{1, length_hash}, {0, NULL}};
    assert_int_equal(cm_frame_choose(frame, columns, 2, NULL), CM_OK);
    cm_frame_block block = next_of(frame);
    assert_null(block.numbers[0]);
    assert_null(block.hashes[1]);
    assert_int_equal(block.hashes[0][0], 2);
    assert_int_equal(block.hashes[0][1], 3);
    assert_int_equal(block.hashes[0][2], 0);
    assert_true(block.numbers[1][2] == 3);
    cm_frame_close(frame);
}

/* Blocks and windows end anywhere. */
static void small_windows_and_many_blocks(void **state)
{
    (void)state;
    cm_buf text = {0};
    for (unsigned i = 0; i < 5000; i++) {
        cm_buf_addf(&text, "%u,\"%u\"\n", i, i * 7);
    }
    for (size_t window = 32; window < 100; window += 13) {
        cm_frame *frame = frame_of(text.p, window);
        uint64_t rows = 0;
        for (cm_frame_block b = next_of(frame); b.n_rows > 0;
             b = next_of(frame)) {
            assert_int_equal(b.first_row, rows);
            for (size_t i = 0; i < b.n_rows; i++, rows++) {
                assert_true(b.numbers[0][i] == (float)rows);
                assert_true(b.numbers[1][i] == (float)(rows * 7));
            }
        }
        assert_int_equal(rows, 5000);
        cm_frame_close(frame);
    }
    cm_buf_release(&text);
}

static void check_bad(const char *text, const char *message)
{
    cm_str memory = cm_str_of(text);
    cm_frame *frame = NULL;
    cm_frame_block block;
    cm_error err = {0};
    cm_status status =
        frame_open_csv(&frame, &(cm_csv_source){"t.csv", &memory, 0}, &err);
    if (status == CM_OK) {
        status = cm_frame_next(frame, &block, &err);
    }
    assert_true(status == CM_ERR_DATA || status == CM_ERR_PARSE ||
                status == CM_ERR_UNSUPPORTED);
    if (strstr(err.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
    }
    cm_frame_close(frame);
}

static void what_is_wrong_is_placed(void **state)
{
    (void)state;
    check_bad("a,b\n1,2\n3,x\n",
              "t.csv:3:3: column \"b\": found \"x\", expected a number");
    check_bad("1,2\n3\n", "t.csv:2: found 1 fields, expected 2");
    check_bad("a,\"b\nc\"\n1,2\n3,4,5\n", "t.csv:4: found 3 fields");
    check_bad("1,2\n3,4\"5\n", "t.csv:2:3: expected quotes only around");
    check_bad("", "is empty");
    check_bad("\n\n", "is empty");
    check_bad("\x93NUMPY\x01", "decompress it first");
    check_bad("PK\x03\x04zip", "numpy.save");
    check_bad("1\n1e999\n", "t.csv:2:1: column \"0\": found \"1e999\"");
}

/* ---- files ----------------------------------------------------------- */

static void write_npy(const char *path, const char *descr, const char *shape,
                      const void *data, size_t n)
{
    char header[128];
    uint8_t start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    int length = snprintf(header, sizeof header,
                          "{'descr': '%s', 'fortran_order': False, 'shape': "
                          "%s, }\n",
                          descr, shape);
    cm_buf file = {0};
    start[8] = (uint8_t)length;
    cm_buf_add(&file, start, sizeof start);
    cm_buf_adds(&file, header);
    cm_buf_add(&file, data, n);
    assert_int_equal(cm_write_file(path, (cm_str){file.p, file.n}, NULL),
                     CM_OK);
    cm_buf_release(&file);
}

static void a_matrix_of_each_kind_of_file(void **state)
{
    const float values[] = {1, 2, 3, 4, 5, 6};
    const char *path = path_in(state, "x.npy");
    cm_matrix *x = NULL;
    write_npy(path, "<f4", "(3, 2)", values, sizeof values);
    assert_int_equal(cm_matrix_load(&x, path, NULL), CM_OK);
    assert_int_equal(x->array.n_rows, 3);
    assert_true(cm_array_at(&x->array, 2, 1) == 6);
    assert_string_equal(x->names[1], "1");
    cm_matrix_free(x);

    path = path_in(state, "x.csv.gz");
    gzFile gz = gzopen(path, "wb");
    for (int i = 0; i < 3000; i++) {
        gzprintf(gz, "%d,%d\n", i, -i);
    }
    gzclose(gz);
    assert_int_equal(cm_matrix_load(&x, path, NULL), CM_OK);
    assert_int_equal(x->array.n_rows, 3000);
    assert_true(cm_array_at(&x->array, 2999, 1) == -2999);
    cm_matrix_free(x);
}

static void check_labels(void **state, const char *descr, const void *data,
                         size_t size, cm_status expected, const char *message)
{
    const char *path = path_in(state, "y.npy");
    uint8_t *labels = NULL;
    size_t n = 0;
    cm_error err = {0};
    write_npy(path, descr, "(3,)", data, size);
    assert_int_equal(cm_labels_load(&labels, &n, path, &err), expected);
    if (expected == CM_OK) {
        assert_int_equal(n, 3);
        assert_memory_equal(labels, ((const uint8_t[]){0, 1, 1}), 3);
    } else {
        assert_non_null(strstr(err.message, message));
    }
    free(labels);
}

static void labels_of_any_type(void **state)
{
    check_labels(state, "<i8", (const int64_t[]){0, 1, 1}, 24, CM_OK, NULL);
    check_labels(state, "<f4", (const float[]){0, 1, 1}, 12, CM_OK, NULL);
    check_labels(state, "|b1", (const uint8_t[]){0, 1, 1}, 3, CM_OK, NULL);
    check_labels(state, "<i4", (const int32_t[]){0, 2, 1}, 12, CM_ERR_DATA,
                 "row 1: the label is 2, expected 0 or 1");
    check_labels(state, "<f8", (const double[]){0, 1, (double)NAN}, 24,
                 CM_ERR_DATA, "row 2: the label is nan");
    const char *path = path_in(state, "y.csv");
    uint8_t *labels = NULL;
    size_t n = 0;
    cm_error err = {0};
    assert_int_equal(cm_write_file(path, CM_STR("click\n0\n1\n"), NULL), CM_OK);
    assert_int_equal(cm_labels_load(&labels, &n, path, NULL), CM_OK);
    assert_int_equal(n, 2);
    free(labels);
    assert_int_equal(cm_write_file(path, CM_STR("0,1\n"), NULL), CM_OK);
    assert_int_equal(cm_labels_load(&labels, &n, path, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "found 2 columns"));
}

static void check_weights(void **state, const float *values,
                          const char *message)
{
    const char *path = path_in(state, "w.npy");
    float *weights = NULL;
    size_t n = 0;
    cm_error err = {0};
    write_npy(path, "<f4", "(3,)", values, 12);
    cm_status status = cm_weights_load(&weights, &n, path, &err);
    assert_int_equal(status, message == NULL ? CM_OK : CM_ERR_DATA);
    if (message == NULL) {
        assert_memory_equal(weights, values, 12);
    } else {
        assert_non_null(strstr(err.message, message));
    }
    free(weights);
}

static void weights_are_finite_and_not_negative(void **state)
{
    check_weights(state, (const float[]){0, .5f, 7}, NULL);
    check_weights(state, (const float[]){0, -.5f, 7},
                  "row 1: the weight is -0.5");
    check_weights(state, (const float[]){0, 1, NAN},
                  "row 2: the weight is nan");
    check_weights(state, (const float[]){0, INFINITY, 1}, "row 1: the weight");
    check_weights(state, (const float[]){0, 0, 0}, "all 3 weights are 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_gives_names),
        cmocka_unit_test(without_one_columns_are_numbered),
        cmocka_unit_test(texts_come_as_hashes),
        cmocka_unit_test(small_windows_and_many_blocks),
        cmocka_unit_test(what_is_wrong_is_placed),
        cmocka_unit_test(a_matrix_of_each_kind_of_file),
        cmocka_unit_test(labels_of_any_type),
        cmocka_unit_test(weights_are_finite_and_not_negative),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
