/* The series of a panel as shapes that lie inside of it. */
#include "visualization/layout.h"

#include <math.h>

static bool inside(const cm_box *box, double x, double y)
{
    return x >= box->left - 0.5 && x <= box->right + 0.5 &&
           y >= box->top - 0.5 && y <= box->bottom + 0.5;
}

cm_ink cm_dot_ink(const cm_series *series, size_t i)
{
    return series->shade != NULL ? cm_ink_of_shade(series->shade[i])
                                 : cm_ink_of_color(series->color);
}

static bool put_dots(cm_plot *plot, const cm_series *series)
{
    size_t n = series->n;
    double size = n <= 40 ? 7 : n <= 400 ? 5 : n <= 3000 ? 4 : 3;
    cm_drawing_shape(plot->layout->out,
                     (cm_shape){.kind = CM_SHAPE_DOTS,
                                .size = size,
                                .opacity = n <= 40 ? 1 : 0.75});
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (!cm_plot_takes(plot, series->x[i], series->y[i])) {
            continue;
        }
        double x = cm_plot_x(plot, series->x[i]);
        double y = cm_plot_y(plot, series->y[i]);
        if (inside(&plot->box, x, y)) {
            cm_drawing_dot(plot->layout->out, x, y, cm_dot_ink(series, i));
            any = true;
        }
    }
    return any;
}

static bool put_intervals(cm_plot *plot, const cm_series *series,
                          cm_shape style)
{
    style.kind = CM_SHAPE_SEGMENTS;
    cm_drawing_shape(plot->layout->out, style);
    for (size_t i = 0; i < series->n; i++) {
        double x[2] = {series->x[i], series->x[i]};
        double y[2] = {series->y[i], series->y[i]};
        double *along = plot->lying ? x : y;
        along[0] = series->low[i];
        along[1] = series->high[i];
        if (!cm_plot_takes(plot, x[0], y[0]) ||
            !cm_plot_takes(plot, x[1], y[1])) {
            continue;
        }
        cm_point a = {cm_plot_x(plot, x[0]), cm_plot_y(plot, y[0])};
        cm_point b = {cm_plot_x(plot, x[1]), cm_plot_y(plot, y[1])};
        if (cm_clip(&plot->box, &a, &b)) {
            cm_drawing_point(plot->layout->out, a.x, a.y);
            cm_drawing_point(plot->layout->out, b.x, b.y);
        }
    }
    return put_dots(plot, series);
}

static bool put_series(cm_plot *plot, const cm_series *series)
{
    cm_shape style = {.kind = CM_SHAPE_LINE,
                      .ink = cm_ink_of_color(series->color),
                      .size = 2,
                      .opacity = 1};
    switch (series->mark) {
    case CM_MARK_LINE:
    case CM_MARK_STEP:
        return cm_put_line(plot, series, style);
    case CM_MARK_POINTS:
        return put_dots(plot, series);
    case CM_MARK_SWARM:
        return cm_put_swarm(plot, series);
    case CM_MARK_BARS:
        style.kind = CM_SHAPE_BOXES;
        return cm_put_bars(plot, series, style);
    case CM_MARK_BAND:
        style.kind = CM_SHAPE_AREA;
        style.opacity = 0.25;
        return cm_put_band(plot, series, style);
    case CM_MARK_INTERVALS:
        return put_intervals(plot, series, style);
    case CM_MARK_REFERENCE:
        break;
    }
    style.dashed = true;
    style.size = 1.4;
    return cm_put_references(plot, series, style);
}

bool cm_put_marks(cm_plot *plot)
{
    bool any = false;
    for (size_t i = 0; i < plot->n_series; i++) {
        any = (plot->series[i].mark == CM_MARK_REFERENCE &&
               put_series(plot, &plot->series[i])) ||
              any;
    }
    for (size_t i = 0; i < plot->n_series; i++) {
        any = (plot->series[i].mark != CM_MARK_REFERENCE &&
               put_series(plot, &plot->series[i])) ||
              any;
    }
    return any;
}
