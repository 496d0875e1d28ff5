/* Rows counted by what they are and what p > .5 predicts them to be.  Private
 * to evaluation. */
#ifndef CM_EVALUATION_DECISIONS_H
#define CM_EVALUATION_DECISIONS_H

#include <stdint.h>

/* [label][predicted].  What is 0 / 0 is 0, as in scikit-learn. */
typedef uint64_t confusion[2][2];

static inline double share_or(uint64_t part, uint64_t whole, double undefined)
{
    return whole > 0 ? (double)part / (double)whole : undefined;
}

static inline double confusion_precision(const confusion c)
{
    return share_or(c[1][1], c[1][1] + c[0][1], 0.0);
}

static inline double confusion_recall(const confusion c)
{
    return share_or(c[1][1], c[1][1] + c[1][0], 0.0);
}

static inline double confusion_f1(const confusion c, int label)
{
    uint64_t hit = c[label][label];
    return share_or(2 * hit, 2 * hit + c[label][!label] + c[!label][label],
                    0.0);
}

/* The F1 of both classes, weighted by their rows. */
static inline double confusion_f1_weighted(const confusion c)
{
    double others = (double)(c[0][0] + c[0][1]);
    double clicks = (double)(c[1][0] + c[1][1]);
    return (others * confusion_f1(c, 0) + clicks * confusion_f1(c, 1)) /
           (others + clicks);
}

#endif
