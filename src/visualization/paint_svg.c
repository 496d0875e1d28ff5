/* Drawings as SVG.  Texts stay texts, colours are classes, and nothing has an
 * id, so that many drawings can stand in one page and follow its theme; cairo's
 * own SVG has outlines in place of letters, one theme, and ids that count up
 * (docs/decisions/0008-figures.md).
 *
 * Class fI fills with ink I, class sI strokes with it. */
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "visualization/markup.h"
#include "visualization/paint.h"

enum {
    MANY_DOTS = 1200, /* more are a picture in the picture */
    RUN = 256         /* dots that are sorted by ink, to be written shorter */
};

/* ---- numbers and points --------------------------------------------- */

/* To a tenth of a pixel. */
static void add_px(cm_buf *out, double px)
{
    long tenths = lround(px * 10);
    if (tenths < 0) {
        cm_buf_addc(out, '-');
        tenths = -tenths;
    }
    cm_buf_addf(out, "%ld", tenths / 10);
    if (tenths % 10 != 0) {
        cm_buf_addf(out, ".%ld", tenths % 10);
    }
}

static void add_point(cm_buf *out, char command, cm_point p)
{
    cm_buf_addc(out, command);
    add_px(out, p.x);
    cm_buf_addc(out, ' ');
    add_px(out, p.y);
}

static void add_size(cm_buf *out, const char *name, double px)
{
    cm_buf_addf(out, " %s=\"", name);
    add_px(out, px);
    cm_buf_addc(out, '"');
}

/* ---- shapes --------------------------------------------------------- */

static void add_box(cm_buf *out, const cm_point *p)
{
    add_point(out, 'M', p[0]);
    cm_buf_addc(out, 'H');
    add_px(out, p[1].x);
    cm_buf_addc(out, 'V');
    add_px(out, p[1].y);
    cm_buf_addc(out, 'H');
    add_px(out, p[0].x);
    cm_buf_addc(out, 'z');
}

static void add_path(cm_buf *out, const cm_drawing *drawing,
                     const cm_shape *shape)
{
    const cm_point *points = drawing->points + shape->first;
    for (size_t i = 0; i < shape->n; i++) {
        if (shape->kind == CM_SHAPE_BOXES) {
            if (i % 2 == 0) {
                add_box(out, points + i);
            }
            continue;
        }
        bool moves = shape->kind == CM_SHAPE_SEGMENTS ? i % 2 == 0 : i == 0;
        add_point(out, moves ? 'M' : 'L', points[i]);
    }
}

static void add_shape(cm_buf *out, const cm_drawing *drawing,
                      const cm_shape *shape)
{
    bool filled = shape->kind == CM_SHAPE_AREA || shape->kind == CM_SHAPE_BOXES;
    cm_buf_addf(out, "<path class=\"%c%d\"", filled ? 'f' : 's',
                (int)shape->ink);
    if (!filled) {
        cm_buf_adds(out, " fill=\"none\"");
        add_size(out, "stroke-width", shape->size);
    }
    if (shape->opacity < 1) {
        cm_buf_addf(out, " opacity=\"%.2f\"", shape->opacity);
    }
    if (shape->dashed) {
        cm_buf_adds(out, " stroke-dasharray=\"5 4\"");
    } else if (shape->kind == CM_SHAPE_LINE) {
        cm_buf_adds(out, " stroke-linecap=\"round\" stroke-linejoin=\"round\"");
    }
    cm_buf_adds(out, " d=\"");
    add_path(out, drawing, shape);
    cm_buf_adds(out, "\"/>");
}

/* ---- dots ----------------------------------------------------------- */

