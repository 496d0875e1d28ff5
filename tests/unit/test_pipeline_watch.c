/* What surrounds a training: the overfitting detector, the metrics after every
 * tree, class weights and monotone constraints. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "boost/train.h"
#include "evaluation/metrics.h"
#include "evaluation/raw_loss.h"
#include "pipeline/class_weights.h"
#include "pipeline/monotone.h"
#include "pipeline/watch.h"
#include "test_boost_data.h"

static cm_error err;

/* ---- detector ------------------------------------------------------------ */

/* The p-value straight from its definition, over the whole past. */
static double p_value(const double *v, size_t n, uint32_t wait)
{
    size_t best = 0, t = n - 1;
    double expected = 0;
    for (size_t i = 0; i < n; i++) {
        best = v[i] > v[best] ? i : best;
        for (size_t s = 0; s <= i; s++) {
            expected =
                fmax(expected, pow(.99, (double)(t - s)) * (v[i] - v[s]));
        }
    }
    if (t - best < wait) {
        return 1;
    }
    double gain = expected / fmax(v[best] - v[t], 1e-10);
    return exp(-.5 / fmax(gain, 1e-10));
}

/* A metric that rises, then wanders. */
static void draw_metric(double *v, size_t n, uint64_t seed)
{
    cm_rng rng = cm_rng_stream(seed, 0);
    for (size_t i = 0; i < n; i++) {
        double x = (double)i / (double)n;
        v[i] = x * (1.1 - x) + .01 * cm_rng_normal_at(rng, i);
    }
}

static void test_inc_to_dec_is_its_definition(void **state)
{
    (void)state;
    enum { N = 200 };
    double v[N];
    for (uint64_t seed = 0; seed < 10; seed++) {
        cm_overfit_detector d;
        cm_od_options options = {CM_OD_INC_TO_DEC, .3, 5};
        cm_overfit_detector_init(&d, &options);
        draw_metric(v, N, seed);
        for (size_t i = 0; i < N; i++) {
            bool stop = cm_overfit_detector_add(&d, v[i]);
            double expected = p_value(v, i + 1, options.wait);
            assert_true(fabs(d.p_value - expected) < 1e-9);
            assert_int_equal(stop, d.p_value < options.pval);
        }
    }
}

static size_t stops_at(cm_od_options options, const double *v, size_t n)
{
    cm_overfit_detector d;
    cm_overfit_detector_init(&d, &options);
    for (size_t i = 0; i < n; i++) {
        if (cm_overfit_detector_add(&d, v[i])) {
            return i + 1;
        }
    }
    return 0;
}

static void test_iter_waits(void **state)
{
    (void)state;
    const double v[] = {1, 2, 3, 3, 2, 1, 3, 0, 0};
    assert_int_equal(stops_at((cm_od_options){CM_OD_ITER, 0, 3}, v, 9), 6);
    assert_int_equal(stops_at((cm_od_options){CM_OD_ITER, 0, 1}, v, 9), 4);
    assert_int_equal(stops_at((cm_od_options){CM_OD_ITER, 0, 7}, v, 9), 0);
    assert_int_equal(stops_at((cm_od_options){CM_OD_NONE, 0, 1}, v, 9), 0);
    assert_int_equal(stops_at((cm_od_options){CM_OD_INC_TO_DEC, 0, 1}, v, 9),
                     0);
}

/* ---- watch --------------------------------------------------------------- */

enum { ROWS = 9000, FEATURES = 6, TREES = 12 };

typedef struct watched {
    boost_data data;
    float weights[ROWS];
    double baseline[ROWS];
    cm_watched_rows rows;
    cm_trained *trained;
} watched;

static void watched_init(watched *w, bool weighted)
{
    const uint16_t n_bins[FEATURES] = {5, 256, 17, 2, 100, 40};
    cm_train_options options;
    boost_data_init(&w->data, ROWS, FEATURES, n_bins, 3);
    cm_train_options_init(&options);
    options.iterations = TREES;
    options.learning_rate = .3;
    options.depth = 4;
    options.n_threads = 1;
    assert_int_equal(
        cm_train(&w->trained, &w->data.set, &options, NULL, NULL, &err), CM_OK);
    for (size_t i = 0; i < ROWS; i++) {
        w->weights[i] = (float)(i % 3) + .5f;
        w->baseline[i] = (double)(i % 7) * .1;
    }
    w->rows = (cm_watched_rows){ROWS, w->data.bins, w->data.labels,
                                weighted ? w->weights : NULL,
                                weighted ? w->baseline : NULL};
}

