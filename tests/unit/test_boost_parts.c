/* The parts of the trainer against what they stand for: functions against
 * libm, fast loops against slow ones, both compilations against each other. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "boost/leaf.h"
#include "boost/logistic.h"
#include "boost/partition.h"
#include "boost/hist.h"
#include "boost/sampling.h"
#include "boost/score_kernel_params.h"
#include "test_boost_data.h"

static const uint16_t MIXED[12] = {255, 30, 2, 7, 256, 4, 1, 2, 60, 9, 3, 2};

static void exponential_is_exact(void **state)
{
    (void)state;
    for (double x = -700; x <= 700; x += 0.37) {
        assert_true(fabs(cm_boost_exp(x) / exp(x) - 1) < 1e-15);
    }
    assert_true(cm_boost_exp(0) == 1);
    assert_true(cm_boost_exp(1e6) == cm_boost_exp(700));
    assert_true(cm_boost_exp(-1e6) == cm_boost_exp(-700));
}

static void logistic_table_is_close(void **state)
{
    (void)state;
    cm_logistic *table = malloc(sizeof *table);
    assert_non_null(table);
    cm_logistic_init(table);
    cm_rng rng = cm_rng_stream(1, 2);
    for (int i = 0; i < 100000; i++) {
        int32_t score = (int32_t)(uint32_t)cm_rng_next(&rng) >> (i % 8);
        double exact = 1 / (1 + exp(-score / CM_FIXED_ONE));
        assert_true(fabs(cm_logistic_at(table, score) - exact) < 2e-11);
    }
    assert_true(cm_logistic_at(table, INT32_MAX) <= 1);
    assert_true(cm_logistic_at(table, INT32_MIN) >= 0);
    free(table);
}

static void fixed_point_saturates(void **state)
{
    (void)state;
    assert_int_equal(cm_fixed_of(1), 1 << CM_FIXED_BITS);
    assert_int_equal(cm_fixed_of(-0.5), -(1 << 25));
    assert_int_equal(cm_fixed_of(1e9), INT32_MAX);
    assert_int_equal(cm_fixed_of(-1e9), INT32_MIN);
    assert_int_equal(cm_fixed_add(INT32_MAX, 5), INT32_MAX);
    assert_int_equal(cm_fixed_add(INT32_MIN, -5), INT32_MIN);
    assert_int_equal(cm_fixed_add(7, -9), -2);
}

static void known_automatic_options(void **state)
{
    (void)state;
    /* What get_all_params() of CatBoost 1.2.10 reports. */
    const struct {
        size_t n_rows, n_features;
        uint32_t iterations;
        double rate, subsample;
        int leaf_iterations;
    } cases[] = {{50, 5, 5, 0.369351f, 1, 1},
                 {99, 5, 5, 0.494441f, 1, 1},
                 {100, 5, 5, 0.496568f, 0.8f, 1},
                 {500, 19, 199, 0.033678f, 0.8f, 1},
                 {500, 19, 200, 0.033524f, 0.8f, 10},
                 {500, 20, 100, 0.063299f, 0.8f, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cm_train_options options;
        cm_train_options_init(&options);
        options.iterations = cases[i].iterations;
        cm_train_options_resolve(&options, cases[i].n_rows,
                                 cases[i].n_features);
        assert_true(options.learning_rate == cases[i].rate);
        assert_true(options.subsample == cases[i].subsample);
        assert_int_equal(options.leaf_estimation_iterations,
                         cases[i].leaf_iterations);
        assert_int_equal(options.bootstrap, CM_BOOTSTRAP_MVS);
        assert_true(options.l2_leaf_reg == 3);
    }
}

