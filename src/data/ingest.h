/* make_dataset: a click log in, a dataset out; and the same log row by row for
 * those who score it. */
#ifndef CM_DATA_INGEST_H
#define CM_DATA_INGEST_H

#include "base/log.h"
#include "data/dataset.h"

typedef enum cm_bad_row {
    CM_BAD_ROW_FAIL,      /* the first bad row ends the job */
    CM_BAD_ROW_SKIP,      /* left out and counted */
    CM_BAD_ROW_QUARANTINE /* left out, counted, and written down with reasons */
} cm_bad_row;

typedef struct cm_ingest_options {
    const char *input; /* path of .csv, .csv.gz, .csv.zst, or "-" */
    const cm_schema *schema;
    cm_bad_row on_bad_row;
    const char *quarantine; /* file for QUARANTINE: line,column,reason,row */
    bool require_target;
    int n_threads; /* <= 0: all */
    const cm_log *log;
} cm_ingest_options;

typedef struct cm_ingest_report {
    uint64_t rows;
    uint64_t bad_rows;
    uint64_t bytes; /* of CSV text, after decompression */
} cm_ingest_report;

/* Deterministic: the same log gives the same dataset for any thread count.
 * report may be NULL.  A log without a single row is CM_ERR_DATA. */
CM_MUST_USE cm_status cm_ingest(cm_dataset **out, cm_ingest_report *report,
                                const cm_ingest_options *options,
                                cm_error *err);

/* Rows as text, in order, in batches: what predict and evaluate stream. */
typedef struct cm_row_reader cm_row_reader;

typedef struct cm_row_batch {
    size_t n_rows;
    size_t n_fields;      /* of each row: the wanted columns, in their order */
    const cm_str *fields; /* (n_rows, n_fields); valid until the next call */
} cm_row_batch;

/* wanted: names of n_wanted columns.  optional[i]: a log without column i
 * gives empty fields (optional NULL: none is); otherwise its absence is
 * CM_ERR_DATA that names it.  options->require_target is not used. */
CM_MUST_USE cm_status cm_row_reader_open(cm_row_reader **out,
                                         const cm_ingest_options *options,
                                         const char *const *wanted,
                                         const bool *optional, size_t n_wanted,
                                         cm_error *err);
/* n_rows 0 at the end. */
CM_MUST_USE cm_status cm_row_reader_next(cm_row_reader *reader,
                                         cm_row_batch *batch, cm_error *err);
/* Whether the log has the wanted column i. */
bool cm_row_reader_has(const cm_row_reader *reader, size_t i);
/* Line of the log on which row i of the last batch starts. */
uint64_t cm_row_reader_line(const cm_row_reader *reader, size_t i);
const cm_ingest_report *cm_row_reader_report(const cm_row_reader *reader);
void cm_row_reader_close(cm_row_reader *reader); /* NULL is fine */

#endif
