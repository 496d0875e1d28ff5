/* Points of the leaves, from what a sweep over the rows added up. */
#include "boost/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"

enum {
    NODES = 4,
    ALWAYS_ROWS = 32768, /* up to so many rows each is a point */
    WEIGHT_BITS = 31     /* of the sum of all weights in units */
};

/* Weights as whole numbers: the unit is a power of 2, so that weights that are
 * small whole numbers stay exact. */
static cm_status count_weights(cm_points *points, cm_error *err)
{
    const float *weights = points->set->weights;
    size_t n = points->set->n_rows;
    points->weight_unit = 1;
    if (weights == NULL) {
        return CM_OK;
    }
    points->weights = cm_alloc_large(n, sizeof *points->weights, err);
    if (points->weights == NULL) {
        return CM_ERR_NOMEM;
    }
    /* Rounding may add half a unit a row. */
    double most = ldexp(1, WEIGHT_BITS) - (double)n;
    int exponent = 0;
    (void)frexp(points->rows->total_weight / most, &exponent);
    points->weight_unit = ldexp(1, exponent);
    for (size_t i = 0; i < n; i++) {
        points->weights[i] =
            (uint32_t)((double)weights[i] / points->weight_unit + 0.5);
    }
    return CM_OK;
}

cm_status cm_points_init(cm_points *points, const cm_train_set *set,
                         cm_rows *rows, uint32_t depth, cm_error *err)
{
    size_t max_leaves = (size_t)1 << depth;
    *points = (cm_points){.set = set, .rows = rows};
    points->start = cm_alloc(max_leaves + 1, sizeof *points->start, err);
    points->leaf_weight = cm_alloc(max_leaves, sizeof(double), err);
    points->leaf_clicks = cm_alloc(max_leaves, sizeof(double), err);
    points->n_steps = 1;
    points->extremes = cm_alloc(rows->n_spans, sizeof *points->extremes, err);
    cm_status status = CM_ERR_NOMEM;
    if (points->start != NULL && points->leaf_weight != NULL &&
        points->leaf_clicks != NULL && points->extremes != NULL) {
        status = count_weights(points, err);
    }
    if (status != CM_OK) {
        cm_points_release(points);
    }
    return status;
}

void cm_points_release(cm_points *points)
{
    free(points->weights);
    free(points->start);
    free(points->leaf_weight);
    free(points->leaf_clicks);
    free(points->odds);
    free(points->weight);
    free(points->cells);
    free(points->extremes);
    *points = (cm_points){0};
}

static cm_status reserve(cm_points *points, size_t n, cm_error *err)
{
    if (n <= points->capacity) {
        return CM_OK;
    }
    free(points->odds);
    free(points->weight);
    points->odds = cm_alloc_large(n, sizeof(double), err);
    points->weight = cm_alloc_large(n, sizeof(double), err);
    points->capacity = n;
    return points->odds == NULL || points->weight == NULL ? CM_ERR_NOMEM
                                                          : CM_OK;
}

/* ---- every row a point ---------------------------------------------------*/

/* start[l + 1] becomes the place of the first row of leaf l. */
static void count_rows(cm_points *points)
{
    const cm_rows *rows = points->rows;
    uint32_t n = points->n_leaves;
    memset(points->leaf_weight, 0, n * sizeof(double));
    memset(points->leaf_clicks, 0, n * sizeof(double));
    memset(points->start, 0, (n + 1) * sizeof *points->start);
    for (size_t i = 0; i < rows->n; i++) {
        double weight = cm_row_weight(rows, i);
        points->start[rows->leaf[i] + 1]++;
        points->leaf_weight[rows->leaf[i]] += weight;
        points->leaf_clicks[rows->leaf[i]] += rows->labels[i] * weight;
    }
    size_t at = 0;
    for (uint32_t l = 1; l <= n; l++) {
        size_t rows_of_leaf = points->start[l];
        points->start[l] = at;
        at += rows_of_leaf;
    }
}

enum { ODDS_TASK = 16384 };

static void odds_task(void *context, size_t task, int thread)
{
    cm_points *points = context;
    (void)thread;
    size_t begin = task * ODDS_TASK, end = begin + ODDS_TASK;
    end = end < points->rows->n ? end : points->rows->n;
    for (size_t i = begin; i < end; i++) {
        points->odds[i] = cm_boost_exp(points->odds[i]);
    }
}

static cm_status collect_rows(cm_points *points, cm_sweep *sweep, cm_error *err)
{
    const cm_rows *rows = points->rows;
    cm_status status = reserve(points, rows->n, err);
    if (status != CM_OK) {
        return status;
    }
    cm_sweep_run(sweep);
    count_rows(points);
    for (size_t i = 0; i < rows->n; i++) {
        size_t at = points->start[rows->leaf[i] + 1]++;
        points->odds[at] = rows->score[i] / CM_FIXED_ONE;
        points->weight[at] = cm_row_weight(rows, i);
    }
    cm_team_run(rows->team, (rows->n + ODDS_TASK - 1) / ODDS_TASK, odds_task,
                points);
    return CM_OK;
}

/* ---- cells ---------------------------------------------------------------*/

/* Weights of the nodes u = -A, -B, B, A (in half cells) that give the sums of
 * 1, u, u^2, u^3. */
static void solve_nodes(double weight[NODES], const double sums[CM_CELL_SUMS],
                        double a, double b)
{
    double outer = (sums[2] - b * b * sums[0]) / (a * a - b * b);
    double inner = sums[0] - outer;
    double outer_odd = (sums[3] - b * b * sums[1]) / (a * (a * a - b * b));
    double inner_odd = (sums[1] - a * outer_odd) / b;
    weight[0] = 0.5 * (outer - outer_odd);
    weight[1] = 0.5 * (inner - inner_odd);
    weight[2] = 0.5 * (inner + inner_odd);
    weight[3] = 0.5 * (outer + outer_odd);
}