static void set_values_turn_the_automatic_rate_off(void **state)
{
    (void)state;
    cm_train_options options;
    cm_train_options_init(&options);
    options.leaf_estimation_method = CM_LEAF_GRADIENT;
    options.bootstrap = CM_BOOTSTRAP_BERNOULLI;
    options.l2_leaf_reg = 0;
    cm_train_options_resolve(&options, 1000, 30);
    assert_true(options.learning_rate == (double)0.03f);
    assert_true(options.subsample == (double)0.66f);
    assert_true(options.l2_leaf_reg == (double)1e-20f);
    assert_int_equal(options.leaf_estimation_iterations, 40);
}

static double sample_size(const double *c, size_t n, double t)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += c[i] < t ? c[i] / t : 1;
    }
    return sum;
}

static void mvs_threshold_gives_the_sample_size(void **state)
{
    (void)state;
    const cm_row_kernels *loops = cm_row_kernels_best();
    cm_rng rng = cm_rng_stream(3, 4);
    for (int k = 0; k < 200; k++) {
        double c[1004] = {0};
        size_t n = 1 + cm_rng_next(&rng) % 1000;
        double target = (double)n * (0.05 + 0.9 * cm_rng_unit(&rng));
        for (size_t i = 0; i < n; i++) {
            double u = cm_rng_unit(&rng);
            c[i] = k % 3 == 0 ? 0.5 : 0.001 + u * u * u;
        }
        double t = cm_mvs_threshold(loops, c, (n + 3) / 4 * 4, target);
        assert_true(fabs(sample_size(c, n, t) - target) < 1e-6 * target);
    }
}

/* An expectation: the sum of the weights is the number of rows. */
static void samples_are_unbiased(void **state)
{
    (void)state;
    enum { N = CM_BLOCK_ROWS };
    static double g[N], w[N];
    static uint64_t bits[N];
    const cm_bootstrap kinds[] = {CM_BOOTSTRAP_MVS, CM_BOOTSTRAP_BAYESIAN,
                                  CM_BOOTSTRAP_BERNOULLI, CM_BOOTSTRAP_NO};
    const double expected[] = {N, N, 0.3 * N, N};
    cm_rng rng = cm_rng_stream(5, 6);
    for (size_t i = 0; i < N; i++) {
        g[i] = cm_rng_unit(&rng) - 0.3;
        bits[i] = cm_rng_next(&rng);
    }
    for (size_t k = 0; k < 4; k++) {
        cm_sampling sampling = {kinds[k], 0.3, 1, 0.01, false, rng};
        double sum = 0, gradient = 0, all = 0;
        cm_sampling_draw(&sampling, cm_row_kernels_best(), w, g, NULL, bits, N);
        for (size_t i = 0; i < N; i++) {
            sum += w[i];
            gradient += w[i] * g[i];
            all += g[i] * expected[k] / N;
        }
        assert_true(fabs(sum - expected[k]) < 300);
        assert_true(fabs(gradient - all) < 150);
    }
}

static void both_row_loops_agree(void **state)
{
    (void)state;
    enum { N = 4096 };
    static double g[N], c[2][N];
    static uint64_t bits[N];
    static int64_t stat[2][N];
    if (!__builtin_cpu_supports("avx2")) {
        print_message("SKIP: no AVX2 here\n");
        skip();
    }
    cm_rng rng = cm_rng_stream(7, 8);
    for (size_t i = 0; i < N; i++) {
        g[i] = 2 * cm_rng_unit(&rng) - 1;
        bits[i] = cm_rng_next(&rng);
    }
    const cm_row_kernels *loops[2] = {&cm_row_kernels_plain,
                                      &cm_row_kernels_avx2};
    for (int newton = 0; newton < 2; newton++) {
        const cm_pack_units units = {31, 1e5, 1234.5, newton == 1};
        cm_small_sum small[2];
        cm_pack_sums sums[2];
        for (int k = 0; k < 2; k++) {
            loops[k]->sizes(c[k], g, N, 0.04);
            small[k] = loops[k]->below(c[k], N, 0.6);
            loops[k]->weigh(c[k], bits, N, 0.6);
            sums[k] = loops[k]->pack(stat[k], g, c[k], bits, N, &units);
        }
        assert_memory_equal(c[0], c[1], sizeof c[0]);
        assert_memory_equal(stat[0], stat[1], sizeof stat[0]);
        assert_memory_equal(&small[0], &small[1], sizeof small[0]);
        assert_memory_equal(&sums[0], &sums[1], sizeof sums[0]);
    }
}

