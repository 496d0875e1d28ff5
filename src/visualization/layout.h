/* Inside: how a figure becomes a drawing, and what the parts of that share.
 *
 *   title, note             labels.c
 *   legend                  legend.c
 *   axes with their texts   frame.c
 *   series                  places.c, marks.c, lines.c, bars.c, swarm.c
 *
 * layout.c goes from top to bottom and gives each its place. */
#ifndef CM_VISUALIZATION_LAYOUT_H
#define CM_VISUALIZATION_LAYOUT_H

#include "visualization/axis.h"
#include "visualization/ruler.h"

typedef struct cm_layout {
    const cm_figure *figure;
    cm_drawing *out;
    cm_ruler *ruler;
    double margin;
    double y; /* where the next thing begins */
} cm_layout;

/* A panel in its place. */
typedef struct cm_plot {
    cm_layout *layout;
    const cm_series *series;
    size_t n_series;
    cm_map x, y;
    cm_ticks y_ticks;
    cm_box box;   /* of the data */
    double band;  /* pixels that the marks of a category may take */
    bool stacked; /* names of lying categories stand above their marks */
    bool lying;   /* the categories are on the y axis */
} cm_plot;

/* The figure drawn `width` wide.  bare: without title and note, for a page that
 * says them itself.  The figure has been checked. */
CM_MUST_USE cm_status cm_layout_figure(cm_drawing *out, const cm_figure *figure,
                                       double width, bool bare, cm_ruler *ruler,
                                       cm_error *err);
CM_MUST_USE cm_status cm_figure_check(const cm_figure *figure, cm_error *err);
CM_MUST_USE cm_status cm_id_check(const char *id, cm_error *err);

/* Appends what is kept of a checked figure as files. */
CM_MUST_USE cm_status cm_figure_files(cm_buf *svg, cm_buf *png,
                                      const cm_figure *figure, cm_ruler *ruler,
                                      cm_error *err);

/* ---- labels.c ------------------------------------------------------- */

/* A copy in the drawing's arena that is valid UTF-8 of one line; "" for NULL or
 * without memory. */
const char *cm_clean(cm_layout *layout, const char *text);
/* The same, with an ellipsis where it is wider than width. */
const char *cm_shorten(cm_layout *layout, const char *text, cm_text_role role,
                       double width);
double cm_text_width(cm_layout *layout, const char *text, cm_text_role role);
/* A text at its place; fills in the box. */
void cm_put(cm_layout *layout, cm_text text);
/* Paper below it, where lines would run through. */
void cm_put_ground(cm_layout *layout, cm_text text);
/* Lines of at most `width`, from layout->y on, which moves below them. */
void cm_put_lines(cm_layout *layout, const char *text, cm_text_role role,
                  double x, double width);

enum { CM_LINE_PX = 15 }; /* from one line of small text to the next */

/* ---- legend.c ------------------------------------------------------- */

void cm_put_legend(cm_layout *layout);

/* ---- frame.c -------------------------------------------------------- */

/* Room that the texts left of the plot need. */
double cm_gutter(cm_plot *plot, double most);
/* Grid, axis lines and the texts of the y axis. */
void cm_put_frame(cm_plot *plot);
/* Grid and texts of the x axis below the plot; moves layout->y below them.
 * quiet: the texts are another panel's. */
void cm_put_x_axis(cm_plot *plot, bool quiet);

/* ---- places.c ------------------------------------------------------- */

/* What the data ask of the axes. */
void cm_plot_ranges(const cm_series *series, size_t n, const cm_axis *x,
                    const cm_axis *y, cm_range *x_range, cm_range *y_range);
/* Pixels of a value, at most a million away. */
double cm_plot_x(const cm_plot *plot, double value);
double cm_plot_y(const cm_plot *plot, double value);
bool cm_plot_takes(const cm_plot *plot, double x, double y);
/* The nearest pixel inside of the panel. */
double cm_clamp_x(const cm_plot *plot, double x);
double cm_clamp_y(const cm_plot *plot, double y);
double cm_bar_width(const cm_series *series); /* in units of the axis */

/* ---- marks.c, lines.c, bars.c, swarm.c ------------------------------ */

/* Each returns whether anything was to be seen. */
bool cm_put_marks(cm_plot *plot);
bool cm_put_line(cm_plot *plot, const cm_series *series, cm_shape style);
bool cm_put_references(cm_plot *plot, const cm_series *series, cm_shape style);
bool cm_put_band(cm_plot *plot, const cm_series *series, cm_shape style);
bool cm_put_bars(cm_plot *plot, const cm_series *series, cm_shape style);
bool cm_put_swarm(cm_plot *plot, const cm_series *series);
/* Cuts a segment to the box; false when none of it is inside. */
bool cm_clip(const cm_box *box, cm_point *a, cm_point *b);
/* The text at the end of bar i. */
const char *cm_value_text(cm_plot *plot, const cm_series *series, size_t i);
cm_ink cm_dot_ink(const cm_series *series, size_t i);

#endif
