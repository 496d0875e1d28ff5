/* The colours of figures, in both themes.  A drawing names inks; what an ink
 * looks like is said here alone. */
#ifndef CM_VISUALIZATION_PALETTE_H
#define CM_VISUALIZATION_PALETTE_H

#include <stdint.h>

#include "visualization/figure.h"

enum { CM_SHADES = 24 };

typedef enum cm_ink {
    CM_INK_PAPER,
    CM_INK_TEXT,
    CM_INK_SOFT, /* text that stands back: ticks, notes */
    CM_INK_GRID,
    CM_INK_AXIS,
    CM_INK_GREY,  /* references, and dots whose shade is unknown */
    CM_INK_COLOR, /* + 0 … CM_FIGURE_COLORS - 1 */
    CM_INK_SHADE = CM_INK_COLOR + CM_FIGURE_COLORS, /* + 0 … CM_SHADES - 1 */
    CM_INKS = CM_INK_SHADE + CM_SHADES
} cm_ink;

typedef struct cm_rgb {
    uint8_t r, g, b;
} cm_rgb;

cm_rgb cm_ink_rgb(cm_ink ink, cm_theme theme);

/* Of a series' color and of a shade, which may be any number. */
cm_ink cm_ink_of_color(int color);
cm_ink cm_ink_of_shade(double shade);

#endif
