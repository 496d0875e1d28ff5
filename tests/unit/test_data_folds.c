/* Folds: every row once, every class alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/folds.h"

static cm_error err;

enum { ROWS = 1003, CLICKS = 171, FOLDS = 5 };

static void draw_labels(uint8_t *labels)
{
    for (size_t i = 0; i < ROWS; i++) {
        labels[i] = i * 31 % ROWS < CLICKS;
    }
}

static void test_folds_are_stratified(void **state)
{
    (void)state;
    uint8_t labels[ROWS], fold[ROWS];
    size_t rows[FOLDS] = {0}, clicks[FOLDS] = {0};
    draw_labels(labels);
    assert_int_equal(cm_folds_assign(fold, labels, ROWS, FOLDS, 1, &err),
                     CM_OK);
    for (size_t i = 0; i < ROWS; i++) {
        assert_in_range(fold[i], 0, FOLDS - 1);
        rows[fold[i]]++;
        clicks[fold[i]] += labels[i];
    }
    for (size_t k = 0; k < FOLDS; k++) {
        assert_in_range(rows[k], ROWS / FOLDS, ROWS / FOLDS + 1);
        assert_in_range(clicks[k], CLICKS / FOLDS, CLICKS / FOLDS + 1);
    }
}

static void test_a_seed_is_an_order(void **state)
{
    (void)state;
    uint8_t labels[ROWS], a[ROWS], b[ROWS];
    draw_labels(labels);
    assert_int_equal(cm_folds_assign(a, labels, ROWS, FOLDS, 1, &err), CM_OK);
    assert_int_equal(cm_folds_assign(b, labels, ROWS, FOLDS, 1, &err), CM_OK);
    assert_memory_equal(a, b, ROWS);
    assert_int_equal(cm_folds_assign(b, labels, ROWS, FOLDS, 2, &err), CM_OK);
    assert_memory_not_equal(a, b, ROWS);
}

static void test_the_two_parts_of_a_fold(void **state)
{
    (void)state;
    const uint8_t fold[] = {0, 1, 2, 1, 0};
    const uint32_t train[] = {0, 2, 4}, val[] = {1, 3};
    cm_split split;
    assert_int_equal(cm_split_by_fold(&split, fold, 5, 1, &err), CM_OK);
    assert_int_equal(split.n_train, 3);
    assert_int_equal(split.n_val, 2);
    assert_memory_equal(split.train, train, sizeof train);
    assert_memory_equal(split.val, val, sizeof val);
    cm_split_release(&split);
}

static void test_a_class_smaller_than_the_folds(void **state)
{
    (void)state;
    const uint8_t labels[] = {0, 0, 0, 0, 0, 1, 1};
    uint8_t fold[7];
    assert_int_equal(cm_folds_assign(fold, labels, 7, 3, 1, &err), CM_ERR_DATA);
    assert_non_null(strstr(err.message, "2 rows are labelled 1, fewer than "
                                        "the 3 folds"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folds_are_stratified),
        cmocka_unit_test(test_a_seed_is_an_order),
        cmocka_unit_test(test_the_two_parts_of_a_fold),
        cmocka_unit_test(test_a_class_smaller_than_the_folds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
