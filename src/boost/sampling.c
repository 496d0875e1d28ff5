/* Bootstrap types: No, Bernoulli, Bayesian and MVS, as CatBoost has them. */
#include "boost/sampling.h"

#include <float.h>
#include <math.h>

bool cm_sampling_is_plain(const cm_sampling *sampling)
{
    return sampling->bootstrap == CM_BOOTSTRAP_NO ||
           sampling->bootstrap == CM_BOOTSTRAP_STRATIFIED ||
           sampling->bootstrap == CM_BOOTSTRAP_BERNOULLI ||
           (sampling->bootstrap == CM_BOOTSTRAP_MVS && sampling->rate >= 1);
}

static double chance_of(uint64_t bits)
{
    return (double)(bits >> 32) * 0x1p-32;
}

static void draw_bernoulli(const cm_sampling *sampling, double *w,
                           const uint64_t *bits, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        w[i] = chance_of(bits[i]) < sampling->rate ? 1 : 0;
    }
}

/* (-ln U)^temperature.  U is never 0. */
static void draw_bayesian(const cm_sampling *sampling, double *w,
                          const uint64_t *bits, size_t n)
{
    double temperature = sampling->temperature;
    for (size_t i = 0; i < n; i++) {
        double weight = -log(chance_of(bits[i]) + 0x1p-33);
        weight = temperature == 1 ? weight : pow(weight, temperature);
        w[i] = fmin(weight, CM_MAX_WEIGHT);
    }
}

/* Newton's method on the concave function s -> sum(min(1, c s)), s = 1 / t:
 * it grows towards the solution and, the function being piecewise linear,
 * reaches it when no more c become large. */
double cm_mvs_threshold(const cm_row_kernels *loops, const double *c,
                        size_t n_padded, double target)
{
    double t = DBL_MAX, large = -1;
    for (int step = 0; step < 100; step++) {
        cm_small_sum small = loops->below(c, n_padded, t);
        if (small.large == large) {
            break;
        }
        large = small.large;
        t = small.sum / (target - small.large);
        t = t > 0 ? t : DBL_MIN;
    }
    return t;
}

/* D. Ibragimov and G. Gusev, "Minimal variance sampling in stochastic gradient
 * boosting", 2019: row i is taken with probability p = min(1, c / t), c =
 * sqrt(g^2 + lambda), and weighs 1 / p. */
static void draw_mvs(const cm_sampling *sampling, const cm_row_kernels *loops,
                     double *w, const double *g, const float *weights,
                     const uint64_t *bits, size_t n)
{
    size_t n_padded = (n + 3) / 4 * 4;
    for (size_t i = 0; i < n_padded; i++) {
        w[i] = weights == NULL || i >= n ? g[i] : g[i] * (double)weights[i];
    }
    loops->sizes(w, w, n_padded, sampling->lambda);
    for (size_t i = n; i < n_padded; i++) {
        w[i] = 0;
    }
    double threshold =
        cm_mvs_threshold(loops, w, n_padded, sampling->rate * (double)n);
    loops->weigh(w, bits, n_padded, threshold);
}

static void draw_all(double *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        w[i] = 1;
    }
}

void cm_sampling_draw(const cm_sampling *sampling, const cm_row_kernels *loops,
                      double *w, const double *g, const float *weights,
                      const uint64_t *bits, size_t n)
{
    switch (sampling->bootstrap) {
    case CM_BOOTSTRAP_BAYESIAN:
        draw_bayesian(sampling, w, bits, n);
        break;
    case CM_BOOTSTRAP_BERNOULLI:
        draw_bernoulli(sampling, w, bits, n);
        break;
    case CM_BOOTSTRAP_MVS:
        if (sampling->rate < 1) {
            draw_mvs(sampling, loops, w, g, weights, bits, n);
            break;
        }
        draw_all(w, n);
        break;
    case CM_BOOTSTRAP_NO:
    case CM_BOOTSTRAP_STRATIFIED:
        draw_all(w, n);
        break;
    }
    for (size_t i = n; i % 4 != 0; i++) {
        w[i] = 0;
    }
}
