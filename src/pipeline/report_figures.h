/* The numbers of a report as figures.  Private to pipeline. */
#ifndef CM_PIPELINE_REPORT_FIGURES_H
#define CM_PIPELINE_REPORT_FIGURES_H

#include "pipeline/report_data.h"
#include "visualization/figure.h"

enum { REPORT_MAX_SERIES = 64 };

/* Texts and series point into the data and its arena. */
typedef struct report_figures {
    cm_figure roc, precision_recall, reliability, histogram, learning,
        importance, swarm, hours, drift;
    cm_figure groups[REPORT_MAX_GROUPS];
    cm_figure dependences[REPORT_DEPENDENCES];
    cm_series series[REPORT_MAX_SERIES];
    size_t n_series;
} report_figures;

CM_MUST_USE cm_status report_figures_init(report_figures *out,
                                          report_data *data, cm_error *err);

/* printf into the arena; NULL after recording CM_ERR_NOMEM. */
const char *report_say(cm_arena *arena, cm_error *err, const char *fmt, ...)
    CM_PRINTF(3, 4);

#endif
