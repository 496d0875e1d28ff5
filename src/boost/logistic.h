/* The logistic function of fixed-point scores, from a table of cubics, and the
 * exponential it is made of: only additions, multiplications and divisions, so
 * that every machine gets the same bits. */
#ifndef CM_BOOST_LOGISTIC_H
#define CM_BOOST_LOGISTIC_H

#include <stdint.h>

/* A row's score (log odds so far) is kept as score * 2^26 in 32 bits: sums of
 * leaf values are exact, and the range is [-32, 32). */
enum { CM_FIXED_BITS = 26, CM_LOGISTIC_PIECES = 4096 };
#define CM_FIXED_ONE 0x1p26

/* e^x to about 1e-16 of it; x is clamped to [-700, 700]. */
double cm_boost_exp(double x);

/* Nearest fixed-point value of x, clamped to the range. */
int32_t cm_fixed_of(double x);

static inline int32_t cm_fixed_add(int32_t a, int32_t b)
{
    int64_t sum = (int64_t)a + b;
    return sum > INT32_MAX   ? INT32_MAX
           : sum < INT32_MIN ? INT32_MIN
                             : (int32_t)sum;
}

/* Hermite cubics over pieces of width 2^-6: the error is below 2e-11. */
typedef struct cm_logistic {
    double c[CM_LOGISTIC_PIECES][4];
} cm_logistic;

void cm_logistic_init(cm_logistic *table);

/* 1 / (1 + e^-score). */
static inline double cm_logistic_at(const cm_logistic *table, int32_t score)
{
    uint32_t x = (uint32_t)score ^ 0x80000000u;
    const double *c = table->c[x >> 20];
    double u = (double)(int32_t)(x & 0xfffffu) * 0x1p-20;
    return c[0] + u * (c[1] + u * (c[2] + u * c[3]));
}

#endif
