/* Stratified sampling, the layout of samples, and the sweep's loops. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "boost/codes.h"
#include "boost/order.h"
#include "boost/sample.h"
#include "boost/sweep.h"
#include "test_boost_models.h"

/* The training set in the order that stratified sampling wants. */
static void sort_rows(boost_data *data, uint64_t seed)
{
    size_t n = data->set.n_rows, m = data->set.n_features;
    uint32_t *order = malloc(n * sizeof *order);
    uint8_t *column = malloc(n);
    assert_true(order != NULL && column != NULL);
    assert_int_equal(cm_stratified_order(order, data->labels, n, seed, NULL),
                     CM_OK);
    for (size_t f = 0; f <= m; f++) {
        uint8_t *values = f < m ? data->values + f * n : data->labels;
        memcpy(column, values, n);
        for (size_t i = 0; i < n; i++) {
            values[i] = column[order[i]];
        }
    }
    free(order);
    free(column);
}

static void order_is_a_permutation_by_class(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 2, 63, 64, 65, 1000, 4097};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k];
        uint32_t order[4097], again[4097], other[4097];
        uint8_t labels[4097], seen[4097] = {0};
        for (size_t i = 0; i < n; i++) {
            labels[i] = i * 7 % 5 == 0;
        }
        assert_int_equal(cm_stratified_order(order, labels, n, 5, NULL), CM_OK);
        assert_int_equal(cm_stratified_order(again, labels, n, 5, NULL), CM_OK);
        assert_int_equal(cm_stratified_order(other, labels, n, 6, NULL), CM_OK);
        assert_memory_equal(order, again, n * sizeof *order);
        assert_true(n < 1000 || memcmp(order, other, n * sizeof *order) != 0);
        for (size_t i = 0; i < n; i++) {
            assert_true(order[i] < n && !seen[order[i]]);
            seen[order[i]] = 1;
            assert_true(i == 0 || labels[order[i]] <= labels[order[i - 1]]);
        }
    }
}

/* Places p of all strata hold the rows that were dealt at turn p. */
static void strata_walk_through_the_input(void **state)
{
    (void)state;
    enum { N = 20000 };
    static uint32_t order[N];
    static uint8_t labels[N];
    assert_int_equal(cm_stratified_order(order, labels, N, 1, NULL), CM_OK);
    for (size_t s = 0; s < CM_STRATA; s++) {
        cm_stratum rows = cm_stratum_of(N, s);
        assert_true(s == 0 || rows.begin == cm_stratum_of(N, s - 1).end);
        for (size_t i = rows.begin; i < rows.end; i++) {
            assert_int_equal(order[i] / CM_STRATA, i - rows.begin);
        }
    }
    assert_int_equal(cm_stratum_of(N, CM_STRATA - 1).end, N);
}

typedef struct sampled {
    boost_data data;
    cm_bundles bundles;
    cm_rows rows;
    cm_sample sample;
} sampled;

static void sampled_init(sampled *s, size_t n, double rate)
{
    boost_data_init(&s->data, n, 12, MIXED, 21);
    sort_rows(&s->data, 3);
    assert_int_equal(cm_bundles_init(&s->bundles, &s->data.set, NULL), CM_OK);
    assert_int_equal(cm_rows_init(&s->rows, &s->data.set, 6, 1, NULL, NULL),
                     CM_OK);
    assert_int_equal(cm_sample_init(&s->sample, &s->rows, &s->data.set,
                                    &s->bundles, rate, NULL),
                     CM_OK);
}

static void sampled_release(sampled *s)
{
    cm_sample_release(&s->sample);
    cm_rows_release(&s->rows);
    cm_bundles_release(&s->bundles);
    boost_data_release(&s->data);
}

static void check_codes(const sampled *s, const cm_segment *segment)
{
    for (size_t i = 0; i < segment->n; i++) {
        const uint8_t *codes =
            s->sample.codes + (segment->place + i) * s->bundles.width;
        for (size_t p = 0; p < s->bundles.n_parts; p++) {
            const cm_part *part = &s->bundles.parts[p];
            int bin =
                codes[s->bundles.bundle_of[p]] / part->divisor % part->n_bins;
            assert_int_equal(bin,
                             s->data.bins[part->feature][segment->row + i]);
        }
    }
}

