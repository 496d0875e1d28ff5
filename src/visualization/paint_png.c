/* Drawings as pixels, by cairo, and those as PNG, by libpng. */
#include <cairo.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>

#include "visualization/paint.h"

typedef struct brush {
    cairo_t *cairo;
    const cm_drawing *drawing;
    cm_theme theme;
    double scale;
    cm_point origin; /* the drawing's point that is the picture's corner */
} brush;

static void set_ink(brush *painter, cm_ink ink, double opacity)
{
    cm_rgb rgb = cm_ink_rgb(ink, painter->theme);
    cairo_set_source_rgba(painter->cairo, rgb.r / 255.0, rgb.g / 255.0,
                          rgb.b / 255.0, opacity);
}

/* ---- shapes --------------------------------------------------------- */

static void trace(brush *painter, const cm_shape *shape)
{
    cairo_t *cairo = painter->cairo;
    const cm_point *points = painter->drawing->points + shape->first;
    for (size_t i = 0; i < shape->n; i++) {
        bool moves = shape->kind == CM_SHAPE_SEGMENTS ? i % 2 == 0 : i == 0;
        if (moves) {
            cairo_move_to(cairo, points[i].x, points[i].y);
        } else {
            cairo_line_to(cairo, points[i].x, points[i].y);
        }
    }
}

static void paint_boxes(brush *painter, const cm_shape *shape)
{
    const cm_point *points = painter->drawing->points + shape->first;
    for (size_t i = 0; i + 1 < shape->n; i += 2) {
        cairo_rectangle(painter->cairo, points[i].x, points[i].y,
                        points[i + 1].x - points[i].x,
                        points[i + 1].y - points[i].y);
    }
    cairo_fill(painter->cairo);
}

static void paint_lines(brush *painter, const cm_shape *shape)
{
    static const double DASHES[] = {5, 4};
    cairo_t *cairo = painter->cairo;
    trace(painter, shape);
    cairo_set_line_width(cairo, shape->size);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    bool round = shape->kind == CM_SHAPE_LINE && !shape->dashed;
    cairo_set_line_cap(cairo,
                       round ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
    cairo_set_dash(cairo, DASHES, shape->dashed ? 2 : 0, 0);
    cairo_stroke(cairo);
}

/* One dot as a mask, stamped for each: ten times as fast as 20,000 circles. */
static cairo_surface_t *make_stamp(double diameter)
{
    int side = (int)ceil(diameter) + 2;
    cairo_surface_t *stamp =
        cairo_image_surface_create(CAIRO_FORMAT_A8, side, side);
    cairo_t *cairo = cairo_create(stamp);
    cairo_arc(cairo, side / 2.0, side / 2.0, diameter / 2, 0, 2 * M_PI);
    cairo_fill(cairo);
    cairo_destroy(cairo);
    return stamp;
}

static void paint_dots(brush *painter, const cm_shape *shape)
{
    cairo_t *cairo = painter->cairo;
    double diameter = shape->size * painter->scale;
    cairo_surface_t *stamp = make_stamp(diameter);
    double half = ((int)ceil(diameter) + 2) / 2.0;
    const cm_dot *dots = painter->drawing->dots + shape->first;
    cairo_save(cairo);
    cairo_identity_matrix(cairo);
    for (size_t i = 0; i < shape->n; i++) {
        double x = ((double)dots[i].x - painter->origin.x) * painter->scale;
        double y = ((double)dots[i].y - painter->origin.y) * painter->scale;
        set_ink(painter, (cm_ink)dots[i].ink, shape->opacity);
        cairo_mask_surface(cairo, stamp, rint(x - half), rint(y - half));
    }
    cairo_restore(cairo);
    cairo_surface_destroy(stamp);
}

static void paint_shape(brush *painter, const cm_shape *shape)
{
    if (shape->kind == CM_SHAPE_DOTS) {
        paint_dots(painter, shape);
        return;
    }
    set_ink(painter, shape->ink, shape->opacity);
    if (shape->kind == CM_SHAPE_BOXES) {
        paint_boxes(painter, shape);
    } else if (shape->kind == CM_SHAPE_AREA) {
        trace(painter, shape);
        cairo_fill(painter->cairo);
    } else {
        paint_lines(painter, shape);
    }
}

static void paint_text(brush *painter, cm_ruler *ruler, const cm_text *text)
{
    cairo_t *cairo = painter->cairo;
    double length = text->upright ? text->box.bottom - text->box.top
                                  : text->box.right - text->box.left;
    double start = text->anchor == CM_ANCHOR_START ? 0
                   : text->anchor == CM_ANCHOR_END ? -length
                                                   : -length / 2;
    set_ink(painter, cm_text_ink(text->role), 1);
    cairo_save(cairo);
    cairo_translate(cairo, text->x, text->y);
    if (text->upright) {
        cairo_rotate(cairo, -M_PI / 2);
    }
    cairo_move_to(cairo, start, 0);
    cm_ruler_show(ruler, cairo, text->text, text->role);
    cairo_restore(cairo);
}

/* ---- PNG ------------------------------------------------------------ */

/* cairo's premultiplied words become bytes, alpha last; or without alpha. */
static void convert_row(png_byte *to, const uint32_t *from, int width,
                        bool alpha)
{
    for (int i = 0; i < width; i++) {
        uint32_t a = from[i] >> 24;
        uint32_t rgb[3] = {from[i] >> 16 & 255, from[i] >> 8 & 255,
                           from[i] & 255};
        for (int c = 0; c < 3; c++) {
            bool thin = alpha && a > 0 && a < 255;
            *to++ = (png_byte)(thin ? (rgb[c] * 255 + a / 2) / a : rgb[c]);
        }
        if (alpha) {
            *to++ = (png_byte)a;
        }
    }
}

static png_byte *convert(cairo_surface_t *surface, bool alpha, cm_error *err)
{
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    size_t stride = (size_t)width * (alpha ? 4 : 3);
    png_byte *bytes = cm_alloc((size_t)height, stride, err);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    size_t from = (size_t)cairo_image_surface_get_stride(surface);
    for (size_t y = 0; bytes != NULL && y < (size_t)height; y++) {
        const void *row = data + y * from;
        convert_row(bytes + y * stride, row, width, alpha);
    }
    return bytes;
}

static cm_status encode(cm_buf *out, cairo_surface_t *surface, bool alpha,
                        cm_error *err)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)cairo_image_surface_get_width(surface),
        .height = (png_uint_32)cairo_image_surface_get_height(surface),
        .format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB,
        .flags = PNG_IMAGE_FLAG_FAST};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    png_byte *bytes = convert(surface, alpha, err);
    png_byte *file = bytes != NULL ? cm_alloc(size, 1, err) : NULL;
    cm_status status = CM_ERR_NOMEM;
    if (file != NULL) {
        status = png_image_write_to_memory(&image, file, &size, 0, bytes, 0,
                                           NULL) != 0
                     ? CM_OK
                     : cm_fail(err, CM_ERR_NOMEM, "libpng: %s", image.message);
    }
    if (status == CM_OK) {
        cm_buf_add(out, file, size);
        status = cm_buf_check(out, err);
    }
    free(file);
    free(bytes);
    return status;
}

