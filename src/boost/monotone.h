/* Leaf values of one tree that obey monotone constraints. */
#ifndef CM_BOOST_MONOTONE_H
#define CM_BOOST_MONOTONE_H

#include <stdint.h>

#include "model/model.h"

/* values (1 << depth) become the nearest ones, in weighted least squares
 * approximately, that never fall (monotone 1) or never rise (-1) where a
 * condition on such a feature turns true.  monotone: by feature; NULL does
 * nothing. */
void cm_monotone_project(double *values, const double *weights,
                         const cm_split_condition *splits, uint32_t depth,
                         const int8_t *monotone);

#endif