/* Rows of one label, none twice, in weight as many as there are. */
static void check_segments(const sampled *s, uint8_t *seen, uint8_t mark)
{
    double weight = 0;
    for (size_t k = 0; k < s->sample.n_segments; k++) {
        const cm_segment *segment = &s->sample.segments[k];
        const uint8_t *labels = s->data.labels + segment->row;
        assert_int_equal(segment->place, k * CM_RUN_ROWS);
        assert_true(segment->n > 0 && segment->n <= CM_RUN_ROWS);
        weight += segment->weight * (double)segment->n;
        for (size_t i = 0; i < segment->n; i++) {
            assert_int_equal(labels[i], labels[0]);
            assert_int_not_equal(seen[segment->row + i], mark);
            seen[segment->row + i] = mark;
        }
    }
    assert_near(weight, (double)s->rows.n, 1e-6 * (double)s->rows.n);
}

/* Trees in their turn see every row, and each about as much of every part of
 * the input. */
static void samples_cover_the_set(void **state)
{
    (void)state;
    enum { N = 200003, TREES = 40 };
    static uint8_t seen[N];
    sampled s;
    sampled_init(&s, N, 0.34);
    assert_false(s.sample.is_all);
    for (uint8_t t = 1; t <= TREES; t++) {
        cm_sample_choose(&s.sample, cm_rng_stream(1, t));
        check_segments(&s, seen, t);
    }
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
        assert_int_not_equal(seen[i], 0);
        n += seen[i] == TREES;
    }
    assert_in_range(n, 0.33 * N, 0.35 * N);
    for (size_t b = 0; b < cm_sample_n_blocks(&s.sample); b++) {
        cm_sample_block block = cm_sample_block_at(&s.sample, b);
        cm_sample_write_codes(&s.sample, &block);
        check_codes(&s, &s.sample.segments[b]);
    }
    sampled_release(&s);
}

/* Few rows of one label: all of them, and gaps that count for nothing. */
static void rare_labels_are_taken_whole(void **state)
{
    (void)state;
    enum { N = 150000 };
    sampled s;
    boost_data_init(&s.data, N, 12, MIXED, 24);
    for (size_t i = 0; i < N; i++) {
        s.data.labels[i] = i % 30000 == 7;
    }
    sort_rows(&s.data, 3);
    cm_train_options options = options_of(3, 4);
    options.bootstrap = CM_BOOTSTRAP_STRATIFIED;
    cm_trained *trained = must_train(&s.data.set, &options);
    assert_near(log_loss_of(&s.data.set, trained), trained->train_log_loss,
                2e-8);
    cm_trained_free(trained);
    boost_data_release(&s.data);
}

static void small_sets_are_taken_whole(void **state)
{
    (void)state;
    sampled s;
    sampled_init(&s, 30000, 0.06);
    assert_true(s.sample.is_all);
    check_codes(&s, &s.sample.segments[0]);
    sampled_release(&s);
}

static void stratified_trees_are_good_and_the_same(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 150000, 12, MIXED, 22);
    sort_rows(&data, 7);
    cm_train_options options = options_of(10, 5);
    options.bootstrap = CM_BOOTSTRAP_NO;
    cm_trained *all = must_train(&data.set, &options);
    options.bootstrap = CM_BOOTSTRAP_STRATIFIED;
    options.n_threads = 1;
    cm_trained *one = must_train(&data.set, &options);
    options.n_threads = 3;
    cm_trained *three = must_train(&data.set, &options);
    assert_true(same_models(one, three));
    assert_near(log_loss_of(&data.set, one), one->train_log_loss, 2e-8);
    assert_near(one->train_log_loss, all->train_log_loss, 1e-3);
    assert_false(same_models(one, all));
    cm_trained_free(all);
    cm_trained_free(one);
    cm_trained_free(three);
    boost_data_release(&data);
}

static void stratified_wants_its_order(void **state)
{
    (void)state;
    boost_data data;
    boost_data_init(&data, 100000, 12, MIXED, 23);
    cm_train_options options = options_of(1, 2);
    options.bootstrap = CM_BOOTSTRAP_STRATIFIED;
    cm_trained *trained = NULL;
    cm_error err;
    assert_int_equal(cm_train(&trained, &data.set, &options, NULL, NULL, &err),
                     CM_ERR_USAGE);
    assert_non_null(strstr(err.message, "cm_stratified_order"));
    boost_data_release(&data);
}

