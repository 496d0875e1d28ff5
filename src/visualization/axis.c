/* Limits of axes, and values to pixels. */
#include "visualization/axis.h"

#include <math.h>

bool cm_axis_takes(const cm_axis *axis, double value)
{
    return fabs(value) <= CM_AXIS_MOST &&
           (axis->scale == CM_SCALE_LINEAR || value > 0);
}

void cm_range_add(cm_range *range, const cm_axis *axis, double value)
{
    if (!cm_axis_takes(axis, value)) {
        return;
    }
    range->low = range->any ? fmin(range->low, value) : value;
    range->high = range->any ? fmax(range->high, value) : value;
    range->any = true;
}

static void linear_limits(cm_map *map, const cm_range *range)
{
    double low = range->low;
    double high = range->high;
    if (range->from_zero) {
        low = fmin(low, 0);
        high = fmax(high, 0);
    }
    double most = fmax(fabs(low), fabs(high));
    if (high - low <= 1e-9 * most) { /* all equal, or as good as */
        double room = most > 0 ? 0.1 * most : 1;
        low -= range->from_zero ? 0 : room;
        high += room;
    }
    double room = range->padded ? 0.04 * (high - low) : 0;
    map->low = low == 0 && range->from_zero ? 0 : low - room;
    map->high = high == 0 && range->from_zero ? 0 : high + room;
    map->high += (map->high - map->low) * range->head / (1 - range->head);
    if (range->low >= 0 && map->axis->unit != CM_UNIT_NONE) {
        map->low = fmax(map->low, 0); /* no shares or counts below zero */
    }
}

static void log_limits(cm_map *map, const cm_range *range)
{
    double low = log10(range->low);
    double high = log10(range->high);
    double room = range->padded ? 0.04 * (high - low) : 0;
    if (range->from_zero) { /* the smallest bar can be seen */
        low = fmin(floor(low), low - 0.3);
    }
    if (high - low < 1e-9) {
        low -= 0.5;
        high += 0.5;
    }
    room += (high - low) * range->head / (1 - range->head);
    map->low = pow(10, fmax(low - (range->from_zero ? 0 : room), -305));
    map->high = pow(10, fmin(high + room, 305));
}

void cm_map_limits(cm_map *map, const cm_axis *axis, const cm_range *range)
{
    map->axis = axis;
    cm_range data = *range;
    if (!data.any) {
        data.low = axis->scale == CM_SCALE_LOG ? 1 : 0;
        data.high = axis->scale == CM_SCALE_LOG ? 10 : 1;
    }
    if (axis->categories != NULL) {
        map->low = -0.5;
        map->high = (double)axis->n_categories - 0.5;
    } else if (axis->fixed) {
        map->low = axis->low;
        map->high = axis->high;
    } else if (axis->scale == CM_SCALE_LOG) {
        log_limits(map, &data);
    } else {
        linear_limits(map, &data);
    }
}

double cm_map_px(const cm_map *map, double value)
{
    double share;
    if (map->axis->scale == CM_SCALE_LOG) {
        share = log10(value / map->low) / log10(map->high / map->low);
    } else {
        share = (value - map->low) / (map->high - map->low);
    }
    return map->from + share * (map->to - map->from);
}

double cm_map_zero_px(const cm_map *map)
{
    double base = map->axis->scale == CM_SCALE_LOG
                      ? map->low
                      : fmin(fmax(0, map->low), map->high);
    return cm_map_px(map, base);
}