static void watched_release(watched *w)
{
    cm_trained_free(w->trained);
    boost_data_release(&w->data);
}

static double raw_after(const watched *w, size_t row, size_t n_trees)
{
    double raw = w->rows.baseline != NULL ? w->baseline[row] : 0;
    for (size_t t = 0; t < n_trees; t++) {
        const cm_tree *tree = &w->trained->trees[t];
        size_t leaf = 0;
        for (uint32_t d = 0; d < tree->depth; d++) {
            cm_split_condition c = tree->splits[d];
            leaf |= (size_t)(w->data.bins[c.feature][row] > c.border) << d;
        }
        raw += tree->leaf_values[leaf];
    }
    return raw;
}

/* The metrics by evaluation/, from probabilities made anew. */
static void expect_metrics(const watched *w, const cm_curve_point *point)
{
    double *p = malloc(ROWS * sizeof *p);
    double loss = 0, weight = 0, clicks = 0;
    cm_metrics metrics;
    assert_non_null(p);
    for (size_t i = 0; i < ROWS; i++) {
        double own = w->rows.weights != NULL ? (double)w->weights[i] : 1;
        p[i] = 1 / (1 + exp(-raw_after(w, i, point->trees)));
        loss -= own * log(w->data.labels[i] ? p[i] : 1 - p[i]);
        weight += own;
        clicks += w->data.labels[i] * own;
    }
    assert_int_equal(cm_evaluate(&metrics, w->data.labels, p, ROWS, &err),
                     CM_OK);
    assert_true(fabs(point->log_loss - loss / weight) < 1e-12);
    assert_true(fabs(point->auc - metrics.roc_auc) < 1e-12);
    assert_true(fabs(point->normalized_entropy -
                     loss / weight / cm_base_log_loss(clicks / weight)) <
                1e-12);
    free(p);
}

static cm_curve watch_all(const watched *w, const cm_watch_options *options,
                          int n_threads, uint32_t *best_trees)
{
    cm_watch *watch = NULL;
    cm_curve curve = {0};
    bool stop = false;
    assert_int_equal(
        cm_watch_new(&watch, &w->rows, options, 0, .5, TREES, n_threads, &err),
        CM_OK);
    for (size_t t = 0; t < TREES && !stop; t++) {
        assert_int_equal(
            cm_watch_add(watch, &w->trained->trees[t], .25, &stop, &err),
            CM_OK);
    }
    *best_trees = cm_watch_best_trees(watch);
    assert_int_equal(cm_watch_take_curve(watch, &curve, &err), CM_OK);
    cm_watch_free(watch);
    return curve;
}

static void test_metrics_after_every_tree(void **state)
{
    (void)state;
    watched w;
    uint32_t best = 0;
    cm_watch_options options = {
        .on = true, .metric_period = 1, .best_model_min_trees = 1};
    for (int weighted = 0; weighted < 2; weighted++) {
        watched_init(&w, weighted == 1);
        cm_curve curve = watch_all(&w, &options, 2, &best);
        assert_int_equal(curve.n, TREES);
        size_t least = 0;
        for (size_t i = 0; i < curve.n; i++) {
            const cm_curve_point *point = &curve.points[i];
            assert_int_equal(point->trees, i + 1);
            assert_true(point->train_normalized_entropy == .5);
            expect_metrics(&w, point);
            least = point->log_loss < curve.points[least].log_loss ? i : least;
        }
        assert_int_equal(best, least + 1);
        free(curve.points);
        watched_release(&w);
    }
}

static void test_threads_and_periods_change_no_number(void **state)
{
    (void)state;
    watched w;
    uint32_t best = 0, again = 0;
    cm_watch_options options = {.on = true,
                                .metric = CM_EVAL_AUC,
                                .metric_period = 1,
                                .best_model_min_trees = 1};
    watched_init(&w, true);
    cm_curve all = watch_all(&w, &options, 1, &best);
    options.metric_period = 5;
    cm_curve some = watch_all(&w, &options, 3, &again);
    assert_int_equal(best, again);
    assert_int_equal(some.n, 3); /* after 5, 10 and the last */
    const size_t at[] = {4, 9, 11};
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(&some.points[i], &all.points[at[i]],
                            sizeof all.points[0]);
    }
    free(all.points);
    free(some.points);
    watched_release(&w);
}

