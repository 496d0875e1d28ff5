/* Predictions against clicks, group by group of the rows; and how two counts
 * of the same groups differ. */
#ifndef CM_EVALUATION_GROUPS_H
#define CM_EVALUATION_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "evaluation/bootstrap.h"

typedef struct cm_group {
    uint64_t rows, clicks;
    double predicted; /* sum of the probabilities */
} cm_group;

/* groups (n_groups), zeroed by the caller, gain row i (of n) at codes[i]. */
void cm_group_rows(cm_group *groups, const uint32_t *codes,
                   const uint8_t *labels, const double *probabilities,
                   size_t n);

/* Rows in the order of their probabilities, cut into groups (n_groups) of
 * about equally many; rows of one probability stay together, so there may be
 * fewer: *n_out.  0 < n < 2^32. */
CM_MUST_USE cm_status cm_group_by_rank(cm_group *groups, size_t n_groups,
                                       size_t *n_out, const uint8_t *labels,
                                       const double *probabilities, size_t n,
                                       cm_error *err);

/* The interval that the share clicks / rows has at a level such as .95: E. B.
 * Wilson, "Probable Inference, the Law of Succession, and Statistical
 * Inference", 1927.  Without rows it is [0, 1]. */
cm_interval cm_wilson(uint64_t clicks, uint64_t rows, double level);

/* How far the shares of n groups moved between two counts: the sum of
 * (a - b) ln(a / b).  An empty group counts as half a row of its rows, so that
 * none is infinite.  Below .1 is usually called stable, above .25 a shift. */
double cm_stability_index(const uint64_t *now, const uint64_t *then, size_t n);

#endif
