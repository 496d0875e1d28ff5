/* From the body of a request to rows that score/ takes, and back to the text
 * of the answer.  One reader a thread keeps the memory of its last request.
 * Private to serving.
 *
 * The usual body, {"data": [[…]], "features": […]} without escapes, is read by
 * one pass of a scanner (rows_scan.c); what the scanner does not know goes to
 * the JSON library (rows_json.c), whose result is the same: the scanner never
 * says what is wrong, it only steps aside. */
#ifndef CM_SERVING_ROWS_H
#define CM_SERVING_ROWS_H

#include "score/row_scorer.h"
#include "serving/problems.h"

typedef enum rows_format {
    ROWS_JSON,        /* {"data","features"}, or a list of objects */
    ROWS_CSV,         /* a header and rows */
    ROWS_INVOCATIONS, /* MLflow: dataframe_split, dataframe_records, inputs */
    ROWS_TENSORS /* Open Inference Protocol v2: {"inputs": [{"name", "shape",
                    "datatype", "data"}]}, a tensor a column */
} rows_format;

typedef struct rows_limits {
    size_t max_rows;
    size_t max_depth;   /* of JSON */
    size_t max_columns; /* of a request */
} rows_limits;

/* A value of the request that comes back in its answer. */
typedef struct echo {
    cm_str text; /* a string's text, decoded; or a JSON number, as sent */
    bool quoted; /* a string */
} echo;

/* Borrowed from the reader, until its next request. */
typedef struct rows {
    size_t n;
    const cm_str *fields; /* (n, cm_score_n_columns) as cm_score_rows takes */
    const echo *ids;      /* (n) of the column "id"; NULL: none sent */
    const echo *echoes;   /* (n) of the echoed column; NULL: none sent */
} rows;

typedef struct rows_reader rows_reader;

/* echo_column: the column that answers repeat ("device_ip"). */
CM_MUST_USE cm_status rows_reader_new(rows_reader **out, rows_limits limits,
                                      const char *echo_column, cm_error *err);
void rows_reader_free(rows_reader *reader); /* NULL is fine */

/* Names of the columns of the bundle that rows are for.  Call it when the
 * bundle changes: what was remembered of earlier requests is forgotten. */
CM_MUST_USE cm_status rows_reader_bind(rows_reader *reader,
                                       const cm_bundle *bundle, cm_error *err);

/* *problems is empty before.  False: it says what is wrong, or it is still
 * empty and memory ran out.  Numbers, strings, true, false and null are values:
 * their text is what the log would have, null an empty text.  Columns the model
 * does not need are ignored. */
CM_MUST_USE bool rows_read(rows_reader *reader, rows_format format, cm_str body,
                           rows *out, problems *problems);

/* The names of the request's features alone, for /check_schema: (*n), borrowed
 * as rows are.  The body is as for ROWS_JSON; data may be missing. */
CM_MUST_USE bool rows_read_names(rows_reader *reader, cm_str body,
                                 const cm_str **names, size_t *n,
                                 problems *problems);

/* Of rows that were read as tensors: the request's "id" as it stands in the
 * body, quotes and all; empty: none was sent. */
cm_str rows_tensors_id(const rows_reader *reader);

/* Of rows that were read but could not be scored (CM_ERR_DATA): every value
 * that is not of its kind becomes a problem.  probabilities (n): scratch.  The
 * rows are not to be used again. */
void rows_list_bad_values(rows_reader *reader, cm_row_scorer *scorer,
                          double *probabilities, problems *problems);
/* One of them: column counts those of the bundle, message is scoring's. */
void rows_bad_value(const rows_reader *reader, size_t row, size_t column,
                    const char *message, problems *problems);

/* Appends [{"device_ip": …, "click_proba": 0.2136}], with "id" where sent.
 * precision: decimals, rounded as Python's round; 17 for the shortest text
 * that reads back. */
void rows_write_answer(const rows *rows, const char *echo_column,
                       const double *probabilities, int precision, cm_buf *out);
/* The same as CSV, with a header. */
void rows_write_csv(const rows *rows, const char *echo_column,
                    const double *probabilities, int precision, cm_buf *out);

#endif
