/* The records of a CSV text one after the other, of any size and compressed or
 * not.  Private to data. */
#ifndef CM_DATA_CSV_RECORDS_H
#define CM_DATA_CSV_RECORDS_H

#include "data/log_text.h"

typedef struct cm_csv_records {
    /* The record at hand.  A field is raw: quotes are still around it. */
    const cm_str *fields;
    size_t n_fields; /* 0: there is no further record */
    uint64_t line;

    /* Private. */
    const char *file;
    size_t window; /* bytes seen at once */
    cm_log_text text;
    uint32_t *ends; /* of the fields in the window */
    size_t n_ends, next_end;
    size_t at;      /* start of the next record in the window */
    uint64_t lines; /* in the window before it */
    cm_str *room;   /* (CM_CSV_MAX_COLUMNS) */
    /* Empty lines, which are records only when another one follows, and that
     * one, which waits until they are given out. */
    uint64_t n_blank;
    size_t n_waiting; /* fields of it in room; 0: none waits */
    uint64_t waiting_line;
} cm_csv_records;

/* Where the text comes from, and how much of it is seen at once. */
typedef struct cm_csv_source {
    const char *file;     /* "-": standard input */
    const cm_str *memory; /* the text itself, which file only names; or NULL */
    size_t window;        /* longer than any record; 0: 2 MiB */
} cm_csv_source;

/* records is zero-initialised; close it in any case. */
CM_MUST_USE cm_status cm_csv_records_open(cm_csv_records *records,
                                          const cm_csv_source *source,
                                          cm_error *err);
/* Moves to the next record; empty lines at the end are none. */
CM_MUST_USE cm_status cm_csv_records_next(cm_csv_records *records,
                                          cm_error *err);
void cm_csv_records_close(cm_csv_records *records);

/* Where field i of the record at hand is. */
cm_where cm_csv_records_where(const cm_csv_records *records, size_t i);

#endif
