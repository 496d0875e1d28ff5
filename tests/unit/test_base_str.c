/* Text: views, UTF-8, distances, the nearest word. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/str.h"

static void views_compare(void **state)
{
    (void)state;
    cm_str empty = {NULL, 0};
    assert_true(cm_str_equal(empty, CM_STR("")));
    assert_true(cm_str_is(empty, ""));
    assert_int_equal(cm_str_of(NULL).n, 0);
    assert_true(cm_str_is(CM_STR("abc"), "abc"));
    assert_false(cm_str_is(CM_STR("abc"), "abcd"));
    assert_false(cm_str_is(CM_STR("a\0c"), "a"));
    assert_true(cm_str_compare(CM_STR("ab"), CM_STR("abc")) < 0);
    assert_true(cm_str_compare(CM_STR("b"), CM_STR("abc")) > 0);
    assert_true(cm_str_compare(CM_STR("\xff"), CM_STR("a")) > 0);
    assert_int_equal(cm_str_compare(empty, empty), 0);
    assert_true(cm_str_compare(empty, CM_STR("a")) < 0);
}

static void endings(void **state)
{
    (void)state;
    assert_true(cm_str_ends_with(CM_STR("x.csv.gz"), ".gz"));
    assert_true(cm_str_ends_with(CM_STR("x"), ""));
    assert_false(cm_str_ends_with(CM_STR("gz"), ".gz"));
    assert_false(cm_str_ends_with(CM_STR("x.gzz"), ".gz"));
    assert_true(cm_str_is(cm_str_trim(CM_STR("  a b ")), "a b"));
    assert_int_equal(cm_str_trim(CM_STR("  ")).n, 0);
}

static void utf8_of_all_lengths(void **state)
{
    (void)state;
    static const char *const valid[] = {
        "",
        "plain ascii, longer than a machine word",
        "\xc2\x80\xdf\xbf",
        "\xe0\xa0\x80\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80",
        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
    };
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        cm_str s = cm_str_of(valid[i]);
        assert_int_equal(cm_utf8_valid(s), s.n);
    }
}

static void invalid_utf8_has_a_place(void **state)
{
    (void)state;
    static const char *const tails[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xe2\x28\xa1",
        "\xf0\x9f\x28\x80",
    };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        for (size_t before = 0; before < 20; before++) {
            char text[64];
            memset(text, 'a', before);
            size_t n = strlen(tails[i]);
            memcpy(text + before, tails[i], n);
            assert_int_equal(cm_utf8_valid((cm_str){text, before + n}), before);
        }
    }
}

/* The definition, by recursion, as a check of the table. */
static size_t slow_distance(cm_str a, cm_str b)
{
    if (a.n == 0 || b.n == 0) {
        return a.n + b.n;
    }
    cm_str a1 = {a.p + 1, a.n - 1};
    cm_str b1 = {b.p + 1, b.n - 1};
    size_t best = slow_distance(a1, b1) + (a.p[0] != b.p[0]);
    size_t removed = slow_distance(a1, b) + 1;
    size_t added = slow_distance(a, b1) + 1;
    best = removed < best ? removed : best;
    return added < best ? added : best;
}

static void edit_distance_is_levenshtein(void **state)
{
    (void)state;
    assert_int_equal(cm_edit_distance(CM_STR("kitten"), CM_STR("sitting")), 3);
    static const char *const words[] = {"",    "a",    "ab",  "ba",
                                        "abc", "bcab", "cac", "abcab"};
    for (size_t i = 0; i < 8; i++) {
        for (size_t j = 0; j < 8; j++) {
            cm_str a = cm_str_of(words[i]);
            cm_str b = cm_str_of(words[j]);
            assert_int_equal(cm_edit_distance(a, b), slow_distance(a, b));
        }
    }
    char longer[200];
    memset(longer, 'a', sizeof longer);
    assert_int_equal(cm_edit_distance((cm_str){longer, 200}, CM_STR("aaa")),
                     200);
}

static void nearest_word_helps(void **state)
{
    (void)state;
    static const char *const words[] = {"depth", "learning_rate",
                                        "n_estimators", "model_type", "rsm"};
    assert_string_equal(cm_nearest_word(CM_STR("dept"), words, 5), "depth");
    assert_string_equal(cm_nearest_word(CM_STR("learning-rate"), words, 5),
                        "learning_rate");
    assert_string_equal(cm_nearest_word(CM_STR("n_estimator"), words, 5),
                        "n_estimators");
    assert_string_equal(cm_nearest_word(CM_STR("rsm"), words, 5), "rsm");
    assert_null(cm_nearest_word(CM_STR("colour"), words, 5));
    assert_null(cm_nearest_word(CM_STR("xyz"), words, 5));
    assert_null(cm_nearest_word(CM_STR(""), words, 5));
    assert_null(cm_nearest_word(CM_STR("depth"), NULL, 0));
}

static void buffer_formats(void **state)
{
    (void)state;
    cm_buf buf = {0};
    cm_buf_addf(&buf, "%s=%d", "a", 5);
    cm_buf_addc(&buf, ';');
    cm_buf_add_double(&buf, 0.1);
    cm_buf_add(&buf, NULL, 0);
    cm_buf_addf(&buf, "%s", "");
    assert_string_equal(buf.p, "a=5;0.1");
    assert_int_equal(buf.n, 7);
    cm_buf_clear(&buf);
    assert_string_equal(buf.p, "");
    for (int i = 0; i < 100000; i++) {
        cm_buf_addc(&buf, (char)('a' + i % 26));
    }
    assert_int_equal(buf.n, 100000);
    assert_int_equal(buf.p[99999], 'a' + 99999 % 26);
    assert_int_equal(cm_buf_check(&buf, NULL), CM_OK);
    cm_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_compare),
        cmocka_unit_test(endings),
        cmocka_unit_test(utf8_of_all_lengths),
        cmocka_unit_test(invalid_utf8_has_a_place),
        cmocka_unit_test(edit_distance_is_levenshtein),
        cmocka_unit_test(nearest_word_helps),
        cmocka_unit_test(buffer_formats),
    };
    return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