/* cos(pi / 8) and cos(3 pi / 8). */
static const double NODE_A = 0.92387953251128674, NODE_B = 0.38268343236508977;

static void add_cell(cm_points *points, size_t at, const int64_t *sums,
                     const double *odds)
{
    double total = (double)(sums[0] & (((int64_t)1 << CM_LABEL_SHIFT) - 1));
    const double scaled[CM_CELL_SUMS] = {
        total, ldexp((double)sums[1], 1 - CM_CELL_BITS),
        ldexp((double)sums[2], CM_SQUARE_SHIFT + 2 * (1 - CM_CELL_BITS)),
        ldexp((double)sums[3],
              CM_SQUARE_SHIFT + CM_CUBE_SHIFT + 3 * (1 - CM_CELL_BITS))};
    solve_nodes(points->weight + at, scaled, NODE_A, NODE_B);
    for (size_t k = 0; k < NODES; k++) {
        points->weight[at + k] *= points->weight_unit;
    }
    memcpy(points->odds + at, odds, NODES * sizeof *odds);
}

static void node_odds(const cm_sweep *sweep, size_t cell, double odds[NODES])
{
    const double half = ldexp(0.5, CM_CELL_BITS - CM_FIXED_BITS);
    double middle =
        half * (2.0 * (double)(sweep->first_cell + (int64_t)cell) + 1);
    odds[0] = cm_boost_exp(middle - half * NODE_A);
    odds[1] = cm_boost_exp(middle - half * NODE_B);
    odds[2] = cm_boost_exp(middle + half * NODE_B);
    odds[3] = cm_boost_exp(middle + half * NODE_A);
}

/* Sums the tables of all threads into the first one's. */
static void merge_task(void *context, size_t leaf, int thread)
{
    const cm_sweep *sweep = context;
    (void)thread;
    int64_t *restrict total = cm_sweep_cells(sweep, 0, leaf);
    for (int t = 1; t < sweep->rows->n_threads; t++) {
        const int64_t *restrict some = cm_sweep_cells(sweep, t, leaf);
        for (size_t k = 0; k < sweep->n_cells * CM_CELL_SUMS; k++) {
            total[k] += some[k];
        }
    }
}

/* Points of one leaf, from place `at`; returns the place after them. */
static size_t write_leaf(cm_points *points, const cm_sweep *sweep,
                         uint32_t leaf, const double *odds, size_t at)
{
    const int64_t *sums = cm_sweep_cells(sweep, 0, leaf);
    int64_t weight = 0, clicks = 0;
    for (size_t c = 0; c < sweep->n_cells; c++, sums += CM_CELL_SUMS) {
        if (sums[0] == 0) {
            continue;
        }
        weight += sums[0] & (((int64_t)1 << CM_LABEL_SHIFT) - 1);
        clicks += sums[0] >> CM_LABEL_SHIFT;
        add_cell(points, at, sums, odds + c * NODES);
        at += NODES;
    }
    points->leaf_weight[leaf] = (double)weight * points->weight_unit;
    points->leaf_clicks[leaf] = (double)clicks * points->weight_unit;
    return at;
}

static void write_points(cm_points *points, const cm_sweep *sweep,
                         const double *odds)
{
    points->start[0] = 0;
    for (uint32_t l = 0; l < points->n_leaves; l++) {
        points->start[l + 1] =
            write_leaf(points, sweep, l, odds, points->start[l]);
    }
}

static cm_status reserve_cells(cm_points *points, cm_sweep *sweep,
                               cm_error *err)
{
    size_t n = (size_t)points->rows->n_threads * points->n_leaves *
               sweep->n_cells * CM_CELL_SUMS;
    if (n > points->cells_capacity) {
        free(points->cells);
        points->cells = cm_alloc_large(n, sizeof(int64_t), err);
        points->cells_capacity = points->cells == NULL ? 0 : n;
        if (points->cells == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    memset(points->cells, 0, n * sizeof(int64_t));
    sweep->cells = points->cells;
    return CM_OK;
}

static cm_status collect_cells(cm_points *points, cm_sweep *sweep,
                               cm_error *err)
{
    size_t n_nodes = sweep->n_cells * NODES;
    double *odds = cm_alloc(n_nodes, sizeof *odds, err);
    cm_status status =
        odds == NULL ? CM_ERR_NOMEM : reserve_cells(points, sweep, err);
    if (status == CM_OK) {
        status = reserve(points, points->n_leaves * n_nodes, err);
    }
    if (status == CM_OK) {
        cm_sweep_run(sweep);
        cm_team_run(points->rows->team, points->n_leaves, merge_task, sweep);
        for (size_t c = 0; c < sweep->n_cells; c++) {
            node_odds(sweep, c, odds + c * NODES);
        }
        write_points(points, sweep, odds);
    }
    free(odds);
    return status;
}

cm_status cm_points_collect(cm_points *points, const int32_t *steps,
                            const cm_split_condition *splits, uint32_t depth,
                            cm_error *err)
{
    cm_sweep sweep = {.set = points->set,
                      .rows = points->rows,
                      .weights = points->weights,
                      .steps = steps,
                      .n_steps = points->n_steps,
                      .splits = splits,
                      .depth = depth,
                      .extremes = points->extremes};
    cm_sweep_find_cells(&sweep);
    points->n_leaves = points->n_steps = 1u << depth;
    size_t n = points->rows->n;
    bool few =
        n <= ALWAYS_ROWS || n / NODES <= points->n_leaves * sweep.n_cells;
    return few ? collect_rows(points, &sweep, err)
               : collect_cells(points, &sweep, err);
}
