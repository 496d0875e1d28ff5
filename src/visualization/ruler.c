/* Measuring and writing with Pango.  Hinting is off: a text is as wide on every
 * machine and at every scale. */
#include "visualization/ruler.h"

#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

struct cm_ruler {
    PangoFontMap *map; /* its own: Pango's shared one is a thread's */
    PangoContext *context;
    PangoLayout *layout;
    PangoFontDescription *fonts[CM_TEXT_MESSAGE + 1];
};

static void choose_rendering(PangoContext *context)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);
}

static PangoFontDescription *describe_font(cm_text_role role)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, "DejaVu Sans");
    pango_font_description_set_absolute_size(font,
                                             cm_text_px(role) * PANGO_SCALE);
    if (cm_text_bold(role)) {
        pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    }
    return font;
}

static bool has_font(cm_ruler *ruler)
{
    PangoFontFamily **families = NULL;
    int n = 0;
    pango_font_map_list_families(ruler->map, &families, &n);
    g_free(families);
    return n > 0;
}

cm_status cm_ruler_new(cm_ruler **out, cm_error *err)
{
    *out = NULL;
    cm_ruler *ruler = cm_alloc_zero(1, sizeof(*ruler), err);
    if (ruler == NULL) {
        return CM_ERR_NOMEM;
    }
    ruler->map = pango_cairo_font_map_new();
    ruler->context = pango_font_map_create_context(ruler->map);
    choose_rendering(ruler->context);
    ruler->layout = pango_layout_new(ruler->context);
    for (int role = 0; role <= CM_TEXT_MESSAGE; role++) {
        ruler->fonts[role] = describe_font((cm_text_role)role);
    }
    if (!has_font(ruler)) {
        cm_ruler_free(ruler);
        return cm_fail(err, CM_ERR_IO,
                       "figures need a font and the system has none; install "
                       "DejaVu Sans (Debian: fonts-dejavu-core)");
    }
    *out = ruler;
    return CM_OK;
}

void cm_ruler_free(cm_ruler *ruler)
{
    if (ruler == NULL) {
        return;
    }
    for (int role = 0; role <= CM_TEXT_MESSAGE; role++) {
        pango_font_description_free(ruler->fonts[role]);
    }
    g_object_unref(ruler->layout);
    g_object_unref(ruler->context);
    g_object_unref(ruler->map);
    free(ruler);
}

static void set_text(cm_ruler *ruler, const char *text, cm_text_role role)
{
    pango_layout_set_width(ruler->layout, -1);
    pango_layout_set_font_description(ruler->layout, ruler->fonts[role]);
    pango_layout_set_text(ruler->layout, text, -1);
}

cm_extent cm_ruler_measure(cm_ruler *ruler, const char *text, cm_text_role role)
{
    set_text(ruler, text, role);
    PangoRectangle logical;
    pango_layout_get_extents(ruler->layout, NULL, &logical);
    double base = (double)pango_layout_get_baseline(ruler->layout);
    return (cm_extent){(double)logical.width / PANGO_SCALE, base / PANGO_SCALE,
                       ((double)logical.height - base) / PANGO_SCALE};
}

size_t cm_ruler_fit(cm_ruler *ruler, const char *text, cm_text_role role,
                    double width)
{
    set_text(ruler, text, role);
    int index = 0;
    int trailing = 0;
    int limit = (int)(width * PANGO_SCALE);
    if (!pango_layout_xy_to_index(ruler->layout, limit, 0, &index, &trailing)) {
        return width > 0 ? strlen(text) : 0;
    }
    return (size_t)index; /* the start of the character that crosses width */
}

size_t cm_ruler_line(cm_ruler *ruler, const char *text, cm_text_role role,
                     double width, const char **rest)
{
    set_text(ruler, text, role);
    pango_layout_set_wrap(ruler->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(ruler->layout, (int)(width * PANGO_SCALE));
    *rest = NULL;
    PangoLayoutLine *next = pango_layout_get_line_readonly(ruler->layout, 1);
    if (next != NULL) {
        *rest = text + next->start_index;
    }
    size_t n = *rest != NULL ? (size_t)(*rest - text) : strlen(text);
    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }
    return n;
}

void cm_ruler_show(cm_ruler *ruler, cairo_t *cairo, const char *text,
                   cm_text_role role)
{
    set_text(ruler, text, role);
    pango_cairo_show_layout_line(
        cairo, pango_layout_get_line_readonly(ruler->layout, 0));
}
