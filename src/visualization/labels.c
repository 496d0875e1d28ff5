/* Texts in a drawing: cleaned, measured, shortened, broken into lines. */
#include <string.h>

#include "visualization/layout.h"
#include "visualization/markup.h"

#define ELLIPSIS "\xe2\x80\xa6"

enum { MOST_TEXT = 1000 }; /* bytes of a text that are looked at */

static const char *keep(cm_layout *layout, cm_buf *buf)
{
    cm_drawing *out = layout->out;
    char *kept = NULL;
    if (!buf->failed) {
        kept = cm_arena_strdup(&out->arena, buf->n > 0 ? buf->p : "", buf->n,
                               NULL);
    }
    out->failed = out->failed || kept == NULL;
    cm_buf_release(buf);
    return kept != NULL ? kept : "";
}

const char *cm_clean(cm_layout *layout, const char *text)
{
    if (text == NULL) {
        return "";
    }
    cm_str all = cm_str_of(text);
    bool cut = all.n > MOST_TEXT;
    if (cut) {
        all.n = cm_utf8_valid((cm_str){all.p, MOST_TEXT});
        all.n = all.n < MOST_TEXT / 2 ? MOST_TEXT : all.n;
    }
    cm_buf buf = {0};
    cm_add_clean(&buf, all);
    cm_buf_adds(&buf, cut ? ELLIPSIS : "");
    return keep(layout, &buf);
}

double cm_text_width(cm_layout *layout, const char *text, cm_text_role role)
{
    return cm_ruler_measure(layout->ruler, text, role).width;
}

const char *cm_shorten(cm_layout *layout, const char *text, cm_text_role role,
                       double width)
{
    if (cm_text_width(layout, text, role) <= width) {
        return text;
    }
    double room = width - cm_text_width(layout, ELLIPSIS, role);
    cm_buf buf = {0};
    cm_buf_add(&buf, text, cm_ruler_fit(layout->ruler, text, role, room));
    cm_buf_adds(&buf, ELLIPSIS);
    return keep(layout, &buf);
}

/* Where a text of this width begins, when it is held at 0. */
static double start_of(cm_anchor anchor, double width)
{
    return anchor == CM_ANCHOR_START ? 0
           : anchor == CM_ANCHOR_END ? -width
                                     : -width / 2;
}

static cm_box box_of(cm_layout *layout, cm_text text)
{
    cm_extent extent = cm_ruler_measure(layout->ruler, text.text, text.role);
    double start = start_of(text.anchor, extent.width);
    if (text.upright) {
        return (cm_box){text.x - extent.ascent, text.y - start - extent.width,
                        text.x + extent.descent, text.y - start};
    }
    return (cm_box){text.x + start, text.y - extent.ascent,
                    text.x + start + extent.width, text.y + extent.descent};
}

void cm_put(cm_layout *layout, cm_text text)
{
    text.box = box_of(layout, text);
    cm_drawing_text(layout->out, text);
}

void cm_put_ground(cm_layout *layout, cm_text text)
{
    if (text.text[0] != '\0') {
        cm_drawing_box(layout->out,
                       (cm_shape){.ink = CM_INK_PAPER, .opacity = 1},
                       box_of(layout, text));
    }
}

void cm_put_lines(cm_layout *layout, const char *text, cm_text_role role,
                  double x, double width)
{
    const char *line = cm_clean(layout, text);
    while (line != NULL && *line != '\0') {
        const char *rest = NULL;
        cm_buf buf = {0};
        size_t n = cm_ruler_line(layout->ruler, line, role, width, &rest);
        cm_buf_add(&buf, line, n);
        const char *kept = keep(layout, &buf);
        cm_extent extent = cm_ruler_measure(layout->ruler, kept, role);
        cm_put(layout, (cm_text){.text = kept,
                                 .x = x,
                                 .y = layout->y + extent.ascent,
                                 .role = role});
        layout->y += extent.ascent + extent.descent + 1;
        line = rest;
    }
}
