/* Whether a figure keeps what figure.h says: our callers' bugs are errors, so
 * that a report which nobody has seen yet does not end a training. */
#include <math.h>
#include <string.h>

#include "visualization/layout.h"

#define REFUSE(...) cm_fail(err, CM_ERR_USAGE, __VA_ARGS__)

cm_status cm_id_check(const char *id, cm_error *err)
{
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    if (id == NULL || id[0] == '\0' || strlen(id) > 100 ||
        id[strspn(id, ALLOWED)] != '\0') {
        return REFUSE("the id '%s' is to be 1 to 100 of a-z, 0-9, _ and -",
                      id != NULL ? id : "");
    }
    return CM_OK;
}

static cm_status check_axis(const char *id, const cm_axis *axis, cm_error *err)
{
    if (axis->categories != NULL &&
        (axis->n_categories == 0 ||
         axis->n_categories > CM_FIGURE_MAX_CATEGORIES)) {
        return REFUSE("figure %s: %zu categories, 1 to %d are possible", id,
                      axis->n_categories, CM_FIGURE_MAX_CATEGORIES);
    }
    if (axis->fixed &&
        (!cm_axis_takes(axis, axis->low) || !cm_axis_takes(axis, axis->high) ||
         axis->low >= axis->high)) {
        return REFUSE("figure %s: an axis from %g to %g is none", id, axis->low,
                      axis->high);
    }
    return CM_OK;
}

/* The arrays that a mark cannot do without. */
static bool is_complete(const cm_series *series)
{
    bool x = series->x != NULL;
    bool y = series->y != NULL;
    bool span = series->low != NULL && series->high != NULL;
    switch (series->mark) {
    case CM_MARK_BAND:
        return x && span;
    case CM_MARK_INTERVALS:
        return x && y && span;
    case CM_MARK_REFERENCE:
        return x || y;
    default:
        return x && y;
    }
}

static cm_status check_series(const char *id, const cm_axis *y,
                              const cm_series *series, size_t n,
                              size_t *n_points, cm_error *err)
{
    if (n > CM_FIGURE_MAX_SERIES) {
        return REFUSE("figure %s: %zu series, at most %d are possible", id, n,
                      CM_FIGURE_MAX_SERIES);
    }
    for (size_t i = 0; i < n; i++) {
        if (series[i].n > CM_FIGURE_MAX_POINTS - *n_points) {
            return REFUSE("figure %s: more than %d points", id,
                          CM_FIGURE_MAX_POINTS);
        }
        *n_points += series[i].n;
        if (series[i].n > 0 && !is_complete(&series[i])) {
            return REFUSE("figure %s: series %zu lacks an array", id, i);
        }
        if (series[i].mark == CM_MARK_SWARM && y->categories == NULL) {
            return REFUSE("figure %s: a swarm needs categories on the y axis",
                          id);
        }
    }
    return CM_OK;
}

cm_status cm_figure_check(const cm_figure *figure, cm_error *err)
{
    cm_status status = cm_id_check(figure->id, err);
    size_t n_points = 0;
    if (status == CM_OK && figure->x.categories != NULL &&
        figure->y.categories != NULL) {
        return REFUSE("figure %s: categories on both axes", figure->id);
    }
    if (status == CM_OK && figure->below.n_series > 0 &&
        (figure->y.categories != NULL || figure->below.y.categories != NULL)) {
        return REFUSE("figure %s: a lower panel with lying categories",
                      figure->id);
    }
    if (status == CM_OK) {
        status = check_axis(figure->id, &figure->x, err);
    }
    if (status == CM_OK) {
        status = check_axis(figure->id, &figure->y, err);
    }
    if (status == CM_OK) {
        status = check_axis(figure->id, &figure->below.y, err);
    }
    if (status == CM_OK) {
        status = check_series(figure->id, &figure->y, figure->series,
                              figure->n_series, &n_points, err);
    }
    if (status == CM_OK) {
        status =
            check_series(figure->id, &figure->below.y, figure->below.series,
                         figure->below.n_series, &n_points, err);
    }
    return status;
}
