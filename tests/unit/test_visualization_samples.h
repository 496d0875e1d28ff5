/* All sample figures: those of test_visualization_plain.h, and some with data
 * and names that hurt. */
#ifndef TEST_VISUALIZATION_SAMPLES_H
#define TEST_VISUALIZATION_SAMPLES_H

#include "test_visualization_plain.h"

static void nasty_empty(void)
{
    cm_figure *f = sample("nasty_empty", "Nothing to show");
    f->x.title = "x";
    series_of(f, (cm_series){.mark = CM_MARK_LINE, .name = "nothing"});
    f = sample("nasty_empty_log", "Nothing above zero on logarithmic axes");
    static const double ZEROS[] = {0, 0, -5};
    f->x.scale = f->y.scale = CM_SCALE_LOG;
    series_of(f, (cm_series){.mark = CM_MARK_LINE,
                             .name = "zeros",
                             .x = ZEROS,
                             .y = ZEROS,
                             .n = 3});
}

static void nasty_few(void)
{
    static const double X[] = {0.37};
    static const double Y[] = {1234567.891};
    cm_figure *f = sample("nasty_one_point", "One point as line and dot");
    series_of(
        f, (cm_series){
               .mark = CM_MARK_LINE, .name = "line", .x = X, .y = Y, .n = 1});
    f = sample("nasty_equal", "All equal");
    static const double SAME[] = {5, 5, 5, 5};
    series_of(f, (cm_series){.mark = CM_MARK_POINTS,
                             .name = "dots",
                             .x = SAME,
                             .y = SAME,
                             .n = 4,
                             .color = 1});
}

static void nasty_numbers(void)
{
    enum { N = 9 };
    static double x[N] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    static double y[N];
    static double tiny[N];
    for (int i = 0; i < N; i++) {
        y[i] = i % 4 == 2 ? NAN : -1e12 * i * i;
        tiny[i] = i == 5 ? INFINITY : 3e-9 * i + 1e-8;
    }
    y[8] = 1e305;
    cm_figure *f = sample("nasty_huge", "Huge, negative, with gaps");
    f->x.title = "x";
    f->y.title = "A title of a y axis that goes on and on, longer than any "
                 "phone is wide, because somebody wanted to be clear";
    series_of(
        f, (cm_series){
               .mark = CM_MARK_LINE, .name = "huge", .x = x, .y = y, .n = N});
    f = sample("nasty_tiny", "Tiny");
    series_of(f, (cm_series){.mark = CM_MARK_STEP,
                             .name = "tiny",
                             .x = x,
                             .y = tiny,
                             .n = N,
                             .color = 2});
    f->below.y.scale = CM_SCALE_LOG;
    static double counts[N] = {0, 1, 20, 1e6, 3e7, 0, 5e9, 2e12, 4};
    below_of(f, "Counts from one to many",
             (cm_series){.mark = CM_MARK_BARS,
                         .name = "counts",
                         .x = x,
                         .y = counts,
                         .n = N,
                         .color = 3});
}

static void nasty_limits(void)
{
    enum { N = 400 };
    double *x = numbers(N);
    double *y = numbers(N);
    double *low = numbers(N);
    double *high = numbers(N);
    for (int i = 0; i < N; i++) {
        x[i] = i / 40.0;
        y[i] = 3 * sin(x[i] * 3);
        low[i] = i % 90 == 0 ? NAN : y[i] - 0.5;
        high[i] = y[i] + 0.5;
    }
    cm_figure *f = sample("nasty_fixed", "Lines and bands beyond fixed limits");
    f->x = (cm_axis){.fixed = true, .low = 2, .high = 7};
    f->y = (cm_axis){.fixed = true, .low = -2, .high = 2};
    series_of(f, (cm_series){.mark = CM_MARK_BAND,
                             .name = "band",
                             .x = x,
                             .low = low,
                             .high = high,
                             .n = N,
                             .color = 2});
    series_of(f, (cm_series){.mark = CM_MARK_LINE,
                             .name = "sine",
                             .x = x,
                             .y = y,
                             .n = N,
                             .color = 2});
}

static void nasty_names(void)
{
    enum { N = 8 };
    static const char *const NAMES[N] = {
        "a_name_of_forty_characters_no_one_breaks",
        "Показатель кликабельности по категории",
        "<script>alert('&amp;')</script>",
        "bad \xff\xfe bytes",
        "two\nlines\tand a tab",
        "",
        "日本語の名前とても長い名前です日本語の名前",
        "W"};
    static double x[N] = {-3, 5, 1e6, -2e6, 0, NAN, 7e5, 1.5e6};
    cm_figure *f = sample("nasty_names", "Names: длинные, 長い, <b>&amp;</b>");
    f->note = "A_note_without_a_single_blank_that_is_longer_than_any_line_of_"
              "any_figure_on_a_phone_and_on_a_desk_too_so_it_has_to_be_broken";
    f->x = (cm_axis){.title = "Change", .unit = CM_UNIT_COUNT};
    f->y = (cm_axis){.categories = NAMES, .n_categories = N};
    series_of(f, (cm_series){.mark = CM_MARK_BARS,
                             .name = "a legend's name that is far too long for "
                                     "a row of the legend on a phone",
                             .x = x,
                             .y = indices(N),
                             .labels = NAMES + 5,
                             .n = 3});
    series_of(f, (cm_series){.mark = CM_MARK_BARS,
                             .name = "второй",
                             .x = x + 3,
                             .y = indices(N) + 3,
                             .n = N - 3,
                             .color = 1});
    f = sample("nasty_upright", "Long names under bars");
    f->x = (cm_axis){.categories = NAMES, .n_categories = N};
    f->y.title = "Ж";
    series_of(
        f,
        (cm_series){
            .mark = CM_MARK_BARS, .x = indices(N), .y = x, .n = N, .color = 3});
}

static void nasty_many(void)
{
    enum { N = CM_FIGURE_MAX_CATEGORIES };
    double *y = numbers(N);
    for (int i = 0; i < N; i++) {
        y[i] = uniform();
    }
    cm_figure *f = sample("nasty_many", "Two hundred categories");
    f->x = (cm_axis){.categories = texts(N, "category %.0f", 1),
                     .n_categories = N};
    f->y.unit = CM_UNIT_PERCENT;
    series_of(
        f, (cm_series){.mark = CM_MARK_BARS, .x = indices(N), .y = y, .n = N});
}

static void samples_make(void)
{
    if (n_samples > 0) {
        return;
    }
    sample_roc();
    sample_learning();
    sample_reliability();
    sample_by_hour();
    sample_histogram();
    sample_importance();
    sample_swarm();
    sample_dependence();
    sample_banner();
    sample_drift();
    nasty_empty();
    nasty_few();
    nasty_numbers();
    nasty_limits();
    nasty_names();
    nasty_many();
}

#endif