/* Packed values are those of the row, rounded to a neighbour. */
static void check_packing(bool newton)
{
    enum { N = 1000 };
    static double g[N], w[N];
    static uint64_t bits[N];
    static int64_t stat[N];
    cm_rng rng = cm_rng_stream(9, 10);
    for (size_t i = 0; i < N; i++) {
        g[i] = 2 * cm_rng_unit(&rng) - 1;
        w[i] = i % 5 == 0 ? 0 : i % 2 == 0 ? 1 : 3 * cm_rng_unit(&rng);
        bits[i] = cm_rng_next(&rng);
    }
    const cm_pack_units units = {31, 1000, 64, newton};
    uint64_t weights = 0;
    cm_pack_sums sums =
        cm_row_kernels_best()->pack(stat, g, w, bits, N, &units);
    for (size_t i = 0; i < N; i++) {
        int64_t low = stat[i] & (((int64_t)1 << 31) - 1);
        int64_t high = (stat[i] - low) / ((int64_t)1 << 31);
        double second = newton ? fabs(g[i]) * (1 - fabs(g[i])) : 1;
        assert_true(fabs((double)low - w[i] * second * 64) < 1);
        assert_true(fabs((double)high - g[i] * w[i] * 1000) < 1);
        assert_true(w[i] > 0 || stat[i] == 0);
        assert_true(newton || w[i] != 1 || low == 64);
        weights += (uint64_t)low;
    }
    assert_true(weights == sums.weight);
}

static void packing_rounds_to_a_neighbour(void **state)
{
    (void)state;
    check_packing(false);
    check_packing(true);
}

static void both_picks_agree(void **state)
{
    (void)state;
    enum { N = 5003 };
    static uint16_t leaf[N], slot_of[65536];
    static uint32_t picked[2][N];
    const uint32_t n_leaves[] = {1, 2, 16, 32, 64, 32768};
    if (!__builtin_cpu_supports("avx2")) {
        print_message("SKIP: no AVX2 here\n");
        skip();
    }
    cm_rng rng = cm_rng_stream(17, 18);
    memset(slot_of, 0xff, sizeof slot_of);
    for (size_t k = 0; k < 6; k++) {
        for (uint32_t l = 0; l < n_leaves[k]; l++) {
            slot_of[l] = l % 3 == 0 ? (uint16_t)(l / 3) : CM_NO_SLOT;
        }
        for (size_t i = 0; i < N; i++) {
            uint64_t bits = cm_rng_next(&rng);
            leaf[i] = (uint16_t)((bits >> 32) % n_leaves[k] |
                                 (bits % 5 == 0 ? CM_NOT_SAMPLED : 0));
        }
        uint32_t n =
            cm_row_kernels_plain.pick(picked[0], leaf, N, slot_of, n_leaves[k]);
        assert_int_equal(n, cm_row_kernels_avx2.pick(picked[1], leaf, N,
                                                     slot_of, n_leaves[k]));
        assert_true(n > N / 5 && n < N);
        assert_memory_equal(picked[0], picked[1], n * sizeof picked[0][0]);
    }
}

