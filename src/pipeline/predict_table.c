/* Predictions of a table of numbers and texts, by a model alone. */
#include <stdlib.h>

#include "base/num.h"
#include "data/frame.h"
#include "pipeline/model_table.h"
#include "pipeline/prediction_writer.h"

static cm_status score_all(cm_model_table *table, const cm_model *model,
                           cm_prediction_writer *w, uint64_t *rows,
                           cm_error *err)
{
    bool is_probability = model->class_names[0] != NULL;
    double values[CM_FRAME_BLOCK];
    cm_status status = CM_OK;
    while (status == CM_OK) {
        cm_model_block block = {0};
        status = cm_model_table_next(table, &block, err);
        if (status != CM_OK || block.n_rows == 0) {
            break;
        }
        cm_model_apply_cats(model, block.columns, block.cats, block.n_rows,
                            values);
        for (size_t i = 0; i < block.n_rows; i++) {
            char number[CM_NUM_TEXT];
            cm_str id = {number, cm_format_u64(number, block.first_row + i)};
            cm_prediction_put(
                w, id, is_probability ? cm_sigmoid(values[i]) : values[i]);
        }
        *rows = block.first_row + block.n_rows;
        status = cm_prediction_flush(w, err);
    }
    return status == CM_OK ? cm_prediction_flush(w, err) : status;
}

cm_status cm_predict_table(cm_score_log_report *report, const cm_model *model,
                           const char *input, cm_prediction_format format,
                           const cm_sink *sink, const cm_log *log,
                           cm_error *err)
{
    bool is_probability = model->class_names[0] != NULL;
    cm_model_table *table = NULL;
    cm_prediction_writer w = cm_prediction_writer_of(
        sink, format, is_probability ? "click_proba" : "prediction");
    double start = cm_seconds();
    *report = (cm_score_log_report){0};
    cm_status status = cm_model_table_open(&table, model, input, log, err);
    if (status == CM_OK) {
        status = score_all(table, model, &w, &report->rows, err);
    }
    report->seconds = cm_seconds() - start;
    cm_prediction_writer_release(&w);
    cm_model_table_close(table);
    return status;
}
