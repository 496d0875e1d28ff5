/* Weights of the rows of one block in the sample of one tree. */
#ifndef CM_BOOST_SAMPLING_H
#define CM_BOOST_SAMPLING_H

#include "base/rng.h"
#include "boost/row_kernel.h"
#include "boost/train.h"

typedef struct cm_sampling {
    cm_bootstrap bootstrap;
    double rate;        /* MVS, Bernoulli */
    double temperature; /* Bayesian */
    double lambda;      /* MVS */
    bool newton;        /* rows weigh by their second derivatives */
    cm_rng rng;         /* of this tree */
} cm_sampling;

/* Whether every sampled row weighs exactly 1. */
bool cm_sampling_is_plain(const cm_sampling *sampling);

/* Writes the weights w (0: not sampled) of n rows with gradients g, weights of
 * their own (NULL: 1; MVS looks at the product, others do not) and random bits,
 * of which the upper half is used.  Other arrays reach to the next multiple of
 * 4, g being 0 there. */
void cm_sampling_draw(const cm_sampling *sampling, const cm_row_kernels *loops,
                      double *w, const double *g, const float *weights,
                      const uint64_t *bits, size_t n);

/* t with sum(min(1, c / t)) = target, 0 < target < n, c >= 0; n_padded is n
 * rounded up to 4, c is 0 from n on. */
double cm_mvs_threshold(const cm_row_kernels *loops, const double *c,
                        size_t n_padded, double target);

#endif
