/* Metrics as JSON: the seed's five keys first, then ours. */
#ifndef CM_PIPELINE_METRICS_JSON_H
#define CM_PIPELINE_METRICS_JSON_H

#include "codec/json.h"
#include "evaluation/metrics.h"
#include "pipeline/watch.h"

/* Puts the members into an object already begun. */
void cm_metrics_put(cm_json_writer *w, const cm_metrics *metrics);

/* "best_iteration", counted from 0 as CatBoost does, and "learning_curve": an
 * array a metric. */
void cm_curve_put(cm_json_writer *w, uint32_t best_trees,
                  const cm_curve *curve);

#endif
