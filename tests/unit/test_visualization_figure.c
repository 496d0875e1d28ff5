/* Figures as files: what is in them, and what is refused. */
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test_visualization_find.h"

static const cm_figure_size SIZE = {400, 2};

static int make_samples(void **state)
{
    (void)state;
    samples_make();
    return 0;
}

static cm_buf draw_png(const char *id, cm_figure_size size, cm_theme theme)
{
    cm_buf out = {0};
    assert_int_equal(cm_figure_png(&out, sample_of(id), size, theme, NULL),
                     CM_OK);
    return out;
}

/* ---- PNG ------------------------------------------------------------ */

/* The picture as libpng reads it; bytes are the caller's. */
static png_byte *open_png(const cm_buf *file, unsigned *width, unsigned *height)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, file->p, file->n));
    image.format = PNG_FORMAT_RGB;
    png_byte *bytes = malloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, bytes, 0, NULL));
    *width = image.width;
    *height = image.height;
    return bytes;
}

static void test_png(void **state)
{
    (void)state;
    unsigned width;
    unsigned height;
    unsigned half;
    cm_buf large = draw_png("roc_curve", SIZE, CM_THEME_LIGHT);
    cm_buf small =
        draw_png("roc_curve", (cm_figure_size){400, 1}, CM_THEME_LIGHT);
    png_byte *bytes = open_png(&large, &width, &height);
    assert_int_equal(width, 800);
    assert_memory_equal(bytes, "\xff\xff\xff", 3);
    free(bytes);
    free(open_png(&small, &width, &half));
    assert_int_equal(width, 400);
    assert_int_equal(height, 2 * half);
    cm_buf_release(&large);
    cm_buf_release(&small);
}

/* The line is blue where it should be. */
static void test_pixels(void **state)
{
    (void)state;
    static const double X[] = {0, 1};
    static const double Y[] = {0.5, 0.5};
    cm_series line = {.mark = CM_MARK_LINE, .x = X, .y = Y, .n = 2};
    cm_figure figure = {.id = "pixels",
                        .series = &line,
                        .n_series = 1,
                        .x = {.fixed = true, .high = 1},
                        .y = {.fixed = true, .high = 1}};
    cm_buf file = {0};
    assert_int_equal(cm_figure_png(&file, &figure, (cm_figure_size){400, 1},
                                   CM_THEME_LIGHT, NULL),
                     CM_OK);
    unsigned width;
    unsigned height;
    png_byte *bytes = open_png(&file, &width, &height);
    size_t blue = 0;
    size_t in_row = 0;
    for (size_t y = 0; y < height; y++) {
        size_t n = 0;
        for (size_t x = 0; x < width; x++) {
            n += memcmp(bytes + 3 * (y * width + x), "\x00\x72\xb2", 3) == 0;
        }
        blue += n;
        in_row = n > in_row ? n : in_row;
    }
    assert_in_range(in_row, 320, 380);
    assert_in_range(blue, in_row, 3 * in_row);
    free(bytes);
    cm_buf_release(&file);
}

static void test_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_samples; i++) {
        cm_buf out[4] = {{0}};
        for (int k = 0; k < 4; k++) {
            cm_status status = k < 2 ? cm_figure_svg(&out[k], &samples[i], SIZE,
                                                     CM_THEME_DARK, NULL)
                                     : cm_figure_png(&out[k], &samples[i],
                                                     (cm_figure_size){300, 1},
                                                     CM_THEME_DARK, NULL);
            assert_int_equal(status, CM_OK);
        }
        for (int k = 0; k < 4; k += 2) {
            assert_int_equal(out[k].n, out[k + 1].n);
            assert_memory_equal(out[k].p, out[k + 1].p, out[k].n);
        }
        for (int k = 0; k < 4; k++) {
            cm_buf_release(&out[k]);
        }
    }
}

static void test_themes_differ(void **state)
{
    (void)state;
    unsigned width;
    unsigned height;
    cm_buf dark = draw_png("roc_curve", SIZE, CM_THEME_DARK);
    png_byte *bytes = open_png(&dark, &width, &height);
    assert_memory_equal(bytes, "\x19\x1f\x28", 3);
    free(bytes);
    cm_buf_release(&dark);
}

/* ---- SVG ------------------------------------------------------------ */

