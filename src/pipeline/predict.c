/* Predictions of a log, by a bundle. */
#include "base/num.h"
#include "pipeline/prediction_writer.h"
#include "pipeline/scorer.h"

static cm_status take(void *context, uint64_t row, bool has_extra,
                      const cm_str *extra, const double *probabilities,
                      size_t n, cm_error *err)
{
    cm_prediction_writer *w = context;
    char number[CM_NUM_TEXT];
    for (size_t i = 0; i < n; i++) {
        cm_str id = has_extra
                        ? extra[i]
                        : (cm_str){number, cm_format_u64(number, row + i)};
        cm_prediction_put(w, id, probabilities[i]);
    }
    return cm_prediction_flush(w, err);
}

cm_status cm_predict_log(cm_score_log_report *report, const cm_bundle *bundle,
                         const cm_score_log_options *options,
                         cm_prediction_format format, const cm_sink *sink,
                         cm_error *err)
{
    cm_prediction_writer w =
        cm_prediction_writer_of(sink, format, "click_proba");
    cm_score_consumer consumer = {&w, NULL, take};
    cm_status status = cm_score_log(
        report, bundle, options,
        (cm_extra_column){cm_bundle_id_column(bundle), true}, &consumer, err);
    if (status == CM_OK) {
        status = cm_prediction_flush(&w, err);
    }
    cm_prediction_writer_release(&w);
    return status;
}
