/* Sums that stay exact to the last digits over any number of terms. */
#ifndef CM_EVALUATION_SUM_H
#define CM_EVALUATION_SUM_H

#include <math.h>

/* Zero-initialised is the empty sum. */
typedef struct cm_sum {
    double sum;
    double lost; /* what rounding took from sum */
} cm_sum;

/* A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen", 1974. */
static inline void cm_sum_add(cm_sum *s, double term)
{
    double next = s->sum + term;
    if (fabs(s->sum) >= fabs(term)) {
        s->lost += (s->sum - next) + term;
    } else {
        s->lost += (term - next) + s->sum;
    }
    s->sum = next;
}

static inline double cm_sum_value(const cm_sum *s)
{
    return s->sum + s->lost;
}

#endif
