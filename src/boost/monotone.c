/* Isotonic regression on the leaves of a symmetric tree: pools of adjacent
 * violators, direction by direction (R. Dykstra and T. Robertson, "An
 * algorithm for isotonic regression for two or more independent variables",
 * 1982, without its corrections), then one exact pass. */
#include "boost/monotone.h"

#include <stdbool.h>
#include <stddef.h>

enum { MAX_CYCLES = 50 };

/* A pair of leaves that differ in one condition. */
typedef struct pair {
    uint32_t low, high; /* the value of low must not be above that of high */
} pair;

static pair pair_of(uint32_t leaf, uint32_t bit, int direction)
{
    return direction > 0 ? (pair){leaf, leaf | bit} : (pair){leaf | bit, leaf};
}

static bool pool(double *values, const double *weights, pair p)
{
    double a = values[p.low], b = values[p.high];
    if (a <= b) {
        return false;
    }
    double total = weights[p.low] + weights[p.high];
    double mean = total > 0 ? (a * weights[p.low] + b * weights[p.high]) / total
                            : 0.5 * (a + b);
    values[p.low] = values[p.high] = mean;
    return true;
}

static bool pool_direction(double *values, const double *weights,
                           uint32_t n_leaves, uint32_t bit, int direction)
{
    bool changed = false;
    for (uint32_t l = 0; l < n_leaves; l++) {
        if ((l & bit) == 0) {
            changed |= pool(values, weights, pair_of(l, bit, direction));
        }
    }
    return changed;
}

/* A running maximum: after all directions, each value is the largest of those
 * that must not be above it. */
static void raise_direction(double *values, uint32_t n_leaves, uint32_t bit,
                            int direction)
{
    for (uint32_t l = 0; l < n_leaves; l++) {
        pair p = pair_of(l & ~bit, bit, direction);
        if (values[p.high] < values[p.low]) {
            values[p.high] = values[p.low];
        }
    }
}

void cm_monotone_project(double *values, const double *weights,
                         const cm_split_condition *splits, uint32_t depth,
                         const int8_t *monotone)
{
    uint32_t n_leaves = 1u << depth;
    bool changed = monotone != NULL;
    for (int cycle = 0; changed && cycle < MAX_CYCLES; cycle++) {
        changed = false;
        for (uint32_t d = 0; d < depth; d++) {
            int direction = monotone[splits[d].feature];
            if (direction != 0) {
                changed |= pool_direction(values, weights, n_leaves, 1u << d,
                                          direction);
            }
        }
    }
    for (uint32_t d = 0; monotone != NULL && d < depth; d++) {
        int direction = monotone[splits[d].feature];
        if (direction != 0) {
            raise_direction(values, n_leaves, 1u << d, direction);
        }
    }
}
