/* Opens a log and leads through its windows. */
#include "data/log_reader.h"

#include <inttypes.h>

#include "codec/csv.h"

cm_ingest_tuning cm_ingest_tuning_default(void)
{
    return (cm_ingest_tuning){.window_bytes = 16 << 20,
                              .chunk_bytes = 256 << 10,
                              .kernels = cm_csv_kernels_best()};
}

cm_status cm_log_reader_open(cm_log_reader *reader,
                             const cm_ingest_options *options,
                             const cm_ingest_tuning *tuning, int n_threads,
                             const char *label, cm_error *err)
{
    cm_status status =
        cm_log_text_open(&reader->text, options->input, tuning->memory,
                         tuning->window_bytes, err);
    if (status == CM_OK) {
        status = cm_log_plan_open(&reader->plan, &reader->text, options->schema,
                                  options->input, err);
    }
    if (status == CM_OK) {
        status = cm_chunks_init(&reader->chunks, tuning->window_bytes,
                                tuning->chunk_bytes, tuning->kernels, n_threads,
                                err);
    }
    if (status == CM_OK) {
        status = cm_quarantine_open(&reader->quarantine, options, err);
    }
    if (status == CM_OK) {
        reader->progress = cm_progress_new(options->log, label, "bytes",
                                           cm_log_text_total(&reader->text));
    }
    return status;
}

bool cm_log_reader_cut(cm_log_reader *reader)
{
    if (reader->text.n == 0) {
        return false;
    }
    cm_chunks_cut(&reader->chunks, &reader->text);
    return true;
}

cm_status cm_log_reader_prepare(cm_log_reader *reader, cm_error *err)
{
    return cm_log_text_prepare(&reader->text, reader->chunks.used, err);
}

cm_status cm_log_reader_advance(cm_log_reader *reader, cm_error *err)
{
    const cm_chunks *chunks = &reader->chunks;
    cm_log_text *text = &reader->text;
    size_t left = text->n - chunks->used;
    cm_log_text_advance(text, chunks->used, chunks->lines);
    uint64_t position = cm_log_text_position(text);
    cm_progress_add(reader->progress, position - reader->shown);
    reader->shown = position;
    if (left > CM_CSV_MAX_RECORD ||
        (chunks->used == 0 && !text->last && left == text->window)) {
        return cm_fail_at(err, CM_ERR_PARSE,
                          (cm_where){reader->plan.file, text->line, 1},
                          "found a row of more than %zu bytes; a quote that is "
                          "not closed makes what follows part of its row",
                          left);
    }
    return CM_OK;
}

cm_status cm_log_reader_finish(cm_log_reader *reader,
                               const cm_ingest_report *report, cm_error *err)
{
    const char *file = reader->plan.file;
    if (report->rows == 0 && report->bad_rows == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: the log has no rows; expected a line for each "
                       "impression",
                       file);
    }
    if (report->rows == 0) {
        return cm_fail(err, CM_ERR_DATA,
                       "%s: all %" PRIu64 " rows are bad; is this the right "
                       "--schema? --on-bad-row=fail says what is wrong with "
                       "the first",
                       file, report->bad_rows);
    }
    return cm_quarantine_commit(&reader->quarantine, err);
}

void cm_log_reader_close(cm_log_reader *reader)
{
    cm_progress_free(reader->progress);
    cm_quarantine_abandon(&reader->quarantine);
    cm_chunks_release(&reader->chunks);
    cm_log_plan_release(&reader->plan);
    cm_log_text_close(&reader->text);
}
