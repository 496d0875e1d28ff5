/* CatBoost's overfitting detectors.  Source: catboost
 * libs/overfitting_detector/overfitting_detector.cpp.
 *
 * Notation: v_t value after tree t, more is better; V the best so far, k trees
 * ago.  E = max over s <= t' <= t of .99^(t - s) (v_t' - v_s): the rise that
 * the past makes one expect, older rises counting less.  Once k > wait,
 *     p = exp(-.5 / (E / (V - v_t))),
 * and the training stops when p is below the threshold: with a deep fall since
 * the best value, or no rise lately.  Iter is the same with threshold 1, which
 * every p is below: it stops as soon as k > wait. */
#include "pipeline/overfit_detector.h"

#include <math.h>
#include <string.h>

static const double forget = 0.99, scale = 0.5, least = 1e-10;

void cm_overfit_detector_init(cm_overfit_detector *d,
                              const cm_od_options *options)
{
    memset(d, 0, sizeof *d);
    d->threshold = options->type == CM_OD_ITER         ? 1
                   : options->type == CM_OD_INC_TO_DEC ? options->pval
                                                       : 0;
    d->wait = options->wait;
    d->p_value = 1;
}

static void note_best(cm_overfit_detector *d, double value)
{
    if (d->n == 0 || value > d->best) {
        d->best = value;
        d->since_best = 0;
    } else {
        d->since_best++;
    }
}

static void note_gain(cm_overfit_detector *d, double value)
{
    uint64_t back = d->n < CM_OD_MEMORY ? d->n : CM_OD_MEMORY;
    double discount = 1;
    d->expected_gain *= forget;
    for (uint64_t i = 0; i < back; i++) {
        double before = d->past[(d->n - 1 - i) % CM_OD_MEMORY];
        d->expected_gain = fmax(d->expected_gain, discount * (value - before));
        discount *= forget;
    }
}

bool cm_overfit_detector_add(cm_overfit_detector *d, double value)
{
    if (d->threshold <= 0) {
        return false;
    }
    note_best(d, value);
    d->past[d->n % CM_OD_MEMORY] = value;
    d->n++;
    note_gain(d, value);
    d->last = value;
    d->p_value = 1;
    if (d->since_best >= d->wait) {
        double gain = d->expected_gain / fmax(d->best - value, least);
        d->p_value = exp(-scale / fmax(gain, least));
    }
    return d->p_value < d->threshold;
}
