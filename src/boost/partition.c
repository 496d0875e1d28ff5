/* Leaf numbers by columns, records by counting sort. */
#include "boost/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"

enum { N_LEAF_CODES = 65536, AHEAD = 16 };

cm_status cm_partition_init(cm_partition *partition, cm_rows *rows,
                            const cm_train_set *set, const cm_bundles *bundles,
                            uint32_t depth, cm_error *err)
{
    uint32_t max_slots = depth < 2 ? 1 : 1u << (depth - 2);
    *partition = (cm_partition){
        .rows = rows, .set = set, .bundles = bundles, .max_slots = max_slots};
    partition->codes = cm_alloc_large(rows->n, bundles->width, err);
    partition->stat = cm_alloc_large(rows->n, sizeof *partition->stat, err);
    partition->start = cm_alloc(max_slots + 1, sizeof *partition->start, err);
    partition->counts = cm_alloc_zero(rows->n_spans * max_slots,
                                      sizeof *partition->counts, err);
    partition->slot_of =
        cm_alloc(N_LEAF_CODES, sizeof *partition->slot_of, err);
    if (partition->codes == NULL || partition->stat == NULL ||
        partition->start == NULL || partition->counts == NULL ||
        partition->slot_of == NULL) {
        cm_partition_release(partition);
        return CM_ERR_NOMEM;
    }
    memset(partition->slot_of, 0xff, N_LEAF_CODES * sizeof(uint16_t));
    return CM_OK;
}

void cm_partition_release(cm_partition *partition)
{
    free(partition->codes);
    free(partition->stat);
    free(partition->start);
    free(partition->counts);
    free(partition->slot_of);
    free(partition->occupied);
    *partition = (cm_partition){0};
}

/* Turns counts into the places where each span writes each slot. */
static void place_slots(cm_partition *partition, uint32_t n_slots)
{
    uint32_t at = 0;
    for (uint32_t s = 0; s < n_slots; s++) {
        partition->start[s] = at;
        for (size_t span = 0; span < partition->rows->n_spans; span++) {
            uint32_t *count = &partition->counts[span * n_slots + s];
            uint32_t n = *count;
            *count = at;
            at += n;
        }
    }
    partition->start[n_slots] = at;
}

typedef struct split_job {
    cm_partition *partition;
    const uint8_t *bins;
    uint32_t border, level, n_slots;
} split_job;

static void move_rows(uint16_t *restrict leaf, const uint8_t *restrict bins,
                      size_t n, uint32_t border, uint32_t level)
{
    uint8_t first_right = (uint8_t)(border + 1);
    for (size_t i = 0; i < n; i++) {
        uint16_t right = bins[i] >= first_right;
        leaf[i] = (uint16_t)(leaf[i] | right << level);
    }
}

/* Rows of wanted leaves, without a branch: every row is written, and the next
 * one overwrites those not wanted. */
static uint32_t pick_rows(const cm_rows *rows, cm_range range,
                          const uint16_t *slot_of, uint32_t *picked)
{
    uint32_t n = 0;
    for (size_t i = range.begin; i < range.end; i++) {
        picked[n] = (uint32_t)i;
        n += slot_of[rows->leaf[i]] != CM_NO_SLOT;
    }
    return n;
}

static void split_task(void *context, size_t task, int thread)
{
    const split_job *job = context;
    cm_partition *partition = job->partition;
    cm_rows *rows = partition->rows;
    (void)thread;
    cm_range span = cm_rows_span(rows, task);
    uint32_t *picked = rows->picked + span.begin;
    uint32_t n = 0;
    for (size_t b = span.begin; b < span.end; b += CM_BLOCK_ROWS) {
        size_t end =
            b + CM_BLOCK_ROWS < span.end ? b + CM_BLOCK_ROWS : span.end;
        move_rows(rows->leaf + b, job->bins + b, end - b, job->border,
                  job->level);
        n +=
            pick_rows(rows, (cm_range){b, end}, partition->slot_of, picked + n);
    }
    rows->n_picked[task] = n;
    uint32_t *counts = partition->counts + task * job->n_slots;
    memset(counts, 0, job->n_slots * sizeof *counts);
    for (uint32_t i = 0; i < n; i++) {
        counts[partition->slot_of[rows->leaf[picked[i]]]]++;
    }
}

/* width is a multiple of 4. */
static void copy_codes(uint8_t *restrict to, const uint8_t *restrict from,
                       size_t width)
{
    size_t k = 0;
    for (; k + 8 <= width; k += 8) {
        memcpy(to + k, from + k, 8);
    }
    if (k < width) {
        memcpy(to + k, from + k, 4);
    }
}

