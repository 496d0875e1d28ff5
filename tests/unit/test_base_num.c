/* Numbers: exact reading, shortest writing, in any locale. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/rng.h"
#include "test_base_folder.h"

enum { RANDOM_ROUNDS = 100000 };

static bool reads_u64(const char *text, uint64_t expected)
{
    uint64_t value = 0;
    return cm_parse_u64(cm_str_of(text), &value) && value == expected;
}

static bool reads_i64(const char *text, int64_t expected)
{
    int64_t value = 0;
    return cm_parse_i64(cm_str_of(text), &value) && value == expected;
}

static void integers(void **state)
{
    (void)state;
    assert_true(reads_u64("0", 0));
    assert_true(reads_u64("007", 7));
    assert_true(reads_u64("18446744073709551615", UINT64_MAX));
    assert_true(reads_i64("9223372036854775807", INT64_MAX));
    assert_true(reads_i64("-9223372036854775808", INT64_MIN));
    assert_true(reads_i64("-0", 0));
    static const char *const bad[] = {"",    "-",   "+1",  " 1", "1 ",
                                      "1.0", "0x1", "1e3", "a",  "--1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t u = 77;
        int64_t s = 77;
        assert_false(cm_parse_u64(cm_str_of(bad[i]), &u));
        assert_false(cm_parse_i64(cm_str_of(bad[i]), &s));
        assert_true(u == 77 && s == 77);
    }
    uint64_t u = 0;
    int64_t s = 0;
    assert_false(cm_parse_u64(CM_STR("18446744073709551616"), &u));
    assert_false(cm_parse_u64(CM_STR("99999999999999999999"), &u));
    assert_false(cm_parse_u64(CM_STR("-1"), &u));
    assert_false(cm_parse_u64(CM_STR("1\0"), &u));
    assert_false(cm_parse_i64(CM_STR("9223372036854775808"), &s));
    assert_false(cm_parse_i64(CM_STR("-9223372036854775809"), &s));
}

static void integers_are_written(void **state)
{
    (void)state;
    char text[CM_NUM_TEXT];
    assert_int_equal(cm_format_u64(text, 0), 1);
    assert_string_equal(text, "0");
    assert_int_equal(cm_format_u64(text, UINT64_MAX), 20);
    assert_string_equal(text, "18446744073709551615");
    cm_format_i64(text, INT64_MIN);
    assert_string_equal(text, "-9223372036854775808");
    cm_format_i64(text, -7);
    assert_string_equal(text, "-7");
}

static void doubles_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      "-",    ".",    "-.",    "e5",     "1e",           "1e+",
        "+1",    " 1",   "1 ",   "0x1p3", "1_0",    "1,5",          "1.2.3",
        "--1",   "na",   "nano", "infi",  "+inf",   "infinity",     "1f",
        "1e5.0", "-nan", "i",    "1e999", "-1e999", "1e99999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 77;
        assert_false(cm_parse_double(cm_str_of(bad[i]), &value));
        assert_true(value == 77);
    }
    double value = 77;
    assert_false(cm_parse_double(CM_STR("1\0"), &value));
    assert_false(cm_parse_double(CM_STR("nan\0"), &value));
    char longer[2000];
    memset(longer, '1', sizeof longer);
    assert_false(cm_parse_double((cm_str){longer, sizeof longer}, &value));
}

static void doubles_equal_strtod(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "0.1",
        ".5",
        "5.",
        "1e22",
        "1e23",
        "1e-22",
        "123456789012345e22",
        "9007199254740993",
        "1.7976931348623157e308",
        "2.2250738585072011e-308",
        "4.9e-324",
        "2e-324",
        "1e-400",
        "0e999999",
        "0.000000000000000000001",
        "100000000000000000000000000000000000000",
        "3.14159265358979323846",
        "00000000000000000000000000000001.5",
        "1E5",
        "1e+05",
        "-1.5e-3",
        "8.442911973260991817129021e-309",
        "0.1e-1",
        "123456789012345678"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = 77;
        assert_true(cm_parse_double(cm_str_of(texts[i]), &value));
        double expected = strtod(texts[i], NULL);
        assert_memory_equal(&value, &expected, sizeof value);
    }
}

static void words(void **state)
{
    (void)state;
    double value = 0;
    assert_true(cm_parse_double(CM_STR("NaN"), &value) && isnan(value));
    assert_true(cm_parse_double(CM_STR("inf"), &value) && value > 0 &&
                isinf(value));
    assert_true(cm_parse_double(CM_STR("-INF"), &value) && value < 0 &&
                isinf(value));
}

static void assert_written(double value, const char *expected)
{
    char text[CM_NUM_TEXT];
    assert_int_equal(cm_format_double(text, value), strlen(expected));
    assert_string_equal(text, expected);
}

static void known_texts(void **state)
{
    (void)state;
    assert_written(0, "0");
    assert_written(-0.0, "-0");
    assert_written(1, "1");
    assert_written(-3, "-3");
    assert_written(0.1, "0.1");
    assert_written(0.1 + 0.2, "0.30000000000000004");
    assert_written(1e-5, "1e-05");
    assert_written(1.5e-7, "1.5e-07");
    assert_written(0.0001, "0.0001");
    assert_written(123456.75, "123456.75");
    assert_written(1e15, "1000000000000000");
    assert_written(1e16, "1e+16");
    assert_written(1e22, "1e+22");
    assert_written(9007199254740993.0, "9007199254740992");
    assert_written(5e-324, "5e-324");
    assert_written(-1.7976931348623157e308, "-1.7976931348623157e+308");
    assert_written((double)NAN, "nan");
    assert_written(-HUGE_VAL, "-inf");
    assert_written(HUGE_VAL, "inf");
}

static void assert_float_written(float value, const char *expected)
{
    char text[CM_NUM_TEXT];
    assert_int_equal(cm_format_float(text, value), strlen(expected));
    assert_string_equal(text, expected);
}

static void known_float_texts(void **state)
{
    (void)state;
    assert_float_written(0.1f, "0.1");
    assert_float_written(16777216.0f, "16777216");
    assert_float_written(1e10f, "10000000000");
    assert_float_written(-3.4028235e38f, "-3.4028235e+38");
    assert_float_written(1e-45f, "1e-45");
    assert_float_written((float)NAN, "nan");
    assert_float_written(-(float)HUGE_VAL, "-inf");
    assert_float_written(-0.0f, "-0");
}

/* No text with fewer digits reads back: rounded to one less, it differs. */
static void assert_shortest(double value, const char *text)
{
    int digits = 0;
    bool leading = true;
    for (const char *p = text; *p != '\0' && *p != 'e'; p++) {
        leading = leading && (*p == '-' || *p == '0' || *p == '.');
        digits += !leading && *p != '.';
    }
    char shorter[64];
    if (digits > 1 && strchr(text, '.') != NULL) {
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
        assert_true(strtod(shorter, NULL) != value);
    }
}

