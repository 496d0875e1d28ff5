/* A figure from top to bottom: title, note, legend, the panel, the counts below
 * it.  All places follow from the width and from what texts need. */
#include "visualization/layout.h"

#include <math.h>

enum {
    MARGIN_PX = 14,
    BARE_MARGIN_PX = 2,
    RIGHT_PX = 12,
    STACKED_PX = 15, /* of a name above its marks */
    BELOW_PX = 72,   /* height of the lower panel */
    VALUE_PX = 15    /* of a text above a bar */
};

static void put_heading(cm_layout *layout)
{
    const cm_figure *figure = layout->figure;
    double width = layout->out->width - 2 * layout->margin;
    cm_put_lines(layout, figure->title, CM_TEXT_TITLE, layout->margin, width);
    layout->y += 2;
    cm_put_lines(layout, figure->note, CM_TEXT_NOTE, layout->margin, width);
    layout->y += 8;
}

/* The title of a y axis stands level above it: nobody turns a phone. */
static void put_y_title(cm_layout *layout, const cm_axis *axis)
{
    cm_put_lines(layout, axis->title, CM_TEXT_AXIS, layout->margin,
                 layout->out->width - 2 * layout->margin);
    layout->y += 9; /* half of the text of the highest tick */
}

static void put_x_title(cm_plot *plot)
{
    cm_layout *layout = plot->layout;
    const char *title = cm_clean(layout, plot->x.axis->title);
    double width = cm_text_width(layout, title, CM_TEXT_AXIS);
    double most = layout->out->width - 2 * layout->margin;
    double middle = (plot->box.left + plot->box.right - width) / 2;
    double x = fmax(layout->margin,
                    fmin(middle, layout->out->width - layout->margin - width));
    cm_put_lines(layout, title, CM_TEXT_AXIS, width > most ? layout->margin : x,
                 most);
}

/* ---- sizes ---------------------------------------------------------- */

/* The height of a lying category without its name. */
static double row_px(const cm_plot *plot)
{
    size_t n = plot->y.axis->n_categories;
    for (size_t i = 0; i < plot->n_series; i++) {
        if (plot->series[i].mark == CM_MARK_SWARM) {
            return n > 40 ? 18 : 30;
        }
    }
    return n > 60 ? 15 : 22;
}

static double value_room(cm_plot *plot)
{
    double widest = 0;
    for (size_t s = 0; s < plot->n_series; s++) {
        const cm_series *series = &plot->series[s];
        for (size_t i = 0; series->labels != NULL && i < series->n; i++) {
            const char *value = cm_value_text(plot, series, i);
            widest =
                fmax(widest, cm_text_width(plot->layout, value, CM_TEXT_VALUE));
        }
    }
    return widest > 0 && plot->lying ? widest + 6 : 0;
}

/* Of a panel with numbers along y, before its width is known. */
static double guess_height(const cm_layout *layout)
{
    double width = layout->out->width;
    if (layout->figure->square) {
        return fmin(width - 64, 440);
    }
    return fmin(fmax(width * 0.52, 190), 340);
}

static void choose_y_ticks(cm_plot *plot, double height)
{
    if (!plot->lying) {
        cm_ticks_choose(&plot->y_ticks, &plot->y, (size_t)(height / 42));
    }
}

/* ---- panels --------------------------------------------------------- */

static void place_lying(cm_plot *plot)
{
    double row = row_px(plot);
    double name = plot->stacked ? STACKED_PX : 0;
    double n = (double)plot->y.axis->n_categories;
    plot->band = row;
    plot->box.bottom = plot->box.top + n * (row + name);
    plot->y.from = plot->box.top + name / 2;
    plot->y.to = plot->box.bottom + name / 2;
}

static void place(cm_plot *plot, double left, double right, double height)
{
    plot->box.left = left;
    plot->box.right = right;
    plot->box.top = plot->layout->y;
    plot->x.from = left;
    plot->x.to = right;
    if (plot->lying) {
        place_lying(plot);
        return;
    }
    plot->box.bottom = plot->box.top + height;
    plot->y.from = plot->box.bottom;
    plot->y.to = plot->box.top;
    if (plot->x.axis->categories != NULL) {
        plot->band = (right - left) / (double)plot->x.axis->n_categories;
    }
}

