/* Quantization against the slow reference, with and without NaN. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "ref/ref_features.h"

enum { FEATURES = 6 };

static const char *const names[FEATURES] = {"a", "b", "c", "d", "e", "f"};

/* Features made of tables alone: f has widths 1, 2, 4 and tables of up to
 * 60,000 codes, in some of which neighbours are the same float. */
typedef struct table_data {
    cm_feature_codes codes;
    const double *tables[FEATURES];
    uint32_t n_codes[FEATURES];
    const void *columns[FEATURES];
    uint8_t widths[FEATURES];
    uint8_t *labels;
    uint32_t *rows;
    size_t n_rows;
    cm_arena arena;
} table_data;

static double table_value(size_t f, uint32_t code, bool nan, cm_rng *rng)
{
    double u = cm_rng_unit(rng);
    if (nan && f % 2 == 1 && u < .1) {
        return (double)NAN;
    }
    switch (f) {
    case 0:
        return floor(u * 5);
    case 1:
        return u;
    case 2:
        return .25 + 1e-9 * u; /* few floats */
    case 3:
        return -3 + floor(u * 1000) / 7;
    case 4:
        return .5;
    default:
        return code % 3 == 0 ? .1 : 1 / (1 + floor(u * 5000));
    }
}

static void tables_init(table_data *data, size_t n, bool nan, uint64_t seed)
{
    static const uint32_t n_codes[FEATURES] = {7, 250, 256, 60000, 300, 60000};
    static const uint8_t widths[FEATURES] = {1, 1, 1, 2, 4, 4};
    *data = (table_data){0};
    cm_rng rng = cm_rng_stream(seed, 7);
    data->labels = cm_arena_alloc(&data->arena, n, NULL);
    data->rows = cm_arena_alloc(&data->arena, n * sizeof(uint32_t), NULL);
    for (size_t row = 0; row < n; row++) {
        data->labels[row] = cm_rng_next(&rng) % 2;
        if (cm_rng_unit(&rng) < .7) {
            data->rows[data->n_rows++] = (uint32_t)row;
        }
    }
    for (size_t f = 0; f < FEATURES; f++) {
        data->n_codes[f] = n_codes[f];
        data->widths[f] = widths[f];
        double *table =
            cm_arena_alloc(&data->arena, n_codes[f] * sizeof *table, NULL);
        for (uint32_t code = 0; code < n_codes[f]; code++) {
            table[code] = table_value(f, code, nan, &rng);
        }
        uint8_t *column = cm_arena_alloc(&data->arena, n * widths[f], NULL);
        for (size_t row = 0; row < n; row++) {
            double u = cm_rng_unit(&rng);
            uint32_t code = (uint32_t)(u * u * n_codes[f]);
            memcpy(column + row * widths[f], &code, widths[f]);
        }
        data->tables[f] = table;
        data->columns[f] = column;
    }
    data->codes = (cm_feature_codes){
        n,   FEATURES, data->tables, data->n_codes, data->columns, data->widths,
        NULL};
}

static void compare_feature(const table_data *data, const cm_binned *binned,
                            size_t f, const cm_quantize_options *options)
{
    ref_bins expected;
    double *values = malloc((data->n_rows + 1) * sizeof *values);
    expected.bins = malloc(data->n_rows + 1);
    assert_non_null(values);
    assert_non_null(expected.bins);
    bool nan = false;
    for (size_t i = 0; i < data->n_rows; i++) {
        values[i] = cm_feature_value(&data->codes, f, data->rows[i]);
        nan = nan || isnan(values[i]);
    }
    ref_quantize(&expected, values, data->n_rows, options->border_count,
                 options->nan_mode);
    const cm_float_feature *feature = &binned->features[f];
    assert_string_equal(feature->name, names[f]);
    assert_int_equal(feature->n_borders, expected.n_borders);
    assert_int_equal(binned->n_bins[f], expected.n_borders + 1);
    assert_memory_equal(feature->borders, expected.borders,
                        expected.n_borders * sizeof(float));
    assert_memory_equal(binned->bins[f], expected.bins, data->n_rows);
    assert_int_equal(feature->has_nans, nan);
    cm_nan_treatment treatment =
        options->nan_mode == CM_NAN_MODE_MIN ? CM_NAN_AS_FALSE : CM_NAN_AS_TRUE;
    assert_int_equal(feature->nan_treatment, nan ? treatment : CM_NAN_AS_IS);
    for (size_t b = 1; b < feature->n_borders; b++) {
        assert_true(feature->borders[b - 1] < feature->borders[b]);
    }
    free(values);
    free(expected.bins);
}

static void check(size_t n, bool nan, uint32_t border_count,
                  cm_nan_mode nan_mode, uint64_t seed)
{
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        table_data data;
        cm_binned *binned = NULL;
        tables_init(&data, n, nan, seed);
        cm_quantize_options options = {border_count, nan_mode, n_threads};
        assert_int_equal(cm_quantize(&binned, &data.codes, names, data.rows,
                                     data.n_rows, data.labels, &options, NULL),
                         CM_OK);
        assert_int_equal(binned->n_rows, data.n_rows);
        assert_int_equal(binned->n_features, FEATURES);
        for (size_t i = 0; i < data.n_rows; i++) {
            assert_int_equal(binned->labels[i], data.labels[data.rows[i]]);
        }
        for (size_t f = 0; f < FEATURES; f++) {
            compare_feature(&data, binned, f, &options);
        }
        cm_binned_free(binned);
        cm_arena_release(&data.arena);
    }
}

