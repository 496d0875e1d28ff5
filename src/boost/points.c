/* Collecting the points of all leaves in one pass over the rows. */
#include "boost/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "boost/logistic.h"

enum {
    CELL_BITS = CM_FIXED_BITS - 3, /* cells of 2^-3 */
    NODES = 4,
    SUMS = 4,            /* of 1, x, x^2, x^3 */
    ALWAYS_ROWS = 32768, /* up to so many rows each is a point */
    LABEL_SHIFT = 32,
    SQUARE_SHIFT = 12,
    CUBE_SHIFT = 24
};

cm_status cm_points_init(cm_points *points, const cm_rows *rows, uint32_t depth,
                         cm_error *err)
{
    size_t max_leaves = (size_t)1 << depth;
    *points = (cm_points){.rows = rows};
    points->start = cm_alloc(max_leaves + 1, sizeof *points->start, err);
    points->n_rows = cm_alloc(max_leaves, sizeof *points->n_rows, err);
    points->n_clicks = cm_alloc(max_leaves, sizeof *points->n_clicks, err);
    if (points->start == NULL || points->n_rows == NULL ||
        points->n_clicks == NULL) {
        cm_points_release(points);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

void cm_points_release(cm_points *points)
{
    free(points->start);
    free(points->n_rows);
    free(points->n_clicks);
    free(points->odds);
    free(points->weight);
    free(points->cells);
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

static void count_rows(cm_points *points)
{
    const cm_rows *rows = points->rows;
    memset(points->n_rows, 0, points->n_leaves * sizeof *points->n_rows);
    memset(points->n_clicks, 0, points->n_leaves * sizeof *points->n_clicks);
    for (size_t i = 0; i < rows->n; i++) {
        points->n_rows[rows->leaf[i]]++;
        points->n_clicks[rows->leaf[i]] += rows->labels[i];
    }
    points->start[0] = 0;
    for (uint32_t l = 0; l < points->n_leaves; l++) {
        points->start[l + 1] = points->start[l] + points->n_rows[l];
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
        points->weight[i] = 1;
    }
}

static cm_status collect_rows(cm_points *points, cm_error *err)
{
    const cm_rows *rows = points->rows;
    cm_status status = reserve(points, rows->n, err);
    if (status != CM_OK) {
        return status;
    }
    count_rows(points);
    for (size_t i = 0; i < rows->n; i++) {
        size_t at = points->start[rows->leaf[i]]++;
        points->odds[at] = rows->score[i] / CM_FIXED_ONE;
    }
    /* start[l] has moved to the end of leaf l. */
    memmove(points->start + 1, points->start,
            points->n_leaves * sizeof *points->start);
    points->start[0] = 0;
    cm_team_run(rows->team, (rows->n + ODDS_TASK - 1) / ODDS_TASK, odds_task,
                points);
    return CM_OK;
}

/* ---- cells ---------------------------------------------------------------*/

typedef struct cell_job {
    cm_points *points;
    int32_t first_cell;
    size_t n_cells;
} cell_job;

static int64_t *cells_of(const cell_job *job, int thread, size_t leaf)
{
    size_t at = (size_t)thread * job->points->n_leaves + leaf;
    return job->points->cells + at * job->n_cells * SUMS;
}

/* x has 23 bits with its sign; squares and cubes are cut to about 32, far more
 * than is used of them. */
static void sum_task(void *context, size_t task, int thread)
{
    const cell_job *job = context;
    const cm_rows *rows = job->points->rows;
    int64_t *cells = cells_of(job, thread, 0);
    const int32_t mask = (1 << CELL_BITS) - 1, middle = 1 << (CELL_BITS - 1);
    cm_range span = cm_rows_span(rows, task);
    for (size_t i = span.begin; i < span.end; i++) {
        int32_t score = rows->score[i];
        size_t cell = (size_t)((score >> CELL_BITS) - job->first_cell);
        int64_t x = (score & mask) - middle;
        int64_t square = (x * x) >> SQUARE_SHIFT;
        int64_t *sums = cells + (rows->leaf[i] * job->n_cells + cell) * SUMS;
        sums[0] += 1 + ((int64_t)rows->labels[i] << LABEL_SHIFT);
        sums[1] += x;
        sums[2] += square;
        sums[3] += (square * x) >> CUBE_SHIFT;
    }
}

/* Weights of the nodes u = -A, -B, B, A (in half cells) that give the sums of
 * 1, u, u^2, u^3. */
static void solve_nodes(double weight[NODES], const double sums[SUMS], double a,
                        double b)
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
    double n = (double)(sums[0] & (((int64_t)1 << LABEL_SHIFT) - 1));
    const double scaled[SUMS] = {
        n, ldexp((double)sums[1], 1 - CELL_BITS),
        ldexp((double)sums[2], SQUARE_SHIFT + 2 * (1 - CELL_BITS)),
        ldexp((double)sums[3],
              SQUARE_SHIFT + CUBE_SHIFT + 3 * (1 - CELL_BITS))};
    solve_nodes(points->weight + at, scaled, NODE_A, NODE_B);
    memcpy(points->odds + at, odds, NODES * sizeof *odds);
}

static void node_odds(const cell_job *job, size_t cell, double odds[NODES])
{
    const double half = ldexp(0.5, CELL_BITS - CM_FIXED_BITS);
    double middle =
        half * (2.0 * (double)(job->first_cell + (int64_t)cell) + 1);
    odds[0] = cm_boost_exp(middle - half * NODE_A);
    odds[1] = cm_boost_exp(middle - half * NODE_B);
    odds[2] = cm_boost_exp(middle + half * NODE_B);
    odds[3] = cm_boost_exp(middle + half * NODE_A);
}

typedef struct leaf_task_context {
    const cell_job *job;
    int n_tables;
} leaf_task_context;

/* Sums the tables of all threads into the first one's. */
static void merge_task(void *context, size_t leaf, int thread)
{
    const leaf_task_context *c = context;
    (void)thread;
    int64_t *restrict total = cells_of(c->job, 0, leaf);
    for (int t = 1; t < c->n_tables; t++) {
        const int64_t *restrict some = cells_of(c->job, t, leaf);
        for (size_t k = 0; k < c->job->n_cells * SUMS; k++) {
            total[k] += some[k];
        }
    }
}

static void write_points(cm_points *points, const cell_job *job,
                         const double *odds)
{
    size_t at = 0;
    for (uint32_t l = 0; l < points->n_leaves; l++) {
        points->start[l] = at;
        points->n_rows[l] = points->n_clicks[l] = 0;
        for (size_t c = 0; c < job->n_cells; c++) {
            const int64_t *sums = cells_of(job, 0, l) + c * SUMS;
            if (sums[0] == 0) {
                continue;
            }
            points->n_rows[l] +=
                (uint64_t)(sums[0] & (((int64_t)1 << LABEL_SHIFT) - 1));
            points->n_clicks[l] += (uint64_t)(sums[0] >> LABEL_SHIFT);
            add_cell(points, at, sums, odds + c * NODES);
            at += NODES;
        }
    }
    points->start[points->n_leaves] = at;
}

static cm_status collect_cells(cm_points *points, const cell_job *job,
                               cm_error *err)
{
    const cm_rows *rows = points->rows;
    size_t n_nodes = points->n_leaves * job->n_cells * NODES;
    size_t n_sums = (size_t)rows->n_threads * n_nodes;
    double *odds = cm_alloc(job->n_cells * NODES, sizeof *odds, err);
    cm_status status =
        odds == NULL ? CM_ERR_NOMEM : reserve(points, n_nodes, err);
    if (status != CM_OK) {
        goto done;
    }
    if (n_sums > points->cells_capacity) {
        free(points->cells);
        points->cells = cm_alloc_large(n_sums, sizeof(int64_t), err);
        points->cells_capacity = points->cells == NULL ? 0 : n_sums;
        if (points->cells == NULL) {
            status = CM_ERR_NOMEM;
            goto done;
        }
    }
    memset(points->cells, 0, n_sums * sizeof(int64_t));
    cell_job copy = *job;
    cm_team_run(rows->team, rows->n_spans, sum_task, &copy);
    leaf_task_context context = {job, rows->n_threads};
    cm_team_run(rows->team, points->n_leaves, merge_task, &context);
    for (size_t c = 0; c < job->n_cells; c++) {
        node_odds(job, c, odds + c * NODES);
    }
    write_points(points, job, odds);
done:
    free(odds);
    return status;
}

cm_status cm_points_collect(cm_points *points, uint32_t n_leaves,
                            int32_t min_score, int32_t max_score, cm_error *err)
{
    int32_t first = min_score >> CELL_BITS, last = max_score >> CELL_BITS;
    cell_job job = {points, first, (size_t)(last - first) + 1};
    points->n_leaves = n_leaves;
    size_t n_rows = points->rows->n;
    if (n_rows <= ALWAYS_ROWS || n_rows / NODES <= n_leaves * job.n_cells) {
        return collect_rows(points, err);
    }
    return collect_cells(points, &job, err);
}
