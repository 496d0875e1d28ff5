/* One record of a chunk, looked at closely. */
#ifndef CM_DATA_RECORD_H
#define CM_DATA_RECORD_H

#include "data/bad_rows.h"
#include "data/chunks.h"

/* Walks over the records of a chunk. */
typedef struct cm_record {
    const cm_log_plan *plan;
    const cm_chunk *chunk;
    bool check_values;
    const uint32_t *ends; /* of all fields of the chunk (n_ends) */
    size_t n_ends;
    /* The record at hand: its ends, its bytes without the line end, and the
     * line it starts on, counted from that of the chunk. */
    size_t first_end, n_fields;
    size_t start, end;
    uint32_t line;
} cm_record;

typedef enum cm_verdict {
    CM_GOOD,
    CM_REFUSED, /* the row is left out */
    CM_STOP     /* and reading ends here */
} cm_verdict;

/* Moves to the next record; false behind the last. */
bool cm_record_next(cm_record *record);

bool cm_record_has_quotes(const cm_record *record);

/* Whether it has as many fields as the plan. */
cm_verdict cm_record_check_fields(const cm_record *record, cm_bad_rows *bad);

/* Checks field i and writes its text, of *n bytes, at out.  For both, bad
 * NULL means to stop without a word. */
cm_verdict cm_record_take(const cm_record *record, size_t i, char *out,
                          size_t *n, cm_bad_rows *bad);

#endif
