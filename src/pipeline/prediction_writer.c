/* Predictions as CSV or JSON lines, in a buffer between the sink's writes. */
#include "pipeline/prediction_writer.h"

#include "base/num.h"
#include "codec/csv.h"
#include "codec/json.h"

cm_prediction_writer cm_prediction_writer_of(const cm_sink *sink,
                                             cm_prediction_format format,
                                             const char *column)
{
    cm_prediction_writer w = {format, column, sink, {0}};
    if (format == CM_PREDICTION_CSV) {
        cm_buf_addf(&w.buf, "id,%s\n", column);
    }
    return w;
}

void cm_prediction_writer_release(cm_prediction_writer *w)
{
    cm_buf_release(&w->buf);
}

void cm_prediction_put(cm_prediction_writer *w, cm_str id, double value)
{
    char digits[CM_NUM_TEXT];
    cm_str text = {digits, cm_format_double(digits, value)};
    if (w->format == CM_PREDICTION_CSV) {
        cm_csv_put(&w->buf, id);
        cm_buf_addc(&w->buf, ',');
        cm_buf_add(&w->buf, text.p, text.n);
        cm_buf_addc(&w->buf, '\n');
    } else {
        cm_buf_adds(&w->buf, "{\"id\":");
        cm_json_quote(&w->buf, id);
        cm_buf_addf(&w->buf, ",\"%s\":", w->column);
        cm_buf_add(&w->buf, text.p, text.n);
        cm_buf_adds(&w->buf, "}\n");
    }
}

cm_status cm_prediction_flush(cm_prediction_writer *w, cm_error *err)
{
    cm_status status = cm_buf_check(&w->buf, err);
    if (status == CM_OK && w->buf.n > 0) {
        status =
            w->sink->write(w->sink->context, (cm_str){w->buf.p, w->buf.n}, err);
    }
    cm_buf_clear(&w->buf);
    return status;
}
