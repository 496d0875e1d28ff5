/* Leaf numbers by columns of bins, records by counting sort. */
#include "boost/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "boost/sweep.h"

enum { N_LEAF_CODES = 65536, AHEAD = 16, ROW_MASK = 0xffff };
_Static_assert(CM_MAX_CHUNK_ROWS <= 1 << CM_ROW_BITS, "a row must fit");

static bool init_gathered(cm_gathered *gathered, uint32_t max_slots,
                          size_t width, cm_error *err)
{
    gathered->start = cm_alloc(max_slots + 1, sizeof *gathered->start, err);
    gathered->picked =
        cm_alloc_large(CM_MAX_CHUNK_ROWS, sizeof *gathered->picked, err);
    gathered->codes = cm_alloc_large(CM_MAX_CHUNK_ROWS, width, err);
    gathered->stat =
        cm_alloc_large(CM_MAX_CHUNK_ROWS, sizeof *gathered->stat, err);
    return gathered->start != NULL && gathered->picked != NULL &&
           gathered->codes != NULL && gathered->stat != NULL;
}

cm_status cm_partition_init(cm_partition *partition, cm_sample *sample,
                            uint32_t depth, uint32_t max_slots, cm_error *err)
{
    size_t n_threads = (size_t)sample->rows->n_threads;
    *partition = (cm_partition){
        .sample = sample, .depth = depth, .loops = cm_row_kernels_best()};
    partition->slot_of =
        cm_alloc(N_LEAF_CODES, sizeof *partition->slot_of, err);
    partition->gathered =
        cm_alloc_zero(n_threads, sizeof *partition->gathered, err);
    bool complete = partition->slot_of != NULL && partition->gathered != NULL;
    for (size_t t = 0; complete && t < n_threads; t++) {
        complete = init_gathered(&partition->gathered[t], max_slots,
                                 sample->bundles->width, err);
    }
    if (!complete) {
        cm_partition_release(partition);
        return CM_ERR_NOMEM;
    }
    memset(partition->slot_of, 0xff, N_LEAF_CODES * sizeof(uint16_t));
    return CM_OK;
}

void cm_partition_release(cm_partition *partition)
{
    int n =
        partition->gathered == NULL ? 0 : partition->sample->rows->n_threads;
    for (int t = 0; t < n; t++) {
        free(partition->gathered[t].start);
        free(partition->gathered[t].picked);
        free(partition->gathered[t].codes);
        free(partition->gathered[t].stat);
    }
    free(partition->gathered);
    free(partition->slot_of);
    free(partition->occupied);
    *partition = (cm_partition){0};
}

void cm_partition_want(cm_partition *partition, const uint16_t *leaves,
                       uint32_t n_slots, uint32_t n_leaves)
{
    memset(partition->slot_of, 0xff, sizeof(uint16_t) << partition->depth);
    for (uint32_t s = 0; s < n_slots; s++) {
        partition->slot_of[leaves[s]] = (uint16_t)s;
    }
    partition->n_slots = n_slots;
    partition->n_leaves = n_leaves;
}

static void move_rows(uint16_t *restrict leaf, const uint8_t *restrict bins,
                      size_t n, uint32_t border, uint32_t level)
{
    uint8_t first_right = (uint8_t)(border + 1);
    for (size_t i = 0; i < n; i++) {
        uint16_t right = bins[i] >= first_right;
        leaf[i] = (uint16_t)(leaf[i] | right << level);
    }
}

/* start[s + 1] becomes the place of the first row of slot s. */
static void place_slots(uint32_t *start, uint32_t n_slots,
                        const uint32_t *picked, uint32_t n)
{
    memset(start, 0, (n_slots + 1) * sizeof *start);
    for (uint32_t i = 0; i < n; i++) {
        start[(picked[i] >> CM_ROW_BITS) + 1]++;
    }
    uint32_t at = 0;
    for (uint32_t s = 1; s <= n_slots; s++) {
        uint32_t rows = start[s];
        start[s] = at;
        at += rows;
    }
}

static void copy_codes(uint8_t *restrict to, const uint8_t *restrict from,
                       size_t width)
{
    for (size_t k = 0; k < width; k += CM_WIDTH_UNIT) {
        memcpy(to + k, from + k, CM_WIDTH_UNIT);
    }
}

