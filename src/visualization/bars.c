/* Bars, upright and lying, and the texts at their ends. */
#include "visualization/layout.h"

#include <math.h>

const char *cm_value_text(cm_plot *plot, const cm_series *series, size_t i)
{
    cm_layout *layout = plot->layout;
    return cm_shorten(layout, cm_clean(layout, series->labels[i]),
                      CM_TEXT_VALUE, layout->out->width * 0.3);
}

/* The bar's ends across, in pixels. */
static void bar_edges(const cm_plot *plot, const cm_series *series, size_t i,
                      double *from, double *to)
{
    double middle = plot->lying ? series->y[i] : series->x[i];
    double low = middle - cm_bar_width(series) / 2;
    double high = middle + cm_bar_width(series) / 2;
    if (series->low != NULL && series->high != NULL) {
        low = series->low[i];
        high = series->high[i];
    }
    *from = plot->lying ? cm_plot_y(plot, low) : cm_plot_x(plot, low);
    *to = plot->lying ? cm_plot_y(plot, high) : cm_plot_x(plot, high);
}

/* Where bar i lies; false when it has no place. */
static bool bar_box(const cm_plot *plot, const cm_series *series, size_t i,
                    cm_box *bar)
{
    double x = series->x[i];
    double y = series->y[i];
    bool edges = series->low != NULL && series->high != NULL;
    if (!cm_plot_takes(plot, x, y) ||
        (edges && !cm_plot_takes(plot, series->low[i], y)) ||
        (edges && !cm_plot_takes(plot, series->high[i], y))) {
        return false;
    }
    double from;
    double to;
    bar_edges(plot, series, i, &from, &to);
    if (plot->lying) {
        double zero = cm_clamp_x(plot, cm_map_zero_px(&plot->x));
        double end = cm_clamp_x(plot, cm_plot_x(plot, x));
        *bar = (cm_box){fmin(zero, end), cm_clamp_y(plot, fmin(from, to)),
                        fmax(zero, end), cm_clamp_y(plot, fmax(from, to))};
    } else {
        double zero = cm_clamp_y(plot, cm_map_zero_px(&plot->y));
        double end = cm_clamp_y(plot, cm_plot_y(plot, y));
        *bar = (cm_box){cm_clamp_x(plot, fmin(from, to)), fmin(zero, end),
                        cm_clamp_x(plot, fmax(from, to)), fmax(zero, end)};
    }
    if (bar->right - bar->left > 3 && edges) {
        bar->right -= 1; /* neighbours are told apart */
    }
    return true;
}

static void put_value(cm_plot *plot, const cm_series *series, size_t i,
                      const cm_box *bar)
{
    cm_text text = {.text = cm_value_text(plot, series, i),
                    .role = CM_TEXT_VALUE};
    if (plot->lying) {
        text.x = bar->right + 5;
        text.y = (bar->top + bar->bottom) / 2 + 4;
    } else {
        text.x = (bar->left + bar->right) / 2;
        text.y = bar->top - 4;
        text.anchor = CM_ANCHOR_MIDDLE;
    }
    if (text.text[0] != '\0') {
        cm_put_ground(plot->layout, text);
        cm_put(plot->layout, text);
    }
}

/* Upright bars have texts when each fits into its bar's place. */
static bool values_fit(cm_plot *plot, const cm_series *series)
{
    for (size_t i = 0; i < series->n && !plot->lying; i++) {
        const char *text = cm_value_text(plot, series, i);
        if (cm_text_width(plot->layout, text, CM_TEXT_VALUE) > plot->band - 3) {
            return false;
        }
    }
    return true;
}

bool cm_put_bars(cm_plot *plot, const cm_series *series, cm_shape style)
{
    bool any = false;
    cm_box bar;
    cm_drawing_shape(plot->layout->out, style);
    for (size_t i = 0; i < series->n; i++) {
        if (bar_box(plot, series, i, &bar)) {
            cm_drawing_point(plot->layout->out, bar.left, bar.top);
            cm_drawing_point(plot->layout->out, bar.right, bar.bottom);
            any = true;
        }
    }
    if (series->labels == NULL || !values_fit(plot, series)) {
        return any;
    }
    for (size_t i = 0; i < series->n; i++) {
        if (bar_box(plot, series, i, &bar)) {
            put_value(plot, series, i, &bar);
        }
    }
    return any;
}
