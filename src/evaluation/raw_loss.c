/* The logistic loss of scores that are log odds. */
#include "evaluation/raw_loss.h"

#include <math.h>

#include "evaluation/sum.h"

double cm_raw_loss_sum(const uint8_t *labels, const double *raw,
                       const float *weights, size_t n, double *probabilities)
{
    cm_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        double small = exp(-fabs(raw[i])); /* at most 1: never overflows */
        double loss = log1p(small) + fmax(raw[i], 0) - labels[i] * raw[i];
        cm_sum_add(&sum, weights != NULL ? (double)weights[i] * loss : loss);
        if (probabilities != NULL) {
            probabilities[i] = (raw[i] >= 0 ? 1 : small) / (1 + small);
        }
    }
    return cm_sum_value(&sum);
}

double cm_base_log_loss(double rate)
{
    if (rate <= 0.0 || rate >= 1.0) {
        return 0.0;
    }
    return -(rate * log(rate) + (1.0 - rate) * log1p(-rate));
}
