/* Rows of texts against the codes of a dataset: the same values, as floats. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "base/num.h"
#include "features/lookup.h"
#include "features/lookup_index.h"
#include "test_features_data.h"

typedef struct scored {
    test_data data;
    cm_transformers *counts, *ctr;
    cm_feature_plan *plan;
    cm_feature_codes *codes;
    cm_lookup *lookup;
    const char *const *columns;
    size_t n_columns;
} scored;

static void scored_init(scored *s, size_t n_rows, uint64_t seed)
{
    *s = (scored){0};
    data_init(&s->data, n_rows, .3, seed);
    const cm_dataset *dataset = &s->data.dataset;
    assert_int_equal(
        cm_count_transformers_fit(&s->counts, dataset, &data_spec, 1, NULL),
        CM_OK);
    assert_int_equal(cm_ctr_transformer_fit(&s->ctr, dataset, s->counts,
                                            &data_spec, s->data.train,
                                            s->data.n_train, 1, NULL),
                     CM_OK);
    assert_int_equal(cm_feature_plan_new(&s->plan, s->counts, s->ctr, data_ctrs,
                                         DATA_N_CTR, "hour", NULL),
                     CM_OK);
    assert_int_equal(cm_feature_codes_new(&s->codes, s->plan, dataset, 1, NULL),
                     CM_OK);
    assert_int_equal(cm_lookup_new(&s->lookup, s->plan, NULL), CM_OK);
    s->columns = cm_lookup_columns(s->lookup, &s->n_columns);
}

static void scored_release(scored *s)
{
    cm_lookup_free(s->lookup);
    cm_feature_codes_free(s->codes);
    cm_feature_plan_free(s->plan);
    cm_transformers_free(s->ctr);
    cm_transformers_free(s->counts);
    data_release(&s->data);
}

enum { TEXT = 40 };

/* The fields of a row as a log would have them. */
static void row_texts(const scored *s, size_t row, char (*texts)[TEXT],
                      cm_str *fields)
{
    for (size_t c = 0; c < s->n_columns; c++) {
        const cm_column *column =
            cm_dataset_find(&s->data.dataset, s->columns[c]);
        assert_non_null(column);
        if (column->kind != CM_COLUMN_TIME) {
            fields[c] = cm_dictionary_text(
                &column->dictionary, cm_column_code(column, row), texts[c]);
            continue;
        }
        int64_t time = ((const int64_t *)column->values)[row];
        int64_t day = (time - 1413849600) / 86400; /* 2014-10-21 */
        int n = snprintf(texts[c], TEXT, "1410%02d%02u", (int)(21 + day),
                         cm_hour_of_day(time));
        fields[c] = (cm_str){texts[c], (size_t)n};
    }
}

static bool same_float(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void rows_equal_codes(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 30, 900, 4000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        scored s;
        scored_init(&s, sizes[i], i);
        assert_int_equal(s.n_columns, 5); /* site ip slot hour model */
        assert_int_equal(cm_lookup_n_features(s.lookup), DATA_N_CTR);
        for (size_t row = 0; row < sizes[i]; row++) {
            char texts[5][TEXT];
            cm_str fields[5];
            float values[DATA_N_CTR];
            row_texts(&s, row, texts, fields);
            assert_int_equal(
                cm_lookup_row(s.lookup, fields, values, NULL, NULL), CM_OK);
            for (size_t f = 0; f < DATA_N_CTR; f++) {
                float expected = (float)cm_feature_value(s.codes, f, row);
                assert_true(same_float(values[f], expected));
            }
        }
        scored_release(&s);
    }
}

static size_t column_at(const scored *s, const char *name)
{
    size_t c = 0;
    while (strcmp(s->columns[c], name) != 0) {
        c++;
        assert_true(c < s->n_columns);
    }
    return c;
}

static void unseen_values_fall_back(void **state)
{
    (void)state;
    static const cm_str strangers[] = {
        {"a000001\0", 8}, {"A000001", 7},          {"zzzz", 4},
        {"\0", 1},        {"a000007-x-y-z-!", 15}, {"a000007-x-y-z!", 14},
    };
    scored s;
    scored_init(&s, 900, 77);
    char texts[5][TEXT];
    cm_str fields[5];
    float values[DATA_N_CTR];
    row_texts(&s, 0, texts, fields);
    size_t ip = column_at(&s, "ip");
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        fields[ip] = strangers[i];
        assert_int_equal(cm_lookup_row(s.lookup, fields, values, NULL, NULL),
                         CM_OK);
        const cm_feature *features = s.plan->features;
        assert_true(values[1] ==
                    (float)cm_feature_of_text(&features[1], strangers[i]));
        assert_true(values[1] == (float)s.ctr->tables[1].fallback);
        assert_true(values[3] == (float)s.ctr->tables[3].fallback);
    }
    fields[column_at(&s, "model")] = CM_STR("123456789012");
    assert_int_equal(cm_lookup_row(s.lookup, fields, values, NULL, NULL),
                     CM_OK);
    assert_true(values[5] == (float)s.ctr->tables[5].fallback);
    scored_release(&s);
}