static void random_doubles_come_back(void **state)
{
    (void)state;
    cm_rng rng = cm_rng_stream(1, 1);
    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        uint64_t bits = cm_rng_next(&rng);
        double value = i % 2 == 0 ? cm_unit_of(bits) : 0;
        if (i % 2 == 1) {
            memcpy(&value, &bits, sizeof value);
        }
        char text[CM_NUM_TEXT];
        size_t n = cm_format_double(text, value);
        assert_int_equal(strlen(text), n);
        double back = 0;
        assert_true(cm_parse_double((cm_str){text, n}, &back));
        assert_true(isnan(value) ? isnan(back) : back == value);
        if (isfinite(value)) {
            assert_true(strtod(text, NULL) == value);
            assert_shortest(value, text);
        }
    }
}

/* Against the C library's way to the same digits. */
static void assert_as_library(double value)
{
    char text[CM_NUM_TEXT];
    char expected[64];
    int digits = 15;
    do {
        snprintf(expected, sizeof expected, "%.*g", digits, value);
    } while (digits++ < 17 && strtod(expected, NULL) != value);
    cm_format_double(text, value);
    if (strcmp(text, expected) != 0) {
        fail_msg("%s, expected %s", text, expected);
    }
}

static void quick_way_equals_the_library(void **state)
{
    (void)state;
    cm_rng rng = cm_rng_stream(1, 4);
    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        double scale = pow(10, (double)(cm_rng_next(&rng) % 18) - 4);
        double value = scale * (0.5 + cm_rng_unit(&rng));
        if (value < 1e-4 || value >= 1e14) {
            continue;
        }
        assert_as_library(value);
        char text[64];
        snprintf(text, sizeof text, "%.*g", 1 + i % 16, value);
        double rounded = strtod(text, NULL);
        if (rounded < 1e14) {
            assert_as_library(rounded);
            assert_as_library(nextafter(rounded, 0));
            assert_as_library(nextafter(rounded, HUGE_VAL));
        }
    }
}

