/* Matrices to bins, against a column by column reference: sort, count, choose
 * borders, count borders below each value. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "model/bin_search.h"
#include "model/matrix_sample.h"
#include "model/quantize_matrix.h"

enum { MAX_COLUMNS = 40 };

static const char *const NAMES[MAX_COLUMNS] = {
    "c0",  "c1",  "c2",  "c3",  "c4",  "c5",  "c6",  "c7",  "c8",  "c9",
    "c10", "c11", "c12", "c13", "c14", "c15", "c16", "c17", "c18", "c19",
    "c20", "c21", "c22", "c23", "c24", "c25", "c26", "c27", "c28", "c29",
    "c30", "c31", "c32", "c33", "c34", "c35", "c36", "c37", "c38", "c39"};

static cm_border_set *borders_of(const cm_matrix_rows *rows, uint32_t count,
                                 cm_nan_mode mode, int n_threads)
{
    cm_border_options options = {count, mode, 7, n_threads};
    cm_border_set *set = NULL;
    cm_error err = {0};
    if (cm_border_set_fit(&set, rows, NAMES, &options, &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return set;
}

static cm_bin_matrix *bins_of(const cm_matrix_rows *rows,
                              const cm_border_set *set, int n_threads)
{
    cm_bin_matrix *bins = NULL;
    cm_error err = {0};
    if (cm_bin_matrix_new(&bins, rows, set->features, n_threads, &err) !=
        CM_OK) {
        fail_msg("%s", err.message);
    }
    return bins;
}

/* ---- data ------------------------------------------------------------ */

/* Columns of many kinds: few values, many, NaN here and there, constants. */
static double draw(cm_rng *rng, size_t column)
{
    double u = cm_rng_unit(rng);
    switch (column % 6) {
    case 0:
        return floor(u * 5) - 2;
    case 1:
        return (u - .5) * 1000;
    case 2:
        return u < .1 ? (double)NAN : exp(u * 20);
    case 3:
        return 3;
    case 4:
        return u < .02 ? HUGE_VAL : u < .04 ? -HUGE_VAL : u < .06 ? -0.0 : u;
    default:
        return u < .5 ? 0 : floor(u * 300);
    }
}

typedef struct data {
    cm_array array;
    void *bytes;
} data;

static void put(void *bytes, cm_array_type type, size_t i, double value)
{
    if (type == CM_ARRAY_F32) {
        ((float *)bytes)[i] = (float)value;
    } else if (type == CM_ARRAY_F64) {
        ((double *)bytes)[i] = value;
    } else if (type == CM_ARRAY_I32) {
        ((int32_t *)bytes)[i] = isfinite(value) ? (int32_t)value : 0;
    } else {
        ((uint8_t *)bytes)[i] = isfinite(value) ? (uint8_t)fabs(value) : 0;
    }
}

static data make(size_t n, size_t m, cm_array_type type, bool fortran)
{
    data d = {.array = {.type = type,
                        .n_rows = n,
                        .n_columns = m,
                        .row_step = fortran ? 1 : m,
                        .column_step = fortran ? n : 1}};
    cm_rng rng = cm_rng_stream(n, m);
    d.bytes = malloc(n * m * 8 + 1);
    d.array.data = d.bytes;
    for (size_t r = 0; r < n; r++) {
        for (size_t c = 0; c < m; c++) {
            double value = draw(&rng, c);
            value = fabs(value) < 1e9 || !isfinite(value) ? value : 1e8;
            put(d.bytes, type, r * d.array.row_step + c * d.array.column_step,
                type == CM_ARRAY_U8 ? fmod(value, 200) : value);
        }
    }
    return d;
}

static float value_at(const cm_matrix_rows *rows, size_t i, size_t column)
{
    size_t row = rows->rows != NULL ? rows->rows[i] : i;
    return (float)cm_array_at(rows->x, row, column);
}