/* Moves the rows of a chunk, segment by segment: their bins stand where they
 * stand in the training set. */
static void move_chunk(const cm_sample *sample, cm_range chunk,
                       const cm_move *move)
{
    const uint8_t *bins = sample->set->bins[move->condition.feature];
    size_t s = sample->is_all ? 0 : chunk.begin / CM_RUN_ROWS;
    for (; s < sample->n_segments; s++) {
        const cm_segment *segment = &sample->segments[s];
        size_t end = segment->place + segment->n;
        size_t from =
            chunk.begin > segment->place ? chunk.begin : segment->place;
        size_t to = chunk.end < end ? chunk.end : end;
        if (segment->place >= chunk.end) {
            break;
        }
        if (from < to) {
            move_rows(sample->leaf + from,
                      bins + segment->row + (from - segment->place), to - from,
                      move->condition.border, move->level);
        }
    }
}

const cm_gathered *cm_partition_gather(cm_partition *partition, cm_range chunk,
                                       const cm_move *move, int thread)
{
    cm_gathered *out = &partition->gathered[thread];
    const cm_sample *sample = partition->sample;
    const int64_t *stat = sample->stat + chunk.begin;
    const size_t width = sample->bundles->width;
    const uint8_t *codes = sample->codes + chunk.begin * width;
    if (move != NULL) {
        move_chunk(sample, chunk, move);
    }
    uint32_t n =
        partition->loops->pick(out->picked, sample->leaf + chunk.begin,
                               (uint32_t)(chunk.end - chunk.begin),
                               partition->slot_of, partition->n_leaves);
    place_slots(out->start, partition->n_slots, out->picked, n);
    for (uint32_t i = 0; i < n; i++) {
        size_t row = out->picked[i] & ROW_MASK;
        size_t later = out->picked[i + AHEAD < n ? i + AHEAD : i] & ROW_MASK;
        __builtin_prefetch(codes + later * width);
        __builtin_prefetch(codes + later * width + width - 1);
        size_t place = out->start[(out->picked[i] >> CM_ROW_BITS) + 1]++;
        out->stat[place] = stat[row];
        copy_codes(out->codes + place * width, codes + row * width, width);
    }
    return out;
}

typedef struct occupied_job {
    cm_partition *partition;
    const cm_split_condition *splits;
    uint32_t depth;
} occupied_job;

static void occupied_task(void *context, size_t task, int thread)
{
    const occupied_job *job = context;
    cm_partition *partition = job->partition;
    (void)thread;
    uint8_t *occupied = partition->occupied + (task << partition->depth);
    memset(occupied, 0, (size_t)1 << job->depth);
    cm_range span = cm_rows_span(partition->sample->rows, task);
    uint16_t leaf[CM_BLOCK_ROWS];
    for (; span.begin < span.end; span.begin += CM_BLOCK_ROWS) {
        cm_range block = cm_first_block(span);
        cm_find_leaves(leaf, partition->sample->set, block, job->splits,
                       job->depth);
        for (size_t i = 0; i < block.end - block.begin; i++) {
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
    const cm_rows *rows = partition->sample->rows;
    size_t n_spans = rows->n_spans;
    *redundant = -1;
    if (partition->occupied == NULL) {
        partition->occupied =
            cm_alloc_large(n_spans, (size_t)1 << partition->depth, err);
        if (partition->occupied == NULL) {
            return CM_ERR_NOMEM;
        }
    }
    occupied_job job = {partition, splits, depth};
    cm_team_run(rows->team, n_spans, occupied_task, &job);
    uint8_t *all = partition->occupied;
    for (size_t span = 1; span < n_spans; span++) {
        const uint8_t *some = partition->occupied + (span << partition->depth);
        for (size_t leaf = 0; leaf < (size_t)1 << depth; leaf++) {
            all[leaf] |= some[leaf];
        }
    }
    for (uint32_t s = 0; s < depth && *redundant < 0; s++) {
        *redundant = is_redundant(all, depth, s) ? (int)s : -1;
    }
    return CM_OK;
}