static void random_floats_come_back(void **state)
{
    (void)state;
    cm_rng rng = cm_rng_stream(1, 2);
    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        uint32_t bits = (uint32_t)cm_rng_next(&rng);
        float value = 0;
        memcpy(&value, &bits, sizeof value);
        char text[CM_NUM_TEXT];
        cm_format_float(text, value);
        float back = strtof(text, NULL);
        assert_true(isnan(value) ? isnan(back) : back == value);
    }
}

static void random_decimals_equal_strtod(void **state)
{
    (void)state;
    cm_rng rng = cm_rng_stream(1, 3);
    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        uint64_t bits = cm_rng_next(&rng);
        uint64_t digits = cm_rng_next(&rng) >> (bits % 60);
        int exponent = (int)((bits >> 8) % 60) - 30;
        char text[64];
        snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)digits,
                 (unsigned long long)(bits >> 40), exponent);
        double value = 0;
        assert_true(cm_parse_double(cm_str_of(text), &value));
        assert_true(value == strtod(text, NULL));
    }
}

/* Makes a locale with a decimal comma in the folder; few machines have one
 * installed.  False without the tool that compiles it. */
static bool make_comma_locale(void **state)
{
    test_folder *folder = *state;
    cm_buf text = {0};
    cm_buf_adds(&text, "<code_set_name> ANSI_X3.4-1968\n<comment_char> %\n"
                       "<escape_char> /\nCHARMAP\n");
    for (unsigned i = 0; i < 128; i++) {
        cm_buf_addf(&text, "<U%04X> /x%02x X\n", i, i);
    }
    cm_buf_adds(&text, "END CHARMAP\n");
    assert_int_equal(
        cm_write_file(path_in(state, "map"), (cm_str){text.p, text.n}, NULL),
        CM_OK);
    assert_int_equal(cm_write_file(path_in(state, "source"),
                                   CM_STR("comment_char %\nescape_char /\n"
                                          "LC_NUMERIC\n"
                                          "decimal_point \"<U002C>\"\n"
                                          "thousands_sep \"<U002E>\"\n"
                                          "grouping 3;3\nEND LC_NUMERIC\n"),
                                   NULL),
                     CM_OK);
    cm_buf_clear(&text);
    cm_buf_addf(&text,
                "cd '%s' && localedef -c -f ./map -i ./source ./comma "
                ">log 2>&1; test -f comma/LC_NUMERIC",
                folder->path);
    bool made = system(text.p) == 0;
    cm_buf_release(&text);
    return made && setenv("LOCPATH", folder->path, 1) == 0 &&
           setlocale(LC_NUMERIC, "comma") != NULL;
}

static void locale_does_not_matter(void **state)
{
    if (!make_comma_locale(state)) {
        print_message("SKIP: localedef is not installed\n");
        skip();
    }
    char text[CM_NUM_TEXT];
    snprintf(text, sizeof text, "%.1f", 0.5);
    assert_string_equal(text, "0,5");
    double value = 0;
    assert_written(0.1 + 0.2, "0.30000000000000004");
    assert_float_written(0.1f, "0.1");
    assert_true(cm_parse_double(CM_STR("0.30000000000000004"), &value));
    assert_true(value == 0.1 + 0.2);
    assert_false(cm_parse_double(CM_STR("0,5"), &value));
    setlocale(LC_NUMERIC, "C");
}

static void test_for_people(void **state)
{
    char text[CM_NUM_TEXT];
    (void)state;
    assert_int_equal(cm_format_count(text, 999), 3);
    assert_string_equal(text, "999");
    assert_int_equal(cm_format_count(text, UINT64_MAX), 26);
    assert_string_equal(text, "18,446,744,073,709,551,615");
    assert_int_equal(cm_format_utc(text, 1413849600), 20);
    assert_string_equal(text, "2014-10-21T00:00:00Z");
    assert_int_equal(cm_format_utc(text, INT64_MAX), 0);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_for_people),
        cmocka_unit_test(integers),
        cmocka_unit_test(integers_are_written),
        cmocka_unit_test(doubles_that_are_none),
        cmocka_unit_test(doubles_equal_strtod),
        cmocka_unit_test(words),
        cmocka_unit_test(known_texts),
        cmocka_unit_test(known_float_texts),
        cmocka_unit_test(random_doubles_come_back),
        cmocka_unit_test(quick_way_equals_the_library),
        cmocka_unit_test(random_floats_come_back),
        cmocka_unit_test(random_decimals_equal_strtod),
        cmocka_unit_test(locale_does_not_matter),
    };
    return cmocka_run_group_tests_name("base/num", tests, folder_setup,
                                       folder_teardown);
}