static void test_one_class_has_no_auc_to_watch(void **state)
{
    (void)state;
    const uint8_t labels[3] = {1, 1, 1};
    cm_watched_rows rows = {.n_rows = 3, .labels = labels};
    cm_watch_options options = {
        .on = true, .metric = CM_EVAL_AUC, .metric_period = 1};
    cm_watch *watch = NULL;
    assert_int_equal(cm_watch_new(&watch, &rows, &options, 0, .5, 10, 1, &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "AUC is not defined"));
    options.metric = CM_EVAL_LOG_LOSS;
    assert_int_equal(cm_watch_new(&watch, &rows, &options, 0, .5, 10, 1, &err),
                     CM_OK);
    cm_watch_free(watch);
}

/* ---- weights and constraints --------------------------------------------- */

static void test_class_weights(void **state)
{
    (void)state;
    const uint8_t labels[] = {0, 0, 0, 1};
    const float rows[] = {1, 1, 2, .5f};
    float *out = NULL;
    cm_class_weights w = {.automatic = CM_CLASS_WEIGHTS_BALANCED};
    cm_class_weights_resolve(&w, labels, NULL, 4);
    assert_true(w.by_class[0] == 1 && w.by_class[1] == 3);
    w = (cm_class_weights){.automatic = CM_CLASS_WEIGHTS_SQRT_BALANCED};
    cm_class_weights_resolve(&w, labels, rows, 4);
    assert_true(w.by_class[0] == 1 && w.by_class[1] == 1); /* .5 is none */
    w = (cm_class_weights){.given = true, .by_class = {2, 4}};
    cm_class_weights_resolve(&w, labels, rows, 4);
    assert_int_equal(cm_row_weights(&out, &w, labels, rows, 4, &err), CM_OK);
    const float expected[] = {2, 2, 4, 2};
    assert_memory_equal(out, expected, sizeof expected);
    free(out);
    w = (cm_class_weights){0};
    cm_class_weights_resolve(&w, labels, NULL, 4);
    assert_false(cm_class_weights_matter(&w));
    assert_int_equal(cm_row_weights(&out, &w, labels, NULL, 4, &err), CM_OK);
    assert_null(out);
}

static const char *const names[] = {"C1", "C14", "device:ip"};

static void refuses(const char *const *items, size_t n, const char *words)
{
    int8_t out[3];
    assert_int_equal(cm_monotone_parse(out, items, n, names, 3, &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, words));
}

static void test_monotone_constraints(void **state)
{
    (void)state;
    int8_t out[3];
    const int8_t listed[] = {1, 0, -1}, named[] = {0, -1, 1}, none[3] = {0};
    const char *const list[] = {"1", "0", "-1"};
    const char *const pairs[] = {"device:ip:1", "1:-1"};
    assert_int_equal(cm_monotone_parse(out, list, 3, names, 3, &err), CM_OK);
    assert_memory_equal(out, listed, 3);
    assert_int_equal(cm_monotone_parse(out, pairs, 2, names, 3, &err), CM_OK);
    assert_memory_equal(out, named, 3);
    assert_int_equal(cm_monotone_parse(out, NULL, 0, names, 3, &err), CM_OK);
    assert_memory_equal(out, none, 3);
    refuses(list, 2, "found 2 directions");
    refuses((const char *const[]){"1", "2", "0"}, 3, "found \"2\"");
    refuses((const char *const[]){"C15:1"}, 1, "did you mean C1");
    refuses((const char *const[]){"C1:1", "0"}, 2, "found \"0\"");
    refuses((const char *const[]){"C1:up"}, 1, "found \"C1:up\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inc_to_dec_is_its_definition),
        cmocka_unit_test(test_iter_waits),
        cmocka_unit_test(test_metrics_after_every_tree),
        cmocka_unit_test(test_threads_and_periods_change_no_number),
        cmocka_unit_test(test_one_class_has_no_auc_to_watch),
        cmocka_unit_test(test_class_weights),
        cmocka_unit_test(test_monotone_constraints)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
