/* The rows that grow one tree, laid out for it: codes side by side, statistics,
 * and the leaf each is in so far.
 *
 * All rows are one segment, whose codes are written once.  A stratified sample
 * is many runs of 128 rows, drawn and copied anew for every tree, so that
 * growing touches little memory.  Rows of a label stand in 64 strata (order.h);
 * of the 64 runs at the same places of all strata, which together are 8192 rows
 * that follow each other in the input, a sample has as many as its rate says,
 * drawn at random.  So it is spread evenly over the input.
 *
 * A segment starts at a multiple of the run's length; places behind a shorter
 * one are gaps, which count as rows that are not sampled. */
#ifndef CM_BOOST_SAMPLE_H
#define CM_BOOST_SAMPLE_H

#include "base/rng.h"
#include "boost/bundle.h"
#include "boost/order.h"
#include "boost/rows.h"

enum {
    CM_RUN_ROWS = 128,
    CM_NOT_SAMPLED = 0x8000 /* in leaf[] */
};

typedef struct cm_segment {
    size_t place; /* of its first row in the sample */
    size_t row;   /* of its first row in the training set */
    size_t n;
    double weight; /* of each row: rows of its label for one of the sample */
} cm_segment;

/* The rows of one label, and how many runs of them a sample has. */
typedef struct cm_label_rows {
    size_t row, n;    /* in the training set */
    double rate;      /* share of the runs in a sample */
    size_t n_windows; /* 64 runs, one a stratum */
    size_t n_drawn;   /* runs in a sample */
} cm_label_rows;

typedef struct cm_sample {
    const cm_rows *rows;
    const cm_train_set *set;
    const cm_bundles *bundles;
    size_t n; /* places */
    size_t n_segments;
    cm_segment *segments; /* (n_segments) */
    bool is_all;
    cm_label_rows labels[2]; /* 1, then 0 */
    uint8_t *codes;          /* (n, bundles->width) */
    uint16_t *leaf;          /* (n): in the tree so far, or CM_NOT_SAMPLED */
    int64_t *stat;           /* (n + 3): packed gradient and weight, 0: not
                                sampled */
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

/* Draws the segments of a tree. */
void cm_sample_choose(cm_sample *sample, cm_rng rng);

/* Blocks of at most CM_BLOCK_ROWS rows: runs, or pieces of all rows. */
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
