/* The table of metrics at run time: its rows, and where the slots of each
 * metric are.  Private to monitoring. */
#ifndef CM_MONITORING_LAYOUT_H
#define CM_MONITORING_LAYOUT_H

#include "monitoring/metrics.h"

typedef enum metric_type {
    METRIC_COUNTER,
    METRIC_GAUGE,
    METRIC_LAST,
    METRIC_HISTOGRAM,
    METRIC_SUMMARY,
    METRIC_INFO
} metric_type;

/* A row of metrics.def. */
typedef struct metric_row {
    metric_type type;
    const char *name, *labels, *values, *buckets, *help;
} metric_row;

extern const metric_row metric_rows[CM_N_METRICS];

/* Word i of a list, an empty one behind its end. */
cm_str list_word(const char *list, char separator, size_t i);
size_t list_length(const char *list, char separator);

typedef struct metrics_layout {
    cm_metric_place places[CM_N_METRICS];
    size_t n_slots;
    double *bounds; /* of all histograms, one after the other */
    size_t n_handlers, n_methods;
    char **handlers, **methods; /* copies */
} metrics_layout;

CM_MUST_USE cm_status layout_init(metrics_layout *out, cm_label_values handlers,
                                  cm_label_values methods, cm_error *err);
void layout_release(metrics_layout *layout);

/* The value that label i of a metric has in a child. */
cm_str layout_label_value(const metrics_layout *layout, cm_metric metric,
                          size_t label, size_t child);

#endif
