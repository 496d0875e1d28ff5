/* A log through a bundle: rows in, probabilities out, in order and in
 * batches, so that a log of any size is scored in little memory. */
#ifndef CM_PIPELINE_SCORE_LOG_H
#define CM_PIPELINE_SCORE_LOG_H

#include "data/ingest.h"
#include "evaluation/metrics.h"
#include "pipeline/build_features.h"
#include "score/bundle.h"

typedef struct cm_score_log_options {
    const char *input;  /* a log, or "-" */
    const char *schema; /* NULL: the bundle's */
    cm_bad_row on_bad_row;
    const char *quarantine;
    int n_threads;
    const cm_log *log;
} cm_score_log_options;

typedef struct cm_score_log_report {
    uint64_t rows; /* scored */
    uint64_t bad_rows;
    double seconds;
} cm_score_log_report;

/* The fifth stage: metrics of a labelled log. */
CM_MUST_USE cm_status cm_evaluate_log(cm_metrics *out,
                                      cm_score_log_report *report,
                                      const cm_bundle *bundle,
                                      const cm_score_log_options *options,
                                      cm_error *err);

/* What a model must reach; NaN: no demand. */
typedef struct cm_gates {
    double max_log_loss;
    double min_auc;
} cm_gates;

/* CM_ERR_GATE, naming every gate that is not met. */
CM_MUST_USE cm_status cm_check_gates(const cm_metrics *metrics,
                                     const cm_gates *gates, cm_error *err);

typedef enum cm_prediction_format {
    CM_PREDICTION_CSV,  /* id,click_proba */
    CM_PREDICTION_JSONL /* {"id": "…", "click_proba": …} */
} cm_prediction_format;

/* Predictions of a log, labelled or not, in its order.  A log without an id
 * column has its row numbers, from 0, as ids. */
CM_MUST_USE cm_status cm_predict_log(cm_score_log_report *report,
                                     const cm_bundle *bundle,
                                     const cm_score_log_options *options,
                                     cm_prediction_format format,
                                     const cm_sink *sink, cm_error *err);

/* Predictions of a table by a model alone: of click probabilities, or, by a
 * regression, of its values in a column "prediction".  input: .npy or CSV.
 * Columns are found by the names of the features when the table has a header
 * and the features have names, else by position; ids are row numbers. */
CM_MUST_USE cm_status cm_predict_table(cm_score_log_report *report,
                                       const cm_model *model, const char *input,
                                       cm_prediction_format format,
                                       const cm_sink *sink, const cm_log *log,
                                       cm_error *err);

#endif