static void both_score_loops_agree(void **state)
{
    (void)state;
    enum { N = 256, LOW = 31 };
    int64_t prefix[N];
    double sums[2][2][N] = {{{0}}};
    if (!__builtin_cpu_supports("avx2")) {
        print_message("SKIP: no AVX2 here\n");
        skip();
    }
    cm_rng rng = cm_rng_stream(11, 12);
    int64_t gradient = 0, weight = 0;
    for (size_t i = 0; i < N; i++) {
        gradient += (int64_t)(cm_rng_next(&rng) % 20001) - 10000;
        weight += i < 5 ? 0 : (int64_t)(cm_rng_next(&rng) % 5000);
        prefix[i] = gradient * ((int64_t)1 << LOW) + weight;
    }
    for (int monotone = -1; monotone <= 1; monotone++) {
        cm_score_params params = {
            LOW, 1e-3, 1e-2, (double)gradient, (double)weight, 3, monotone};
        cm_score_kernel_plain(sums[0][0], sums[0][1], prefix, N - 1, &params);
        cm_score_kernel_avx2(sums[1][0], sums[1][1], prefix, N - 1, &params);
        assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
    }
    for (size_t i = 0; i < N - 1; i++) {
        assert_true(isfinite(sums[0][0][i]) && sums[0][0][i] >= 0);
    }
}

typedef struct grown {
    boost_data data;
    cm_bundles bundles;
    cm_rows rows;
    cm_sample sample;
    cm_partition partition;
    cm_hist hist;
} grown;

static void must(cm_status status)
{
    assert_int_equal(status, CM_OK);
}

static void grown_init(grown *g, size_t n)
{
    boost_data_init(&g->data, n, 12, MIXED, 13);
    must(cm_bundles_init(&g->bundles, &g->data.set, NULL));
    must(cm_rows_init(&g->rows, &g->data.set, 6, 1, NULL, NULL));
    must(cm_sample_init(&g->sample, &g->rows, &g->data.set, &g->bundles, 1,
                        NULL));
    must(cm_partition_init(&g->partition, &g->sample, 6,
                           cm_hist_max_slots(&g->bundles, 6), NULL));
    must(cm_hist_init(&g->hist, &g->partition, 6, NULL));
    for (size_t i = 0; i < n; i++) {
        g->sample.stat[i] = i % 7 == 0 ? 0 : (int64_t)i * 1000003;
        g->sample.leaf[i] = i % 7 == 0 ? CM_NOT_SAMPLED : 0;
    }
}

static void grown_release(grown *g)
{
    cm_hist_release(&g->hist);
    cm_partition_release(&g->partition);
    cm_sample_release(&g->sample);
    cm_rows_release(&g->rows);
    cm_bundles_release(&g->bundles);
    boost_data_release(&g->data);
}

/* Sum of the statistics of a leaf's sampled rows in one bin of a feature. */
static int64_t slow_sum(const grown *g, uint16_t leaf, size_t feature, int bin)
{
    int64_t sum = 0;
    for (size_t i = 0; i < g->rows.n; i++) {
        bool here =
            g->sample.leaf[i] == leaf && g->data.bins[feature][i] == bin;
        sum += here ? g->sample.stat[i] : 0;
    }
    return sum;
}

static void check_histogram(const grown *g, uint16_t leaf, uint16_t slot)
{
    for (size_t p = 0; p < g->bundles.n_parts; p++) {
        const cm_part *part = &g->bundles.parts[p];
        uint32_t b = g->bundles.bundle_of[p];
        const int64_t *cells =
            cm_hist_leaf(&g->hist, slot) + b * CM_BUNDLE_CELLS;
        for (int bin = 0; bin < part->n_bins; bin += 1 + part->n_bins / 9) {
            int64_t sum = 0;
            for (int c = 0; c < g->bundles.bundles[b].n_codes; c++) {
                bool here = c / part->divisor % part->n_bins == bin;
                sum += here ? cells[c] : 0;
            }
            assert_true(sum == slow_sum(g, leaf, part->feature, bin));
        }
    }
}

