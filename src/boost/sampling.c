/* Bootstrap types: No, Bernoulli, Bayesian and MVS, as CatBoost has them. */
#include "boost/sampling.h"

#include <float.h>
#include <math.h>

bool cm_sampling_is_plain(const cm_sampling *sampling)
{
    return sampling->bootstrap == CM_BOOTSTRAP_NO ||
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
 * after its first step it grows towards the solution and, the function being
 * piecewise linear, reaches it. */
double cm_mvs_threshold(const cm_row_kernels *loops, const double *c,
                        size_t n_padded, double target, double start)
{
    double t = start > 0 ? start : DBL_MAX;
    for (int step = 0; step < 100; step++) {
        cm_small_sum small = loops->below(c, n_padded, t);
        if (small.large >= target) { /* too low a start: none counts as large */
            t = DBL_MAX;
            continue;
        }
        double next = small.sum / (target - small.large);
        bool found = fabs(next - t) <= 1e-12 * t;
        t = next > 0 ? next : DBL_MIN;
        if (found) {
            break;
        }
    }
    return t;
}

/* D. Ibragimov and G. Gusev, "Minimal variance sampling in stochastic gradient
 * boosting", 2019: row i is taken with probability p = min(1, c / t), c =
 * sqrt(g^2 + lambda), and weighs 1 / p. */
static void draw_mvs(const cm_sampling *sampling, const cm_row_kernels *loops,
                     double *w, const double *g, const uint64_t *bits, size_t n,
                     double *threshold)
{
    size_t n_padded = (n + 3) / 4 * 4;
    loops->sizes(w, g, n_padded, sampling->lambda);
    for (size_t i = n; i < n_padded; i++) {
        w[i] = 0;
    }
    *threshold = cm_mvs_threshold(loops, w, n_padded,
                                  sampling->rate * (double)n, *threshold);
    loops->weigh(w, bits, n_padded, *threshold);
}

void cm_sampling_draw(const cm_sampling *sampling, const cm_row_kernels *loops,
                      double *w, const double *g, const uint64_t *bits,
                      size_t n, double *threshold)
{
    if (sampling->bootstrap == CM_BOOTSTRAP_BAYESIAN) {
        draw_bayesian(sampling, w, bits, n);
    } else if (sampling->bootstrap == CM_BOOTSTRAP_BERNOULLI) {
        draw_bernoulli(sampling, w, bits, n);
    } else if (cm_sampling_is_plain(sampling)) {
        for (size_t i = 0; i < n; i++) {
            w[i] = 1;
        }
    } else {
        draw_mvs(sampling, loops, w, g, bits, n, threshold);
    }
    for (size_t i = n; i % 4 != 0; i++) {
        w[i] = 0;
    }
}
