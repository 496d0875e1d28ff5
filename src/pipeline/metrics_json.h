/* Metrics as JSON: the seed's five keys first, then ours. */
#ifndef CM_PIPELINE_METRICS_JSON_H
#define CM_PIPELINE_METRICS_JSON_H

#include "codec/json.h"
#include "evaluation/metrics.h"

/* Puts the members into an object already begun. */
void cm_metrics_put(cm_json_writer *w, const cm_metrics *metrics);

#endif
