/* Start of a tree: adds the last tree to every row's score, derives gradients,
 * draws the sample, and packs gradient and weight of a row into one integer.
 *
 * g = label - probability (CatBoost's sign: the direction to move), w = weight
 * of the row in the sample.  A packed statistic is (G << low_bits) + W with
 * G = g w and W = w in integer units; sums of packed statistics are sums of
 * both, exact and independent of order.  Rounding up or down is drawn so that
 * its expectation is the value itself. */
#ifndef CM_BOOST_GRADIENT_H
#define CM_BOOST_GRADIENT_H

#include "boost/logistic.h"
#include "boost/rows.h"
#include "boost/sampling.h"

/* The largest |G| summed; a double holds such sums exactly. */
enum { CM_MAX_GRADIENT_BITS = 50 };

typedef struct cm_packing {
    int low_bits;         /* bits of W */
    double gradient_unit; /* g w = G * gradient_unit */
    double weight_unit;   /* w = W * weight_unit */
} cm_packing;

typedef struct cm_gradients {
    const cm_logistic *logistic;
    cm_rows *rows;
    const cm_row_kernels *loops;
    double *scratch;           /* (n_threads, 3, CM_BLOCK_ROWS) */
    double *thresholds;        /* (n_blocks): MVS, of the last tree */
    struct cm_span_sums *sums; /* (n_spans) */
    /* Results of the last call. */
    cm_packing packing;
    double gradient_rms;          /* sqrt(mean g^2) over all rows */
    int32_t min_score, max_score; /* over all rows */
} cm_gradients;

CM_MUST_USE cm_status cm_gradients_init(cm_gradients *gradients, cm_rows *rows,
                                        const cm_logistic *logistic,
                                        cm_error *err);
void cm_gradients_release(cm_gradients *gradients);

/* steps[leaf] (fixed point) is added to each row's score first.  Afterwards
 * rows->leaf is 0 or CM_NOT_SAMPLED, and rows->stat is 0 where it is the
 * latter.  CM_ERR_DATA when the sample is empty. */
CM_MUST_USE cm_status cm_gradients_compute(cm_gradients *gradients,
                                           const int32_t *steps,
                                           const cm_sampling *sampling,
                                           cm_error *err);

#endif
