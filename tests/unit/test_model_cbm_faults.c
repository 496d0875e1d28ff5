/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* The n-th allocation fails, n = 0, 1, 2 … until all succeed: writing and
 * reading .cbm give back an error and whatever they had. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "test_base_faults.h"
#include "test_model_categories.h"

enum { MOST_ALLOCATIONS = 10000 };

static void writing_survives_failures(void **state)
{
    (void)state;
    cm_model *model = category_model(1, 100);
    cm_status status = CM_ERR_NOMEM;
    long n = 0;
    for (; status != CM_OK && n < MOST_ALLOCATIONS; n++) {
        cm_buf bytes = {0};
        cm_error err = {0};
        faults_left = n;
        status = cm_model_format_cbm(model, &bytes, &err);
        faults_left = -1;
        assert_true(status == CM_OK || status == CM_ERR_NOMEM);
        assert_int_equal(err.code, status);
        cm_buf_release(&bytes);
    }
    assert_int_equal(status, CM_OK);
    assert_true(n > 10);
    cm_model_free(model);
}

static void reading_survives_failures(void **state)
{
    (void)state;
    cm_model *model = category_model(1, 3000), *again = NULL;
    cm_buf bytes = {0};
    cm_status status = CM_ERR_NOMEM;
    long n = 0;
    assert_int_equal(cm_model_format_cbm(model, &bytes, NULL), CM_OK);
    for (; status != CM_OK && n < MOST_ALLOCATIONS; n++) {
        cm_error err = {0};
        faults_left = n;
        status =
            cm_model_parse_cbm(&again, (cm_str){bytes.p, bytes.n}, "m", &err);
        faults_left = -1;
        assert_true(status == CM_OK || status == CM_ERR_NOMEM);
        assert_int_equal(err.code, status);
        assert_int_equal(again != NULL, status == CM_OK);
    }
    assert_int_equal(status, CM_OK);
    assert_true(n > 10);
    cm_model_free(again);
    cm_model_free(model);
    cm_buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_survives_failures),
        cmocka_unit_test(reading_survives_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
