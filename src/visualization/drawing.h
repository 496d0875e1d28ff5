/* A figure laid out: what lies where, in CSS pixels from the upper left corner,
 * before anybody decides on a format or a theme.  Tests look at it, painters
 * turn it into SVG and PNG. */
#ifndef CM_VISUALIZATION_DRAWING_H
#define CM_VISUALIZATION_DRAWING_H

#include "base/mem.h"
#include "visualization/palette.h"

typedef struct cm_point {
    double x, y;
} cm_point;

typedef struct cm_box {
    double left, top, right, bottom;
} cm_box;

typedef enum cm_shape_kind {
    CM_SHAPE_LINE,     /* through all points */
    CM_SHAPE_SEGMENTS, /* from each even point to the next */
    CM_SHAPE_AREA,     /* the inside of a polygon */
    CM_SHAPE_BOXES,    /* opposite corners, two points a box */
    CM_SHAPE_DOTS      /* dots [first, first + n) */
} cm_shape_kind;

typedef struct cm_shape {
    cm_shape_kind kind;
    cm_ink ink;     /* not of dots */
    double size;    /* width of lines, diameter of dots */
    double opacity; /* 0 … 1 */
    bool dashed;
    size_t first, n; /* among the drawing's points */
} cm_shape;

typedef struct cm_dot {
    float x, y;
    uint8_t ink;
} cm_dot;

typedef enum cm_text_role {
    CM_TEXT_TITLE,
    CM_TEXT_NOTE,
    CM_TEXT_LEGEND,
    CM_TEXT_AXIS,
    CM_TEXT_TICK_X,
    CM_TEXT_TICK_Y,
    CM_TEXT_VALUE,  /* at the end of a bar */
    CM_TEXT_MESSAGE /* in the middle: no data */
} cm_text_role;

typedef enum cm_anchor {
    CM_ANCHOR_START,
    CM_ANCHOR_MIDDLE,
    CM_ANCHOR_END
} cm_anchor;

typedef struct cm_text {
    const char *text; /* valid UTF-8, no control characters */
    const char
        *whole;   /* the same before it was shortened; NULL when it was not */
    double x, y;  /* of the anchor, on the base line */
    cm_box box;   /* what it covers */
    bool upright; /* read from below: turned by -90 degrees around (x, y) */
    cm_text_role role;
    cm_anchor anchor;
} cm_text;

/* Zero-initialised is empty.  A failed allocation sets `failed`, and later
 * additions do nothing: whoever draws checks once, at the end. */
typedef struct cm_drawing {
    double width, height;
    cm_shape *shapes;
    size_t n_shapes, shapes_capacity;
    cm_point *points;
    size_t n_points, points_capacity;
    cm_dot *dots;
    size_t n_dots, dots_capacity;
    cm_text *texts;
    size_t n_texts, texts_capacity;
    cm_arena arena;
    bool failed;
} cm_drawing;

void cm_drawing_release(cm_drawing *drawing);

/* A shape begins; the points and dots added next are its own. */
void cm_drawing_shape(cm_drawing *drawing, cm_shape shape);
void cm_drawing_point(cm_drawing *drawing, double x, double y);
void cm_drawing_dot(cm_drawing *drawing, double x, double y, cm_ink ink);
/* Copies text and whole. */
void cm_drawing_text(cm_drawing *drawing, cm_text text);

/* A shape of one segment, and of one box. */
void cm_drawing_segment(cm_drawing *drawing, cm_shape style, cm_point from,
                        cm_point to);
void cm_drawing_box(cm_drawing *drawing, cm_shape style, cm_box box);

double cm_text_px(cm_text_role role); /* size of the letters */
bool cm_text_bold(cm_text_role role);
cm_ink cm_text_ink(cm_text_role role);

#endif
