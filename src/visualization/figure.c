/* Figures as files: checked, laid out, painted. */
#include "visualization/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "visualization/layout.h"
#include "visualization/paint.h"

static cm_status check_size(const cm_figure *figure, cm_figure_size size,
                            cm_error *err)
{
    bool width = size.width >= 240 && size.width <= 4000;
    bool scale = size.scale >= 0.5 && size.scale <= 4;
    if (!width || !scale) {
        return cm_fail(err, CM_ERR_USAGE,
                       "figure %s: a width of %g (240 to 4000 is possible) or "
                       "a scale of %g (0.5 to 4)",
                       figure->id, size.width, size.scale);
    }
    return CM_OK;
}

/* A figure laid out, and what writes its texts. */
typedef struct sheet {
    cm_ruler *ruler;
    cm_drawing drawing;
} sheet;

static void sheet_release(sheet *s)
{
    cm_drawing_release(&s->drawing);
    cm_ruler_free(s->ruler);
}

static cm_status sheet_init(sheet *s, const cm_figure *figure,
                            cm_figure_size size, cm_error *err)
{
    *s = (sheet){0};
    cm_status status = cm_figure_check(figure, err);
    if (status == CM_OK) {
        status = check_size(figure, size, err);
    }
    if (status == CM_OK) {
        status = cm_ruler_new(&s->ruler, err);
    }
    if (status == CM_OK) {
        status = cm_layout_figure(&s->drawing, figure, size.width, false,
                                  s->ruler, err);
    }
    return status;
}

cm_status cm_figure_svg(cm_buf *out, const cm_figure *figure,
                        cm_figure_size size, cm_theme theme, cm_error *err)
{
    sheet s;
    cm_status status = sheet_init(&s, figure, size, err);
    if (status == CM_OK) {
        status = cm_paint_svg(out, &s.drawing, figure->title, figure->alt,
                              theme, err);
    }
    sheet_release(&s);
    return status;
}

cm_status cm_figure_png(cm_buf *out, const cm_figure *figure,
                        cm_figure_size size, cm_theme theme, cm_error *err)
{
    sheet s;
    cm_status status = sheet_init(&s, figure, size, err);
    if (status == CM_OK) {
        status = cm_paint_png(out, &s.drawing, size.scale, theme, s.ruler, err);
    }
    sheet_release(&s);
    return status;
}

cm_status cm_figure_files(cm_buf *svg, cm_buf *png, const cm_figure *figure,
                          cm_ruler *ruler, cm_error *err)
{
    enum { WIDTH_PX = 640, SCALE = 2 };
    cm_drawing drawing = {0};
    cm_status status =
        cm_layout_figure(&drawing, figure, WIDTH_PX, false, ruler, err);
    if (status == CM_OK) {
        status = cm_paint_svg(svg, &drawing, figure->title, figure->alt,
                              CM_THEME_LIGHT, err);
    }
    if (status == CM_OK) {
        status = cm_paint_png(png, &drawing, SCALE, CM_THEME_LIGHT, ruler, err);
    }
    cm_drawing_release(&drawing);
    return status;
}

static cm_status write_file(const char *folder, const char *id,
                            const char *suffix, const cm_buf *bytes,
                            cm_error *err)
{
    cm_buf path = {0};
    cm_buf_addf(&path, "%s/%s%s", folder, id, suffix);
    cm_status status = cm_buf_check(&path, err);
    if (status == CM_OK) {
        status = cm_write_file(path.p, (cm_str){bytes->p, bytes->n}, err);
    }
    cm_buf_release(&path);
    return status;
}

cm_status cm_figure_save(const cm_figure *figure, const char *folder,
                         cm_error *err)
{
    cm_buf svg = {0};
    cm_buf png = {0};
    cm_ruler *ruler = NULL;
    cm_status status = cm_figure_check(figure, err);
    if (status == CM_OK) {
        status = cm_ruler_new(&ruler, err);
    }
    if (status == CM_OK) {
        status = cm_figure_files(&svg, &png, figure, ruler, err);
    }
    if (status == CM_OK) {
        status = cm_make_dirs(folder, err);
    }
    if (status == CM_OK) {
        status = write_file(folder, figure->id, ".svg", &svg, err);
    }
    if (status == CM_OK) {
        status = write_file(folder, figure->id, ".png", &png, err);
    }
    cm_ruler_free(ruler);
    cm_buf_release(&png);
    cm_buf_release(&svg);
    return status;
}
