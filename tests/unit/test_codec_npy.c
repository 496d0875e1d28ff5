/* .npy files: what numpy.save writes is read, what cannot be used is named. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "codec/npy.h"

/* A file of version `major`: header text, then data. */
static cm_buf file_of(int major, const char *header, const void *data, size_t n)
{
    cm_buf file = {0};
    size_t length = strlen(header) + 1;
    const uint8_t start[] = {0x93,
                             'N',
                             'U',
                             'M',
                             'P',
                             'Y',
                             (uint8_t)major,
                             0,
                             (uint8_t)length,
                             (uint8_t)(length >> 8),
                             0,
                             0};
    cm_buf_add(&file, start, major == 1 ? 10 : 12);
    cm_buf_adds(&file, header);
    cm_buf_addc(&file, '\n');
    cm_buf_add(&file, data, n);
    return file;
}

static cm_status parse(cm_npy *out, const cm_buf *file, cm_error *err)
{
    return cm_npy_parse(out, (const uint8_t *)file->p, file->n, "x.npy", err);
}

static void check_element(const char *header, const void *data, size_t size,
                          size_t row, size_t column, double expected)
{
    for (int major = 1; major <= 3; major++) {
        cm_npy npy;
        cm_error err = {0};
        cm_buf file = file_of(major, header, data, size);
        if (parse(&npy, &file, &err) != CM_OK) {
            fail_msg("%s", err.message);
        }
        assert_true(cm_array_at(&npy.array, row, column) == expected);
        cm_buf_release(&file);
    }
}

static void every_type_is_read(void **state)
{
    (void)state;
#define CHECK(descr, type, value)                                      \
    check_element("{'descr': '" descr                                  \
                  "', 'fortran_order': False, 'shape': (3,), }",       \
                  (const type[]){0, 0, value}, 3 * sizeof(type), 2, 0, \
                  (double)(type)(value))
    CHECK("|b1", uint8_t, 1);
    CHECK("|u1", uint8_t, 255);
    CHECK("<u2", uint16_t, 65535);
    CHECK("<u4", uint32_t, 4294967295u);
    CHECK("<u8", uint64_t, 18446744073709551615u);
    CHECK("|i1", int8_t, -128);
    CHECK("<i2", int16_t, -32768);
    CHECK("<i4", int32_t, -2147483647);
    CHECK("<i8", int64_t, -9000000000);
    CHECK("<f4", float, 1.5f);
    CHECK("<f8", double, 1e300);
#undef CHECK
}

static void both_orders_of_a_matrix(void **state)
{
    (void)state;
    const float values[6] = {0, 1, 2, 3, 4, 5};
    check_element("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
                  values, sizeof values, 1, 0, 3);
    check_element("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
                  values, sizeof values, 1, 0, 1);
    /* Keys in any order, double quotes, Python 2's long numbers. */
    check_element("{ \"shape\":(2L,3L),\"fortran_order\":True , 'descr':'<f4'}",
                  values, sizeof values, 0, 2, 4);
}

static void a_part_is_copied_column_by_column(void **state)
{
    (void)state;
    double values[40];
    float tile[3 * 16];
    for (size_t i = 0; i < 40; i++) {
        values[i] = (double)i;
    }
    cm_array x = {values, CM_ARRAY_F64, 10, 4, 4, 1};
    cm_array_tile(
        tile, 16, &x,
        (cm_array_part){.row = 1, .n_rows = 9, .column = 1, .n_columns = 3});
    assert_true(tile[0] == 5 && tile[8] == 37 && tile[16] == 6);
    const uint32_t rows[] = {7, 0};
    cm_array_tile(tile, 16, &x,
                  (cm_array_part){
                      .rows = rows, .n_rows = 2, .column = 3, .n_columns = 1});
    assert_true(tile[0] == 31 && tile[1] == 3);
    values[0] = 1e300;
    cm_array_tile(tile, 16, &x, (cm_array_part){.n_rows = 1, .n_columns = 1});
    assert_true(isinf(tile[0]));
}

