/* Newton's iterations on the points of the leaves.
 *
 * For a leaf moved by v: p = odds e^v / (1 + odds e^v) for each point,
 * D = clicks - sum(weight p), H = sum(weight p (1 - p)), and the step is
 * D / (H + l2) (Newton) or D / (rows + l2) (gradient), rows and clicks being
 * sums of weights.
 * Source: CatBoost private/libs/algo/approx_calcer and gradient_walker. */
#include "boost/leaf.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "boost/logistic.h"

/* Fewer points than this are not worth waking other threads for. */
enum { PARALLEL_POINTS = 4096 };

/* A step this small changes no value that is used. */
static const double NEGLIGIBLE_STEP = 1e-13;

cm_status cm_leaf_solver_init(cm_leaf_solver *solver,
                              const cm_train_options *options,
                              const cm_points *points, cm_error *err)
{
    size_t n = (size_t)1 << options->depth;
    double mean_weight = points->rows->total_weight / (double)points->rows->n;
    *solver = (cm_leaf_solver){.options = options,
                               .l2 = options->l2_leaf_reg * mean_weight,
                               .points = points};
    solver->value = cm_alloc(n, sizeof(double), err);
    solver->step = cm_alloc(n, sizeof(double), err);
    solver->part = cm_alloc(n, sizeof(double), err);
    if (solver->value == NULL || solver->step == NULL || solver->part == NULL) {
        cm_leaf_solver_release(solver);
        return CM_ERR_NOMEM;
    }
    return CM_OK;
}

void cm_leaf_solver_release(cm_leaf_solver *solver)
{
    free(solver->value);
    free(solver->step);
    free(solver->part);
    *solver = (cm_leaf_solver){0};
}

static void for_each_leaf(cm_leaf_solver *solver, cm_task task)
{
    uint32_t n_leaves = solver->points->n_leaves;
    bool few = solver->points->start[n_leaves] < PARALLEL_POINTS;
    cm_team_run(few ? NULL : solver->points->rows->team, n_leaves, task,
                solver);
}

static double total_of_parts(const cm_leaf_solver *solver)
{
    double sum = 0;
    for (uint32_t l = 0; l < solver->points->n_leaves; l++) {
        sum += solver->part[l];
    }
    return sum;
}

/* step[leaf], and in part[leaf] a bound of what the step does to the leaf's
 * loss: the third derivative of the logistic loss is at most its second, so
 * loss(v + s) - loss(v) <= -D s + H (e^|s| - |s| - 1).  (F. Bach,
 * "Self-concordant analysis for logistic regression", 2010, lemma 1.) */
static void step_task(void *context, size_t leaf, int thread)
{
    cm_leaf_solver *solver = context;
    const cm_points *points = solver->points;
    (void)thread;
    double moved = cm_boost_exp(solver->value[leaf]);
    double p_sum[4] = {0, 0, 0, 0}, h_sum[4] = {0, 0, 0, 0};
    size_t begin = points->start[leaf], end = points->start[leaf + 1];
    for (size_t i = begin; i < end; i++) {
        double odds = points->odds[i] * moved;
        double q = 1 / (1 + odds);
        double p = points->weight[i] * (odds * q);
        p_sum[(i - begin) % 4] += p;
        h_sum[(i - begin) % 4] += p * q;
    }
    double d = points->leaf_clicks[leaf] -
               ((p_sum[0] + p_sum[1]) + (p_sum[2] + p_sum[3]));
    double h = (h_sum[0] + h_sum[1]) + (h_sum[2] + h_sum[3]);
    double rows = points->leaf_weight[leaf];
    bool newton = solver->options->leaf_estimation_method == CM_LEAF_NEWTON;
    double step = rows > 0 ? d / ((newton ? h : rows) + solver->l2) : 0;
    double size = fabs(step);
    solver->step[leaf] = step;
    solver->part[leaf] = h * (cm_boost_exp(size) - size - 1) - d * step;
}

/* part[leaf] = loss of the leaf at value + scale * step. */
static void loss_task(void *context, size_t leaf, int thread)
{
    cm_leaf_solver *solver = context;
    const cm_points *points = solver->points;
    (void)thread;
    double value = solver->value[leaf] + solver->scale * solver->step[leaf];
    double moved = cm_boost_exp(value);
    double sum = -points->leaf_clicks[leaf] * value;
    for (size_t i = points->start[leaf]; i < points->start[leaf + 1]; i++) {
        sum += points->weight[i] * log1p(points->odds[i] * moved);
    }
    solver->part[leaf] = sum;
}

static double loss_at(cm_leaf_solver *solver, double scale)
{
    solver->scale = scale;
    for_each_leaf(solver, loss_task);
    return total_of_parts(solver);
}

static void take_step(cm_leaf_solver *solver, double scale)
{
    for (uint32_t l = 0; l < solver->points->n_leaves; l++) {
        solver->value[l] += scale * solver->step[l];
    }
}

static bool is_negligible(const cm_leaf_solver *solver)
{
    for (uint32_t l = 0; l < solver->points->n_leaves; l++) {
        if (fabs(solver->step[l]) > NEGLIGIBLE_STEP) {
            return false;
        }
    }
    return true;
}

/* AnyImprovement: the steps of all leaves are taken when the loss over all rows
 * falls, and halved otherwise; every attempt counts as an iteration.  Returns
 * the attempts that failed.  The loss is only computed when the bound of
 * step_task leaves a doubt. */
static int try_step(cm_leaf_solver *solver, int attempts)
{
    if (!solver->options->leaf_estimation_backtracking ||
        total_of_parts(solver) < 0) {
        take_step(solver, 1);
        return 0;
    }
    double before = loss_at(solver, 0);
    double scale = 1;
    for (int failed = 0; failed < attempts; failed++) {
        if (loss_at(solver, scale) < before) {
            take_step(solver, scale);
            return failed;
        }
        scale /= 2;
    }
    return attempts;
}

void cm_leaf_solve(cm_leaf_solver *solver)
{
    int iterations = solver->options->leaf_estimation_iterations;
    for (uint32_t l = 0; l < solver->points->n_leaves; l++) {
        solver->value[l] = 0;
    }
    for (int i = 0; i < iterations; i++) {
        for_each_leaf(solver, step_task);
        if (is_negligible(solver)) {
            break;
        }
        i += try_step(solver, iterations - i);
    }
}

double cm_leaf_softplus(cm_leaf_solver *solver, const int32_t *steps)
{
    for (uint32_t l = 0; l < solver->points->n_leaves; l++) {
        solver->value[l] = steps[l] / CM_FIXED_ONE;
        solver->step[l] = 0;
    }
    double loss = loss_at(solver, 0);
    for (uint32_t l = 0; l < solver->points->n_leaves; l++) {
        loss += solver->points->leaf_clicks[l] * solver->value[l];
    }
    return loss;
}
