/* The exponential and the table of the logistic function. */
#include "boost/logistic.h"

#include <math.h>
#include <string.h>

/* Cody and Waite: x = k ln 2 + r with |r| <= ln 2 / 2, then the Taylor series
 * of e^r to r^13 (the next term is below 5e-18). */
double cm_boost_exp(double x)
{
    static const double inverse_factorial[] = {1.0 / 6227020800.0,
                                               1.0 / 479001600.0,
                                               1.0 / 39916800.0,
                                               1.0 / 3628800.0,
                                               1.0 / 362880.0,
                                               1.0 / 40320.0,
                                               1.0 / 5040.0,
                                               1.0 / 720.0,
                                               1.0 / 120.0,
                                               1.0 / 24.0,
                                               1.0 / 6.0,
                                               0.5,
                                               1.0,
                                               1.0};
    x = x > 700.0 ? 700.0 : x < -700.0 ? -700.0 : x;
    double t = x * 0x1.71547652b82fep+0;
    int64_t k = (int64_t)(t < 0 ? t - 0.5 : t + 0.5);
    double r = (x - (double)k * 0x1.62e42fee00000p-1) -
               (double)k * 0x1.a39ef35793c76p-33;
    double sum = inverse_factorial[0];
    for (int i = 1; i < 14; i++) {
        sum = sum * r + inverse_factorial[i];
    }
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

int32_t cm_fixed_of(double x)
{
    double scaled = x * CM_FIXED_ONE;
    if (scaled >= (double)INT32_MAX) {
        return INT32_MAX;
    }
    return scaled <= (double)INT32_MIN ? INT32_MIN : (int32_t)lround(scaled);
}

/* A piece matches value and slope s' = s (1 - s) at both of its ends. */
void cm_logistic_init(cm_logistic *table)
{
    const double width = 0x1p-6;
    double left = 1 / (1 + cm_boost_exp(32.0));
    for (int i = 0; i < CM_LOGISTIC_PIECES; i++) {
        double right = 1 / (1 + cm_boost_exp(32.0 - (i + 1) * width));
        double slope_left = width * left * (1 - left);
        double slope_right = width * right * (1 - right);
        double rise = right - left;
        table->c[i][0] = left;
        table->c[i][1] = slope_left;
        table->c[i][2] = 3 * rise - 2 * slope_left - slope_right;
        table->c[i][3] = slope_left + slope_right - 2 * rise;
        left = right;
    }
}