static void put_message(cm_plot *plot)
{
    cm_put(plot->layout,
           (cm_text){.text = "no data",
                     .x = (plot->box.left + plot->box.right) / 2,
                     .y = (plot->box.top + plot->box.bottom) / 2 + 5,
                     .role = CM_TEXT_MESSAGE,
                     .anchor = CM_ANCHOR_MIDDLE});
}

static void put_panel(cm_plot *plot, bool quiet)
{
    cm_put_x_axis(plot, quiet);
    cm_put_frame(plot);
    if (!cm_put_marks(plot)) {
        put_message(plot);
    }
}

static void start_plot(cm_plot *plot, cm_layout *layout, const cm_axis *y,
                       const cm_series *series, size_t n_series)
{
    *plot = (cm_plot){.layout = layout,
                      .series = series,
                      .n_series = n_series,
                      .lying = y->categories != NULL};
}

/* Whether bars have texts above them. */
static bool has_values(const cm_plot *plot)
{
    bool any = false;
    for (size_t i = 0; i < plot->n_series && !plot->lying; i++) {
        any = any || plot->series[i].labels != NULL;
    }
    return any;
}

/* Limits of both panels; they share the x axis. */
static void choose_limits(const cm_figure *figure, double height,
                          cm_plot *upper, cm_plot *lower)
{
    cm_range x = {0};
    cm_range y = {0};
    cm_range below = {0};
    cm_plot_ranges(figure->series, figure->n_series, &figure->x, &figure->y, &x,
                   &y);
    cm_plot_ranges(figure->below.series, figure->below.n_series, &figure->x,
                   &figure->below.y, &x, &below);
    y.head = has_values(upper) ? VALUE_PX / height : 0;
    below.head = has_values(lower) ? VALUE_PX / (double)BELOW_PX : 0;
    cm_map_limits(&upper->x, &figure->x, &x);
    cm_map_limits(&upper->y, &figure->y, &y);
    cm_map_limits(&lower->x, &figure->x, &x);
    cm_map_limits(&lower->y, &figure->below.y, &below);
}

static void put_plots(cm_layout *layout)
{
    const cm_figure *figure = layout->figure;
    bool two = figure->below.n_series > 0;
    double width = layout->out->width;
    double height = guess_height(layout);
    cm_plot upper;
    cm_plot lower;
    start_plot(&upper, layout, &figure->y, figure->series, figure->n_series);
    start_plot(&lower, layout, &figure->below.y, figure->below.series,
               figure->below.n_series);
    choose_limits(figure, height, &upper, &lower);
    choose_y_ticks(&upper, height);
    choose_y_ticks(&lower, BELOW_PX);
    double gutter = cm_gutter(&upper, 0.42 * width);
    gutter = fmax(gutter, two ? cm_gutter(&lower, width) : 0);
    double left = layout->margin + gutter;
    double right = width - fmax(layout->margin, RIGHT_PX) - value_room(&upper);
    if (figure->square && right - left > height) {
        right = left + height;
    }
    put_y_title(layout, &figure->y);
    place(&upper, left, right, figure->square ? right - left : height);
    put_panel(&upper, two);
    if (two) {
        layout->y += 14;
        put_y_title(layout, &figure->below.y);
        place(&lower, left, right, BELOW_PX);
        put_panel(&lower, false);
    }
    put_x_title(two ? &lower : &upper);
}

cm_status cm_layout_figure(cm_drawing *out, const cm_figure *figure,
                           double width, bool bare, cm_ruler *ruler,
                           cm_error *err)
{
    *out = (cm_drawing){.width = width};
    cm_layout layout = {.figure = figure,
                        .out = out,
                        .ruler = ruler,
                        .margin = bare ? BARE_MARGIN_PX : MARGIN_PX};
    layout.y = layout.margin;
    if (!bare) {
        put_heading(&layout);
    }
    cm_put_legend(&layout);
    put_plots(&layout);
    out->height = ceil(layout.y + layout.margin);
    if (out->failed) {
        cm_drawing_release(out);
        return cm_fail(err, CM_ERR_NOMEM, "out of memory drawing figure %s",
                       figure->id);
    }
    return CM_OK;
}
