/* Lines, references and bands, cut to the panel. */
#include "visualization/layout.h"

#include <math.h>

/* One side of Y. Liang and B. Barsky, "A new concept and method for line
 * clipping", 1984: the part [from, to] of a segment that is inside of it. */
static bool clip_side(double toward, double room, double *from, double *to)
{
    if (toward == 0) {
        return room >= 0;
    }
    double at = room / toward;
    if (toward < 0) {
        *from = fmax(*from, at);
    } else {
        *to = fmin(*to, at);
    }
    return *from <= *to;
}

bool cm_clip(const cm_box *box, cm_point *a, cm_point *b)
{
    double from = 0;
    double to = 1;
    cm_point d = {b->x - a->x, b->y - a->y};
    if (!clip_side(-d.x, a->x - box->left, &from, &to) ||
        !clip_side(d.x, box->right - a->x, &from, &to) ||
        !clip_side(-d.y, a->y - box->top, &from, &to) ||
        !clip_side(d.y, box->bottom - a->y, &from, &to)) {
        return false;
    }
    cm_point start = *a;
    *a = (cm_point){start.x + from * d.x, start.y + from * d.y};
    *b = (cm_point){start.x + to * d.x, start.y + to * d.y};
    return true;
}

/* A line that grows point by point. */
typedef struct stroke {
    const cm_plot *plot;
    cm_shape style;
    bool down;     /* there is a last point */
    bool joined;   /* the shape's last point is the one before `last` */
    cm_point last; /* the last point, and what was drawn of the line to it */
    cm_point drawn;
    bool any;
} stroke;

static void pen_segment(stroke *pen, cm_point a, cm_point b)
{
    cm_drawing *out = pen->plot->layout->out;
    cm_point end = b;
    if (!cm_clip(&pen->plot->box, &a, &b)) {
        pen->joined = false;
        return;
    }
    if (!pen->joined || a.x != pen->drawn.x || a.y != pen->drawn.y) {
        cm_drawing_shape(out, pen->style);
        cm_drawing_point(out, a.x, a.y);
    }
    cm_drawing_point(out, b.x, b.y);
    pen->drawn = b;
    pen->joined = b.x == end.x && b.y == end.y;
    pen->any = true;
}

/* Points closer than a third of a pixel to the last are left out: a curve of a
 * million points is drawn with thousands.  last: it must be there. */
static void pen_to(stroke *pen, cm_point next, bool last)
{
    if (pen->down) {
        double moved =
            fmax(fabs(next.x - pen->last.x), fabs(next.y - pen->last.y));
        if (moved < 0.34 && !last) {
            return;
        }
        pen_segment(pen, pen->last, next);
    }
    pen->down = true;
    pen->last = next;
}

/* A point without neighbours is a dot. */
static void put_lone_point(stroke *pen, cm_point p)
{
    const cm_box *box = &pen->plot->box;
    cm_drawing *out = pen->plot->layout->out;
    if (p.x >= box->left && p.x <= box->right && p.y >= box->top &&
        p.y <= box->bottom) {
        cm_drawing_shape(
            out, (cm_shape){.kind = CM_SHAPE_DOTS, .size = 5, .opacity = 1});
        cm_drawing_dot(out, p.x, p.y, pen->style.ink);
        pen->any = true;
    }
}

bool cm_put_line(cm_plot *plot, const cm_series *series, cm_shape style)
{
    stroke pen = {.plot = plot, .style = style};
    for (size_t i = 0; i < series->n; i++) {
        if (!cm_plot_takes(plot, series->x[i], series->y[i])) {
            pen.down = pen.joined = false;
            continue;
        }
        cm_point next = {cm_plot_x(plot, series->x[i]),
                         cm_plot_y(plot, series->y[i])};
        if (series->mark == CM_MARK_STEP && pen.down) {
            pen_to(&pen, (cm_point){next.x, pen.last.y}, true);
        }
        bool last = i + 1 == series->n ||
                    !cm_plot_takes(plot, series->x[i + 1], series->y[i + 1]);
        bool alone = !pen.down && last;
        pen_to(&pen, next, last);
        if (alone) {
            put_lone_point(&pen, next);
        }
    }
    return pen.any;
}

/* Across the whole panel at each value. */
bool cm_put_references(cm_plot *plot, const cm_series *series, cm_shape style)
{
    if (series->x != NULL && series->y != NULL) {
        return cm_put_line(plot, series, style);
    }
    bool any = false;
    for (size_t i = 0; i < series->n; i++) {
        bool upright = series->y == NULL;
        double value = upright ? series->x[i] : series->y[i];
        if (!cm_axis_takes(upright ? plot->x.axis : plot->y.axis, value)) {
            continue;
        }
        double px = upright ? cm_plot_x(plot, value) : cm_plot_y(plot, value);
        cm_point a = {upright ? px : plot->box.left,
                      upright ? plot->box.top : px};
        cm_point b = {upright ? px : plot->box.right,
                      upright ? plot->box.bottom : px};
        if (cm_clip(&plot->box, &a, &b)) {
            cm_drawing_segment(plot->layout->out, style, a, b);
            any = true;
        }
    }
    return any;
}

static bool band_takes(const cm_plot *plot, const cm_series *series, size_t i)
{
    return cm_plot_takes(plot, series->x[i], series->low[i]) &&
           cm_plot_takes(plot, series->x[i], series->high[i]);
}

static void band_point(cm_plot *plot, double x, double y)
{
    cm_drawing_point(plot->layout->out, cm_clamp_x(plot, cm_plot_x(plot, x)),
                     cm_clamp_y(plot, cm_plot_y(plot, y)));
}

/* A polygon for each run of points without a gap: there along high, back along
 * low. */
bool cm_put_band(cm_plot *plot, const cm_series *series, cm_shape style)
{
    bool any = false;
    size_t end;
    for (size_t i = 0; i < series->n; i = end + 1) {
        end = i;
        while (end < series->n && band_takes(plot, series, end)) {
            end++;
        }
        if (end - i < 2) {
            continue;
        }
        any = true;
        cm_drawing_shape(plot->layout->out, style);
        for (size_t k = i; k < end; k++) {
            band_point(plot, series->x[k], series->high[k]);
        }
        for (size_t k = end; k-- > i;) {
            band_point(plot, series->x[k], series->low[k]);
        }
    }
    return any;
}
