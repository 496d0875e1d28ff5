/* Axes: grid, lines, ticks and the names of categories.  No two texts of an
 * axis overlap, and none leaves the picture. */
#include "visualization/layout.h"

#include <math.h>

enum {
    TICK_GAP_PX = 10,     /* between two texts of the x axis */
    UPRIGHT_MOST_PX = 270 /* of a category's name that stands upright */
};

static const cm_shape GRID = {.ink = CM_INK_GRID, .size = 1, .opacity = 1};
static const cm_shape AXIS = {.ink = CM_INK_AXIS, .size = 1, .opacity = 1};

static double text_widest(cm_plot *plot, const cm_axis *axis)
{
    double widest = 0;
    for (size_t i = 0; i < axis->n_categories; i++) {
        const char *name = cm_clean(plot->layout, axis->categories[i]);
        widest =
            fmax(widest, cm_text_width(plot->layout, name, CM_TEXT_TICK_Y));
    }
    return widest;
}

double cm_gutter(cm_plot *plot, double most)
{
    const cm_axis *axis = plot->y.axis;
    double widest = 0;
    if (axis->categories != NULL) {
        widest = text_widest(plot, axis);
        plot->stacked = widest + 8 > most;
        return plot->stacked ? 0 : widest + 8;
    }
    for (size_t i = 0; i < plot->y_ticks.n; i++) {
        widest =
            fmax(widest, cm_text_width(plot->layout, plot->y_ticks.texts[i],
                                       CM_TEXT_TICK_Y));
    }
    return widest + 8;
}

/* ---- the y axis ----------------------------------------------------- */

static void put_y_ticks(cm_plot *plot)
{
    for (size_t i = 0; i < plot->y_ticks.n; i++) {
        double y = cm_plot_y(plot, plot->y_ticks.values[i]);
        cm_drawing_segment(plot->layout->out, GRID,
                           (cm_point){plot->box.left, y},
                           (cm_point){plot->box.right, y});
        cm_put(plot->layout, (cm_text){.text = plot->y_ticks.texts[i],
                                       .x = plot->box.left - 6,
                                       .y = y + 4,
                                       .role = CM_TEXT_TICK_Y,
                                       .anchor = CM_ANCHOR_END});
    }
}

static void put_y_categories(cm_plot *plot)
{
    cm_layout *layout = plot->layout;
    const cm_axis *axis = plot->y.axis;
    for (size_t i = 0; i < axis->n_categories; i++) {
        const char *whole = cm_clean(layout, axis->categories[i]);
        double y = cm_plot_y(plot, (double)i);
        cm_text text = {.role = CM_TEXT_TICK_Y};
        if (plot->stacked) {
            text.text = cm_shorten(layout, whole, CM_TEXT_TICK_Y,
                                   layout->out->width - layout->margin -
                                       plot->box.left);
            text.x = plot->box.left;
            text.y = y - plot->band / 2 - 2;
            cm_put_ground(layout, text);
        } else {
            text.text = whole;
            text.x = plot->box.left - 8;
            text.y = y + 4;
            text.anchor = CM_ANCHOR_END;
        }
        text.whole = text.text != whole ? whole : NULL;
        cm_put(layout, text);
    }
}

/* Where bars stand, and the end of the plot. */
static void put_base_lines(cm_plot *plot)
{
    double y = plot->lying ? plot->box.bottom : cm_map_zero_px(&plot->y);
    cm_drawing_segment(plot->layout->out, AXIS, (cm_point){plot->box.left, y},
                       (cm_point){plot->box.right, y});
    if (plot->lying) {
        double x = cm_map_zero_px(&plot->x);
        cm_drawing_segment(plot->layout->out, AXIS,
                           (cm_point){x, plot->box.top},
                           (cm_point){x, plot->box.bottom});
    }
}

void cm_put_frame(cm_plot *plot)
{
    if (plot->lying) {
        put_y_categories(plot);
    } else {
        put_y_ticks(plot);
        put_base_lines(plot);
    }
}

/* ---- the x axis ----------------------------------------------------- */

static double base_line(const cm_plot *plot)
{
    return plot->box.bottom + 18;
}

/* The box of a tick's text, moved into the picture. */
static double place_text(cm_plot *plot, double x, double width)
{
    double right = plot->layout->out->width - 1 - width / 2;
    return fmin(fmax(x, 1 + width / 2), right);
}

/* Whether all texts have room beside each other. */
static bool ticks_fit(cm_plot *plot, const cm_ticks *ticks)
{
    double free_from = -INFINITY;
    for (size_t i = 0; i < ticks->n; i++) {
        double width =
            cm_text_width(plot->layout, ticks->texts[i], CM_TEXT_TICK_X);
        double x = cm_plot_x(plot, ticks->values[i]);
        double middle = place_text(plot, x, width);
        if (middle - width / 2 < free_from) {
            return false;
        }
        free_from = middle + width / 2 + TICK_GAP_PX;
    }
    return true;
}