/* Whether the features of a column, and no others, are unseen. */
static void expect_unseen_of(const scored *s, const cm_str *fields,
                             const char *column)
{
    bool seen[DATA_N_CTR];
    size_t unseen = 0;
    cm_lookup_seen(s->lookup, fields, seen);
    for (size_t f = 0; f < DATA_N_CTR; f++) {
        const cm_feature *feature = &s->plan->features[f];
        const char *of = s->plan->sources[feature->source].column;
        assert_int_equal(!seen[f], column != NULL && strcmp(of, column) == 0);
        unseen += !seen[f];
    }
    assert_true((unseen > 0) == (column != NULL));
}

static void what_training_did_not_see_is_told(void **state)
{
    (void)state;
    scored s;
    char texts[5][TEXT];
    cm_str fields[5];
    scored_init(&s, 900, 78);
    row_texts(&s, 5, texts, fields);
    expect_unseen_of(&s, fields, NULL);
    fields[column_at(&s, "hour")] = CM_STR("30010100");
    expect_unseen_of(&s, fields, NULL);
    fields[column_at(&s, "ip")] = CM_STR("zzzz");
    expect_unseen_of(&s, fields, "ip");
    row_texts(&s, 5, texts, fields);
    fields[column_at(&s, "model")] = CM_STR("123456789012");
    expect_unseen_of(&s, fields, "model");
    scored_release(&s);
}

static void expect_bad(const scored *s, const char *column, cm_str field,
                       const char *expected)
{
    char texts[5][TEXT];
    cm_str fields[5];
    float values[DATA_N_CTR];
    size_t bad = 99;
    cm_error err = {0};
    row_texts(s, 0, texts, fields);
    size_t at = column_at(s, column);
    fields[at] = field;
    assert_int_equal(cm_lookup_row(s->lookup, fields, values, &bad, &err),
                     CM_ERR_DATA);
    assert_int_equal(bad, at);
    assert_non_null(strstr(err.message, column));
    assert_non_null(strstr(err.message, expected));
    assert_int_equal(cm_lookup_row(s->lookup, fields, values, NULL, NULL),
                     CM_ERR_DATA);
}

static void broken_fields_are_named(void **state)
{
    (void)state;
    scored s;
    scored_init(&s, 100, 5);
    expect_bad(&s, "model", CM_STR("12x"), "found \"12x\"");
    expect_bad(&s, "slot", CM_STR("99999999999999999999"), "whole number");
    expect_bad(&s, "hour", CM_STR("14102"), "found \"14102\", expected a time");
    expect_bad(&s, "hour", (cm_str){NULL, 0}, "expected a time");
    scored_release(&s);
}

/* Texts of every length, their prefixes and neighbours. */
static void index_finds_exactly(void **state)
{
    (void)state;
    enum { N = 3000, LONGEST = 40 };
    cm_arena arena = {0};
    char *bytes = cm_arena_alloc(&arena, (size_t)N * LONGEST, NULL);
    uint64_t *offsets = cm_arena_alloc(&arena, (N + 1) * sizeof *offsets, NULL);
    offsets[0] = 0;
    for (uint32_t i = 0; i < N; i++) {
        size_t n = i % LONGEST;
        char *text = bytes + offsets[i];
        char number[CM_NUM_TEXT];
        size_t digits = cm_format_u64(number, i / LONGEST);
        memset(text, 'q', n);
        memcpy(text, number, digits < n ? digits : n);
        offsets[i + 1] = offsets[i] + n;
    }
    cm_dictionary keys = {N, offsets, bytes, NULL};
    cm_index index;
    assert_int_equal(cm_index_init(&index, &keys, NULL), CM_OK);
    for (uint32_t i = 0; i < N; i++) {
        cm_str text = {bytes + offsets[i], offsets[i + 1] - offsets[i]};
        uint32_t slot = cm_index_find_text(&index, text);
        assert_true(slot < N);
        cm_str found = {bytes + offsets[slot],
                        offsets[slot + 1] - offsets[slot]};
        assert_true(cm_str_equal(found, text));
        if (text.n > 3) {
            char other[LONGEST];
            memcpy(other, text.p, text.n);
            other[text.n - 1] = '#';
            assert_int_equal(
                cm_index_find_text(&index, (cm_str){other, text.n}), N);
        }
    }
    cm_index_release(&index);
    cm_arena_release(&arena);
}

static void empty_index_finds_nothing(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {0};
    static const int64_t integers[] = {0};
    cm_dictionary texts = {0, offsets, "", NULL};
    cm_dictionary numbers = {0, NULL, NULL, integers};
    cm_index index;
    assert_int_equal(cm_index_init(&index, &texts, NULL), CM_OK);
    assert_int_equal(cm_index_find_text(&index, CM_STR("x")), 0);
    cm_index_release(&index);
    assert_int_equal(cm_index_init(&index, &numbers, NULL), CM_OK);
    assert_int_equal(cm_index_find_integer(&index, 0), 0);
    cm_index_release(&index);
}