static void bootstrap_is_chosen_by_shape(void **state)
{
    (void)state;
    assert_int_equal(cm_choose_bootstrap(1000000, 170000),
                     CM_BOOTSTRAP_STRATIFIED);
    assert_int_equal(cm_choose_bootstrap(1000000, 830000),
                     CM_BOOTSTRAP_STRATIFIED);
    assert_int_equal(cm_choose_bootstrap(1000000, 400000), CM_BOOTSTRAP_MVS);
    assert_int_equal(cm_choose_bootstrap(100000, 17000), CM_BOOTSTRAP_MVS);
}

enum { SWEPT = 1037, DEPTH = 11, CELLS = 40 };

typedef struct swept {
    int32_t score[SWEPT], extremes[2];
    uint16_t leaf[SWEPT];
    int64_t cells[(1 << DEPTH) * CELLS * CM_CELL_SUMS];
} swept;

static void sweep_with(const cm_sweep_kernels *loops, swept *out,
                       const uint32_t *weights)
{
    static uint8_t labels[SWEPT], columns[DEPTH][SWEPT];
    const uint8_t *bins[DEPTH];
    uint8_t first_right[DEPTH];
    int32_t steps[8];
    cm_rng rng = cm_rng_stream(31, 32);
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < SWEPT; i++) {
        labels[i] = cm_rng_next(&rng) % 3 == 0;
        out->leaf[i] = cm_rng_next(&rng) % 8;
        out->score[i] = cm_fixed_of(4 * cm_rng_unit(&rng) - 2);
    }
    for (size_t d = 0; d < DEPTH; d++) {
        bins[d] = columns[d];
        first_right[d] = (uint8_t)(1 + cm_rng_next(&rng) % 255);
        for (size_t i = 0; i < SWEPT; i++) {
            columns[d][i] = (uint8_t)cm_rng_next(&rng);
        }
    }
    for (size_t l = 0; l < 8; l++) {
        steps[l] = cm_fixed_of(cm_rng_unit(&rng) - 0.5);
    }
    cm_sweep_rows rows = {SWEPT, out->score, out->leaf, labels, weights};
    cm_cell_table table = {out->cells, -CELLS / 2, CELLS};
    loops->add_steps(&rows, steps, out->extremes);
    loops->find_leaves(out->leaf, SWEPT, bins, first_right, DEPTH);
    loops->add_rows(&table, &rows);
    for (size_t i = 0; i < SWEPT; i++) {
        unsigned leaf = 0;
        for (size_t d = 0; d < DEPTH; d++) {
            leaf |= (unsigned)(bins[d][i] >= first_right[d]) << d;
        }
        assert_int_equal(out->leaf[i], leaf);
    }
}

static void both_sweeps_agree(void **state)
{
    (void)state;
    static swept plain, avx2;
    static uint32_t weights[SWEPT];
    for (size_t i = 0; i < SWEPT; i++) {
        weights[i] = (uint32_t)(i % 9);
    }
    for (int weighted = 0; weighted < 2; weighted++) {
        const uint32_t *w = weighted ? weights : NULL;
        sweep_with(&cm_sweep_kernels_plain, &plain, w);
        assert_true(plain.extremes[0] < 0 && plain.extremes[1] > 0);
        if (__builtin_cpu_supports("avx2")) {
            sweep_with(&cm_sweep_kernels_avx2, &avx2, w);
            assert_memory_equal(&plain, &avx2, sizeof plain);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_a_permutation_by_class),
        cmocka_unit_test(strata_walk_through_the_input),
        cmocka_unit_test(samples_cover_the_set),
        cmocka_unit_test(rare_labels_are_taken_whole),
        cmocka_unit_test(small_sets_are_taken_whole),
        cmocka_unit_test(stratified_trees_are_good_and_the_same),
        cmocka_unit_test(stratified_wants_its_order),
        cmocka_unit_test(bootstrap_is_chosen_by_shape),
        cmocka_unit_test(both_sweeps_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
