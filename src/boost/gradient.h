/* Start of a tree: gradients of the sample's rows, their weights, and both
 * packed into one integer.
 *
 * g = label - probability (CatBoost's sign: the direction to move), w = weight
 * of the row: its own, times what it stands for in the sample.  Newton scores
 * have w h for the weight that is summed, h = probability (1 - probability).  A
 * packed statistic is (G << low_bits) + W with G = g w and W = w in integer
 * units; sums of packed statistics are sums of both, exact and independent of
 * order. Rounding up or down is drawn so that its expectation is the value
 * itself. */
#ifndef CM_BOOST_GRADIENT_H
#define CM_BOOST_GRADIENT_H

#include "boost/logistic.h"
#include "boost/sample.h"
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
    cm_sample *sample;
    const cm_row_kernels *loops;
    double *scratch;            /* (n_threads, 3, CM_BLOCK_ROWS) */
    struct cm_block_sums *sums; /* (n_blocks) */
    /* Results of the last call. */
    cm_packing packing;
    double gradient_rms; /* sqrt(mean g^2) over all rows, or an estimate */
} cm_gradients;

CM_MUST_USE cm_status cm_gradients_init(cm_gradients *gradients,
                                        cm_sample *sample,
                                        const cm_logistic *logistic,
                                        cm_error *err);
void cm_gradients_release(cm_gradients *gradients);

/* steps[leaf] (fixed point): what the last tree adds to a row's score.
 * Afterwards sample->leaf is 0 or CM_NOT_SAMPLED, and sample->stat is 0 where
 * it is the latter.  CM_ERR_DATA when the sample is empty. */
CM_MUST_USE cm_status cm_gradients_compute(cm_gradients *gradients,
                                           const int32_t *steps,
                                           const cm_sampling *sampling,
                                           cm_error *err);

#endif