static void copy_task(void *context, size_t task, int thread)
{
    const split_job *job = context;
    cm_partition *partition = job->partition;
    const cm_rows *rows = partition->rows;
    (void)thread;
    const uint8_t *codes = partition->bundles->codes;
    const size_t width = partition->bundles->width;
    const uint32_t *picked = rows->picked + cm_rows_span(rows, task).begin;
    uint32_t n = rows->n_picked[task];
    uint32_t *at = partition->counts + task * job->n_slots;
    for (uint32_t i = 0; i < n; i++) {
        size_t row = picked[i];
        size_t later = picked[i + AHEAD < n ? i + AHEAD : i];
        __builtin_prefetch(codes + later * width);
        __builtin_prefetch(codes + later * width + width - 1);
        size_t place = at[partition->slot_of[rows->leaf[row]]]++;
        partition->stat[place] = rows->stat[row];
        copy_codes(partition->codes + place * width, codes + row * width,
                   width);
    }
}

void cm_partition_split(cm_partition *partition, uint32_t level,
                        cm_split_condition condition, const uint16_t *wanted,
                        uint32_t n_wanted)
{
    const cm_rows *rows = partition->rows;
    for (uint32_t s = 0; s < n_wanted; s++) {
        partition->slot_of[wanted[s]] = (uint16_t)s;
    }
    split_job job = {partition, partition->set->bins[condition.feature],
                     condition.border, level, n_wanted};
    cm_team_run(rows->team, rows->n_spans, split_task, &job);
    place_slots(partition, n_wanted);
    cm_team_run(rows->team, rows->n_spans, copy_task, &job);
    for (uint32_t s = 0; s < n_wanted; s++) {
        partition->slot_of[wanted[s]] = CM_NO_SLOT;
    }
}

typedef struct assign_job {
    cm_partition *partition;
    const cm_split_condition *splits;
    uint32_t depth;
} assign_job;

/* Leaves of the rows of a range, by the columns of the splits. */
static void find_leaves(const assign_job *job, cm_range range, uint16_t *leaf)
{
    size_t n = range.end - range.begin;
    memset(leaf, 0, n * sizeof *leaf);
    for (uint32_t d = 0; d < job->depth; d++) {
        const uint8_t *bins = job->partition->set->bins[job->splits[d].feature];
        move_rows(leaf, bins + range.begin, n, job->splits[d].border, d);
    }
}

static void assign_task(void *context, size_t task, int thread)
{
    const assign_job *job = context;
    cm_rows *rows = job->partition->rows;
    (void)thread;
    cm_range span = cm_rows_span(rows, task);
    for (size_t b = span.begin; b < span.end; b += CM_BLOCK_ROWS) {
        size_t end =
            b + CM_BLOCK_ROWS < span.end ? b + CM_BLOCK_ROWS : span.end;
        find_leaves(job, (cm_range){b, end}, rows->leaf + b);
    }
}

void cm_partition_assign(cm_partition *partition,
                         const cm_split_condition *splits, uint32_t depth)
{
    assign_job job = {partition, splits, depth};
    cm_team_run(partition->rows->team, partition->rows->n_spans, assign_task,
                &job);
}

static void occupied_task(void *context, size_t task, int thread)
{
    const assign_job *job = context;
    cm_partition *partition = job->partition;
    (void)thread;
    uint8_t *occupied = partition->occupied + (task << CM_MAX_DEPTH);
    memset(occupied, 0, (size_t)1 << job->depth);
    cm_range span = cm_rows_span(partition->rows, task);
    uint16_t leaf[CM_BLOCK_ROWS];
    for (size_t b = span.begin; b < span.end; b += CM_BLOCK_ROWS) {
        size_t end =
            b + CM_BLOCK_ROWS < span.end ? b + CM_BLOCK_ROWS : span.end;
        find_leaves(job, (cm_range){b, end}, leaf);
        for (size_t i = 0; i < end - b; i++) {
            occupied[leaf[i]] = 1;
        }
    }
}

static bool is_redundant(const uint8_t *occupied, uint32_t depth,
                         uint32_t split)
{
    for (uint32_t leaf = 0; leaf < 1u << depth; leaf++) {
        uint32_t other = leaf | 1u << split;
        if (other != leaf && occupied[leaf] && occupied[other]) {
            return false;
        }
    }
    return true;
}

cm_status cm_partition_redundant(cm_partition *partition,
                                 const cm_split_condition *splits,
                                 uint32_t depth, int *redundant, cm_error *err)
{
    size_t n_spans = partition->rows->n_spans;
    *redundant = -1;
    if (partition->occupied == NULL) {
        partition->occupied =
            cm_alloc_large(n_spans, (size_t)1 << CM_MAX_DEPTH, err);
        if (partition->occupied == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    assign_job job = {partition, splits, depth};
    cm_team_run(partition->rows->team, n_spans, occupied_task, &job);
    uint8_t *all = partition->occupied;
    for (size_t span = 1; span < n_spans; span++) {
        const uint8_t *some = partition->occupied + (span << CM_MAX_DEPTH);
        for (size_t leaf = 0; leaf < (size_t)1 << depth; leaf++) {
            all[leaf] |= some[leaf];
        }
    }
    for (uint32_t s = 0; s < depth && *redundant < 0; s++) {
        *redundant = is_redundant(all, depth, s) ? (int)s : -1;
    }
    return CM_OK;
}
