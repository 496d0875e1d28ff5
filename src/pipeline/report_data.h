/* The numbers of a report, as figures and tables take them.  Private to
 * pipeline. */
#ifndef CM_PIPELINE_REPORT_DATA_H
#define CM_PIPELINE_REPORT_DATA_H

#include "base/mem.h"
#include "evaluation/bootstrap.h"
#include "pipeline/report.h"

enum {
    REPORT_MAX_GROUPS = 8,   /* columns shown value by value */
    REPORT_SHAP_ROWS = 1000, /* explained */
    REPORT_SHAP_SHOWN = 20,  /* features of the beeswarm */
    REPORT_DEPENDENCES = 4,  /* features shown one by one */
    REPORT_DRIFT_SHOWN = 15  /* columns */
};

/* Numbers side by side, (n) each; a series says which of them it has. */
typedef struct report_series {
    size_t n;
    const char **names;
    double *x, *y, *low, *high, *predicted, *rows;
} report_series;

/* Of an arena, all numbers 0. */
CM_MUST_USE cm_status report_series_new(report_series *out, size_t n,
                                        cm_arena *arena, cm_error *err);

/* Click rates of the validation rows by the value of a column: names, x 0 …
 * n - 1, y the share of clicks with its 95 % interval in low and high,
 * predicted the mean probability, rows. */
typedef struct report_groups {
    const char *column;
    report_series values;
} report_groups;

/* One feature's values and what they added: x the value, y the SHAP value,
 * predicted the rank in [0, 1] of its partner's value. */
typedef struct report_dependence {
    const char *feature, *partner; /* partner NULL: none */
    report_series points;
} report_dependence;

typedef struct report_data {
    const cm_report_source *source;
    uint8_t *labels; /* (n_val) */
    cm_metric_intervals intervals;
    report_series ranking; /* by threshold, descending (low): x fall-out, y
                              recall, predicted precision, rows */
    double average_precision;
    report_series reliability; /* by rank: x mean probability, y click rate,
                                  low, high, rows */
    report_series histogram;   /* low, high: edges; x clicks, y the others,
                                  rows */
    report_groups hours;       /* of the day; n 0: no time */
    report_groups groups[REPORT_MAX_GROUPS];
    size_t n_groups;
    report_series drift;      /* names; x stability index; y share of validation
                                 rows with a value that training lacked */
    report_series learning;   /* x trees, y log loss of validation, predicted of
                                 training rows */
    report_series importance; /* names; x percents, largest first */
    report_series swarm;      /* x SHAP value, y place of the feature, predicted
                                 rank of the feature's value in [0, 1] */
    const char **swarm_names; /* (n_swarm) */
    size_t n_swarm;
    report_dependence dependences[REPORT_DEPENDENCES];
    size_t n_dependences;
    size_t n_explained; /* rows */
    cm_arena arena;
} report_data;

/* Release in every case. */
CM_MUST_USE cm_status report_data_init(report_data *out,
                                       const cm_report_source *source,
                                       const cm_report_options *options,
                                       cm_error *err);
void report_data_release(report_data *data);

/* Parts of report_data_init. */
CM_MUST_USE cm_status report_groups_fill(report_data *data,
                                         const cm_report_options *options,
                                         cm_error *err);
CM_MUST_USE cm_status report_drift_fill(report_data *data, cm_error *err);
CM_MUST_USE cm_status report_learning_fill(report_data *data, int n_threads,
                                           cm_error *err);
CM_MUST_USE cm_status report_explained_fill(report_data *data, int n_threads,
                                            cm_error *err);

/* ---- what is made of them ------------------------------------------------ */

/* FOLDER/index.html and its figures. */
CM_MUST_USE cm_status report_page_save(report_data *data,
                                       const cm_report_options *options,
                                       cm_error *err);
/* FOLDER/plots/NAME.json: arrays of points, as `dvc plots` reads them. */
CM_MUST_USE cm_status report_plots_save(const report_data *data,
                                        const char *folder, cm_error *err);

#endif