/* ---- reference ------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Borders of a column; *has_nans is said of it. */
static size_t reference_borders(float *borders, const cm_matrix_rows *rows,
                                size_t column, uint32_t count, bool has_nans)
{
    float *sorted = malloc(rows->n_rows * sizeof *sorted);
    uint64_t *counts = calloc(rows->n_rows, sizeof *counts);
    size_t n = 0, distinct = 0, found = 0;
    for (size_t i = 0; i < rows->n_rows; i++) {
        float value = value_at(rows, i, column);
        value = isinf(value) ? copysignf(FLT_MAX, value) : value;
        if (!isnan(value)) {
            sorted[n++] = value;
        }
    }
    qsort(sorted, n, sizeof *sorted, compare);
    for (size_t i = 0; i < n; i++) {
        if (distinct == 0 || sorted[i] != sorted[distinct - 1]) {
            sorted[distinct++] = sorted[i];
        }
        counts[distinct - 1]++;
    }
    assert_int_equal(cm_borders_greedy_logsum(borders, &found, sorted, counts,
                                              distinct, count - has_nans, NULL),
                     CM_OK);
    free(sorted);
    free(counts);
    return found;
}

static bool column_has_nan(const cm_array *x, size_t column)
{
    for (size_t i = 0; i < x->n_rows; i++) {
        if (isnan(cm_array_at(x, i, column))) {
            return true;
        }
    }
    return false;
}

static void check_column(const cm_matrix_rows *rows, const cm_border_set *set,
                         const cm_bin_matrix *bins, size_t column,
                         uint32_t count, cm_nan_mode mode)
{
    const cm_float_feature *feature = &set->features[column];
    bool has_nans = column_has_nan(rows->x, column);
    float expected[CM_MAX_BORDERS + 1];
    size_t n = reference_borders(expected, rows, column, count, has_nans);
    size_t first = has_nans && mode == CM_NAN_MODE_MIN;
    assert_int_equal(feature->has_nans, has_nans);
    assert_int_equal(feature->n_borders, n + has_nans);
    assert_int_equal(bins->n_bins[column], n + has_nans + 1);
    assert_memory_equal(feature->borders + first, expected,
                        n * sizeof *expected);
    for (size_t i = 0; i < rows->n_rows; i++) {
        float value = value_at(rows, i, column);
        uint32_t bin =
            isnan(value)
                ? (mode == CM_NAN_MODE_MAX ? feature->n_borders : 0)
                : cm_bin_of(feature->borders, feature->n_borders, value);
        assert_int_equal(bins->bins[column][i], bin);
    }
}

static void check(const cm_matrix_rows *rows, uint32_t count, cm_nan_mode mode)
{
    cm_border_set *set = borders_of(rows, count, mode, 3);
    cm_bin_matrix *bins = bins_of(rows, set, 3);
    assert_int_equal(bins->n_rows, rows->n_rows);
    for (size_t c = 0; c < rows->x->n_columns; c++) {
        assert_string_equal(set->features[c].name, NAMES[c]);
        check_column(rows, set, bins, c, count, mode);
    }
    cm_bin_matrix_free(bins);
    cm_border_set_free(set);
}

/* ---- tests ----------------------------------------------------------- */

static void any_type_and_order_of_memory(void **state)
{
    static const cm_array_type types[] = {CM_ARRAY_F32, CM_ARRAY_F64,
                                          CM_ARRAY_I32, CM_ARRAY_U8};
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        for (int fortran = 0; fortran < 2; fortran++) {
            data d = make(1009, 21, types[t], fortran);
            cm_matrix_rows rows = {&d.array, NULL, d.array.n_rows};
            check(&rows, 254, CM_NAN_MODE_MIN);
            check(&rows, 13, CM_NAN_MODE_MAX);
            check(&rows, 1, CM_NAN_MODE_MIN);
            free(d.bytes);
        }
    }
}

static void shuffle(uint32_t *rows, size_t n)
{
    cm_rng rng = cm_rng_stream(5, n);
    for (size_t i = 0; i < n; i++) {
        size_t j = (size_t)(cm_rng_unit(&rng) * (double)(i + 1));
        rows[i] = rows[j];
        rows[j] = (uint32_t)i;
    }
}

static void rows_in_any_order_and_parts_of_them(void **state)
{
    (void)state;
    data d = make(20011, 7, CM_ARRAY_F32, false);
    uint32_t *order = malloc(d.array.n_rows * sizeof *order);
    shuffle(order, d.array.n_rows);
    check(&(cm_matrix_rows){&d.array, order, d.array.n_rows}, 254,
          CM_NAN_MODE_MIN);
    check(&(cm_matrix_rows){&d.array, order, 3000}, 100, CM_NAN_MODE_MAX);
    check(&(cm_matrix_rows){&d.array, order, 1}, 254, CM_NAN_MODE_MIN);
    free(order);
    free(d.bytes);
}

