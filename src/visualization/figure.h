/* A figure as data, and its drawing as SVG or PNG.  Whoever wants a figure
 * says what is to be seen; how it looks is decided here once: margins that fit
 * the labels, ticks at round numbers, colours that the colour-blind can tell
 * apart, light and dark.
 *
 * A number that is not finite is left out: a gap in a line, no dot, no bar.
 * So is one that is not above zero along a logarithmic axis.  A figure without
 * anything to show says "no data".  Texts are UTF-8; what is not, becomes
 * U+FFFD. */
#ifndef CM_VISUALIZATION_FIGURE_H
#define CM_VISUALIZATION_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum {
    CM_FIGURE_MAX_POINTS = 4000000, /* of all series together */
    CM_FIGURE_MAX_SERIES = 32,
    CM_FIGURE_MAX_CATEGORIES = 200,
    CM_FIGURE_COLORS = 6
};

typedef enum cm_mark {
    CM_MARK_LINE,      /* y over x */
    CM_MARK_STEP,      /* y from x[i] to x[i + 1] */
    CM_MARK_POINTS,    /* dots */
    CM_MARK_SWARM,     /* dots in a figure of lying categories: x the value, y
                          the category; spread within the category's row, so
                          that many dots of a value are seen as many */
    CM_MARK_BARS,      /* from 0 to y upright, or to x when the categories are
                          on the y axis; on a logarithmic axis from its start */
    CM_MARK_BAND,      /* the area between low and high, over x */
    CM_MARK_INTERVALS, /* a line from low to high through a dot at (x, y): along
                          y, or along x when the categories are on the y axis */
    CM_MARK_REFERENCE  /* a thin dashed line: what a perfect or a blind model
                          would give, a threshold.  y NULL: uprights at x;
                          x NULL: across at y */
} cm_mark;

/* All arrays are (n) and belong to the caller.  A category's coordinate is its
 * index; i - 0.2 and i + 0.2 are beside each other in its place. */
typedef struct cm_series {
    cm_mark mark;
    const char *name;    /* in the legend; NULL: not in it */
    const double *x, *y; /* y not of a band */
    const double *low;   /* of bands and intervals; of bars: their edges */
    const double *high;  /*   across, or NULL */
    const double *shade; /* of dots, in [0, 1] from low to high, NaN: unknown;
                            or NULL */
    const char *const *labels; /* of bars: a text at the end of each; or NULL */
    size_t n;
    double width; /* of bars without edges, in units of the axis; 0: 0.72 */
    int color; /* 0 … 5, so that the same thing has the same colour in every
                  figure; -1: grey */
} cm_series;

typedef enum cm_scale { CM_SCALE_LINEAR, CM_SCALE_LOG } cm_scale;
typedef enum cm_unit {
    CM_UNIT_NONE,
    CM_UNIT_PERCENT, /* 0.17 is written 17% */
    CM_UNIT_COUNT    /* whole numbers: no ticks between them */
} cm_unit;

typedef struct cm_axis {
    const char *title; /* NULL: none */
    cm_scale scale;
    cm_unit unit;
    bool fixed; /* low and high are the limits, else those of the data */
    double low, high;
    const char *const *categories; /* (n): names at 0 … n - 1, on y from the top
                                      down; NULL: numbers */
    size_t n_categories;
} cm_axis;

/* A second, lower panel over the same x axis: the counts behind the upper. */
typedef struct cm_panel {
    cm_axis y;
    const cm_series *series;
    size_t n_series; /* 0: no such panel */
} cm_panel;

typedef struct cm_figure {
    const char *id;    /* "roc_curve": the file's name; a-z, 0-9, _ and - */
    const char *title; /* what is to be seen, in words */
    const char *note;  /* a line below the title; NULL: none */
    const char *alt;   /* for those who cannot see it */
    cm_axis x, y;      /* one of them may have categories */
    bool square;       /* both axes of the same length: ROC, reliability */
    const cm_series *series;
    size_t n_series;
    cm_panel below;
    const char *shade_low; /* the legend of `shade`; NULL: none */
    const char *shade_high;
} cm_figure;

typedef enum cm_theme { CM_THEME_LIGHT, CM_THEME_DARK } cm_theme;

typedef struct cm_figure_size {
    double width; /* CSS pixels, 240 … 4000; the height follows */
    double scale; /* of a PNG: device pixels per CSS pixel, 0.5 … 4 */
} cm_figure_size;

/* Append to out; the same figure gives the same bytes.  CM_ERR_USAGE when the
 * figure breaks what is said above. */
CM_MUST_USE cm_status cm_figure_svg(cm_buf *out, const cm_figure *figure,
                                    cm_figure_size size, cm_theme theme,
                                    cm_error *err);
CM_MUST_USE cm_status cm_figure_png(cm_buf *out, const cm_figure *figure,
                                    cm_figure_size size, cm_theme theme,
                                    cm_error *err);

/* FOLDER/ID.svg and FOLDER/ID.png (light, 640 wide, scale 2), each whole or
 * not at all. */
CM_MUST_USE cm_status cm_figure_save(const cm_figure *figure,
                                     const char *folder, cm_error *err);

#endif