/* The dots of one ink among n: lines of no length with round ends. */
static void add_dots_of(cm_buf *out, const cm_dot *dots, size_t n, cm_ink ink,
                        const cm_shape *shape)
{
    bool open = false;
    for (size_t i = 0; i < n; i++) {
        if (dots[i].ink != (uint8_t)ink) {
            continue;
        }
        if (!open) {
            cm_buf_addf(out, "<path class=\"s%d\" d=\"", (int)ink);
            open = true;
        }
        add_point(out, 'M', (cm_point){(double)dots[i].x, (double)dots[i].y});
        cm_buf_adds(out, "h0");
    }
    if (open) {
        cm_buf_adds(out, "\" stroke-linecap=\"round\"");
        add_size(out, "stroke-width", shape->size);
        if (shape->opacity < 1) {
            cm_buf_addf(out, " opacity=\"%.2f\"", shape->opacity);
        }
        cm_buf_adds(out, "/>");
    }
}

static void add_dots(cm_buf *out, const cm_drawing *drawing,
                     const cm_shape *shape)
{
    const cm_dot *dots = drawing->dots + shape->first;
    for (size_t i = 0; i < shape->n; i += RUN) {
        size_t n = shape->n - i < RUN ? shape->n - i : RUN;
        for (int ink = 0; ink < CM_INKS; ink++) {
            add_dots_of(out, dots + i, n, (cm_ink)ink, shape);
        }
    }
}

static bool is_crowd(const cm_shape *shape)
{
    return shape->kind == CM_SHAPE_DOTS && shape->n > MANY_DOTS;
}

/* What all crowds cover, in whole pixels. */
static cm_box crowd_box(const cm_drawing *drawing)
{
    cm_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (size_t s = 0; s < drawing->n_shapes; s++) {
        const cm_shape *shape = &drawing->shapes[s];
        for (size_t i = 0; is_crowd(shape) && i < shape->n; i++) {
            const cm_dot *dot = &drawing->dots[shape->first + i];
            box.left = fmin(box.left, (double)dot->x);
            box.right = fmax(box.right, (double)dot->x);
            box.top = fmin(box.top, (double)dot->y);
            box.bottom = fmax(box.bottom, (double)dot->y);
        }
    }
    return (cm_box){floor(box.left) - 3, floor(box.top) - 3,
                    ceil(box.right) + 3, ceil(box.bottom) + 3};
}

static void add_base64(cm_buf *out, const cm_buf *bytes)
{
    enum { BLOCK = 3072 };
    unsigned char text[BLOCK / 3 * 4 + 1];
    for (size_t i = 0; i < bytes->n; i += BLOCK) {
        size_t n = bytes->n - i < BLOCK ? bytes->n - i : BLOCK;
        int length =
            EVP_EncodeBlock(text, (const unsigned char *)bytes->p + i, (int)n);
        cm_buf_add(out, text, (size_t)length);
    }
}

static cm_status add_crowds(cm_buf *out, const cm_drawing *drawing,
                            cm_error *err)
{
    cm_box box = crowd_box(drawing);
    cm_buf png = {0};
    cm_status status =
        cm_paint_dots_png(&png, drawing, &box, MANY_DOTS, 2, err);
    if (status == CM_OK) {
        cm_buf_adds(out, "<image");
        add_size(out, "x", box.left);
        add_size(out, "y", box.top);
        add_size(out, "width", box.right - box.left);
        add_size(out, "height", box.bottom - box.top);
        cm_buf_adds(out, " xlink:href=\"data:image/png;base64,");
        add_base64(out, &png);
        cm_buf_adds(out, "\"/>");
    }
    cm_buf_release(&png);
    return status;
}

static cm_status add_shapes(cm_buf *out, const cm_drawing *drawing,
                            cm_error *err)
{
    bool crowded = false;
    cm_status status = CM_OK;
    for (size_t i = 0; i < drawing->n_shapes && status == CM_OK; i++) {
        const cm_shape *shape = &drawing->shapes[i];
        if (shape->n == 0) {
            continue;
        }
        if (is_crowd(shape)) {
            status = crowded ? CM_OK : add_crowds(out, drawing, err);
            crowded = true;
        } else if (shape->kind == CM_SHAPE_DOTS) {
            add_dots(out, drawing, shape);
        } else {
            add_shape(out, drawing, shape);
        }
    }
    return status;
}

