/* Walks down a ranking, from the highest score to the lowest. */
#include "evaluation/operating_points.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "evaluation/decisions.h"
#include "evaluation/ranking.h"
#include "evaluation/sum.h"

enum {
    STEPS = 256,                    /* a side of the picture */
    MAX_POINTS = 2 * STEPS + 33 + 2 /* steps, doublings, both ends */
};

/* Is there something to see between two points? */
static bool is_far(const cm_operating_points *curve,
                   const cm_operating_point *last,
                   const cm_operating_point *next)
{
    return (next->clicks - last->clicks) * STEPS >= curve->clicks ||
           (next->others - last->others) * STEPS >= curve->others ||
           next->clicks + next->others >= 2 * (last->clicks + last->others);
}

static void add_point(cm_operating_points *curve, cm_operating_point next)
{
    bool at_end = next.clicks == curve->clicks && next.others == curve->others;
    if (at_end || is_far(curve, &curve->points[curve->n - 1], &next)) {
        curve->points[curve->n++] = next;
    }
}

/* Takes in all rows of the score that *i ends at, and moves *i in front of
 * them. */
static void take_tied(cm_operating_point *at, const uint64_t *keys, size_t *i)
{
    uint64_t bits = ranking_bits(keys[*i - 1]);
    at->threshold = ranking_score(keys[*i - 1]);
    for (; *i > 0 && ranking_bits(keys[*i - 1]) == bits; --*i) {
        unsigned label = ranking_label(keys[*i - 1]);
        at->clicks += label;
        at->others += !label;
    }
}

static void walk_down(cm_operating_points *curve, const ranking *rows)
{
    cm_operating_point at = {.threshold = INFINITY};
    cm_sum area = {0};
    curve->points[curve->n++] = at;
    for (size_t i = rows->n; i > 0;) {
        uint64_t before = at.clicks;
        take_tied(&at, rows->keys, &i);
        cm_sum_add(&area, (double)(at.clicks - before) *
                              share_or(at.clicks, at.clicks + at.others, 0));
        add_point(curve, at);
    }
    curve->average_precision =
        curve->clicks > 0 ? cm_sum_value(&area) / (double)curve->clicks : NAN;
}

cm_status cm_operating_points_init(cm_operating_points *out,
                                   const uint8_t *labels, const double *scores,
                                   size_t n, cm_error *err)
{
    ranking rows;
    *out = (cm_operating_points){0};
    cm_status status = ranking_init(&rows, labels, scores, n, err);
    if (status == CM_OK) {
        out->points = cm_alloc(MAX_POINTS, sizeof *out->points, err);
        status = out->points != NULL ? CM_OK : CM_ERR_NOMEM;
    }
    if (status == CM_OK) {
        for (size_t i = 0; i < n; i++) {
            out->clicks += labels[i];
        }
        out->others = n - out->clicks;
        walk_down(out, &rows);
    }
    ranking_release(&rows);
    return status;
}

void cm_operating_points_release(cm_operating_points *curve)
{
    free(curve->points);
}

double cm_point_recall(const cm_operating_points *curve, size_t i)
{
    return share_or(curve->points[i].clicks, curve->clicks, NAN);
}

double cm_point_fall_out(const cm_operating_points *curve, size_t i)
{
    return share_or(curve->points[i].others, curve->others, NAN);
}

double cm_point_precision(const cm_operating_points *curve, size_t i)
{
    const cm_operating_point *at = &curve->points[i];
    return share_or(at->clicks, at->clicks + at->others, 1);
}
