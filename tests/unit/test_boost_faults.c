/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Training when the n-th allocation fails, n = 1, 2, ... until it succeeds: an
 * error every time, and nothing leaks (the sanitizer runs see to that). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "test_base_faults.h"
#include "test_boost_data.h"

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    const uint16_t n_bins[5] = {9, 2, 4, 1, 2};
    boost_data data;
    boost_data_init(&data, 300, 5, n_bins, 1);
    cm_train_options options;
    cm_train_options_init(&options);
    options.iterations = 3;
    options.depth = 6;
    options.n_threads = 1;
    cm_status status = CM_ERR_NOMEM;
    long n_faults = 0;
    for (; status != CM_OK && n_faults < 200; n_faults++) {
        cm_trained *trained = NULL;
        cm_error err;
        faults_left = n_faults;
        status = cm_train(&trained, &data.set, &options, NULL, NULL, &err);
        faults_left = -1;
        if (status != CM_OK) {
            assert_int_equal(status, CM_ERR_NOMEM);
            assert_null(trained);
            assert_non_null(strstr(err.message, "memory"));
        }
        cm_trained_free(trained);
    }
    assert_int_equal(status, CM_OK);
    assert_true(n_faults > 30);
    boost_data_release(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
