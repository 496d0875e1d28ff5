/* Metrics: values worked out by hand or by scikit-learn, and the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluation/metrics.h"
#include "evaluation/roc_auc.h"
#include "evaluation/sum.h"

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fmax(1.0, fabs(want)))) {
        print_message("got %.17g, want %.17g\n", got, want);
        fail();
    }
}

static cm_metrics evaluate(const uint8_t *labels, const double *p, size_t n)
{
    cm_metrics m;
    cm_error err = {0};
    if (cm_evaluate(&m, labels, p, n, &err) != CM_OK) {
        print_message("%s\n", err.message);
        fail();
    }
    return m;
}

/* scikit-learn's own example for roc_auc_score. */
static void four_rows(void **state)
{
    static const uint8_t y[] = {0, 0, 1, 1};
    static const double p[] = {0.1, 0.4, 0.35, 0.8};
    (void)state;
    cm_metrics m = evaluate(y, p, 4);
    assert_int_equal(m.rows, 4);
    assert_int_equal(m.clicks, 2);
    assert_near(m.roc_auc, 0.75);
    assert_near(m.log_loss, -(log(0.9) + log(0.6) + log(0.35) + log(0.8)) / 4);
    assert_near(m.precision, 1.0);
    assert_near(m.recall, 0.5);
    assert_near(m.f1_weighted, (2.0 / 3 + 4.0 / 5) / 2);
    assert_near(m.base_rate, 0.5);
    assert_near(m.mean_prediction, 0.4125);
    assert_near(m.base_log_loss, log(2));
    assert_near(m.normalized_entropy, m.log_loss / log(2));
    assert_near(m.calibration_ratio, 0.825);
}

static void ties_count_half(void **state)
{
    static const uint8_t y[] = {1, 0, 0, 1, 0};
    static const double p[] = {0.3, 0.3, 0.3, 0.7, 0.7};
    (void)state;
    /* Click at .3: ties two, loses one.  Click at .7: wins two, ties one. */
    assert_near(evaluate(y, p, 5).roc_auc, (1.0 + 2.5) / 6);
}

static void zeros_of_both_signs_are_equal(void **state)
{
    static const uint8_t y[] = {1, 0};
    static const double p[] = {-0.0, 0.0};
    (void)state;
    assert_near(evaluate(y, p, 2).roc_auc, 0.5);
}

static void neighbours_differ(void **state)
{
    static const uint8_t y[] = {1, 0};
    double p[] = {nextafter(0.3, 1.0), 0.3};
    (void)state;
    assert_near(evaluate(y, p, 2).roc_auc, 1.0);
}

static void one_class_only(void **state)
{
    static const uint8_t none[] = {0, 0, 0}, all[] = {1, 1, 1};
    static const double p[] = {0.2, 0.4, 0.9};
    (void)state;
    cm_metrics m = evaluate(none, p, 3);
    assert_true(isnan(m.roc_auc));
    assert_true(isnan(m.normalized_entropy));
    assert_true(isnan(m.calibration_ratio));
    assert_near(m.log_loss, -(log(0.8) + log(0.6) + log(1 - 0.9)) / 3);
    assert_near(m.precision, 0.0);
    assert_near(m.recall, 0.0);
    assert_near(m.f1_weighted, 0.8);
    m = evaluate(all, p, 3);
    assert_true(isnan(m.roc_auc));
    assert_near(m.base_log_loss, 0.0);
    assert_near(m.recall, 1.0 / 3);
    assert_near(m.precision, 1.0);
    assert_near(m.calibration_ratio, 0.5);
}

static void certain_predictions(void **state)
{
    static const uint8_t y[] = {0, 1, 1, 0};
    static const double right[] = {0.0, 1.0, 1.0, 0.0};
    static const double wrong[] = {1.0, 0.0, 0.0, 1.0};
    (void)state;
    cm_metrics m = evaluate(y, right, 4);
    assert_true(m.log_loss > 0.0 && m.log_loss < 1e-15);
    assert_near(m.roc_auc, 1.0);
    assert_near(m.f1_weighted, 1.0);
    assert_int_equal(m.calibration[9].count, 2);
    m = evaluate(y, wrong, 4);
    assert_near(m.log_loss, 52 * log(2));
    assert_near(m.roc_auc, 0.0);
    assert_near(m.f1_weighted, 0.0);
}

/* A click is predicted above .5, not at it. */
static void threshold_is_strict(void **state)
{
    static const uint8_t y[] = {1, 1, 0};
    double p[] = {0.5, nextafter(0.5, 1.0), 0.5};
    (void)state;
    cm_metrics m = evaluate(y, p, 3);
    assert_near(m.precision, 1.0);
    assert_near(m.recall, 0.5);
}

