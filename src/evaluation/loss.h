/* The log loss of one row.  Private to evaluation. */
#ifndef CM_EVALUATION_LOSS_H
#define CM_EVALUATION_LOSS_H

#include <float.h>
#include <math.h>

/* scikit-learn clips the probability of the row's own class. */
static inline double row_loss(unsigned label, double p)
{
    double own = label ? p : 1.0 - p;
    return -log(fmin(fmax(own, DBL_EPSILON), 1.0 - DBL_EPSILON));
}

#endif
