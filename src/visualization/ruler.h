/* Text as the figures' font writes it: DejaVu Sans, by Pango, which takes what
 * the font lacks from others. */
#ifndef CM_VISUALIZATION_RULER_H
#define CM_VISUALIZATION_RULER_H

#include "visualization/drawing.h"

struct _cairo; /* cairo_t: who only measures needs no cairo */

/* For one thread at a time. */
typedef struct cm_ruler cm_ruler;

typedef struct cm_extent {
    double width, ascent, descent;
} cm_extent;

/* CM_ERR_IO when the system has no font at all. */
CM_MUST_USE cm_status cm_ruler_new(cm_ruler **out, cm_error *err);
void cm_ruler_free(cm_ruler *ruler); /* NULL is fine */

cm_extent cm_ruler_measure(cm_ruler *ruler, const char *text,
                           cm_text_role role);

/* Bytes of text that fit into width, at a boundary between characters as they
 * are seen; the whole of it when it fits. */
size_t cm_ruler_fit(cm_ruler *ruler, const char *text, cm_text_role role,
                    double width);

/* The next line of at most `width`: its length, and in *rest the start of the
 * one after it, NULL behind the last.  Breaks between words where it can. */
size_t cm_ruler_line(cm_ruler *ruler, const char *text, cm_text_role role,
                     double width, const char **rest);

/* Writes text on the base line that begins at the current point. */
void cm_ruler_show(cm_ruler *ruler, struct _cairo *cairo, const char *text,
                   cm_text_role role);

#endif
