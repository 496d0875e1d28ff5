/* LDFLAGS: -Wl,-wrap=malloc,-wrap=calloc,-wrap=realloc,-wrap=aligned_alloc */
/* Memory that runs out: an error, or a buffer that says so. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "test_base_faults.h"
#include "test_monitoring_registry.h"

static const char *const names[] = {"one", "two"};

static void creation(void **state)
{
    (void)state;
    cm_status status = CM_ERR_NOMEM;
    for (long n = 0; status != CM_OK; n++) {
        cm_registry *metrics = NULL;
        cm_error err = {0};
        faults_left = n;
        status = cm_registry_new(&metrics, 2, (cm_label_values){names, 2},
                                 (cm_label_values){names, 2}, &err);
        faults_left = -1;
        assert_int_equal(err.code, status);
        assert_true((metrics != NULL) == (status == CM_OK));
        cm_registry_free(metrics);
        assert_true(n < 100);
    }
}

static void formatting(void **state)
{
    (void)state;
    static const char *const values[] = {"v", "c", "1", "2"};
    cm_registry *metrics = new_registry(2);
    cm_registry_answered(cm_registry_shard_of(metrics, 1),
                         &(cm_answered){INFER, POST, 200, .25, 10, 20});
    bool failed = true;
    for (long n = 0; failed; n++) {
        cm_buf out = {0};
        faults_left = n;
        cm_status status =
            cm_registry_set_info(metrics, CM_METRIC_model_info, values, NULL);
        cm_registry_format(metrics, CM_EXPOSITION_OPENMETRICS, NULL, 0, &out);
        faults_left = -1;
        failed = status != CM_OK || cm_buf_check(&out, NULL) != CM_OK;
        cm_buf_release(&out);
        assert_true(n < 100);
    }
    cm_registry_free(metrics);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(creation),
        cmocka_unit_test(formatting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