/* Rows that were not trained on, each value found among the borders. */
static void expect_bins_of(const table_data *data, const cm_binned *like,
                           const uint32_t *rows, size_t n)
{
    cm_binned *other = NULL;
    assert_int_equal(cm_quantize_rows(&other, like, &data->codes, rows, n,
                                      data->labels, 2, NULL),
                     CM_OK);
    for (size_t f = 0; f < FEATURES; f++) {
        const cm_float_feature *feature = &like->features[f];
        assert_int_equal(other->n_bins[f], like->n_bins[f]);
        for (size_t i = 0; i < n; i++) {
            float value = (float)cm_feature_value(&data->codes, f, rows[i]);
            uint32_t bin = 0;
            while (bin < feature->n_borders && value > feature->borders[bin]) {
                bin++;
            }
            if (isnan(value) && feature->nan_treatment == CM_NAN_AS_TRUE) {
                bin = feature->n_borders;
            }
            assert_int_equal(other->bins[f][i], bin);
        }
    }
    assert_int_equal(other->labels[n - 1], data->labels[rows[n - 1]]);
    cm_binned_free(other);
}

static void other_rows_meet_the_borders(void **state)
{
    (void)state;
    for (int nan = 0; nan < 2; nan++) {
        table_data data;
        cm_binned *binned = NULL;
        tables_init(&data, 3000, nan == 1, 5);
        cm_quantize_options options = {
            20, nan == 1 ? CM_NAN_MODE_MAX : CM_NAN_MODE_MIN, 1};
        size_t half = data.n_rows / 2;
        assert_int_equal(cm_quantize(&binned, &data.codes, names, data.rows,
                                     half, data.labels, &options, NULL),
                         CM_OK);
        expect_bins_of(&data, binned, data.rows + half, data.n_rows - half);
        expect_bins_of(&data, binned, data.rows, half);
        cm_binned_free(binned);
        cm_arena_release(&data.arena);
    }
}

static void equals_reference(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 9, 300, 20000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        check(sizes[s], false, 254, CM_NAN_MODE_MIN, s);
        check(sizes[s], false, 254, CM_NAN_MODE_FORBIDDEN, s);
        check(sizes[s], false, 1, CM_NAN_MODE_MAX, s);
        check(sizes[s], false, 16, CM_NAN_MODE_MIN, s);
    }
}

static void nan_has_a_border(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        check(3000, true, 254, CM_NAN_MODE_MIN, seed);
        check(3000, true, 254, CM_NAN_MODE_MAX, seed);
        check(3000, true, 2, CM_NAN_MODE_MIN, seed);
        check(3000, true, 2, CM_NAN_MODE_MAX, seed);
        check(3000, true, 1, CM_NAN_MODE_MIN, seed);
        check(3000, true, 1, CM_NAN_MODE_MAX, seed);
    }
}

static void forbidden_nan_is_an_error(void **state)
{
    (void)state;
    table_data data;
    cm_binned *binned = NULL;
    cm_error err = {0};
    tables_init(&data, 3000, true, 4);
    cm_quantize_options options = {254, CM_NAN_MODE_FORBIDDEN, 2};
    assert_int_equal(cm_quantize(&binned, &data.codes, names, data.rows,
                                 data.n_rows, data.labels, &options, &err),
                     CM_ERR_DATA);
    assert_non_null(strstr(err.message, "feature \"b\""));
    assert_null(binned);
    options = (cm_quantize_options){255, CM_NAN_MODE_MIN, 2};
    assert_int_equal(cm_quantize(&binned, &data.codes, names, data.rows,
                                 data.n_rows, data.labels, &options, &err),
                     CM_ERR_USAGE);
    options.border_count = 0;
    assert_int_equal(cm_quantize(&binned, &data.codes, names, data.rows,
                                 data.n_rows, data.labels, &options, &err),
                     CM_ERR_USAGE);
    cm_arena_release(&data.arena);
}

/* A feature that is NaN throughout has the one border NaN needs. */
static void all_nan(void **state)
{
    (void)state;
    static const double table[] = {(double)NAN, (double)NAN};
    static const double *const tables[] = {table};
    static const uint32_t n_codes[] = {2};
    static const uint8_t codes[] = {0, 1, 1};
    static const void *const columns[] = {codes};
    static const uint8_t widths[] = {1};
    static const uint32_t rows[] = {0, 2};
    cm_feature_codes all = {3, 1, tables, n_codes, columns, widths, NULL};
    cm_quantize_options options = {254, CM_NAN_MODE_MIN, 1};
    cm_binned *binned = NULL;
    assert_int_equal(
        cm_quantize(&binned, &all, names, rows, 2, codes, &options, NULL),
        CM_OK);
    assert_int_equal(binned->n_bins[0], 2);
    assert_true(binned->features[0].borders[0] == -FLT_MAX);
    assert_int_equal(binned->bins[0][0], 0);
    assert_int_equal(binned->bins[0][1], 0);
    cm_binned_free(binned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_reference),
        cmocka_unit_test(other_rows_meet_the_borders),
        cmocka_unit_test(nan_has_a_border),
        cmocka_unit_test(forbidden_nan_is_an_error),
        cmocka_unit_test(all_nan),
    };
    return cmocka_run_group_tests_name("features/quantize", tests, NULL, NULL);
}
