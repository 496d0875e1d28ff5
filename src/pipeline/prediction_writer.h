/* Predictions as CSV or JSON lines.  Private to pipeline. */
#ifndef CM_PIPELINE_PREDICTION_WRITER_H
#define CM_PIPELINE_PREDICTION_WRITER_H

#include "pipeline/score_log.h"

typedef struct cm_prediction_writer {
    cm_prediction_format format;
    const char *column; /* "click_proba" */
    const cm_sink *sink;
    cm_buf buf;
} cm_prediction_writer;

/* Puts the header of a CSV into the buffer.  Release in every case. */
cm_prediction_writer cm_prediction_writer_of(const cm_sink *sink,
                                             cm_prediction_format format,
                                             const char *column);
void cm_prediction_writer_release(cm_prediction_writer *writer);

void cm_prediction_put(cm_prediction_writer *writer, cm_str id, double value);
/* Hands the buffer to the sink. */
CM_MUST_USE cm_status cm_prediction_flush(cm_prediction_writer *writer,
                                          cm_error *err);

#endif