/* Integers of all lengths, missing ones among them: found by their value and,
 * when short, by their text. */
static void index_finds_integers(void **state)
{
    (void)state;
    static const int64_t integers[] = {CM_MISSING_INTEGER,
                                       INT64_MIN + 1,
                                       -100000000,
                                       -99999999,
                                       -9999999,
                                       -1,
                                       0,
                                       7,
                                       42,
                                       9999999,
                                       99999999,
                                       100000000,
                                       INT64_MAX};
    enum { N = sizeof integers / sizeof *integers };
    cm_dictionary keys = {N, NULL, NULL, integers};
    cm_index index;
    assert_int_equal(cm_index_init(&index, &keys, NULL), CM_OK);
    for (uint32_t i = 0; i < N; i++) {
        char text[CM_NUM_TEXT];
        size_t n = i == 0 ? 0 : cm_format_i64(text, integers[i]);
        assert_int_equal(cm_index_find_integer(&index, integers[i]), i);
        assert_int_equal(cm_index_find_text(&index, (cm_str){text, n}),
                         n <= CM_INDEX_PACKED ? i : N);
        if (i > 0 && integers[i] < INT64_MAX) {
            assert_int_equal(cm_index_find_integer(&index, integers[i] + 1),
                             integers[i] == -1           ? 6
                             : integers[i] == -100000000 ? 3
                             : integers[i] == 99999999   ? 11
                                                         : N);
        }
    }
    cm_index_release(&index);
}

/* However an integer is written, its value counts. */
static void integers_may_be_written_otherwise(void **state)
{
    (void)state;
    static const char *const good[][2] = {{"7", "0007"},
                                          {"7", "0000000000000000000000007"},
                                          {"0", "-0"},
                                          {"-1", "-001"},
                                          {"123456789", "0123456789"}};
    static const char *const bad[] = {
        "+7", "7 ", " 7", "7.0", "-", "x", "9223372036854775808"};
    scored s;
    scored_init(&s, 900, 78);
    char texts[5][TEXT];
    cm_str fields[5];
    float values[2][DATA_N_CTR];
    size_t column = 0;
    row_texts(&s, 0, texts, fields);
    size_t slot = column_at(&s, "slot");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        for (size_t way = 0; way < 2; way++) {
            fields[slot] = cm_str_of(good[i][way]);
            assert_int_equal(
                cm_lookup_row(s.lookup, fields, values[way], NULL, NULL),
                CM_OK);
        }
        assert_memory_equal(values[0], values[1], sizeof values[0]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fields[slot] = cm_str_of(bad[i]);
        assert_int_equal(
            cm_lookup_row(s.lookup, fields, values[0], &column, NULL),
            CM_ERR_DATA);
        assert_int_equal(column, slot);
    }
    scored_release(&s);
}

/* More columns than are asked for at once; each adds a number of its own. */
static void any_number_of_columns_will_do(void **state)
{
    (void)state;
    enum { MOST = 70 };
    static const int64_t keys[] = {4, 8};
    static double values[MOST][2];
    static char names[MOST][8];
    cm_table tables[MOST];
    cm_source sources[MOST];
    cm_feature features[MOST];
    cm_str fields[MOST];
    float row[MOST];
    for (size_t c = 0; c < MOST; c++) {
        snprintf(names[c], sizeof names[c], "c%zu", c);
        values[c][0] = (double)c + .25;
        values[c][1] = (double)c + .5;
        tables[c] = (cm_table){names[c],
                               names[c],
                               CM_TABLE_CTR,
                               CM_KEY_INTEGER,
                               {.n = 2, .integers = keys},
                               values[c],
                               (double)c + .75};
        sources[c] = (cm_source){CM_SOURCE_INTEGER, names[c]};
        features[c] = (cm_feature){names[c], c, &tables[c], NULL};
        fields[c] = c % 3 == 0   ? CM_STR("4")
                    : c % 3 == 1 ? CM_STR("8")
                                 : CM_STR("9");
    }
    for (size_t n = 1; n <= MOST; n++) {
        cm_feature_plan plan = {n, sources, n, features, NULL};
        cm_lookup *lookup = NULL;
        assert_int_equal(cm_lookup_new(&lookup, &plan, NULL), CM_OK);
        assert_int_equal(cm_lookup_row(lookup, fields, row, NULL, NULL), CM_OK);
        for (size_t c = 0; c < n; c++) {
            assert_true(row[c] == (float)c + .25f * (float)(c % 3 + 1));
        }
        cm_lookup_free(lookup);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_equal_codes),
        cmocka_unit_test(unseen_values_fall_back),
        cmocka_unit_test(what_training_did_not_see_is_told),
        cmocka_unit_test(broken_fields_are_named),
        cmocka_unit_test(index_finds_exactly),
        cmocka_unit_test(empty_index_finds_nothing),
        cmocka_unit_test(index_finds_integers),
        cmocka_unit_test(integers_may_be_written_otherwise),
        cmocka_unit_test(any_number_of_columns_will_do),
    };
    return cmocka_run_group_tests_name("features/lookup", tests, NULL, NULL);
}
