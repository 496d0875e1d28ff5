/* The n-th allocation fails, for every n until none does. */
#ifndef TEST_BASE_UNTIL_SUCCESS_H
#define TEST_BASE_UNTIL_SUCCESS_H

#include "test_base_faults.h"

typedef cm_status (*faulty)(void **state);

/* The function checks what it made when it says CM_OK: not every allocation is
 * one that it cannot do without.  It makes fewer than `most`. */
static void until_success_within(faulty function, void **state, long most)
{
    for (long n = 0;; n++) {
        faults_left = n;
        cm_status status = function(state);
        bool all_went_well = faults_left >= 0;
        faults_left = -1;
        if (all_went_well) {
            assert_int_equal(status, CM_OK);
            assert_true(n > 1);
            return;
        }
        assert_true(status == CM_OK || status == CM_ERR_NOMEM);
        assert_true(n < most);
    }
}

#endif