static void numbers_need_not_be_aligned(void **state)
{
    (void)state;
    data d = make(300, 5, CM_ARRAY_F32, false);
    memmove((char *)d.bytes + 1, d.bytes, 300 * 5 * sizeof(float));
    d.array.data = (char *)d.bytes + 1;
    check(&(cm_matrix_rows){&d.array, NULL, 300}, 254, CM_NAN_MODE_MIN);
    free(d.bytes);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    data d = make(30000, 33, CM_ARRAY_F32, false);
    cm_matrix_rows rows = {&d.array, NULL, d.array.n_rows};
    cm_border_set *one = borders_of(&rows, 254, CM_NAN_MODE_MIN, 1);
    cm_border_set *four = borders_of(&rows, 254, CM_NAN_MODE_MIN, 4);
    cm_bin_matrix *a = bins_of(&rows, one, 1), *b = bins_of(&rows, four, 4);
    for (size_t c = 0; c < 33; c++) {
        assert_int_equal(one->features[c].n_borders,
                         four->features[c].n_borders);
        assert_memory_equal(a->bins[c], b->bins[c], d.array.n_rows);
    }
    cm_bin_matrix_free(a);
    cm_bin_matrix_free(b);
    cm_border_set_free(one);
    cm_border_set_free(four);
    free(d.bytes);
}

/* A row in 200,000 of 450,000 is a sample: its quantiles are near the whole's,
 * and NaN in a single row is seen all the same. */
static void many_rows_are_sampled(void **state)
{
    (void)state;
    enum { N = 450000 };
    float *values = malloc(2 * N * sizeof *values);
    for (size_t i = 0; i < N; i++) {
        values[2 * i] = (float)i;
        values[2 * i + 1] = i == 123457 ? NAN : (float)(i % 3);
    }
    cm_array x = {values, CM_ARRAY_F32, N, 2, 2, 1};
    cm_matrix_rows rows = {&x, NULL, N};
    cm_border_set *set = borders_of(&rows, 254, CM_NAN_MODE_MIN, 2);
    const cm_float_feature *f = set->features;
    assert_int_equal(f[0].n_borders, 254);
    assert_false(f[0].has_nans);
    assert_true(f[1].has_nans);
    assert_int_equal(f[1].n_borders, 3);
    assert_true(f[1].borders[0] == -FLT_MAX && f[1].borders[2] == 1.5f);
    cm_bin_matrix *bins = bins_of(&rows, set, 2);
    size_t counts[256] = {0};
    for (size_t i = 0; i < N; i++) {
        counts[bins->bins[0][i]]++;
    }
    /* Halving again and again: bins of 1/256 and 1/128 of the rows. */
    for (size_t b = 0; b < 255; b++) {
        assert_in_range(counts[b], N / 256 * 9 / 10, N / 128 * 11 / 10);
    }
    assert_int_equal(bins->bins[1][123457], 0);
    assert_int_equal(bins->bins[1][0], 1);
    cm_bin_matrix_free(bins);
    cm_border_set_free(set);
    free(values);
}

static void a_sample_is_spread_evenly(void **state)
{
    (void)state;
    enum { N = 1000000 };
    cm_array x = {NULL, CM_ARRAY_F32, N, 1, 1, 1};
    uint32_t *all = malloc(N / 2 * sizeof *all), *sample = NULL;
    size_t n = 0;
    for (size_t i = 0; i < N / 2; i++) {
        all[i] = (uint32_t)(N - 1 - 2 * i);
    }
    cm_matrix_rows rows = {&x, all, N / 2};
    assert_int_equal(matrix_sample_rows(&sample, &n, &rows, 3, NULL), CM_OK);
    assert_int_equal(n, MATRIX_SAMPLE_ROWS);
    for (size_t i = 0; i < n; i++) {
        size_t run = i * 5; /* of 2.5 of the odd rows */
        assert_int_equal(sample[i] % 2, 1);
        assert_in_range(sample[i], run > 2 ? run - 2 : 0, run + 6);
        assert_true(i == 0 || sample[i] > sample[i - 1]);
    }
    free(sample);
    free(all);
}

