/* Where things lie: nothing outside of the picture, no text on another. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test_visualization_samples.h"
#include "visualization/layout.h"

static const double WIDTHS[] = {240, 300, 390, 540, 640, 1200};
enum { N_WIDTHS = sizeof(WIDTHS) / sizeof(WIDTHS[0]) };

static int open_ruler(void **state)
{
    samples_make();
    return cm_ruler_new((cm_ruler **)state, NULL) == CM_OK ? 0 : -1;
}

static int close_ruler(void **state)
{
    cm_ruler_free(*state);
    return 0;
}

static cm_drawing lay_out(void **state, const cm_figure *figure, double width,
                          bool bare)
{
    cm_drawing drawing;
    cm_error err = {0};
    if (cm_figure_check(figure, &err) != CM_OK ||
        cm_layout_figure(&drawing, figure, width, bare, *state, &err) !=
            CM_OK) {
        fail_msg("%s: %s", figure->id, err.message);
    }
    return drawing;
}

static bool overlap(const cm_box *a, const cm_box *b)
{
    return a->left < b->right - 0.5 && b->left < a->right - 0.5 &&
           a->top < b->bottom - 0.5 && b->top < a->bottom - 0.5;
}

static void check_texts(const cm_figure *figure, const cm_drawing *d)
{
    for (size_t i = 0; i < d->n_texts; i++) {
        const cm_text *text = &d->texts[i];
        const cm_box *box = &text->box;
        if (box->left < 0 || box->top < 0 || box->right > d->width ||
            box->bottom > d->height) {
            fail_msg("%s at %g: '%s' leaves the picture", figure->id, d->width,
                     text->text);
        }
        for (size_t k = 0; k < i; k++) {
            if (overlap(box, &d->texts[k].box)) {
                fail_msg("%s at %g: '%s' lies on '%s'", figure->id, d->width,
                         text->text, d->texts[k].text);
            }
        }
    }
}

static void check_shapes(const cm_figure *figure, const cm_drawing *d)
{
    for (size_t i = 0; i < d->n_points; i++) {
        const cm_point *p = &d->points[i];
        if (!(p->x >= 0 && p->x <= d->width && p->y >= 0 &&
              p->y <= d->height)) {
            fail_msg("%s at %g: a point at %g, %g", figure->id, d->width, p->x,
                     p->y);
        }
    }
    for (size_t i = 0; i < d->n_dots; i++) {
        const cm_dot *p = &d->dots[i];
        assert_true(p->x >= 0 && (double)p->x <= d->width);
        assert_true(p->y >= 0 && (double)p->y <= d->height);
        assert_true(p->ink < CM_INKS);
    }
}

static void test_everything_has_its_place(void **state)
{
    for (size_t i = 0; i < n_samples; i++) {
        for (int w = 0; w < 2 * N_WIDTHS; w++) {
            cm_drawing d =
                lay_out(state, &samples[i], WIDTHS[w / 2], w % 2 == 1);
            check_texts(&samples[i], &d);
            check_shapes(&samples[i], &d);
            assert_true(d.height > 100 && d.height < 9000);
            cm_drawing_release(&d);
        }
    }
}

static size_t count_role(const cm_drawing *d, cm_text_role role)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_texts; i++) {
        n += d->texts[i].role == role;
    }
    return n;
}

static void test_axes_are_labelled(void **state)
{
    for (size_t i = 0; i < n_samples; i++) {
        cm_drawing d = lay_out(state, &samples[i], 300, true);
        if (count_role(&d, CM_TEXT_TICK_X) < 2 ||
            count_role(&d, CM_TEXT_TICK_Y) < 2) {
            fail_msg("%s has an axis without two ticks", samples[i].id);
        }
        assert_int_equal(count_role(&d, CM_TEXT_TITLE), 0);
        cm_drawing_release(&d);
    }
}

static void test_nothing_is_said_so(void **state)
{
    for (size_t i = 0; i < n_samples; i++) {
        bool empty = strncmp(samples[i].id, "nasty_empty", 11) == 0;
        cm_drawing d = lay_out(state, &samples[i], 540, false);
        assert_int_equal(count_role(&d, CM_TEXT_MESSAGE), empty);
        cm_drawing_release(&d);
    }
}

/* Names of the usual length are never cut, on a phone neither. */
static void test_names_are_whole(void **state)
{
    for (size_t i = 0; i < n_samples; i++) {
        cm_drawing d = lay_out(state, &samples[i], 300, true);
        for (size_t k = 0; k < d.n_texts; k++) {
            bool legend = d.texts[k].role == CM_TEXT_LEGEND;
            if (d.texts[k].whole != NULL && !legend) {
                fail_msg("%s: '%s' is cut", samples[i].id, d.texts[k].text);
            }
        }
        cm_drawing_release(&d);
    }
}

