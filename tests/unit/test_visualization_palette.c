/* Can everything be read, by everybody? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "visualization/palette.h"

static double linear(uint8_t value)
{
    double c = value / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* WCAG 2's relative luminance and contrast. */
static double luminance(cm_rgb c)
{
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

static double contrast(cm_ink ink, cm_theme theme)
{
    double a = luminance(cm_ink_rgb(ink, theme));
    double b = luminance(cm_ink_rgb(CM_INK_PAPER, theme));
    return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

static void test_contrast(void **state)
{
    (void)state;
    for (int theme = CM_THEME_LIGHT; theme <= CM_THEME_DARK; theme++) {
        cm_theme t = (cm_theme)theme;
        assert_true(contrast(CM_INK_TEXT, t) >= 7);
        assert_true(contrast(CM_INK_SOFT, t) >= 4.5);
        assert_true(contrast(CM_INK_GREY, t) >= 3);
        for (int i = 0; i < CM_FIGURE_COLORS; i++) {
            assert_true(contrast(cm_ink_of_color(i), t) >= 3);
        }
        for (int i = 0; i < CM_SHADES; i++) {
            assert_true(contrast((cm_ink)(CM_INK_SHADE + i), t) >= 1.7);
        }
    }
}

/* How red-blind and green-blind eyes see a color: F. Viénot, H. Brettel,
 * J. Mollon, "Digital video colourmaps for checking the legibility of displays
 * by dichromats", 1999.  Linear light. */
static void seen(double out[3], cm_rgb c, int eye)
{
    static const double KEEP[3][3][3] = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{.11238, .88762, 0}, {.11238, .88762, 0}, {.00401, -.00401, 1}},
        {{.29275, .70725, 0}, {.29275, .70725, 0}, {-.02234, .02234, 1}}};
    double in[3] = {linear(c.r), linear(c.g), linear(c.b)};
    for (int i = 0; i < 3; i++) {
        out[i] = 0;
        for (int k = 0; k < 3; k++) {
            out[i] += KEEP[eye][i][k] * in[k];
        }
        out[i] = cbrt(fmax(out[i], 0)); /* steps as eyes see them */
    }
}

static double distance(cm_ink a, cm_ink b, cm_theme theme, int eye)
{
    double p[3];
    double q[3];
    seen(p, cm_ink_rgb(a, theme), eye);
    seen(q, cm_ink_rgb(b, theme), eye);
    return sqrt(pow(p[0] - q[0], 2) + pow(p[1] - q[1], 2) +
                pow(p[2] - q[2], 2));
}

/* Model and comparison, the first two colors, are far apart for every eye; no
 * two of the colors are the same. */
static void test_every_eye(void **state)
{
    (void)state;
    for (int n = 0; n < 6; n++) {
        cm_theme theme = n % 2 == 0 ? CM_THEME_LIGHT : CM_THEME_DARK;
        int eye = n / 2;
        assert_true(
            distance(cm_ink_of_color(0), cm_ink_of_color(1), theme, eye) > 0.3);
        for (int i = 0; i < CM_FIGURE_COLORS; i++) {
            for (int k = 0; k < i; k++) {
                assert_true(distance(cm_ink_of_color(i), cm_ink_of_color(k),
                                     theme, eye) > 0.13);
            }
        }
    }
}

/* Shades are in order for every eye, in grey too. */
static void test_shades_grow(void **state)
{
    (void)state;
    for (int i = 1; i < CM_SHADES; i++) {
        cm_rgb low = cm_ink_rgb((cm_ink)(CM_INK_SHADE + i - 1), CM_THEME_LIGHT);
        cm_rgb high = cm_ink_rgb((cm_ink)(CM_INK_SHADE + i), CM_THEME_LIGHT);
        assert_true(luminance(high) > luminance(low));
    }
    assert_int_equal(cm_ink_of_shade(-3), CM_INK_SHADE);
    assert_int_equal(cm_ink_of_shade(7), CM_INKS - 1);
    assert_int_equal(cm_ink_of_shade(NAN), CM_INK_GREY);
    assert_int_equal(cm_ink_of_color(CM_FIGURE_COLORS), CM_INK_GREY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_contrast),
                                       cmocka_unit_test(test_every_eye),
                                       cmocka_unit_test(test_shades_grow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
