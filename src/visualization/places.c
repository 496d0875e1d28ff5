/* Which limits the data ask for, and where values lie in a panel. */
#include "visualization/layout.h"

#include <math.h>

double cm_bar_width(const cm_series *series)
{
    return series->width > 0 ? series->width : 0.72;
}

typedef struct panel_ranges {
    const cm_axis *x, *y;
    cm_range *x_range, *y_range;
} panel_ranges;

static void add_bar(panel_ranges *r, const cm_series *series, size_t i,
                    bool lying)
{
    cm_range *along = lying ? r->x_range : r->y_range;
    cm_range *across = lying ? r->y_range : r->x_range;
    const cm_axis *axis = lying ? r->y : r->x;
    double middle = lying ? series->y[i] : series->x[i];
    along->from_zero = true;
    cm_range_add(along, lying ? r->x : r->y,
                 lying ? series->x[i] : series->y[i]);
    if (series->low != NULL && series->high != NULL) {
        cm_range_add(across, axis, series->low[i]);
        cm_range_add(across, axis, series->high[i]);
    } else {
        cm_range_add(across, axis, middle - cm_bar_width(series) / 2);
        cm_range_add(across, axis, middle + cm_bar_width(series) / 2);
    }
}

static void add_mark(panel_ranges *r, const cm_series *series, size_t i,
                     bool lying)
{
    if (series->mark == CM_MARK_BARS) {
        add_bar(r, series, i, lying);
        return;
    }
    bool spans =
        series->mark == CM_MARK_BAND || series->mark == CM_MARK_INTERVALS;
    if (series->x != NULL) {
        cm_range_add(r->x_range, r->x, series->x[i]);
    }
    if (series->y != NULL && series->mark != CM_MARK_BAND) {
        cm_range_add(r->y_range, r->y, series->y[i]);
    }
    if (spans) {
        bool along_x = lying && series->mark == CM_MARK_INTERVALS;
        cm_range *range = along_x ? r->x_range : r->y_range;
        cm_range_add(range, along_x ? r->x : r->y, series->low[i]);
        cm_range_add(range, along_x ? r->x : r->y, series->high[i]);
    }
}

void cm_plot_ranges(const cm_series *series, size_t n, const cm_axis *x,
                    const cm_axis *y, cm_range *x_range, cm_range *y_range)
{
    panel_ranges r = {x, y, x_range, y_range};
    bool lying = y->categories != NULL;
    y_range->padded = true;
    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < series[s].n; i++) {
            add_mark(&r, &series[s], i, lying);
        }
        x_range->padded = x_range->padded || lying ||
                          series[s].mark == CM_MARK_POINTS ||
                          series[s].mark == CM_MARK_INTERVALS;
    }
}

static double near(double px)
{
    return fmin(fmax(px, -1e6), 1e6);
}

/* In its slot a category's marks have only the band. */
static double category_px(const cm_map *map, double value, double band)
{
    double category = round(value);
    return near(cm_map_px(map, category) + (value - category) * band);
}

double cm_plot_x(const cm_plot *plot, double value)
{
    if (plot->x.axis->categories != NULL) {
        return category_px(&plot->x, value, plot->band);
    }
    return near(cm_map_px(&plot->x, value));
}

double cm_plot_y(const cm_plot *plot, double value)
{
    if (plot->y.axis->categories != NULL) {
        return category_px(&plot->y, value, plot->band);
    }
    return near(cm_map_px(&plot->y, value));
}

bool cm_plot_takes(const cm_plot *plot, double x, double y)
{
    return cm_axis_takes(plot->x.axis, x) && cm_axis_takes(plot->y.axis, y);
}

double cm_clamp_x(const cm_plot *plot, double x)
{
    return fmin(fmax(x, plot->box.left), plot->box.right);
}

double cm_clamp_y(const cm_plot *plot, double y)
{
    return fmin(fmax(y, plot->box.top), plot->box.bottom);
}
