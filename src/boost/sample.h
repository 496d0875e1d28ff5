/* The rows that grow one tree, laid out for it: codes side by side, statistics,
 * and the leaf each is in so far.
 *
 * All rows are one segment, whose codes are written once.  A stratified sample
 * is two: a run of rows with label 1 and a run of rows with label 0 (order.h),
 * copied anew for every tree, so that growing touches little memory.  A segment
 * starts at a multiple of 8; what lies between two is gaps, which count as rows
 * that are not sampled. */
#ifndef CM_BOOST_SAMPLE_H
#define CM_BOOST_SAMPLE_H

#include "boost/bundle.h"
#include "boost/rows.h"

enum {
    CM_MAX_SEGMENTS = 2,
    CM_NOT_SAMPLED = 0x8000 /* in leaf[] */
};

typedef struct cm_segment {
    size_t place; /* of its first row in the sample */
    size_t row;   /* of its first row in the training set */
    size_t n;
    double weight; /* of each row: rows of its class for one of the sample */
} cm_segment;

typedef struct cm_sample {
    const cm_rows *rows;
    const cm_train_set *set;
    const cm_bundles *bundles;
    size_t n; /* places */
    uint32_t n_segments;
    cm_segment segments[CM_MAX_SEGMENTS];
    size_t n_class[CM_MAX_SEGMENTS]; /* rows of the class of a segment */
    bool is_all;
    uint8_t *codes; /* (n, bundles->width) */
    uint16_t *leaf; /* (n): in the tree so far, or CM_NOT_SAMPLED */
    int64_t *stat;  /* (n + 3): packed gradient and weight, 0: not sampled */
    size_t n_sampled;
} cm_sample;

/* rate: share of the training rows in a stratified sample, but never fewer than
 * some ten thousand; 1: all rows. */
CM_MUST_USE cm_status cm_sample_init(cm_sample *sample, const cm_rows *rows,
                                     const cm_train_set *set,
                                     const cm_bundles *bundles, double rate,
                                     cm_error *err);
void cm_sample_release(cm_sample *sample);

/* Whether a stratified sample of that rate is smaller than the set. */
bool cm_sample_is_partial(size_t n_rows, double rate);

/* Moves the segments to the rows of tree `iteration`. */
void cm_sample_choose(cm_sample *sample, size_t iteration);

/* Blocks of at most CM_BLOCK_ROWS rows, none across two segments. */
typedef struct cm_sample_block {
    const cm_segment *segment;
    size_t first; /* row of the segment */
    size_t n;
} cm_sample_block;

size_t cm_sample_n_blocks(const cm_sample *sample);
cm_sample_block cm_sample_block_at(const cm_sample *sample, size_t block);

/* Writes the codes of a block; a sample of all rows has them already. */
void cm_sample_write_codes(cm_sample *sample, const cm_sample_block *block);

#endif