/* ---- texts ---------------------------------------------------------- */

static void add_text(cm_buf *out, const cm_text *text)
{
    static const char *const ANCHORS[] = {
        [CM_ANCHOR_START] = "",
        [CM_ANCHOR_MIDDLE] = " text-anchor=\"middle\"",
        [CM_ANCHOR_END] = " text-anchor=\"end\""};
    cm_buf_addf(out, "<text class=\"f%d\"", (int)cm_text_ink(text->role));
    add_size(out, "font-size", cm_text_px(text->role));
    if (cm_text_bold(text->role)) {
        cm_buf_adds(out, " font-weight=\"bold\"");
    }
    cm_buf_adds(out, ANCHORS[text->anchor]);
    if (text->upright) {
        cm_buf_adds(out, " transform=\"translate(");
        add_px(out, text->x);
        cm_buf_addc(out, ' ');
        add_px(out, text->y);
        cm_buf_adds(out, ") rotate(-90)\"");
    } else {
        add_size(out, "x", text->x);
        add_size(out, "y", text->y);
    }
    cm_buf_addc(out, '>');
    if (text->whole != NULL) {
        cm_buf_adds(out, "<title>");
        cm_add_escaped(out, text->whole);
        cm_buf_adds(out, "</title>");
    }
    cm_add_escaped(out, text->text);
    cm_buf_adds(out, "</text>");
}

static cm_status add_content(cm_buf *out, const cm_drawing *drawing,
                             cm_error *err)
{
    cm_status status = add_shapes(out, drawing, err);
    for (size_t i = 0; i < drawing->n_texts; i++) {
        add_text(out, &drawing->texts[i]);
    }
    cm_buf_adds(out, "</svg>\n");
    return status == CM_OK ? cm_buf_check(out, err) : status;
}

/* ---- documents ------------------------------------------------------ */

void cm_paint_rules(cm_buf *out, cm_theme theme)
{
    for (int ink = 0; ink < CM_INKS; ink++) {
        cm_rgb rgb = cm_ink_rgb((cm_ink)ink, theme);
        cm_buf_addf(out, ".f%d{fill:#%02x%02x%02x}", ink, rgb.r, rgb.g, rgb.b);
        cm_buf_addf(out, ".s%d{stroke:#%02x%02x%02x}\n", ink, rgb.r, rgb.g,
                    rgb.b);
    }
}

static void add_view(cm_buf *out, const cm_drawing *drawing)
{
    add_size(out, "width", drawing->width);
    add_size(out, "height", drawing->height);
    cm_buf_adds(out, " viewBox=\"0 0 ");
    add_px(out, drawing->width);
    cm_buf_addc(out, ' ');
    add_px(out, drawing->height);
    cm_buf_adds(out, "\" role=\"img\"");
}

cm_status cm_paint_svg(cm_buf *out, const cm_drawing *drawing,
                       const char *title, const char *alt, cm_theme theme,
                       cm_error *err)
{
    cm_buf_adds(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                     "xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
    add_view(out, drawing);
    cm_buf_adds(out, " font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n"
                     "<title>");
    cm_add_escaped(out, title);
    cm_buf_adds(out, "</title>\n<desc>");
    cm_add_escaped(out, alt);
    cm_buf_adds(out, "</desc>\n<style>\n");
    cm_paint_rules(out, theme);
    cm_buf_addf(out, "</style>\n<rect class=\"f%d\"", CM_INK_PAPER);
    add_size(out, "width", drawing->width);
    add_size(out, "height", drawing->height);
    cm_buf_adds(out, "/>\n");
    return add_content(out, drawing, err);
}

cm_status cm_paint_inline_svg(cm_buf *out, const cm_drawing *drawing,
                              const char *name, const char *alt, cm_error *err)
{
    cm_buf_addf(out, "<svg class=\"%s\"", name);
    add_view(out, drawing);
    cm_add_attribute(out, "aria-label", alt);
    cm_buf_adds(out, ">");
    return add_content(out, drawing, err);
}