static void check_histograms(size_t n_rows, bool few_sampled)
{
    grown g;
    grown_init(&g, n_rows);
    g.sample.n_sampled = few_sampled ? n_rows / 3 : n_rows;
    cm_hist_build_root(&g.hist);
    check_histogram(&g, 0, 0);
    const uint16_t child[1] = {1}, place[1] = {1};
    const cm_move moves[2] = {{{0, 40}, 0}, {{8, 11}, 1}};
    cm_hist_build(&g.hist, &moves[0], child, place, 1);
    check_histogram(&g, 1, 1);
    const uint16_t children[2] = {0, 3}, places[2] = {2, 3};
    cm_hist_build(&g.hist, &moves[1], children, places, 2);
    check_histogram(&g, 0, 2);
    check_histogram(&g, 3, 3);
    g.hist.max_slots = 1; /* two passes */
    cm_hist_build(&g.hist, &moves[1], children, places, 2);
    check_histogram(&g, 0, 2);
    check_histogram(&g, 3, 3);
    grown_release(&g);
}

/* Several chunks, and one block that is not full. */
static void histograms_are_sums(void **state)
{
    (void)state;
    check_histograms(100000, false);
    check_histograms(5000, true);
}

static void leaves_follow_the_splits(void **state)
{
    (void)state;
    const cm_split_condition splits[3] = {{0, 100}, {4, 30}, {2, 0}};
    static uint16_t leaves[20000];
    grown g;
    grown_init(&g, 20000);
    cm_find_leaves(leaves, &g.data.set, (cm_range){7, 20000}, splits, 3);
    for (size_t i = 7; i < g.rows.n; i++) {
        int leaf = (g.data.bins[0][i] > 100) | (g.data.bins[4][i] > 30) << 1 |
                   (g.data.bins[2][i] > 0) << 2;
        assert_int_equal(leaves[i - 7], leaf);
    }
    grown_release(&g);
}

static void redundant_splits_are_found(void **state)
{
    (void)state;
    const cm_split_condition splits[3] = {{0, 100}, {0, 100}, {8, 5}};
    const cm_split_condition useless[2] = {{0, 100}, {0, 255}};
    int redundant = 9;
    grown g;
    grown_init(&g, 20000);
    must(cm_partition_redundant(&g.partition, splits, 1, &redundant, NULL));
    assert_int_equal(redundant, -1);
    must(cm_partition_redundant(&g.partition, splits, 2, &redundant, NULL));
    assert_int_equal(redundant, 0);
    must(cm_partition_redundant(&g.partition, useless, 2, &redundant, NULL));
    assert_int_equal(redundant, 1);
    must(cm_partition_redundant(&g.partition, splits + 1, 2, &redundant, NULL));
    assert_int_equal(redundant, -1);
    grown_release(&g);
}

/* Rows whose leaf is their bin of one feature with five bins. */
typedef struct spread {
    uint8_t labels[60000], bins[60000];
    const uint8_t *columns[1];
    uint16_t n_bins[1];
    float weights[60000];
    cm_train_set set;
} spread;

static spread *spread_new(bool weighted)
{
    enum { N = 60000 };
    spread *s = malloc(sizeof *s);
    assert_non_null(s);
    cm_rng rng = cm_rng_stream(15, 16);
    for (size_t i = 0; i < N; i++) {
        s->bins[i] = (uint8_t)(cm_rng_next(&rng) % 4);
        s->labels[i] = cm_rng_unit(&rng) < 0.2;
        s->weights[i] = (float)(cm_rng_next(&rng) % 5);
    }
    s->columns[0] = s->bins;
    s->n_bins[0] = 5;
    s->set = (cm_train_set){.n_rows = N,
                            .n_features = 1,
                            .bins = s->columns,
                            .n_bins = s->n_bins,
                            .labels = s->labels,
                            .weights = weighted ? s->weights : NULL};
    return s;
}

/* Any function as smooth as the logistic has the same sums over points as
 * over rows. */