static void test_svg_has_texts(void **state)
{
    (void)state;
    cm_buf out = {0};
    assert_int_equal(cm_figure_svg(&out, sample_of("nasty_names"),
                                   (cm_figure_size){640, 1}, CM_THEME_LIGHT,
                                   NULL),
                     CM_OK);
    assert_non_null(strstr(out.p, ">Показатель кликабельности по категории<"));
    assert_non_null(strstr(out.p, "&lt;script&gt;alert('&amp;amp;')"));
    assert_null(strstr(out.p, "<script"));
    assert_non_null(strstr(out.p, "bad \xef\xbf\xbd"));
    assert_null(strstr(out.p, " id="));
    cm_buf_release(&out);
}

static size_t svg_size(const char *id)
{
    cm_buf out = {0};
    assert_int_equal(
        cm_figure_svg(&out, sample_of(id), SIZE, CM_THEME_LIGHT, NULL), CM_OK);
    size_t n = out.n;
    cm_buf_release(&out);
    return n;
}

/* Twenty thousand dots are a picture; a curve of 5,000 points is not written
 * point by point. */
static void test_svg_is_small(void **state)
{
    (void)state;
    assert_in_range(svg_size("shap_summary"), 100000, 700000);
    assert_in_range(svg_size("roc_curve"), 1000, 40000);
    assert_in_range(svg_size("ctr_by_hour"), 1000, 12000);
}

/* ---- refusals ------------------------------------------------------- */

static void refuse(cm_figure figure, const char *word)
{
    cm_error err = {0};
    cm_buf out = {0};
    assert_int_equal(cm_figure_svg(&out, &figure, SIZE, CM_THEME_LIGHT, &err),
                     CM_ERR_USAGE);
    if (strstr(err.message, word) == NULL) {
        fail_msg("'%s' does not say '%s'", err.message, word);
    }
    assert_int_equal(out.n, 0);
}

static void test_limits(void **state)
{
    (void)state;
    static const double X[1] = {0};
    cm_figure figure = *sample_of("roc_curve");
    figure.id = "../roc";
    refuse(figure, "../roc");
    figure.id = NULL;
    refuse(figure, "id");
    figure = *sample_of("ctr_by_hour");
    figure.x.n_categories = CM_FIGURE_MAX_CATEGORIES + 1;
    refuse(figure, "201 categories");
    figure.x.n_categories = 2;
    figure.below.n_series = 0;
    figure.y.categories = figure.x.categories;
    figure.y.n_categories = 2;
    refuse(figure, "both axes");
    figure = *sample_of("roc_curve");
    figure.y = (cm_axis){.fixed = true, .low = 1, .high = 1};
    refuse(figure, "from 1 to 1");
    figure.y =
        (cm_axis){.fixed = true, .low = 0, .high = 1, .scale = CM_SCALE_LOG};
    refuse(figure, "from 0 to 1");
    cm_series series = {
        .mark = CM_MARK_LINE, .x = X, .y = X, .n = CM_FIGURE_MAX_POINTS + 1};
    figure = (cm_figure){.id = "f", .series = &series, .n_series = 1};
    refuse(figure, "points");
    series.n = 1;
    series.y = NULL;
    refuse(figure, "array");
    series.y = X;
    series.mark = CM_MARK_SWARM;
    refuse(figure, "swarm");
    figure.n_series = CM_FIGURE_MAX_SERIES + 1;
    refuse(figure, "33 series");
}

static void test_sizes(void **state)
{
    (void)state;
    static const cm_figure_size BAD[] = {{0, 1},   {239, 1}, {4001, 1},
                                         {NAN, 1}, {400, 0}, {400, 4.5}};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        cm_buf out = {0};
        cm_error err = {0};
        assert_int_equal(cm_figure_png(&out, sample_of("drift"), BAD[i],
                                       CM_THEME_LIGHT, &err),
                         CM_ERR_USAGE);
        assert_non_null(strstr(err.message, "240 to 4000"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_png),
                                       cmocka_unit_test(test_pixels),
                                       cmocka_unit_test(test_same_bytes),
                                       cmocka_unit_test(test_themes_differ),
                                       cmocka_unit_test(test_svg_has_texts),
                                       cmocka_unit_test(test_svg_is_small),
                                       cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_sizes)};
    return cmocka_run_group_tests(tests, make_samples, NULL);
}
