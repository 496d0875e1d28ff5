/* Rows as Open Inference Protocol v2 sends them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_serving_rows.h"

#define TENSOR(name, type, shape, data)                                 \
    "{\"name\":\"" name "\",\"datatype\":\"" type "\",\"shape\":" shape \
    ",\"data\":" data "}"
#define HOUR TENSOR("hour", "BYTES", "[2]", "[\"14102100\",\"14102101\"]")
#define C1   TENSOR("C1", "INT64", "[2]", "[1005,-7]")
#define SITE TENSOR("site_id", "BYTES", "[2]", "[\"a\",\"b\"]")
#define IP   TENSOR("device_ip", "BYTES", "[2]", "[\"c\",\"d\"]")
#define ROWS "14102100|1005|a|c ip='c' / 14102101|-7|b|d ip='d'"

static void check_read(void **state, const char *body, const char *rows_text)
{
    assert_string_equal(read_copy(*state, ROWS_TENSORS, body), rows_text);
}

/* words: what the problems say, in a line. */
static void check_wrong(void **state, const char *body, const char *words)
{
    reader_fixture *f = *state;
    (void)read_copy(f, ROWS_TENSORS, body);
    assert_true(f->problems.n > 0);
    assert_string_equal(f->problems.text.p, words);
}

static void tensors_are_columns_in_any_order(void **state)
{
    check_read(state, "{\"inputs\":[" HOUR "," C1 "," SITE "," IP "]}", ROWS);
    check_read(state, "{\"inputs\":[" IP "," SITE "," C1 "," HOUR "]}", ROWS);
}

static void what_the_model_does_not_need_is_checked_and_ignored(void **state)
{
    check_read(state,
               "{\"inputs\":[" HOUR "," C1 "," SITE "," IP
               "," TENSOR("x", "BOOL", "[2]", "[true,false]") "]}",
               ROWS);
    check_wrong(state,
                "{\"inputs\":[" HOUR "," C1 "," SITE "," IP
                "," TENSOR("x", "BOOL", "[1]", "[true]") "]}",
                "inputs.4.shape: Value error, the first tensor has another "
                "length");
}

static void a_column_may_be_nested(void **state)
{
    check_read(state,
               "{\"inputs\":[" HOUR "," TENSOR(
                   "C1", "FP64", "[2,1]",
                   "[[1005.0],[-7]]") "," SITE
                                      "," TENSOR("device_ip", "BYTES", "[2,1]",
                                                 "[\"c\",\"d\"]") "]}",
               ROWS);
    check_wrong(state,
                "{\"inputs\":[" HOUR
                "," TENSOR("C1", "INT64", "[2,1]", "[[1,2],[]]") "," SITE "," IP
                                                                 "]}",
                "inputs.C1.0: Input should be a valid string; inputs.C1.1: "
                "Input should be a valid string");
}

static void the_id_is_kept_as_it_was_sent(void **state)
{
    reader_fixture *f = *state;
    check_read(state,
               "{\"id\":\"\\u0041 \\n\",\"inputs\":[" HOUR "," C1 "," SITE
               "," IP "]}",
               ROWS);
    assert_true(cm_str_is(rows_tensors_id(f->reader), "\"\\u0041 \\n\""));
    check_read(
        state,
        "{\"id\":null,\"parameters\":null,\"outputs\":null,\"inputs\":[" HOUR
        "," C1 "," SITE "," IP "]}",
        ROWS);
    assert_int_equal(rows_tensors_id(f->reader).n, 0);
}

static void all_that_is_wrong_is_said(void **state)
{
    check_wrong(state, "[]",
                "Input should be a valid dictionary or object to extract "
                "fields from");
    check_wrong(state,
                "{\"id\":1,\"parameters\":[],\"outputs\":[7,{\"name\":\"y\"}]}",
                "id: Input should be a valid string; parameters: Input should "
                "be a valid dictionary or object to extract fields from; "
                "outputs.0: Input should be a valid dictionary or object to "
                "extract fields from; outputs.1.name: Value error, the one "
                "output is click_proba; inputs: Field required");
    check_wrong(state,
                "{\"inputs\":[" HOUR "," HOUR "," C1 "," SITE
                ",{\"shape\":[-1],\"data\":1}]}",
                "inputs.1: Value error, a tensor of that name came before; "
                "inputs.4.name: Field required; inputs.4.datatype: Field "
                "required; inputs.4.shape: Value error, expected [n] or [n, "
                "1]; inputs.4.data: Input should be a valid list; "
                "inputs.device_ip: Field required");
}

static void shapes_that_promise_too_much_are_refused(void **state)
{
    static const char *const shapes[] = {
        "[]",      "[4294967295]", "[99999999999999999999]",
        "[1.5]",   "[2,2]",        "[2,1,1]",
        "[\"2\"]", "[[2]]"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char body[256];
        (void)snprintf(body, sizeof body,
                       "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT8\","
                       "\"shape\":%s,\"data\":[]}]}",
                       shapes[i]);
        reader_fixture *f = *state;
        (void)read_copy(f, ROWS_TENSORS, body);
        assert_non_null(strstr(f->problems.text.p, "expected [n] or [n, 1]"));
    }
    check_wrong(
        state,
        "{\"inputs\":[" TENSOR("hour", "BYTES", "[6]", "[1,2,3,4,5,6]") "]}",
        "inputs: List should have at most 5 items after validation, "
        "not 6; inputs.C1: Field required; inputs.site_id: Field "
        "required; inputs.device_ip: Field required");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_are_columns_in_any_order),
        cmocka_unit_test(what_the_model_does_not_need_is_checked_and_ignored),
        cmocka_unit_test(a_column_may_be_nested),
        cmocka_unit_test(the_id_is_kept_as_it_was_sent),
        cmocka_unit_test(all_that_is_wrong_is_said),
        cmocka_unit_test(shapes_that_promise_too_much_are_refused),
    };
    return cmocka_run_group_tests(tests, reader_setup, reader_teardown);
}
