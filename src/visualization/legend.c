/* The legend: above the plot, so that it never lies on data; as many rows as
 * the names need. */
#include "visualization/layout.h"

#include <math.h>

enum { SWATCH_PX = 18, GAP_PX = 16, BAR_PX = 96, ROW_PX = 18 };

typedef struct cursor {
    cm_layout *layout;
    double x; /* where the next entry begins */
} cursor;

/* A new row when `width` more pixels do not fit into this one. */
static void reserve(cursor *legend, double width)
{
    cm_layout *layout = legend->layout;
    double right = layout->out->width - layout->margin;
    if (legend->x > layout->margin && legend->x + width > right) {
        legend->x = layout->margin;
        layout->y += ROW_PX;
    }
}

static void put_word(cursor *legend, const char *word, const char *whole)
{
    cm_layout *layout = legend->layout;
    cm_put(layout, (cm_text){.text = word,
                             .whole = word != whole ? whole : NULL,
                             .x = legend->x,
                             .y = layout->y + 13,
                             .role = CM_TEXT_LEGEND});
    legend->x += cm_text_width(layout, word, CM_TEXT_LEGEND);
}

/* What the series looks like, in a box of SWATCH_PX x ROW_PX. */
static void put_swatch(cursor *legend, const cm_series *series)
{
    cm_drawing *out = legend->layout->out;
    double x = legend->x;
    double y = legend->layout->y + ROW_PX / 2.0;
    double right = x + SWATCH_PX - 4;
    double middle = (x + right) / 2;
    cm_ink ink = cm_ink_of_color(series->color);
    cm_shape line = {.ink = ink, .size = 2.2, .opacity = 1};
    switch (series->mark) {
    case CM_MARK_BARS:
    case CM_MARK_BAND:
        line.opacity = series->mark == CM_MARK_BAND ? 0.25 : 1;
        cm_drawing_box(out, line, (cm_box){x + 2, y - 5, right, y + 5});
        return;
    case CM_MARK_REFERENCE:
        line.dashed = true;
        line.size = 1.4;
        break;
    case CM_MARK_INTERVALS:
        cm_drawing_segment(out, line, (cm_point){middle, y - 7},
                           (cm_point){middle, y + 7});
        break;
    default:
        break;
    }
    if (series->mark == CM_MARK_POINTS || series->mark == CM_MARK_SWARM ||
        series->mark == CM_MARK_INTERVALS) {
        cm_drawing_shape(
            out, (cm_shape){.kind = CM_SHAPE_DOTS, .size = 7, .opacity = 1});
        cm_drawing_dot(out, middle, y, ink);
        return;
    }
    cm_drawing_segment(out, line, (cm_point){x, y}, (cm_point){right, y});
}

static void put_entry(cursor *legend, const cm_series *series)
{
    cm_layout *layout = legend->layout;
    double most = layout->out->width - 2 * layout->margin - SWATCH_PX - 1;
    const char *whole = cm_clean(layout, series->name);
    const char *name = cm_shorten(layout, whole, CM_TEXT_LEGEND, most);
    reserve(legend, SWATCH_PX + cm_text_width(layout, name, CM_TEXT_LEGEND));
    put_swatch(legend, series);
    legend->x += SWATCH_PX;
    put_word(legend, name, whole);
    legend->x += GAP_PX;
}

/* low, a bar of all shades, high. */
static void put_shades(cursor *legend)
{
    cm_layout *layout = legend->layout;
    const cm_figure *figure = layout->figure;
    double most = (layout->out->width - 2 * layout->margin - BAR_PX) / 2 - 8;
    const char *low = cm_shorten(layout, cm_clean(layout, figure->shade_low),
                                 CM_TEXT_LEGEND, most);
    const char *high = cm_shorten(layout, cm_clean(layout, figure->shade_high),
                                  CM_TEXT_LEGEND, most);
    reserve(legend, cm_text_width(layout, low, CM_TEXT_LEGEND) + BAR_PX + 14 +
                        cm_text_width(layout, high, CM_TEXT_LEGEND));
    put_word(legend, low, low);
    legend->x += 7;
    double y = layout->y + ROW_PX / 2.0;
    for (int i = 0; i < CM_SHADES; i++) {
        double step = (double)BAR_PX / CM_SHADES;
        cm_shape style = {.ink = (cm_ink)(CM_INK_SHADE + i), .opacity = 1};
        cm_drawing_box(layout->out, style,
                       (cm_box){legend->x + i * step, y - 5,
                                legend->x + (i + 1) * step, y + 5});
    }
    legend->x += BAR_PX + 7;
    put_word(legend, high, high);
    legend->x += GAP_PX;
}

static void put_entries(cursor *legend, const cm_series *series, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (series[i].name != NULL && series[i].name[0] != '\0') {
            put_entry(legend, &series[i]);
        }
    }
}

void cm_put_legend(cm_layout *layout)
{
    const cm_figure *figure = layout->figure;
    cursor legend = {layout, layout->margin};
    put_entries(&legend, figure->series, figure->n_series);
    put_entries(&legend, figure->below.series, figure->below.n_series);
    if (figure->shade_low != NULL && figure->shade_high != NULL) {
        put_shades(&legend);
    }
    if (legend.x > layout->margin) {
        layout->y += ROW_PX + 6;
    }
}
