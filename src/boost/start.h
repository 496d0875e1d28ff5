/* Scores before the first tree. */
#ifndef CM_BOOST_START_H
#define CM_BOOST_START_H

#include "boost/logistic.h"
#include "boost/rows.h"

typedef struct cm_start {
    double bias;
    double click_scores;  /* weighted sum of the scores of rows with label 1, in
                             fixed point */
    double mean_gradient; /* of |label - probability|, weighted: stands in for
                             the last tree's leaf values */
} cm_start;

/* Fills the rows' scores and leaves.  baseline (n): added to the bias, or
 * NULL.  The bias is 0, or the log odds of the base rate. */
cm_start cm_start_scores(cm_rows *rows, const double *baseline,
                         const cm_logistic *logistic, bool from_average);

#endif
