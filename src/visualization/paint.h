/* A drawing as bytes: PNG by cairo, SVG with texts that are texts.  Inside. */
#ifndef CM_VISUALIZATION_PAINT_H
#define CM_VISUALIZATION_PAINT_H

#include "visualization/drawing.h"
#include "visualization/ruler.h"

/* A picture of the drawing. */
CM_MUST_USE cm_status cm_paint_png(cm_buf *out, const cm_drawing *drawing,
                                   double scale, cm_theme theme,
                                   cm_ruler *ruler, cm_error *err);

/* The part in `box` of its shapes of more than this many dots, on nothing. */
CM_MUST_USE cm_status cm_paint_dots_png(cm_buf *out, const cm_drawing *drawing,
                                        const cm_box *box, size_t more_than,
                                        double scale, cm_error *err);

/* A document that stands alone: in the colours of the theme. */
CM_MUST_USE cm_status cm_paint_svg(cm_buf *out, const cm_drawing *drawing,
                                   const char *title, const char *alt,
                                   cm_theme theme, cm_error *err);

/* An element for a page that holds the rules of cm_paint_rules. */
CM_MUST_USE cm_status cm_paint_inline_svg(cm_buf *out,
                                          const cm_drawing *drawing,
                                          const char *name, const char *alt,
                                          cm_error *err);

/* Rules of style for all inks: ".f0{fill:#fff}.s0{stroke:#fff}" and so on. */
void cm_paint_rules(cm_buf *out, cm_theme theme);

#endif
