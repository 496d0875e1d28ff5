/* What a threshold would do: the curves of a ranking (receiver operating
 * characteristic, precision over recall) as the points they go through. */
#ifndef CM_EVALUATION_OPERATING_POINTS_H
#define CM_EVALUATION_OPERATING_POINTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Of the rows that score `threshold` or more. */
typedef struct cm_operating_point {
    double threshold;
    uint64_t clicks, others;
} cm_operating_point;

typedef struct cm_operating_points {
    cm_operating_point *points; /* (n), thresholds descending; the first has no
                                   rows (threshold +inf), the last has all */
    size_t n;
    uint64_t clicks, others;  /* in all */
    double average_precision; /* over all thresholds, as scikit-learn's; NaN
                                 without a click */
} cm_operating_points;

/* labels (n): 0 or 1; scores (n) in [0, 1], 0 < n < 2^32.  Every point is one
 * of the curve; of a longer curve those are kept that are a 256th part of the
 * clicks or of the others away from the last, or double its rows, so there are
 * fewer than 600.  Release in every case. */
CM_MUST_USE cm_status cm_operating_points_init(cm_operating_points *out,
                                               const uint8_t *labels,
                                               const double *scores, size_t n,
                                               cm_error *err);
void cm_operating_points_release(cm_operating_points *curve);

/* Shares: true positives, false positives, precision (1 without a row). */
double cm_point_recall(const cm_operating_points *curve, size_t i);
double cm_point_fall_out(const cm_operating_points *curve, size_t i);
double cm_point_precision(const cm_operating_points *curve, size_t i);

#endif
