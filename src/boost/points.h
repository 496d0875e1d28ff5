/* The rows of every leaf as weighted points on the score axis: all that the
 * estimation of leaf values needs, and far fewer than rows.
 *
 * Scores are cut into cells of width 1/8.  A cell's rows enter by their number
 * and the sums of x, x^2, x^3 (x: distance from the cell's middle), integers
 * all, and are then replaced by four weighted points (the Chebyshev nodes)
 * with the same four sums: integrals of cubics stay exact, those of the
 * logistic function and of its logarithm to 1e-9 a row.  Where
 * there are few rows to a cell every row is a point of its own. */
#ifndef CM_BOOST_POINTS_H
#define CM_BOOST_POINTS_H

#include "boost/rows.h"

typedef struct cm_points {
    const cm_rows *rows;
    uint32_t n_leaves;
    size_t *start;      /* (max_leaves + 1): points of a leaf */
    uint64_t *n_rows;   /* (max_leaves) */
    uint64_t *n_clicks; /* (max_leaves): rows with label 1 */
    double *odds;       /* (n_points): e^score */
    double *weight;     /* (n_points) */
    size_t capacity;
    int64_t *cells; /* (n_threads, n_leaves, n_cells, 4) */
    size_t cells_capacity;
} cm_points;

CM_MUST_USE cm_status cm_points_init(cm_points *points, const cm_rows *rows,
                                     uint32_t depth, cm_error *err);
void cm_points_release(cm_points *points);

/* Fills start, n_rows, n_clicks, odds and weight from rows->leaf and
 * rows->score, whose values lie in [min_score, max_score]. */
CM_MUST_USE cm_status cm_points_collect(cm_points *points, uint32_t n_leaves,
                                        int32_t min_score, int32_t max_score,
                                        cm_error *err);

#endif
