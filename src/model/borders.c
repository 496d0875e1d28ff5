/* GreedyLogSum: cuts a sample into bins by splitting, again and again, the bin
 * whose halves have the largest gain in the sum of log counts.
 *
 *   v  distinct values, ascending (n)
 *   C  rows before value i (n + 1), so a bin [b, e) holds C[e] - C[b] rows
 *
 * Source: CatBoost's library/cpp/grid_creator, the greedy binarizer with the
 * MaxSumLog penalty.  A bin is cut beside its median row, on the side where
 * the gain is larger.  Bins of equal gain are common (ties, even sizes), and
 * which of them goes first decides the borders when their number is limited;
 * so the queue below is a binary heap that moves its elements exactly as the
 * heap of LLVM's C++ library does, on which CatBoost is built. */
#include "model/borders.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

typedef struct bin {
    size_t begin, end; /* values [begin, end) */
    size_t cut;        /* best place to split; begin or end: cannot split */
    double gain;
} bin;

static double log_count(uint64_t rows)
{
    return log((double)rows + 1e-8);
}

static double cut_gain(const uint64_t *C, const bin *b, size_t cut)
{
    if (cut == b->begin || cut == b->end)
        return -INFINITY;
    return log_count(C[cut] - C[b->begin]) + log_count(C[b->end] - C[cut]) -
           log_count(C[b->end] - C[b->begin]);
}

/* The value that holds row `row`: C[result] <= row < C[result + 1]. */
static size_t value_of_row(const uint64_t *C, size_t begin, size_t end,
                           uint64_t row)
{
    while (end - begin > 1) {
        size_t middle = begin + (end - begin) / 2;
        if (C[middle] <= row)
            begin = middle;
        else
            end = middle;
    }
    return begin;
}

static bin bin_of(const uint64_t *C, size_t begin, size_t end)
{
    bin b = {begin, end, begin, 0};
    uint64_t median = C[begin] + (C[end] - C[begin]) / 2;
    size_t below = value_of_row(C, begin, end, median);
    double gain_below = cut_gain(C, &b, below);
    double gain_above = cut_gain(C, &b, below + 1);
    b.cut = gain_below >= gain_above ? below : below + 1;
    b.gain = gain_below >= gain_above ? gain_below : gain_above;
    return b;
}

static bool can_split(const bin *b)
{
    return b->cut != b->begin && b->cut != b->end;
}

/* Moves heap[i] towards the root past smaller parents. */
static void sift_up(bin *heap, size_t i)
{
    bin moving = heap[i];
    while (i > 0 && heap[(i - 1) / 2].gain < moving.gain) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = moving;
}

static void heap_push(bin *heap, size_t *n, bin b)
{
    heap[*n] = b;
    sift_up(heap, (*n)++);
}

/* Takes the largest: the hole it leaves sinks to a leaf along the larger
 * children (the left one of equals), and the last element rises from there. */
static bin heap_pop(bin *heap, size_t *n)
{
    bin top = heap[0];
    size_t hole = 0;
    for (size_t child; (child = 2 * hole + 1) < *n; hole = child) {
        if (child + 1 < *n && heap[child].gain < heap[child + 1].gain)
            child++;
        heap[hole] = heap[child];
    }
    size_t last = --*n;
    if (hole != last) {
        heap[hole] = heap[last];
        sift_up(heap, hole);
    }
    return top;
}

/* Splits until there are max_bins or nothing can be split; returns how many
 * bins heap holds, in no order. */
static size_t split_greedily(bin *heap, const uint64_t *C, size_t n,
                             size_t max_bins)
{
    size_t n_bins = 0;
    heap_push(heap, &n_bins, bin_of(C, 0, n));
    while (n_bins < max_bins && can_split(&heap[0])) {
        bin b = heap_pop(heap, &n_bins);
        heap_push(heap, &n_bins, bin_of(C, b.begin, b.cut));
        heap_push(heap, &n_bins, bin_of(C, b.cut, b.end));
    }
    return n_bins;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The lower edge of every bin but the first, ascending.  Neighbouring floats
 * can round to one edge, so equal ones are dropped. */
static size_t collect_borders(float *borders, const bin *bins, size_t n_bins,
                              const float *v)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < n_bins; i++) {
        if (bins[i].begin == 0)
            continue;
        float low = 0.5f * v[bins[i].begin - 1];
        float border = low + 0.5f * v[bins[i].begin];
        borders[n++] = border == 0 ? 0.0f : border; /* never -0 */
    }
    qsort(borders, n, sizeof *borders, compare_floats);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || borders[i] != borders[kept - 1])
            borders[kept++] = borders[i];
    return kept;
}

cm_status cm_borders_greedy_logsum(float *borders, size_t *n_borders,
                                   const float *values, const uint64_t *counts,
                                   size_t n, size_t max_borders, cm_error *err)
{
    cm_status status = CM_OK;
    uint64_t *C = NULL;
    bin *heap = NULL;
    *n_borders = 0;
    if (n < 2 || max_borders == 0)
        return CM_OK;
    size_t max_bins = (max_borders < n ? max_borders : n - 1) + 1;
    C = cm_alloc(n + 1, sizeof *C, err);
    heap = cm_alloc(max_bins, sizeof *heap, err);
    if (!C || !heap) {
        status = CM_ERR_NOMEM;
        goto done;
    }
    C[0] = 0;
    for (size_t i = 0; i < n; i++)
        C[i + 1] = C[i] + counts[i];
    size_t n_bins = split_greedily(heap, C, n, max_bins);
    *n_borders = collect_borders(borders, heap, n_bins, values);
done:
    free(heap);
    free(C);
    return status;
}

void cm_add_nan_border(cm_float_feature *feature, float *borders,
                       cm_nan_mode mode)
{
    uint32_t n = feature->n_borders;
    if (mode == CM_NAN_MODE_MIN) {
        bool is_there = n > 0 && borders[0] == -FLT_MAX;
        memmove(borders + !is_there, borders, n * sizeof *borders);
        borders[0] = -FLT_MAX;
        feature->n_borders = n + !is_there;
        feature->nan_treatment = CM_NAN_AS_FALSE;
    } else {
        bool is_there = n > 0 && borders[n - 1] == FLT_MAX;
        borders[n - is_there] = FLT_MAX;
        feature->n_borders = n + !is_there;
        feature->nan_treatment = CM_NAN_AS_TRUE;
    }
    feature->borders = borders;
    feature->has_nans = true;
}
