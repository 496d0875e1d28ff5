/* What the trainer keeps of every row, and the pieces in which rows are
 * walked: blocks of 8192, and spans of one or more blocks.  Both depend on the
 * number of rows and the depth alone, never on the threads. */
#ifndef CM_BOOST_ROWS_H
#define CM_BOOST_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/thread.h"
#include "boost/train.h"

enum { CM_BLOCK_ROWS = 8192 };

typedef struct cm_rows {
    size_t n;
    size_t span_rows; /* a multiple of CM_BLOCK_ROWS */
    size_t n_spans;
    int n_threads;
    cm_team *team;
    const uint8_t *labels;             /* (n) */
    const float *weights;              /* (n), or NULL: all 1 */
    double total_weight, click_weight; /* of all rows, of label 1 */
    /* Sum of the trees so far, fixed point, less the last one: what that adds
     * is found by `leaf` in a table of its leaves. */
    int32_t *score; /* (n) */
    uint16_t *leaf; /* (n): leaf in the last tree */
    int32_t min_score, max_score;
} cm_rows;

CM_MUST_USE cm_status cm_rows_init(cm_rows *rows, const cm_train_set *set,
                                   uint32_t depth, int n_threads, cm_team *team,
                                   cm_error *err);
void cm_rows_release(cm_rows *rows);

static inline double cm_row_weight(const cm_rows *rows, size_t row)
{
    return rows->weights == NULL ? 1 : (double)rows->weights[row];
}

typedef struct cm_range {
    size_t begin, end;
} cm_range;

static inline cm_range cm_rows_span(const cm_rows *rows, size_t span)
{
    size_t begin = span * rows->span_rows;
    size_t end = begin + rows->span_rows;
    return (cm_range){begin, end < rows->n ? end : rows->n};
}

/* The first block of a range; an empty one when the range is. */
static inline cm_range cm_first_block(cm_range range)
{
    size_t end = range.begin + CM_BLOCK_ROWS;
    return (cm_range){range.begin, end < range.end ? end : range.end};
}

#endif