static void check_refused(const char *header, size_t n_data, cm_status status,
                          const char *words)
{
    static const uint8_t data[64];
    cm_npy npy;
    cm_error err = {0};
    cm_buf file = file_of(1, header, data, n_data);
    assert_int_equal(parse(&npy, &file, &err), status);
    if (strstr(err.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
    }
    assert_non_null(strstr(err.message, "x.npy"));
    cm_buf_release(&file);
}

#define HEADER(descr, shape) \
    "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }"

static void what_cannot_be_used_is_named(void **state)
{
    (void)state;
    check_refused(HEADER("|O", "(2,)"), 16, CM_ERR_UNSUPPORTED,
                  "Python objects; convert with X.astype('float32')");
    check_refused(HEADER(">f4", "(2,)"), 16, CM_ERR_UNSUPPORTED, "big endian");
    check_refused(HEADER("<U7", "(2,)"), 16, CM_ERR_UNSUPPORTED, "texts");
    check_refused(HEADER("<f2", "(2,)"), 16, CM_ERR_UNSUPPORTED, "'<f2'");
    check_refused(HEADER("<c8", "(2,)"), 16, CM_ERR_UNSUPPORTED, "'<c8'");
    check_refused(HEADER("<f4", "(2, 2, 2)"), 32, CM_ERR_UNSUPPORTED,
                  "3 dimensions");
    check_refused(HEADER("<f4", "()"), 4, CM_ERR_UNSUPPORTED, "0 dimensions");
    check_refused("{'descr': [('a', '<f4')], 'fortran_order': False, "
                  "'shape': (2,), }",
                  16, CM_ERR_UNSUPPORTED, "structured array");
}

static void what_is_damaged_is_placed(void **state)
{
    (void)state;
    check_refused(HEADER("<f4", "(5,)"), 16, CM_ERR_PARSE, "cut off");
    check_refused(HEADER("<f8", "(4611686018427387904, 4)"), 16, CM_ERR_PARSE,
                  "and 16 bytes are left");
    check_refused(HEADER("<f4", "(99999999999999999999,)"), 16, CM_ERR_PARSE,
                  "offset 61: a length in the shape is too large");
    check_refused(HEADER("<f4", "(-1,)"), 16, CM_ERR_PARSE, "no number");
    check_refused(HEADER("<f4", "(2"), 16, CM_ERR_PARSE, "no number");
    check_refused("{'shape': (2 3)}", 16, CM_ERR_PARSE, "no ')'");
    check_refused("{'descr': '<f4', 'shape': (2,), }", 16, CM_ERR_PARSE,
                  "does not tell");
    check_refused("{'descr': '<f4, 'fortran_order'", 16, CM_ERR_PARSE, "no '");
    check_refused("{'fortran_order': None", 16, CM_ERR_PARSE,
                  "neither True nor False");
    check_refused("{'size': 3}", 16, CM_ERR_PARSE, "a key that .npy");
    check_refused("", 16, CM_ERR_PARSE, "offset 11");
}

static void every_cut_is_an_error(void **state)
{
    (void)state;
    const float values[6] = {0};
    for (int major = 1; major <= 3; major++) {
        cm_buf file =
            file_of(major, HEADER("<f4", "(2, 3)"), values, sizeof values);
        for (size_t n = 0; n < file.n; n++) {
            cm_npy npy;
            cm_error err = {0};
            assert_int_equal(
                cm_npy_parse(&npy, (const uint8_t *)file.p, n, "x.npy", &err),
                CM_ERR_PARSE);
            assert_true(err.message[0] != '\0');
        }
        cm_buf_release(&file);
    }
    cm_npy npy;
    cm_buf file = file_of(4, HEADER("<f4", "(2, 3)"), values, sizeof values);
    assert_int_equal(parse(&npy, &file, NULL), CM_ERR_PARSE);
    cm_buf_release(&file);
}

static void an_empty_array_is_fine(void **state)
{
    (void)state;
    cm_npy npy;
    cm_buf file = file_of(1, HEADER("<f4", "(0, 3)"), NULL, 0);
    assert_int_equal(parse(&npy, &file, NULL), CM_OK);
    assert_int_equal(npy.array.n_rows, 0);
    assert_int_equal(npy.array.n_columns, 3);
    cm_buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(both_orders_of_a_matrix),
        cmocka_unit_test(a_part_is_copied_column_by_column),
        cmocka_unit_test(what_cannot_be_used_is_named),
        cmocka_unit_test(what_is_damaged_is_placed),
        cmocka_unit_test(every_cut_is_an_error),
        cmocka_unit_test(an_empty_array_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