/* ---- ticks ---------------------------------------------------------- */

static void expect_ticks(cm_axis axis, size_t wanted, const char *expected)
{
    cm_map map;
    cm_range range = {0};
    cm_ticks ticks;
    axis.fixed = true;
    cm_map_limits(&map, &axis, &range);
    cm_ticks_choose(&ticks, &map, wanted);
    char all[2000] = "";
    for (size_t i = 0; i < ticks.n; i++) {
        size_t n = strlen(all);
        snprintf(all + n, sizeof(all) - n, "%s%s", i > 0 ? " " : "",
                 ticks.texts[i]);
    }
    assert_string_equal(all, expected);
}

static void test_ticks(void **state)
{
    (void)state;
    expect_ticks((cm_axis){.low = 0, .high = 1}, 5, "0 0.2 0.4 0.6 0.8 1.0");
    expect_ticks((cm_axis){.low = -3.1, .high = 4}, 4, "−2 0 2 4");
    expect_ticks((cm_axis){.low = 0, .high = 2500000}, 5,
                 "0 500,000 1,000,000 1,500,000 2,000,000 2,500,000");
    expect_ticks((cm_axis){.low = 0, .high = 0.3, .unit = CM_UNIT_PERCENT}, 3,
                 "0% 10% 20% 30%");
    expect_ticks((cm_axis){.low = .17, .high = .174, .unit = CM_UNIT_PERCENT},
                 2, "17.0% 17.2% 17.4%");
    expect_ticks((cm_axis){.low = 0, .high = 2, .unit = CM_UNIT_COUNT}, 10,
                 "0 1 2");
    expect_ticks((cm_axis){.low = 0, .high = 3e9, .unit = CM_UNIT_COUNT}, 3,
                 "0 1B 2B 3B");
    expect_ticks((cm_axis){.low = 0, .high = 2e-7}, 2, "0 10⁻⁷ 2×10⁻⁷");
    expect_ticks((cm_axis){.low = -2e300, .high = 1e300}, 3,
                 "−2×10³⁰⁰ −10³⁰⁰ 0 10³⁰⁰");
    cm_axis log_axis = {
        .low = 0.5, .high = 2e6, .scale = CM_SCALE_LOG, .unit = CM_UNIT_COUNT};
    expect_ticks(log_axis, 8, "1 10 100 1,000 10,000 100,000 1,000,000");
    expect_ticks(log_axis, 4, "1 100 10,000 1,000,000");
    log_axis = (cm_axis){.low = 2, .high = 60, .scale = CM_SCALE_LOG};
    expect_ticks(log_axis, 6, "2 5 10 20 50");
    log_axis = (cm_axis){
        .low = 1e-4, .high = 1, .scale = CM_SCALE_LOG, .unit = CM_UNIT_PERCENT};
    expect_ticks(log_axis, 6, "0.01% 0.1% 1% 10% 100%");
    log_axis = (cm_axis){.low = 13, .high = 17, .scale = CM_SCALE_LOG};
    expect_ticks(log_axis, 4, "13 14 15 16 17");
}

/* ---- lines ---------------------------------------------------------- */

/* A million points are drawn with few, none of them far from the curve. */
static void test_long_line(void **state)
{
    enum { N = 1000000 };
    double *x = numbers(N);
    double *y = numbers(N);
    for (int i = 0; i < N; i++) {
        x[i] = (double)i / (N - 1);
        y[i] = x[i] * x[i];
    }
    cm_series line = {.mark = CM_MARK_LINE, .x = x, .y = y, .n = N};
    cm_figure figure = {.id = "long",
                        .series = &line,
                        .n_series = 1,
                        .x = {.fixed = true, .high = 1},
                        .y = {.fixed = true, .high = 1}};
    cm_drawing d = lay_out(state, &figure, 640, true);
    const cm_shape *shape = &d.shapes[d.n_shapes - 1];
    assert_int_equal(shape->kind, CM_SHAPE_LINE);
    assert_in_range(shape->n, 500, 4000);
    const cm_point *first = &d.points[shape->first];
    const cm_point *last = first + shape->n - 1;
    for (const cm_point *p = first; p <= last; p++) {
        double share = (p->x - first->x) / (last->x - first->x);
        double curve = first->y + share * share * (last->y - first->y);
        assert_true(fabs(p->y - curve) < 0.01);
    }
    cm_drawing_release(&d);
    free(x);
    free(y);
}