static cm_status finish(cm_buf *out, brush *painter, bool alpha, cm_error *err)
{
    cairo_surface_t *surface = cairo_get_target(painter->cairo);
    cairo_status_t problem = cairo_status(painter->cairo);
    cm_status status;
    cairo_surface_flush(surface);
    if (problem == CAIRO_STATUS_SUCCESS) {
        problem = cairo_surface_status(surface);
    }
    if (problem != CAIRO_STATUS_SUCCESS) {
        status = cm_fail(err, CM_ERR_NOMEM, "cairo: %s",
                         cairo_status_to_string(problem));
    } else {
        status = encode(out, surface, alpha, err);
    }
    cairo_destroy(painter->cairo);
    return status;
}

/* A picture of box, in which the painter uses the drawing's coordinates. */
static void start(brush *painter, const cm_box *box, cairo_format_t format)
{
    cairo_surface_t *surface = cairo_image_surface_create(
        format, (int)lround((box->right - box->left) * painter->scale),
        (int)lround((box->bottom - box->top) * painter->scale));
    painter->cairo = cairo_create(surface);
    cairo_surface_destroy(surface); /* cairo keeps it */
    painter->origin = (cm_point){box->left, box->top};
    cairo_scale(painter->cairo, painter->scale, painter->scale);
    cairo_translate(painter->cairo, -box->left, -box->top);
}

cm_status cm_paint_png(cm_buf *out, const cm_drawing *drawing, double scale,
                       cm_theme theme, cm_ruler *ruler, cm_error *err)
{
    brush painter = {.drawing = drawing, .theme = theme, .scale = scale};
    cm_box all = {0, 0, drawing->width, drawing->height};
    start(&painter, &all, CAIRO_FORMAT_RGB24);
    set_ink(&painter, CM_INK_PAPER, 1);
    cairo_paint(painter.cairo);
    for (size_t i = 0; i < drawing->n_shapes; i++) {
        paint_shape(&painter, &drawing->shapes[i]);
    }
    for (size_t i = 0; i < drawing->n_texts; i++) {
        paint_text(&painter, ruler, &drawing->texts[i]);
    }
    return finish(out, &painter, false, err);
}

cm_status cm_paint_dots_png(cm_buf *out, const cm_drawing *drawing,
                            const cm_box *box, size_t more_than, double scale,
                            cm_error *err)
{
    brush painter = {.drawing = drawing, .scale = scale};
    start(&painter, box, CAIRO_FORMAT_ARGB32);
    for (size_t i = 0; i < drawing->n_shapes; i++) {
        const cm_shape *shape = &drawing->shapes[i];
        if (shape->kind == CM_SHAPE_DOTS && shape->n > more_than) {
            paint_dots(&painter, shape);
        }
    }
    return finish(out, &painter, true, err);
}
