/* An axis with limits and a place: from values to pixels, and its ticks. */
#ifndef CM_VISUALIZATION_AXIS_H
#define CM_VISUALIZATION_AXIS_H

#include "visualization/figure.h"

/* Values further out are taken for not finite: differences stay finite. */
#define CM_AXIS_MOST 1e300

typedef struct cm_map {
    const cm_axis *axis;
    double low, high; /* low < high; above 0 when logarithmic */
    double from, to;  /* their pixels */
} cm_map;

/* What the data ask of an axis; zero-initialised: nothing yet. */
typedef struct cm_range {
    bool any;
    double low, high;
    bool from_zero; /* bars stand on zero */
    bool padded;    /* dots need room at the edges */
    double head;    /* share of the axis that is to stay free at its end */
} cm_range;

/* Whether a value has a place on such an axis. */
bool cm_axis_takes(const cm_axis *axis, double value);
void cm_range_add(cm_range *range, const cm_axis *axis, double value);

/* Limits: the axis' own, or those of the data with some room. */
void cm_map_limits(cm_map *map, const cm_axis *axis, const cm_range *range);

/* May lie outside of from … to. */
double cm_map_px(const cm_map *map, double value);
/* Where bars begin. */
double cm_map_zero_px(const cm_map *map);

enum { CM_TICKS = 40, CM_TICK_TEXT = 48 };

typedef struct cm_ticks {
    size_t n;
    double values[CM_TICKS];
    char texts[CM_TICKS][CM_TICK_TEXT];
} cm_ticks;

/* Round numbers within the limits, about `wanted` of them or fewer, except that
 * two are wanted at least. */
void cm_ticks_choose(cm_ticks *out, const cm_map *map, size_t wanted);

#endif