/* A line that leaves the panel ends at its edge, on its way. */
static void test_cut_line(void **state)
{
    static const double X[] = {0, 1, 2};
    static const double Y[] = {-1, 3, -1};
    cm_series line = {.mark = CM_MARK_LINE, .x = X, .y = Y, .n = 3};
    cm_figure figure = {.id = "cut",
                        .series = &line,
                        .n_series = 1,
                        .y = {.fixed = true, .low = 0, .high = 1}};
    cm_drawing d = lay_out(state, &figure, 540, true);
    const cm_shape *right = &d.shapes[d.n_shapes - 1];
    const cm_shape *left = right - 1;
    assert_int_equal(left->n, 2);
    assert_int_equal(right->n, 2);
    const cm_point *a = &d.points[left->first];
    const cm_point *b = &d.points[right->first];
    assert_true(fabs((a[0].y - a[1].y) - (b[1].y - b[0].y)) < 1e-6);
    double unit = (b[1].x - a[0].x) / 1.5; /* from 0.25 to 1.75 */
    assert_true(fabs((a[1].x - a[0].x) - unit / 4) < 1e-6);
    cm_drawing_release(&d);
}

/* ---- swarms --------------------------------------------------------- */

static cm_drawing lay_out_swarm(void **state, const double *x, size_t n)
{
    static const char *const NAMES[] = {"a", "b"};
    double *y = numbers(n);
    cm_series swarm = {.mark = CM_MARK_SWARM, .x = x, .y = y, .n = n};
    cm_figure figure = {.id = "swarm",
                        .series = &swarm,
                        .n_series = 1,
                        .x = {.fixed = true, .low = -1, .high = 1},
                        .y = {.categories = NAMES, .n_categories = 2}};
    cm_drawing d = lay_out(state, &figure, 540, true);
    assert_int_equal(d.n_dots, n);
    free(y);
    return d;
}

/* Few dots do not lie on each other. */
static void test_swarm_spreads(void **state)
{
    double x[40];
    for (int i = 0; i < 40; i++) {
        x[i] = (i % 5) * 0.1 + (i % 2) * 1e-6;
    }
    cm_drawing d = lay_out_swarm(state, x, 40);
    for (int i = 0; i < 40; i++) {
        for (int k = 0; k < i; k++) {
            double apart = hypot((double)(d.dots[i].x - d.dots[k].x),
                                 (double)(d.dots[i].y - d.dots[k].y));
            assert_true(apart > 2.2);
        }
    }
    cm_drawing_release(&d);
}

/* A thousand equal values are a block within their row. */
static void test_swarm_of_equals(void **state)
{
    enum { N = 1000 };
    static double x[N];
    cm_drawing d = lay_out_swarm(state, x, N);
    double left = 1e9;
    double right = 0;
    double top = 1e9;
    double bottom = 0;
    for (int i = 0; i < N; i++) {
        left = fmin(left, (double)d.dots[i].x);
        right = fmax(right, (double)d.dots[i].x);
        top = fmin(top, (double)d.dots[i].y);
        bottom = fmax(bottom, (double)d.dots[i].y);
    }
    assert_true(right - left > 8 && right - left < 16);
    assert_true(bottom - top > 20 && bottom - top < 30);
    cm_drawing_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_has_its_place),
        cmocka_unit_test(test_axes_are_labelled),
        cmocka_unit_test(test_nothing_is_said_so),
        cmocka_unit_test(test_names_are_whole),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_cut_line),
        cmocka_unit_test(test_swarm_spreads),
        cmocka_unit_test(test_swarm_of_equals)};
    return cmocka_run_group_tests(tests, open_ruler, close_ruler);
}