static void check_points(bool weighted)
{
    enum { LEAVES = 8 };
    const cm_split_condition splits[3] = {{0, 0}, {0, 1}, {0, 2}};
    const int leaf_of_bin[4] = {0, 1, 3, 7};
    const int32_t steps[1] = {12345};
    spread *s = spread_new(weighted);
    cm_rows rows;
    cm_points points;
    must(cm_rows_init(&rows, &s->set, 3, 2, NULL, NULL));
    must(cm_points_init(&points, &s->set, &rows, 3, NULL));
    cm_rng rng = cm_rng_stream(17, 18);
    double sum_p[LEAVES] = {0}, sum_w[LEAVES] = {0}, clicks[LEAVES] = {0};
    for (size_t i = 0; i < rows.n; i++) {
        int leaf = leaf_of_bin[s->bins[i]];
        rows.leaf[i] = 0;
        rows.score[i] = cm_fixed_of(4 * cm_rng_unit(&rng) * s->bins[i] - 5);
        double x = (rows.score[i] + steps[0]) / CM_FIXED_ONE;
        double w = weighted ? (double)s->weights[i] : 1;
        sum_p[leaf] += w / (1 + exp(-0.3 - x));
        sum_w[leaf] += w;
        clicks[leaf] += w * s->labels[i];
    }
    rows.min_score = cm_fixed_of(-5);
    rows.max_score = cm_fixed_of(7);
    must(cm_points_collect(&points, steps, splits, 3, NULL));
    assert_true(points.start[LEAVES] < rows.n / 4);
    assert_true(rows.max_score < cm_fixed_of(7.001));
    for (size_t l = 0; l < LEAVES; l++) {
        double sum = 0;
        for (size_t i = points.start[l]; i < points.start[l + 1]; i++) {
            double odds = points.odds[i] * exp(0.3);
            sum += points.weight[i] * odds / (1 + odds);
        }
        assert_true(fabs(sum - sum_p[l]) <= 2e-8 * sum_w[l]);
        assert_true(points.leaf_weight[l] == sum_w[l]);
        assert_true(points.leaf_clicks[l] == clicks[l]);
    }
    cm_points_release(&points);
    cm_rows_release(&rows);
    free(s);
}

static void points_stand_for_rows(void **state)
{
    (void)state;
    check_points(false);
    check_points(true);
}

static void bundles_hold_every_feature_once(void **state)
{
    (void)state;
    grown g;
    grown_init(&g, 1000);
    assert_int_equal(g.bundles.n_parts, 11); /* one of 12 is constant */
    assert_true(g.bundles.n_bundles < 6);
    assert_int_equal(g.bundles.part_of[6], UINT32_MAX);
    for (size_t f = 0; f < 12; f++) {
        for (size_t i = 0; f != 6 && i < g.rows.n; i++) {
            uint32_t p = g.bundles.part_of[f];
            const cm_part *part = &g.bundles.parts[p];
            uint8_t code =
                g.sample.codes[i * g.bundles.width + g.bundles.bundle_of[p]];
            assert_int_equal(code / part->divisor % part->n_bins,
                             g.data.bins[f][i]);
        }
    }
    grown_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_is_exact),
        cmocka_unit_test(logistic_table_is_close),
        cmocka_unit_test(fixed_point_saturates),
        cmocka_unit_test(known_automatic_options),
        cmocka_unit_test(set_values_turn_the_automatic_rate_off),
        cmocka_unit_test(mvs_threshold_gives_the_sample_size),
        cmocka_unit_test(samples_are_unbiased),
        cmocka_unit_test(both_row_loops_agree),
        cmocka_unit_test(packing_rounds_to_a_neighbour),
        cmocka_unit_test(both_picks_agree),
        cmocka_unit_test(both_score_loops_agree),
        cmocka_unit_test(histograms_are_sums),
        cmocka_unit_test(leaves_follow_the_splits),
        cmocka_unit_test(redundant_splits_are_found),
        cmocka_unit_test(points_stand_for_rows),
        cmocka_unit_test(bundles_hold_every_feature_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
