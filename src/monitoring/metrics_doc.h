/* docs/metrics.md: the table of metrics for people. */
#ifndef CM_MONITORING_METRICS_DOC_H
#define CM_MONITORING_METRICS_DOC_H

#include "base/str.h"

void cm_registry_format_doc(cm_buf *out);

#endif
