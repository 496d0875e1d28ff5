/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* The n-th allocation fails, n = 0, 1, 2 … until all succeed: a body is then
 * neither read nor called wrong, and the next one is read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_base_faults.h"
#include "test_serving_rows.h"

typedef struct body_case {
    rows_format format;
    const char *body;
    bool right;
} body_case;

static const body_case bodies[] = {
    {ROWS_JSON,
     "{\"data\":[[1,2,3,4]],\"features\":[\"hour\",\"C1\",\"site_id\","
     "\"device_ip\"]}",
     true},
    {ROWS_JSON,
     "[{\"hour\":\"\\n\",\"C1\":1,\"site_id\":\"\\u0041\",\"device_ip\":3}]",
     true},
    {ROWS_INVOCATIONS,
     "{\"inputs\":{\"hour\":[1],\"C1\":[1],\"site_id\":[\"\\t\"],"
     "\"device_ip\":[3]}}",
     true},
    {ROWS_TENSORS,
     "{\"inputs\":[{\"name\":\"hour\",\"datatype\":\"BYTES\",\"shape\":[1],"
     "\"data\":[1]},{\"name\":\"C1\",\"datatype\":\"INT8\",\"shape\":[1],"
     "\"data\":[1]},{\"name\":\"site_id\",\"datatype\":\"BYTES\","
     "\"shape\":[1],\"data\":[\"\\t\"]},{\"name\":\"device_ip\","
     "\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[3]}]}",
     true},
    {ROWS_TENSORS, "{\"inputs\":[{\"name\":\"hour\",\"shape\":[2]}]}", false},
    {ROWS_CSV, "hour,C1,site_id,device_ip\n1,2,\"3\"\"\",4\n", true},
    {ROWS_JSON, "{\"data\":[[1]],\"features\":[\"a\",7]}", false},
    {ROWS_JSON, "{\"data\":", false},
    {ROWS_CSV, "hour,C1\n1\n", false},
};

/* Returns whether no allocation failed. */
static bool read_with_fault(const body_case *c, long fault)
{
    void *state = NULL;
    rows got;
    bool done = true;
    assert_int_equal(reader_setup(&state), 0);
    reader_fixture *f = state;
    faults_left = fault;
    bool read =
        rows_read(f->reader, c->format, cm_str_of(c->body), &got, &f->problems);
    done = faults_left >= 0;
    faults_left = -1;
    if (done) {
        assert_int_equal(read, c->right);
        assert_int_equal(f->problems.n == 0, c->right);
    } else if (read) {
        assert_true(c->right);
    } else if (c->right) {
        assert_int_equal(f->problems.n, 0);
    }
    problems_clear(&f->problems);
    assert_int_equal(
        rows_read(f->reader, c->format, cm_str_of(c->body), &got, &f->problems),
        c->right);
    assert_int_equal(f->problems.n == 0, c->right);
    reader_teardown(&state);
    return done;
}

static void a_failed_allocation_is_no_problem_of_the_body(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        long fault = 0;
        while (!read_with_fault(&bodies[i], fault)) {
            assert_true(++fault < 1000);
        }
        assert_true(fault > 2);
    }
}

static void a_reader_is_made_or_not(void **state)
{
    (void)state;
    static const rows_limits limits = {.max_rows = 1};
    bool made = false;
    for (long fault = 0; !made; fault++) {
        rows_reader *reader = NULL;
        faults_left = fault;
        made = rows_reader_new(&reader, limits, "x", NULL) == CM_OK &&
               rows_bind_columns(reader, row_columns, 4, NULL) == CM_OK;
        faults_left = -1;
        rows_reader_free(reader);
        assert_true(fault < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_allocation_is_no_problem_of_the_body),
        cmocka_unit_test(a_reader_is_made_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
