/* Rows that are not as they should be: what is done with them, and what is
 * said about them. */
#ifndef CM_DATA_BAD_ROWS_H
#define CM_DATA_BAD_ROWS_H

#include "base/file.h"
#include "data/ingest.h"
#include "data/log_plan.h"

/* The bad rows of one chunk, in order. */
typedef struct cm_bad_rows {
    cm_bad_row policy;
    uint64_t n;
    cm_error first;     /* FAIL: what is wrong with the first */
    cm_buf quarantined; /* QUARANTINE: lines of the file */
} cm_bad_rows;

/* One reason to refuse a row. */
typedef struct cm_bad_field {
    cm_str row;    /* raw, without its line end */
    uint64_t line; /* on which row starts */
    size_t at;     /* offset in row of what is wrong */
    size_t field;  /* SIZE_MAX: the row as a whole */
    cm_str found;  /* shown in quotes when `found_text` is NULL */
    const char *found_text;
    const char *expected;
} cm_bad_field;

/* False: stop, this job fails. */
CM_MUST_USE bool cm_bad_rows_add(cm_bad_rows *rows, const cm_log_plan *plan,
                                 const cm_bad_field *what);
void cm_bad_rows_release(cm_bad_rows *rows);

/* Where quarantined rows go: a CSV of line,column,reason,row. */
typedef struct cm_quarantine {
    cm_atomic_file *file; /* NULL: nowhere */
} cm_quarantine;

/* Opens the file when the options want one. */
CM_MUST_USE cm_status cm_quarantine_open(cm_quarantine *quarantine,
                                         const cm_ingest_options *options,
                                         cm_error *err);
/* Takes the rows of a chunk, in the order of the chunks; fails when their
 * policy is to fail.  Empties rows. */
CM_MUST_USE cm_status cm_quarantine_take(cm_quarantine *quarantine,
                                         cm_bad_rows *rows,
                                         cm_ingest_report *report,
                                         cm_error *err);
/* Makes the file appear; a job that fails does not call it. */
CM_MUST_USE cm_status cm_quarantine_commit(cm_quarantine *quarantine,
                                           cm_error *err);
void cm_quarantine_abandon(cm_quarantine *quarantine);

#endif