static void one_row(void **state)
{
    static const uint8_t y[] = {1};
    static const double p[] = {0.25};
    (void)state;
    cm_metrics m = evaluate(y, p, 1);
    assert_near(m.log_loss, log(4));
    assert_near(m.f1_weighted, 0.0);
    assert_near(m.calibration_ratio, 0.25);
    assert_int_equal(m.calibration[2].count, 1);
}

/* k / 10 opens the bin k, also where its product with 10 is rounded. */
static void calibration_bins(void **state)
{
    uint8_t y[21];
    double p[21];
    (void)state;
    for (int i = 0; i < 21; i++) {
        y[i] = (uint8_t)(i % 2);
        p[i] = i < 11 ? i / 10.0 : nextafter((i - 10) / 10.0, 0.0);
    }
    cm_metrics m = evaluate(y, p, 21);
    for (int i = 0; i < CM_CALIBRATION_BINS; i++) {
        assert_int_equal(m.calibration[i].count, i == 9 ? 3 : 2);
        assert_near(m.calibration[i].low, i / 10.0);
        assert_near(m.calibration[i].high, (i + 1) / 10.0);
    }
    assert_near(m.calibration[4].mean_prediction, 0.45);
    assert_near(m.calibration[4].click_rate, 0.5);
    p[0] = 0.95;
    m = evaluate(y, p, 1);
    assert_true(isnan(m.calibration[0].mean_prediction));
    assert_true(isnan(m.calibration[0].click_rate));
}

/* Against the quadratic definition. */
static void roc_auc_agrees_with_definition(void **state)
{
    enum { N = 600 };
    uint8_t y[N];
    double p[N], wins = 0, pairs = 0, got;
    uint64_t x = 99;
    cm_error err;
    (void)state;
    for (int i = 0; i < N; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        y[i] = (x >> 60) < 4;
        p[i] = i % 3 == 0 ? (double)((x >> 40) % 20) / 20.0
                          : (double)(x >> 11) * 0x1p-53;
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            if (y[i] == 1 && y[j] == 0) {
                pairs++;
                wins += p[i] > p[j] ? 1.0 : p[i] == p[j] ? 0.5 : 0.0;
            }
        }
    }
    assert_int_equal(cm_roc_auc(&got, y, p, N, &err), CM_OK);
    assert_near(got, wins / pairs);
}

static void sums_do_not_lose(void **state)
{
    cm_sum sum = {0};
    (void)state;
    cm_sum_add(&sum, 1.0);
    for (int i = 0; i < 1000000; i++) {
        cm_sum_add(&sum, 1e-17);
    }
    cm_sum_add(&sum, -1.0);
    assert_true(fabs(cm_sum_value(&sum) - 1e-11) < 1e-20);
}

static void assert_refused(const uint8_t *y, const double *p, size_t n,
                           cm_status want, const char *part)
{
    cm_metrics m;
    cm_error err;
    assert_int_equal(cm_evaluate(&m, y, p, n, &err), want);
    assert_non_null(strstr(err.message, part));
}

static void refuses(void **state)
{
    static const uint8_t y[] = {0, 1, 2};
    static const double p[] = {0.5, 0.5, 0.5};
    (void)state;
    assert_refused(y, p, 0, CM_ERR_DATA, "no rows");
    assert_refused(y, p, 3, CM_ERR_DATA, "row 3: the label is 2");
    assert_refused(y, (const double[]){0.1, -0.1}, 2, CM_ERR_DATA,
                   "row 2: the prediction is -0.1");
    assert_refused(y, (const double[]){1.5, 0.1}, 2, CM_ERR_DATA, "row 1");
    assert_refused(y, (const double[]){0.5, (double)NAN}, 2, CM_ERR_DATA,
                   "row 2");
    assert_refused(y, p, (size_t)1 << 32, CM_ERR_UNSUPPORTED,
                   "at most 4294967295");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_rows),
        cmocka_unit_test(ties_count_half),
        cmocka_unit_test(zeros_of_both_signs_are_equal),
        cmocka_unit_test(neighbours_differ),
        cmocka_unit_test(one_class_only),
        cmocka_unit_test(certain_predictions),
        cmocka_unit_test(threshold_is_strict),
        cmocka_unit_test(one_row),
        cmocka_unit_test(calibration_bins),
        cmocka_unit_test(roc_auc_agrees_with_definition),
        cmocka_unit_test(sums_do_not_lose),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
