/* The public side of models, as a program sees it: clickmill.h alone.  The
 * model and the probabilities are real CatBoost's. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clickmill.h"

enum { ROWS = 4, NUMBERS = 2, CATEGORIES = 2 };

/* The rows of examples/clicks.csv. */
static const float numbers[ROWS * NUMBERS] = {.5f, 20, 2.25f, 3,
                                              NAN, 12, .1f,   23};
static const char *const texts[ROWS * CATEGORIES] = {
    "games", "phone",  "news",       "desktop",
    "mail",  "tablet", "never seen", "phone"};

static cm_model *load(void)
{
    cm_model *model = NULL;
    cm_error err;
    if (cm_model_load(&model, "examples/clicks.cbm", &err) != CM_OK) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void expected_probabilities(double *out)
{
    FILE *file = fopen("examples/clicks.expected", "r");
    assert_non_null(file);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(fscanf(file, "%lf", &out[i]), 1);
    }
    (void)fclose(file);
}

static void hash_all(uint32_t *hashes, size_t n, const char *const *values)
{
    for (size_t i = 0; i < n; i++) {
        hashes[i] = cm_category_hash(values[i], strlen(values[i]));
    }
}

static void inputs_have_names(void **state)
{
    (void)state;
    cm_model *model = load();
    assert_int_equal(cm_model_number_count(model), NUMBERS);
    assert_int_equal(cm_model_category_count(model), CATEGORIES);
    assert_string_equal(cm_model_number_name(model, 0), "price");
    assert_string_equal(cm_model_number_name(model, 1), "hour");
    assert_string_equal(cm_model_category_name(model, 0), "site");
    assert_string_equal(cm_model_category_name(model, 1), "device");
    assert_null(cm_model_number_name(model, NUMBERS));
    assert_null(cm_model_category_name(model, CATEGORIES));
    cm_model_free(model);
}

static void probabilities_are_those_of_catboost(void **state)
{
    (void)state;
    cm_model *model = load();
    double wanted[ROWS], raw[ROWS], got[ROWS];
    const cm_model_input input = {
        .count = ROWS, .numbers = numbers, .texts = texts};
    expected_probabilities(wanted);
    assert_int_equal(
        cm_model_predict(model, &input, CM_PREDICT_PROBABILITY, got, NULL),
        CM_OK);
    assert_int_equal(cm_model_predict(model, &input, CM_PREDICT_RAW, raw, NULL),
                     CM_OK);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(fabs(got[i] - wanted[i]) < 1e-6);
        assert_true(fabs(1 / (1 + exp(-raw[i])) - got[i]) < 1e-15);
    }
    cm_model_free(model);
}

/* Many rows, so that texts are hashed in more than one block. */
static void texts_and_hashes_and_strides_make_no_difference(void **state)
{
    (void)state;
    enum { N = 5000, WIDE = 3 };
    static float wide[N * WIDE];
    static const char *many[N * CATEGORIES];
    static uint32_t hashes[N * WIDE];
    static double of_texts[N], of_hashes[N];
    cm_model *model = load();
    for (size_t i = 0; i < N; i++) {
        size_t row = i * 7 % ROWS;
        memcpy(wide + i * WIDE, numbers + row * NUMBERS, NUMBERS * 4);
        wide[i * WIDE] += (float)(i % 100) / 50;
        memcpy(many + i * CATEGORIES, texts + i % 3 * CATEGORIES,
               CATEGORIES * sizeof *many);
        hash_all(hashes + i * WIDE, CATEGORIES, many + i * CATEGORIES);
    }
    cm_model_input input = {
        .count = N, .numbers = wide, .number_stride = WIDE, .texts = many};
    assert_int_equal(
        cm_model_predict(model, &input, CM_PREDICT_RAW, of_texts, NULL), CM_OK);
    input.hashes = hashes;
    input.hash_stride = WIDE;
    assert_int_equal(
        cm_model_predict(model, &input, CM_PREDICT_RAW, of_hashes, NULL),
        CM_OK);
    assert_memory_equal(of_texts, of_hashes, sizeof of_texts);
    input.count = 1;
    for (size_t i = 0; i < N; i++, input.numbers += WIDE) {
        double one;
        input.hashes = hashes + i * WIDE;
        assert_int_equal(
            cm_model_predict(model, &input, CM_PREDICT_RAW, &one, NULL), CM_OK);
        assert_memory_equal(&one, &of_texts[i], sizeof one);
    }
    cm_model_free(model);
}

static void assert_refused(const cm_model *model, const cm_model_input *input,
                           const char *why)
{
    double out[ROWS];
    cm_error err = {0};
    assert_int_equal(cm_model_predict(model, input, CM_PREDICT_RAW, out, &err),
                     CM_ERR_USAGE);
    assert_int_equal(err.code, CM_ERR_USAGE);
    if (strstr(err.message, why) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
    }
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    cm_model *model = load();
    const char *holed[ROWS * CATEGORIES];
    memcpy(holed, texts, sizeof holed);
    holed[5] = NULL;
    cm_model_input input = {.count = ROWS, .numbers = numbers};
    assert_refused(model, &input, "2 categories");
    input.texts = holed;
    assert_refused(model, &input, "row 2: category 1 (device)");
    input.texts = texts;
    input.text_stride = 1;
    assert_refused(model, &input, "stride of 1");
    input.text_stride = 0;
    input.number_stride = 1;
    assert_refused(model, &input, "stride of 1");
    input.numbers = NULL;
    assert_refused(model, &input, "2 numbers");
    cm_model_free(model);
}

static void a_missing_file_is_an_error(void **state)
{
    (void)state;
    cm_model *model = (cm_model *)&model;
    cm_error err = {0};
    assert_int_equal(cm_model_load(&model, "no/such/file.cbm", &err),
                     CM_ERR_IO);
    assert_null(model);
    assert_non_null(strstr(err.message, "no/such/file.cbm"));
    cm_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_have_names),
        cmocka_unit_test(probabilities_are_those_of_catboost),
        cmocka_unit_test(texts_and_hashes_and_strides_make_no_difference),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(a_missing_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
