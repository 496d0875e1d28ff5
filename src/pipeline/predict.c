/* Predictions of a log as CSV or JSON lines. */
#include "base/num.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "pipeline/scorer.h"

typedef struct prediction_writer {
    cm_prediction_format format;
    const cm_sink *sink;
    cm_buf buf;
} prediction_writer;

static cm_status flush(prediction_writer *w, cm_error *err)
{
    cm_status status = cm_buf_check(&w->buf, err);
    if (status == CM_OK && w->buf.n > 0) {
        status =
            w->sink->write(w->sink->context, (cm_str){w->buf.p, w->buf.n}, err);
    }
    cm_buf_clear(&w->buf);
    return status;
}

static void add_prediction(prediction_writer *w, cm_str id, double probability)
{
    char digits[CM_NUM_TEXT];
    cm_str value = {digits, cm_format_double(digits, probability)};
    if (w->format == CM_PREDICTION_CSV) {
        cm_csv_put(&w->buf, id);
        cm_buf_addc(&w->buf, ',');
        cm_buf_add(&w->buf, value.p, value.n);
        cm_buf_addc(&w->buf, '\n');
    } else {
        cm_buf_adds(&w->buf, "{\"id\":");
        cm_json_quote(&w->buf, id);
        cm_buf_adds(&w->buf, ",\"click_proba\":");
        cm_buf_add(&w->buf, value.p, value.n);
        cm_buf_adds(&w->buf, "}\n");
    }
}

static cm_status take(void *context, uint64_t row, bool has_extra,
                      const cm_str *extra, const double *probabilities,
                      size_t n, cm_error *err)
{
    prediction_writer *w = context;
    char number[CM_NUM_TEXT];
    for (size_t i = 0; i < n; i++) {
        cm_str id = has_extra
                        ? extra[i]
                        : (cm_str){number, cm_format_u64(number, row + i)};
        add_prediction(w, id, probabilities[i]);
    }
    return flush(w, err);
}

cm_status cm_predict_log(cm_score_log_report *report, const cm_bundle *bundle,
                         const cm_score_log_options *options,
                         cm_prediction_format format, const cm_sink *sink,
                         cm_error *err)
{
    prediction_writer w = {format, sink, {0}};
    cm_score_consumer consumer = {&w, NULL, take};
    if (format == CM_PREDICTION_CSV) {
        cm_buf_adds(&w.buf, "id,click_proba\n");
    }
    cm_status status = cm_score_log(
        report, bundle, options,
        (cm_extra_column){cm_bundle_id_column(bundle), true}, &consumer, err);
    if (status == CM_OK) {
        status = flush(&w, err);
    }
    cm_buf_release(&w.buf);
    return status;
}