static void infinite_values_have_finite_borders(void **state)
{
    (void)state;
    const float values[] = {-INFINITY, -FLT_MAX, -1,      1,
                            1e38f,     FLT_MAX,  INFINITY};
    cm_array x = {values, CM_ARRAY_F32, 7, 1, 1, 1};
    cm_matrix_rows rows = {&x, NULL, 7};
    cm_border_set *set = borders_of(&rows, 254, CM_NAN_MODE_MIN, 1);
    cm_bin_matrix *bins = bins_of(&rows, set, 1);
    const uint8_t expected[] = {0, 0, 1, 2, 3, 4, 4};
    for (size_t b = 0; b < set->features[0].n_borders; b++) {
        assert_true(isfinite(set->features[0].borders[b]));
    }
    assert_memory_equal(bins->bins[0], expected, sizeof expected);
    cm_bin_matrix_free(bins);
    cm_border_set_free(set);
}

static void nan_alone_and_nan_forbidden(void **state)
{
    (void)state;
    const float values[] = {NAN, NAN, NAN};
    cm_array x = {values, CM_ARRAY_F32, 3, 1, 1, 1};
    cm_matrix_rows rows = {&x, NULL, 3};
    cm_border_set *set = borders_of(&rows, 254, CM_NAN_MODE_MIN, 1);
    assert_int_equal(set->features[0].n_borders, 1);
    assert_true(set->features[0].borders[0] == -FLT_MAX);
    cm_border_set_free(set);
    cm_border_options options = {254, CM_NAN_MODE_FORBIDDEN, 0, 1};
    cm_error err = {0};
    assert_int_equal(cm_border_set_fit(&set, &rows, NAMES, &options, &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "feature \"c0\" has NaN"));
}

/* The border of NaN is where another may already be. */
static void the_lowest_float_beside_nan(void **state)
{
    (void)state;
    const float low = nextafterf(-FLT_MAX, 0);
    const float values[] = {-FLT_MAX, low, NAN, 5};
    cm_array x = {values, CM_ARRAY_F32, 4, 1, 1, 1};
    cm_matrix_rows rows = {&x, NULL, 4};
    for (int max = 0; max < 2; max++) {
        cm_border_set *set =
            borders_of(&rows, 254, max ? CM_NAN_MODE_MAX : CM_NAN_MODE_MIN, 1);
        const cm_float_feature *f = &set->features[0];
        for (size_t b = 1; b < f->n_borders; b++) {
            assert_true(f->borders[b - 1] < f->borders[b]);
        }
        cm_border_set_free(set);
    }
}

/* Every number of borders, values on and beside them, with both searches. */
static void both_searches_count_borders(void **state)
{
    (void)state;
    enum { N = 77 };
    cm_rng rng = cm_rng_stream(1, 1);
    for (uint32_t n = 0; n <= 255; n++) {
        float borders[255], values[N];
        uint8_t plain[N], fast[N];
        for (uint32_t b = 0; b < n; b++) {
            borders[b] = (float)b * 2;
        }
        for (size_t i = 0; i < N; i++) {
            values[i] = (float)floor(cm_rng_unit(&rng) * (2 * n + 4)) - 2;
        }
        values[3] = NAN;
        values[4] = INFINITY;
        values[5] = -INFINITY;
        cm_float_feature feature = {
            .borders = borders,
            .n_borders = n,
            .nan_treatment = n % 2 == 0 ? CM_NAN_AS_TRUE : CM_NAN_AS_FALSE};
        bin_search search;
        bin_search_init(&search, &feature);
        bin_search_plain(plain, values, N, &search);
        bin_search_best()(fast, values, N, &search);
        assert_memory_equal(plain, fast, N);
        for (size_t i = 0; i < N; i++) {
            uint32_t bin = isnan(values[i]) ? (n % 2 == 0 ? n : 0)
                                            : cm_bin_of(borders, n, values[i]);
            assert_int_equal(plain[i], bin);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_type_and_order_of_memory),
        cmocka_unit_test(rows_in_any_order_and_parts_of_them),
        cmocka_unit_test(numbers_need_not_be_aligned),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(many_rows_are_sampled),
        cmocka_unit_test(a_sample_is_spread_evenly),
        cmocka_unit_test(infinite_values_have_finite_borders),
        cmocka_unit_test(nan_alone_and_nan_forbidden),
        cmocka_unit_test(the_lowest_float_beside_nan),
        cmocka_unit_test(both_searches_count_borders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