/* As many as fit; of two that do not fit, the first. */
static void choose_x_ticks(cm_plot *plot, cm_ticks *ticks)
{
    double length = plot->box.right - plot->box.left;
    size_t wanted = (size_t)fmax(2, length / 60);
    for (;; wanted--) {
        cm_ticks_choose(ticks, &plot->x, wanted);
        if (wanted <= 2 || ticks_fit(plot, ticks)) {
            break;
        }
    }
    while (ticks->n > 1 && !ticks_fit(plot, ticks)) {
        ticks->n--;
    }
}

static void put_upright_grid(cm_plot *plot, double value)
{
    double x = cm_plot_x(plot, value);
    cm_drawing_segment(plot->layout->out, GRID, (cm_point){x, plot->box.top},
                       (cm_point){x, plot->box.bottom});
}

static void put_x_ticks(cm_plot *plot, bool quiet)
{
    cm_layout *layout = plot->layout;
    cm_ticks ticks;
    choose_x_ticks(plot, &ticks);
    for (size_t i = 0; i < ticks.n; i++) {
        put_upright_grid(plot, ticks.values[i]);
        if (quiet) {
            continue;
        }
        double x = cm_plot_x(plot, ticks.values[i]);
        double width = cm_text_width(layout, ticks.texts[i], CM_TEXT_TICK_X);
        cm_put(layout, (cm_text){.text = ticks.texts[i],
                                 .x = place_text(plot, x, width),
                                 .y = base_line(plot),
                                 .role = CM_TEXT_TICK_X,
                                 .anchor = CM_ANCHOR_MIDDLE});
    }
    layout->y = plot->box.bottom + (quiet ? 0 : 24);
}

static void put_level_names(cm_plot *plot, size_t stride)
{
    const cm_axis *axis = plot->x.axis;
    for (size_t i = 0; i < axis->n_categories; i += stride) {
        const char *name = cm_clean(plot->layout, axis->categories[i]);
        double width = cm_text_width(plot->layout, name, CM_TEXT_TICK_X);
        cm_put(
            plot->layout,
            (cm_text){.text = name,
                      .x = place_text(plot, cm_plot_x(plot, (double)i), width),
                      .y = base_line(plot),
                      .role = CM_TEXT_TICK_X,
                      .anchor = CM_ANCHOR_MIDDLE});
    }
    plot->layout->y = plot->box.bottom + 24;
}

static void put_upright_names(cm_plot *plot, size_t stride)
{
    cm_layout *layout = plot->layout;
    const cm_axis *axis = plot->x.axis;
    double longest = 0;
    for (size_t i = 0; i < axis->n_categories; i += stride) {
        const char *whole = cm_clean(layout, axis->categories[i]);
        const char *name =
            cm_shorten(layout, whole, CM_TEXT_TICK_X, UPRIGHT_MOST_PX);
        longest = fmax(longest, cm_text_width(layout, name, CM_TEXT_TICK_X));
        cm_put(layout, (cm_text){.text = name,
                                 .whole = name != whole ? whole : NULL,
                                 .x = cm_plot_x(plot, (double)i) + 4,
                                 .y = plot->box.bottom + 6,
                                 .upright = true,
                                 .role = CM_TEXT_TICK_X,
                                 .anchor = CM_ANCHOR_END});
    }
    layout->y = plot->box.bottom + 12 + longest;
}

/* Names beside each other where they fit; short ones (hours) with some left
 * out, long ones upright. */
static void put_x_categories(cm_plot *plot)
{
    static const double SHORT_PX = 34;
    static const size_t STRIDES[] = {1, 2, 3, 4, 6, 12, 24, 50, 100, 200};
    double slot =
        (plot->box.right - plot->box.left) / (double)plot->x.axis->n_categories;
    double widest = text_widest(plot, plot->x.axis);
    bool level = widest + 4 <= slot || widest <= SHORT_PX;
    double need = level ? widest + 4 : CM_LINE_PX;
    size_t i = 0;
    while (slot * (double)STRIDES[i] < need && STRIDES[i] < 200) {
        i++;
    }
    if (level) {
        put_level_names(plot, STRIDES[i]);
    } else {
        put_upright_names(plot, STRIDES[i]);
    }
}

void cm_put_x_axis(cm_plot *plot, bool quiet)
{
    if (plot->x.axis->categories == NULL) {
        put_x_ticks(plot, quiet);
    } else if (!quiet) {
        put_x_categories(plot);
    } else {
        plot->layout->y = plot->box.bottom;
    }
    if (plot->lying) {
        put_base_lines(plot);
    }
}
