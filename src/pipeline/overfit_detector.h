/* Stops a training when the watched metric has passed its best: CatBoost's
 * detectors IncToDec and Iter. */
#ifndef CM_PIPELINE_OVERFIT_DETECTOR_H
#define CM_PIPELINE_OVERFIT_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

typedef enum cm_od_type { CM_OD_NONE, CM_OD_INC_TO_DEC, CM_OD_ITER } cm_od_type;

/* CatBoost's od_type, od_pval and od_wait.  IncToDec with pval 0 never
 * stops. */
typedef struct cm_od_options {
    cm_od_type type;
    double pval;
    uint32_t wait;
} cm_od_options;

enum { CM_OD_MEMORY = 2000 }; /* values that IncToDec looks back */

typedef struct cm_overfit_detector {
    double threshold; /* stop below this p-value; <= 0: never */
    uint32_t wait;
    uint64_t n; /* values so far */
    double best, last;
    uint64_t since_best;       /* values after the best one */
    double expected_gain;      /* largest discounted rise seen */
    double p_value;            /* 1 while waiting */
    double past[CM_OD_MEMORY]; /* a ring of the last values */
} cm_overfit_detector;

void cm_overfit_detector_init(cm_overfit_detector *d,
                              const cm_od_options *options);

/* Takes the next value of a metric of which more is better (a loss comes with
 * its sign changed); true: stop. */
bool cm_overfit_detector_add(cm_overfit_detector *d, double value);

#endif
