/* A drawing's growing arrays. */
#include "visualization/drawing.h"

#include <stdlib.h>
#include <string.h>

void cm_drawing_release(cm_drawing *drawing)
{
    free(drawing->shapes);
    free(drawing->points);
    free(drawing->dots);
    free(drawing->texts);
    cm_arena_release(&drawing->arena);
    *drawing = (cm_drawing){0};
}

/* Room for one more; false when there is none. */
static bool make_room(cm_drawing *drawing, void *array, size_t count,
                      size_t *capacity, size_t size)
{
    drawing->failed =
        drawing->failed || cm_grow(array, count, capacity, size, NULL) != CM_OK;
    return !drawing->failed;
}

void cm_drawing_shape(cm_drawing *drawing, cm_shape shape)
{
    if (!make_room(drawing, &drawing->shapes, drawing->n_shapes,
                   &drawing->shapes_capacity, sizeof(*drawing->shapes))) {
        return;
    }
    shape.first =
        shape.kind == CM_SHAPE_DOTS ? drawing->n_dots : drawing->n_points;
    shape.n = 0;
    drawing->shapes[drawing->n_shapes++] = shape;
}

void cm_drawing_point(cm_drawing *drawing, double x, double y)
{
    if (make_room(drawing, &drawing->points, drawing->n_points,
                  &drawing->points_capacity, sizeof(*drawing->points))) {
        drawing->points[drawing->n_points++] = (cm_point){x, y};
        drawing->shapes[drawing->n_shapes - 1].n++;
    }
}

void cm_drawing_dot(cm_drawing *drawing, double x, double y, cm_ink ink)
{
    if (make_room(drawing, &drawing->dots, drawing->n_dots,
                  &drawing->dots_capacity, sizeof(*drawing->dots))) {
        drawing->dots[drawing->n_dots++] =
            (cm_dot){(float)x, (float)y, (uint8_t)ink};
        drawing->shapes[drawing->n_shapes - 1].n++;
    }
}

static char *keep(cm_drawing *drawing, const char *text)
{
    char *kept = cm_arena_strdup(&drawing->arena, text, strlen(text), NULL);
    drawing->failed = drawing->failed || kept == NULL;
    return kept;
}

void cm_drawing_text(cm_drawing *drawing, cm_text text)
{
    if (!make_room(drawing, &drawing->texts, drawing->n_texts,
                   &drawing->texts_capacity, sizeof(*drawing->texts))) {
        return;
    }
    text.text = keep(drawing, text.text);
    text.whole = text.whole != NULL ? keep(drawing, text.whole) : NULL;
    if (!drawing->failed) {
        drawing->texts[drawing->n_texts++] = text;
    }
}

void cm_drawing_segment(cm_drawing *drawing, cm_shape style, cm_point from,
                        cm_point to)
{
    style.kind = CM_SHAPE_SEGMENTS;
    cm_drawing_shape(drawing, style);
    cm_drawing_point(drawing, from.x, from.y);
    cm_drawing_point(drawing, to.x, to.y);
}

void cm_drawing_box(cm_drawing *drawing, cm_shape style, cm_box box)
{
    style.kind = CM_SHAPE_BOXES;
    cm_drawing_shape(drawing, style);
    cm_drawing_point(drawing, box.left, box.top);
    cm_drawing_point(drawing, box.right, box.bottom);
}

double cm_text_px(cm_text_role role)
{
    switch (role) {
    case CM_TEXT_TITLE:
        return 15;
    case CM_TEXT_NOTE:
    case CM_TEXT_LEGEND:
    case CM_TEXT_AXIS:
        return 12;
    case CM_TEXT_MESSAGE:
        return 14;
    default:
        return 11;
    }
}

bool cm_text_bold(cm_text_role role)
{
    return role == CM_TEXT_TITLE;
}

cm_ink cm_text_ink(cm_text_role role)
{
    return role == CM_TEXT_TITLE || role == CM_TEXT_LEGEND ||
                   role == CM_TEXT_VALUE
               ? CM_INK_TEXT
               : CM_INK_SOFT;
}
