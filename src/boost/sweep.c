/* Blocks of rows through the loops of the sweep, spans over the threads. */
#include "boost/sweep.h"

#include <string.h>

/* Least and greatest step. */
static void extremes_of_steps(int32_t out[2], const cm_sweep *sweep)
{
    out[0] = out[1] = sweep->steps[0];
    for (uint32_t l = 1; l < sweep->n_steps; l++) {
        int32_t step = sweep->steps[l];
        out[0] = step < out[0] ? step : out[0];
        out[1] = step > out[1] ? step : out[1];
    }
}

void cm_sweep_find_cells(cm_sweep *sweep)
{
    int32_t steps[2];
    extremes_of_steps(steps, sweep);
    int32_t low = cm_fixed_add(sweep->rows->min_score, steps[0]);
    int32_t high = cm_fixed_add(sweep->rows->max_score, steps[1]);
    sweep->first_cell = low >> CM_CELL_BITS;
    sweep->n_cells = (size_t)((high >> CM_CELL_BITS) - sweep->first_cell) + 1;
}

static bool may_saturate(const cm_sweep *sweep)
{
    int32_t steps[2];
    extremes_of_steps(steps, sweep);
    int64_t low = (int64_t)sweep->rows->min_score + steps[0];
    int64_t high = (int64_t)sweep->rows->max_score + steps[1];
    return low < INT32_MIN || high > INT32_MAX;
}

static void add_saturating(const cm_sweep_rows *rows, const int32_t *steps,
                           int32_t extremes[2])
{
    for (size_t i = 0; i < rows->n; i++) {
        int32_t score = cm_fixed_add(rows->score[i], steps[rows->leaf[i]]);
        rows->score[i] = score;
        extremes[0] = score < extremes[0] ? score : extremes[0];
        extremes[1] = score > extremes[1] ? score : extremes[1];
    }
}

static void find_leaves(const cm_sweep_kernels *loops, uint16_t *leaf,
                        const cm_train_set *set, cm_range range,
                        const cm_split_condition *splits, uint32_t depth)
{
    const uint8_t *bins[CM_MAX_DEPTH];
    uint8_t first_right[CM_MAX_DEPTH];
    for (uint32_t d = 0; d < depth; d++) {
        bins[d] = set->bins[splits[d].feature] + range.begin;
        first_right[d] = (uint8_t)(splits[d].border + 1);
    }
    loops->find_leaves(leaf, range.end - range.begin, bins, first_right, depth);
}

void cm_find_leaves(uint16_t *leaf, const cm_train_set *set, cm_range range,
                    const cm_split_condition *splits, uint32_t depth)
{
    find_leaves(cm_sweep_kernels_best(), leaf, set, range, splits, depth);
}

typedef struct sweep_job {
    const cm_sweep *sweep;
    const cm_sweep_kernels *loops;
    bool saturates;
} sweep_job;

static void sweep_block(const sweep_job *job, cm_range block,
                        const cm_cell_table *table, int32_t extremes[2])
{
    const cm_sweep *sweep = job->sweep;
    cm_sweep_rows rows = {.n = block.end - block.begin,
                          .score = sweep->rows->score + block.begin,
                          .leaf = sweep->rows->leaf + block.begin,
                          .labels = sweep->rows->labels + block.begin,
                          .weights = sweep->weights == NULL
                                         ? NULL
                                         : sweep->weights + block.begin};
    if (job->saturates) {
        add_saturating(&rows, sweep->steps, extremes);
    } else {
        job->loops->add_steps(&rows, sweep->steps, extremes);
    }
    find_leaves(job->loops, rows.leaf, sweep->set, block, sweep->splits,
                sweep->depth);
    if (sweep->cells != NULL) {
        job->loops->add_rows(table, &rows);
    }
}

static void sweep_task(void *context, size_t task, int thread)
{
    const sweep_job *job = context;
    const cm_sweep *sweep = job->sweep;
    cm_cell_table table = {cm_sweep_cells(sweep, thread, 0), sweep->first_cell,
                           (uint32_t)sweep->n_cells};
    cm_range span = cm_rows_span(sweep->rows, task);
    int32_t extremes[2] = {INT32_MAX, INT32_MIN};
    for (; span.begin < span.end; span.begin += CM_BLOCK_ROWS) {
        sweep_block(job, cm_first_block(span), &table, extremes);
    }
    memcpy(sweep->extremes[task], extremes, sizeof extremes);
}

void cm_sweep_run(cm_sweep *sweep)
{
    cm_rows *rows = sweep->rows;
    sweep_job job = {sweep, cm_sweep_kernels_best(), may_saturate(sweep)};
    cm_team_run(rows->team, rows->n_spans, sweep_task, &job);
    rows->min_score = INT32_MAX;
    rows->max_score = INT32_MIN;
    for (size_t s = 0; s < rows->n_spans; s++) {
        const int32_t *extremes = sweep->extremes[s];
        rows->min_score =
            extremes[0] < rows->min_score ? extremes[0] : rows->min_score;
        rows->max_score =
            extremes[1] > rows->max_score ? extremes[1] : rows->max_score;
    }
}
