/* A figure as data, and its drawing as SVG or PNG.  Whoever wants a figure
 * says what is to be seen; how it looks is decided here once: margins that fit
 * the labels, ticks at round numbers, colours that the colour-blind can tell
 * apart, light and dark. */
#ifndef CM_VISUALIZATION_FIGURE_H
#define CM_VISUALIZATION_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

typedef enum cm_mark {
    CM_MARK_LINE,      /* y over x */
    CM_MARK_STEP,      /* y from x[i] to x[i + 1] */
    CM_MARK_POINTS,    /* dots; coloured by `shade` when it is given */
    CM_MARK_BARS,      /* from 0 to y; upright, or lying in a figure that is
                          `lying` */
    CM_MARK_BAND,      /* between low and high */
    CM_MARK_INTERVALS, /* an upright from low to high through a dot at y */
    CM_MARK_REFERENCE  /* a thin dashed line: what a perfect or a blind model
                          would give */
} cm_mark;

typedef struct cm_series {
    cm_mark mark;
    const char *name;         /* in the legend; NULL: not in it */
    const double *x, *y;      /* (n); y not of a band */
    const double *low, *high; /* (n), of bands and intervals */
    const double *shade;      /* (n) in [0, 1], low to high; or NULL */
    size_t n;
    int color; /* 0 … : of the palette, so that the same thing has the same
                  colour in every figure */
} cm_series;

typedef enum cm_scale { CM_SCALE_LINEAR, CM_SCALE_LOG } cm_scale;
typedef enum cm_unit { CM_UNIT_NONE, CM_UNIT_PERCENT, CM_UNIT_COUNT } cm_unit;

typedef struct cm_axis {
    const char *title;
    cm_scale scale;
    cm_unit unit;
    bool fixed; /* low and high are the limits, else those of the data */
    double low, high;
    const char *const *categories; /* (n): names at 0 … n - 1; NULL: numbers */
    size_t n_categories;
} cm_axis;

typedef struct cm_figure {
    const char *id;    /* "roc_curve": the file's name */
    const char *title; /* what is to be seen, in words */
    const char *note;  /* a line below the title; NULL: none */
    const char *alt;   /* for those who cannot see it */
    cm_axis x, y;
    bool lying;            /* categories on the y axis, values along x */
    const char *shade_low; /* legend of `shade`; NULL: none */
    const char *shade_high;
    const cm_series *series;
    size_t n_series;
} cm_figure;

typedef enum cm_theme { CM_THEME_LIGHT, CM_THEME_DARK } cm_theme;

typedef struct cm_figure_size {
    double width, height; /* CSS pixels; height 0: what the figure needs */
    double scale;         /* device pixels per CSS pixel, for PNG */
} cm_figure_size;

/* Append to out. */
CM_MUST_USE cm_status cm_figure_svg(cm_buf *out, const cm_figure *figure,
                                    cm_figure_size size, cm_theme theme,
                                    cm_error *err);
CM_MUST_USE cm_status cm_figure_png(cm_buf *out, const cm_figure *figure,
                                    cm_figure_size size, cm_theme theme,
                                    cm_error *err);

/* FOLDER/ID.svg and FOLDER/ID.png (light, scale 2), whole or not at all. */
CM_MUST_USE cm_status cm_figure_save(const cm_figure *figure,
                                     const char *folder, cm_error *err);

#endif
